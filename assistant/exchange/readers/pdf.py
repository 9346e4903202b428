"""PDF: lines put together to paragraphs by their places on the page, headings by their size, tables by their strokes.

PDFium reads the words, as Chrome shows them; pdfplumber finds the cells of tables.

A page with several columns is read across; a scanned one has no text.
"""

from __future__ import annotations

import ctypes
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pdfplumber
import pypdfium2
import pypdfium2.raw as raw

from assistant.errors import FileEncrypted, FileTooLarge, KnowledgeFileRefused
from assistant.exchange.blocks import Block, Heading, Place, Row, Skipped, Table, Text
from assistant.exchange.limits import MAX_PAGES
from assistant.exchange.marks import begins_anew

__all__ = ["read"]

_HEADING = 1.15
_LONGEST_HEADING = 60
_MARGIN = 0.08
_PAGE_NUMBER = re.compile(r"[-—–\s]*(第\s*)?\d{1,4}\s*(页)?([/／,，\s]*(共\s*|of\s+)?\d{1,4}\s*页?)?[-—–\s]*|page\s+\d+.*", re.I)
_CJK = r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]"
_BLANK = re.compile(rf"(?<={_CJK})\s+(?={_CJK})")
_FEWEST_STROKES, _LONGEST_NAME, _BOLD_WEIGHT = 4, 256, 600
_BOLD = re.compile(r"bold|black|heavy", re.I)


@dataclass(frozen=True, slots=True)
class _Line:
    """Places are in points from the top left corner of the page."""

    text: str
    page: int
    left: float
    right: float
    top: float
    bottom: float
    size: float
    bold: bool
    in_margin: bool


@dataclass(frozen=True, slots=True)
class _Grid:
    rows: tuple[Row, ...]
    top: float


def read(content: bytes) -> Iterator[Block]:
    pages = _pages(content)
    if not any(pages):
        raise KnowledgeFileRefused("The PDF has no text. If it is a scan, have its text recognised first.")
    size = _body_size(line for page in pages for line in page if isinstance(line, _Line))
    furniture = _furniture(pages, size)
    sizes = sorted({line.size for page in pages for line in page if isinstance(line, _Line) and line.size >= size * _HEADING}, reverse=True)
    yield from _joined(_blocks(pages, furniture, {each: level for level, each in enumerate(sizes, start=1)}))


