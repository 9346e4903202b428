"""Tables as CSV that spreadsheet programs open rightly, and in which no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

__all__ = ["MEDIA_TYPE", "csv_text"]

MEDIA_TYPE = "text/csv; charset=utf-8"
# With these a program takes a text for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """With a byte order mark, without which Excel reads Chinese wrongly. Numbers stay numbers, None is empty."""
    out = io.StringIO()
    out.write("\ufeff")
    csv.writer(out).writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue()


def _cell(value: object) -> object:
    text = value if isinstance(value, str) else ""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else "" if value is None else value
