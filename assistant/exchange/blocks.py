"""What every reader makes of a file: headings, texts and tables in order, each with its place; and what was passed over. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Block", "Heading", "NotTaken", "Pair", "Place", "Row", "Skipped", "Split", "Table", "Text", "Whole"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands, as people find it: the number counts from 1, within `part` (a sheet, a file of an archive)."""

    kind: Literal["line", "row", "paragraph", "page", "file"]
    number: int
    part: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` counts from 1; greater ones stand below lesser ones."""

    level: int
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph as Markdown. `bold` is true where all of it is; `mark` is the one of a list item: `-` or `3.`."""

    text: str
    place: Place
    bold: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, as Markdown."""

    cells: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """An article with all its fields, as Zhike exports it: not to be split."""

    values: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class Skipped:
    """What a reader could not take, such as a picture: `reason` is one of `reasons.REASONS`."""

    reason: str
    place: Place
    text: str = ""


Block = Heading | Text | Table | Whole | Skipped


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its answer. `values` are all fields of an article where the file had them; then the rest is empty."""

    place: Place
    question: str = ""
    answer: str = ""
    similar: tuple[str, ...] = ()
    category: str = ""
    values: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """What became no draft, where it stands, why, and how it begins."""

    place: Place
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Split:
    """All that a file came to."""

    pairs: tuple[Pair, ...]
    not_taken: tuple[NotTaken, ...]