def _pages(content: bytes) -> list[list[_Line | _Grid]]:
    """Lines and tables of each page, from top to bottom."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise FileEncrypted() from error
        raise
    if len(document) > MAX_PAGES:
        raise FileTooLarge(f"The PDF has {len(document)} pages, at most {MAX_PAGES} are read.")
    pages = []
    with pdfplumber.open(io.BytesIO(content)) as geometry:
        for number, page in enumerate(document, start=1):
            text = page.get_textpage()
            tables = _tables(page, geometry.pages[number - 1]) if number <= len(geometry.pages) else []
            grids = [_Grid(tuple(_rows(table, text, page.get_height(), number)), table.bbox[1]) for table in tables]
            outside = [line for line in _lines(text, page, number) if not any(
                top <= (line.top + line.bottom) / 2 <= bottom and left <= (line.left + line.right) / 2 <= right
                for left, top, right, bottom in (table.bbox for table in tables))]
            pages.append(sorted((*grids, *outside), key=lambda item: item.top))
            text.close()
            page.close()
    return pages


def _tables(page: pypdfium2.PdfPage, geometry: Any) -> list[Any]:
    drawn = sum(1 for _ in zip(range(_FEWEST_STROKES), page.get_objects(filter=(raw.FPDF_PAGEOBJ_PATH,)), strict=False))
    if drawn < _FEWEST_STROKES:
        return []
    found = [table for table in geometry.find_tables() if len(table.rows) > 1 and len(table.rows[0].cells) > 1]
    geometry.close()
    return found


def _rows(table: Any, text: pypdfium2.PdfTextPage, height: float, page: int) -> Iterator[Row]:
    for row in table.rows:
        cells = (text.get_text_bounded(cell[0], height - cell[3], cell[2], height - cell[1]) if cell else "" for cell in row.cells)
        yield Row(tuple(_clean(" ".join(cell.split())) for cell in cells), Place("page", page))


def _lines(text: pypdfium2.PdfTextPage, page: pypdfium2.PdfPage, number: int) -> Iterator[_Line]:
    """PDFium tells where lines end by characters of its own."""
    start, words = 0, ""
    count, height = text.count_chars(), page.get_height()
    for index in range(count + 1):
        code = raw.FPDFText_GetUnicode(text, index) if index < count else 10
        if code not in (10, 13):
            words += chr(code) if 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF else ""
            continue
        if words.strip():
            yield _line(text, range(start, index), _clean(words), number, height)
        start, words = index + 1, ""


def _line(text: pypdfium2.PdfTextPage, chars: range, words: str, number: int, height: float) -> _Line:
    # The font's own size says nothing where the page is scaled; the height of its characters does.
    boxes = [text.get_charbox(index, loose=True) for index in chars]
    left, low = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, high = max(box[2] for box in boxes), max(box[3] for box in boxes)
    size = Counter(round((box[3] - box[1]) * 2) / 2 for box in boxes).most_common(1)[0][0]
    in_margin = high > height * (1 - _MARGIN) or low < height * _MARGIN
    bold = all(_is_bold(text, index) for index in (chars[0], chars[len(chars) // 2], chars[-1]))
    return _Line(words, number, left, right, height - high, height - low, size, bold, in_margin)


def _is_bold(text: pypdfium2.PdfTextPage, index: int) -> bool:
    name = ctypes.create_string_buffer(_LONGEST_NAME)
    raw.FPDFText_GetFontInfo(text, index, name, _LONGEST_NAME, ctypes.c_int())
    return raw.FPDFText_GetFontWeight(text, index) >= _BOLD_WEIGHT or bool(_BOLD.search(name.value.decode("utf-8", "replace")))


def _clean(text: str) -> str:
    return _BLANK.sub("", text).strip()


def _furniture(pages: list[list[_Line | _Grid]], size: float) -> set[str]:
    """What stands in the margin of more than half of the pages, with any number in it, and no larger than the text."""
    seen = Counter(text for page in pages for text in {_without_numbers(line.text) for line in page
                                                       if isinstance(line, _Line) and line.in_margin and line.size <= size})
    return {text for text, count in seen.items() if count >= 3 and count > len(pages) / 2}


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def _body_size(lines: Iterable[_Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _blocks(pages: list[list[_Line | _Grid]], furniture: set[str], levels: dict[float, int]) -> Iterator[Block]:
    previous: _Line | None = None
    right = max((line.right for page in pages for line in page if isinstance(line, _Line)), default=0.0)
    for page in pages:
        for item in page:
            if isinstance(item, _Grid):
                previous = None
                yield Table(item.rows)
                continue
            place = Place("page", item.page)
            if item.in_margin and (_PAGE_NUMBER.fullmatch(item.text) or _without_numbers(item.text) in furniture):
                yield Skipped("page_furniture", place, item.text)
                continue
            level = levels.get(item.size, 0) if len(item.text) <= _LONGEST_HEADING else 0
            goes_on = previous is not None and _goes_on(previous, item, right)
            text = ("\r" if goes_on else "") + item.text
            yield Heading(level, text, place) if level else Text(text, place, bold=item.bold)
            previous = item


def _goes_on(previous: _Line, line: _Line, right: float) -> bool:
    """Whether a line belongs to the paragraph of the one before."""
    if (previous.size, previous.bold) != (line.size, line.bold) or begins_anew(line.text):
        return False
    height = line.bottom - line.top
    if previous.page == line.page and line.top - previous.bottom > height:
        return False
    # A line that ends well before the margin ends its paragraph, and one that is set in begins the next.
    return previous.right > right - 3 * height and line.left <= previous.left + height / 2


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Paragraphs whole, and a table that goes on overleaf as one."""
    last: Block | None = None
    for block in blocks:
        if isinstance(block, Skipped):
            yield block
        elif isinstance(last, Table) and isinstance(block, Table) and len(last.rows[0].cells) == len(block.rows[0].cells):
            last = Table((*last.rows, *block.rows))
        elif isinstance(last, Heading | Text) and type(last) is type(block) and block.text.startswith("\r"):
            words = block.text[1:]
            between = "" if re.search(rf"{_CJK}$", last.text) or re.match(_CJK, words) else " "
            last = replace(last, text=last.text + between + words)
        else:
            if last:
                yield last
            last = replace(block, text=block.text.lstrip("\r")) if isinstance(block, Heading | Text) else block
    if last:
        yield last
