"""CSV: one table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from assistant.errors import KnowledgeFileRefused
from assistant.exchange.blocks import Block, Place, Row, Table
from assistant.exchange.kinds import decoded
from assistant.exchange.limits import MAX_BLOCKS, MAX_CHARACTERS

__all__ = ["read"]


def read(content: bytes) -> Iterator[Block]:
    text = decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    csv.field_size_limit(MAX_CHARACTERS)
    rows: list[Row] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            if any(cells) and len(rows) <= MAX_BLOCKS:
                rows.append(Row(tuple(cells), Place("row", number)))
    except csv.Error as error:
        raise KnowledgeFileRefused(f"The file is no CSV table: {error}.") from error
    if rows:
        yield Table(tuple(rows))
