"""Reads client records from CSV and Parquet files, row by row. Needs pyarrow (zhike[import])."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from assistant.client_record import ClientFields
from assistant.errors import ClientFileInvalid
from assistant.suitability import Kind

__all__ = ["COLUMNS", "BadRow", "ClientFile", "Row"]

_LISTS = ("permissions", "wishes.kinds")
_FLAGS = ("lowest_class", "opted_out")
_DAYS = ("assessed_on", "assessment_expires_on", "qualified_until", "holdings.as_of")
_NUMBERS = ("birth_year", "holdings.positions")
_BY_KIND = tuple(f"holdings.by_kind.{kind}" for kind in Kind)
_AMOUNTS = ("holdings.total_assets", "holdings.cash", *_BY_KIND)
_WISHES = ("wishes.term", "wishes.kinds", "wishes.losses")
_NULLABLE = ("display_name", "adviser", "risk_level", "assessed_on", "assessment_expires_on", "qualified_until", "birth_year")
_WORDS = {"true": True, "yes": True, "y": True, "1": True, "是": True, "false": False, "no": False, "n": False, "0": False, "否": False}
_IDENTITY = re.compile(r"identities\.[a-z][a-z0-9_-]{0,31}")
_NESTED = ("holdings", "wishes", "identities")
COLUMNS = ("id", *(name for name in ClientFields.model_fields if name not in _NESTED), *_WISHES, "holdings.as_of",
           "holdings.positions", *_AMOUNTS)
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file; the header is row 1. `values` are fit for ClientFields, or as found where they are not."""

    number: int
    id: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that does not have as many cells as the header."""

    number: int
    reason: str


class ClientFile:
    """One file, by the end of its name: .csv or .parquet.

    An empty cell takes a value away where a record may be without it, and else leaves it. A file can set opted_out
    and never lift it: whoever refused follow-ups is not signed up again by an export that is older.
    """

    def __init__(self, path: Path, *, encoding: str = "utf-8") -> None:
        self._path = path
        self._encoding = encoding

    @property
    def name(self) -> str:
        return self._path.name

    def rows(self) -> Iterator[Row | BadRow]:
        """Every row, in order. Raises ClientFileInvalid."""
        try:
            import pyarrow
        except ModuleNotFoundError as error:
            raise ClientFileInvalid("Reading files of clients needs pyarrow: pip install 'zhike[import]'") from error
        readers: dict[str, Callable[[], Iterator[Row | BadRow]]] = {".csv": self._csv, ".parquet": self._parquet}
        reader = readers.get(self._path.suffix.lower())
        if reader is None:
            raise ClientFileInvalid(f"{self._path}: expected a file that ends in .csv or .parquet")
        try:
            yield from reader()
        except OSError as error:
            raise ClientFileInvalid(f"{self._path} can't be read: {error.strerror or 'not a file of this kind'}") from error
        except (pyarrow.ArrowException, LookupError) as error:
            # What pyarrow says may quote a cell, so only its kind is told.
            hint = " (another encoding? --encoding gb18030)" if "UTF8" in str(error) else ""
            raise ClientFileInvalid(f"{self._path} can't be read: {type(error).__name__}{hint}") from error

    def count(self) -> int:
        """How many rows there are, about; 0 where it can't be told."""
        try:
            if self._path.suffix.lower() == ".parquet":
                from pyarrow.parquet import read_metadata

                return read_metadata(self._path).num_rows
            with self._path.open("rb") as file:
                return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
        except (OSError, ValueError, ImportError):
            return 0

    def _csv(self) -> Iterator[Row | BadRow]:
        from pyarrow import csv, string

        skipped: list[BadRow] = []

        def skip(row: Any) -> str:
            skipped.append(BadRow(row.number, f"has {row.actual_columns} cells where the header has {row.expected_columns}"))
            return "skip"

        # Threads would leave bad rows without numbers.
        reader = csv.open_csv(
            self._path, csv.ReadOptions(encoding=self._encoding, use_threads=False),
            csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
            csv.ConvertOptions(column_types=dict.fromkeys(self._header(), string()), strings_can_be_null=False))
        self._check(reader.schema.names)
        number = 1
        for batch in reader:
            for cells in batch.to_pylist():
                number += 1
                while skipped and skipped[0].number == number:
                    yield skipped.pop(0)
                    number += 1
                yield _to_row(number, cells)
        yield from skipped

    def _header(self) -> list[str]:
        """Names of all columns; that any cell is text has to be said for each, before reading."""
        from pyarrow import csv

        with csv.open_csv(self._path, csv.ReadOptions(encoding=self._encoding, use_threads=False),
                          csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda _: "skip")) as reader:
            return list(reader.schema.names)

    def _parquet(self) -> Iterator[Row | BadRow]:
        from pyarrow.parquet import ParquetFile

        with ParquetFile(self._path) as file:
            self._check(file.schema_arrow.names)
            number = 1
            for batch in file.iter_batches(_AT_ONCE):
                for cells in batch.to_pylist():
                    number += 1
                    yield _to_row(number, cells)

    def _check(self, names: list[str]) -> None:
        unknown = [name for name in names if name not in COLUMNS and not _IDENTITY.fullmatch(name)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if "id" not in names or unknown or twice:
            found = f"unknown: {', '.join(unknown[:10])}" if unknown else f"twice: {', '.join(twice)}" if twice else "no column 'id'"
            raise ClientFileInvalid(f"{self._path}: {found}. Known columns: {', '.join(COLUMNS)}, identities.CHANNEL")


def _to_row(number: int, cells: Mapping[str, Any]) -> Row:
    values: dict[str, Any] = {}
    for name, cell in cells.items():
        value = _read(name, cell)
        if name == "id" or (value is None and name not in _NULLABLE):
            continue
        if name == "opted_out" and value is False:
            continue
        _put(values, name, value)
    for name in ("holdings", "wishes"):
        # All of its cells are empty: nothing is known any more.
        if name not in values and any(column.startswith(f"{name}.") for column in cells):
            values[name] = None
    return Row(number, str(_read("id", cells["id"]) or ""), values)


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    *path, last = name.split(".")
    for part in path:
        values = values.setdefault(part, {})
    values[last] = value


def _read(name: str, cell: Any) -> Any:
    """A cell as ClientFields wants it; as found where it can't be read so."""
    if isinstance(cell, str):
        cell = cell.strip() or None
    if cell is None or cell == []:
        return None
    readers = ((_FLAGS, _flag), (_LISTS, _list), (_DAYS, _day), (_NUMBERS, _number), (_AMOUNTS, _amount))
    for names, reader in readers:
        if name in names:
            return reader(cell)
    return str(cell)


def _flag(cell: Any) -> Any:
    return cell if isinstance(cell, bool) else _WORDS.get(str(cell).lower(), cell)


def _list(cell: Any) -> Any:
    return re.split(r"[\s;|,、，；]+", cell) if isinstance(cell, str) else list(cell)


def _day(cell: Any) -> Any:
    if isinstance(cell, datetime | date):
        return (cell.date() if isinstance(cell, datetime) else cell).isoformat()
    parts = re.fullmatch(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})", str(cell), re.ASCII)
    return f"{parts[1]}-{int(parts[2]):02}-{int(parts[3]):02}" if parts else cell


def _number(cell: Any) -> Any:
    text = str(cell).removesuffix(".0")
    return int(text) if re.fullmatch(r"-?\d{1,9}", text, re.ASCII) else cell


def _amount(cell: Any) -> Any:
    if isinstance(cell, float | int | Decimal):
        return f"{cell:.2f}"
    return str(cell).replace(",", "").replace("，", "")
