"""Excel: a table for each sheet that is shown. Formulas are not evaluated: what was last shown counts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from openpyxl import load_workbook

from assistant.exchange.blocks import Block, Place, Row, Skipped, Table
from assistant.exchange.limits import MAX_BLOCKS, MAX_CELLS

__all__ = ["read"]


def read(content: bytes) -> Iterator[Block]:
    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            yield Skipped("hidden_sheet", Place("row", 1, sheet.title), sheet.title)
            continue
        # What a sheet says of its size may be wrong.
        sheet.reset_dimensions()
        rows = []
        for number, values in enumerate(sheet.iter_rows(max_col=MAX_CELLS, values_only=True), start=1):
            cells = tuple(map(_text, values))
            if any(cells):
                rows.append(Row(cells, Place("row", number, sheet.title)))
            if len(rows) > MAX_BLOCKS:
                break
        if rows:
            yield Table(tuple(rows))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        # Excel has no days without a time.
        return str(value).removesuffix(" 00:00:00")
    return str(value).strip()
