"""Word: paragraphs with their styles, and tables. Macros, links and embedded files are never followed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.oxml.ns import nsmap
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from lxml.etree import XPath

from assistant.exchange.blocks import Block, Heading, Place, Row, Skipped, Table, Text
from assistant.exchange.limits import MAX_CELLS

__all__ = ["read"]


def _path(expression: str) -> XPath:
    return XPath(expression, namespaces=nsmap)


_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.I)
_LIST = re.compile(r"list|列表|列出", re.I)
# Text as it stands when all changes are accepted; a text box has its words twice, once for older programs.
_RUNS = _path(".//w:r[not(ancestor::w:del) and not(ancestor::w:txbxContent)]")
_LINK = _path("ancestor::w:hyperlink/@r:id")
_OUTLINE = _path("./w:pPr/w:outlineLvl/@w:val")
_NUMBERING = _path("./w:pPr/w:numPr")
_PASSED_OVER = (("picture", _path(".//pic:pic | .//w:pict[not(.//w:txbxContent)]")), ("text_box", _path(".//w:txbxContent")),
                ("footnote", _path(".//w:footnoteReference | .//w:endnoteReference")))


def read(content: bytes) -> Iterator[Block]:
    document: Any = Document(io.BytesIO(content))
    number = tables = 0
    styles = _Styles()
    for element in _elements(document.element.body):
        if element.tag.endswith("}p"):
            number += 1
            paragraph = Paragraph(element, document)
            yield from _paragraph(paragraph, styles.of(paragraph), Place("paragraph", number))
        elif element.tag.endswith("}tbl"):
            tables += 1
            yield Table(tuple(_rows(WordTable(element, document), f"table {tables}")))
            number += len(element.xpath(".//w:p"))
        else:
            yield Skipped("contents", Place("paragraph", number + 1))
            number += len(element.xpath(".//w:p"))


def _elements(body: Any) -> Iterator[Any]:
    """Paragraphs, tables and tables of contents, in order; other frames are opened."""
    for element in body:
        if element.tag.endswith("}sdt"):
            if element.xpath("./w:sdtPr/w:docPartObj/w:docPartGallery[@w:val='Table of Contents']"):
                yield element
            else:
                yield from (inner for content in element.xpath("./w:sdtContent") for inner in _elements(content))
        elif element.tag.endswith(("}p", "}tbl")):
            yield element


def _paragraph(paragraph: Paragraph, styles: list[str], place: Place) -> Iterator[Block]:
    for reason, path in _PASSED_OVER:
        if found := path(paragraph._p):
            yield Skipped(reason, place, "".join(found[0].itertext()) if reason == "text_box" else "")
    if any(re.match(r"toc\b|目录", style, re.I) for style in styles):
        yield Skipped("contents", place, paragraph.text)
        return
    runs = _runs(paragraph)
    words = "".join(text for text, *_ in runs).strip()
    if not words:
        return
    if level := _level(paragraph, styles):
        yield Heading(level, " ".join(words.split()), place)
        return
    bold = all(strong for text, strong, _ in runs if text.strip())
    is_item = bool(_NUMBERING(paragraph._p)) or any(map(_LIST.search, styles))
    yield Text(words if bold else _markdown(runs), place, bold=bold, mark="-" if is_item else "")


class _Styles:
    """Names of a paragraph's style and of those it builds on. Each is looked up once: that takes longer than all the rest."""

    def __init__(self) -> None:
        self._names: dict[str | None, list[str]] = {}

    def of(self, paragraph: Paragraph) -> list[str]:
        name = paragraph._p.style
        if name not in self._names:
            self._names[name] = list(self._up(paragraph.style))
        return self._names[name]

    @staticmethod
    def _up(style: Any) -> Iterator[str]:
        seen: set[str] = set()
        while style is not None and style.style_id not in seen:
            seen.add(style.style_id)
            yield style.name or ""
            style = style.base_style


def _level(paragraph: Paragraph, styles: list[str]) -> int:
    if outline := _OUTLINE(paragraph._p):
        return int(outline[0]) + 2 if int(outline[0]) < 9 else 0
    named = next((match for match in map(_HEADING.match, styles) if match), None)
    # The title of the whole stands over headings of level 1.
    return int(named[1]) + 1 if named else 1 if styles[:1] == ["Title"] else 0


def _runs(paragraph: Paragraph) -> list[tuple[str, bool, str]]:
    """(text, is bold, address of the link that it is in) of each run."""
    found = []
    for element in _RUNS(paragraph._p):
        run = Run(element, paragraph)
        relation = next(iter(_LINK(element)), "")
        address = paragraph.part.rels[relation].target_ref if relation in paragraph.part.rels else ""
        found.append((run.text, bool(run.bold), address if address.startswith("https://") else ""))
    return found


def _markdown(runs: list[tuple[str, bool, str]]) -> str:
    parts: list[list[Any]] = []
    for text, bold, address in runs:
        if parts and (parts[-1][1:] == [bold, address] or not text.strip()):
            parts[-1][0] += text
        else:
            parts.append([text, bold, address])
    return "".join(f"[{text.strip()}]({address})" if address and text.strip() else
                   re.sub(r"^(\s*)(.*?)(\s*)$", r"\1**\2**\3", text, flags=re.DOTALL) if bold and text.strip() else text
                   for text, bold, address in parts).strip()


def _rows(table: WordTable, name: str) -> Iterator[Row]:
    for number, row in enumerate(table.rows, start=1):
        cells = tuple("\n".join(filter(None, (paragraph.text.strip() for paragraph in cell.paragraphs)))
                      for cell in row.cells[:MAX_CELLS])
        yield Row(cells, Place("row", number, name))
