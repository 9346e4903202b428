"""A zip archive of Markdown files, as the export makes it. Nothing else within it is opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace

from assistant.errors import KnowledgeFileRefused
from assistant.exchange.blocks import Block, Place, Skipped, Table
from assistant.exchange.changes import CHANGES_FILE
from assistant.exchange.readers import markdown

__all__ = ["read"]


def read(content: bytes) -> Iterator[Block]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for number, entry in enumerate(archive.infolist(), start=1):
            place = Place("file", number, entry.filename)
            if entry.is_dir() or entry.filename == CHANGES_FILE:
                continue
            if not entry.filename.endswith(".md"):
                yield Skipped("not_markdown", place, entry.filename)
                continue
            try:
                yield from (_within(block, entry.filename) for block in markdown.read(archive.read(entry)))
            except KnowledgeFileRefused as error:
                yield Skipped("article_invalid", place, str(error))


def _within(block: Block, part: str) -> Block:
    if isinstance(block, Table):
        return Table(tuple(replace(row, place=replace(row.place, part=part)) for row in block.rows))
    return replace(block, place=replace(block.place, part=part))
