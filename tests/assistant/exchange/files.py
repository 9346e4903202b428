"""Files for tests, made by the libraries that the office programs' own formats are written with."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from docx import Document
from fpdf import FPDF
from openpyxl import Workbook

__all__ = ["excel", "packed", "pdf", "replaced", "word"]

_FONTS = sorted(Path("/usr/share/fonts").glob("**/NotoSansCJK-Regular.ttc"))


def word(*blocks: str | tuple[str, str] | list[list[str]]) -> bytes:
    """Paragraphs, as text or (style, text); `bold` as a style makes the words bold. Lists are tables."""
    document = Document()
    for block in blocks:
        if isinstance(block, list):
            table = document.add_table(len(block), len(block[0]))
            for row, cells in zip(table.rows, block, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
        elif isinstance(block, tuple) and block[0] == "bold":
            document.add_paragraph().add_run(block[1]).bold = True
        else:
            style, text = block if isinstance(block, tuple) else (None, block)
            document.add_paragraph(text, style=style)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def excel(sheets: Mapping[str, Iterable[Iterable[object]]], hidden: Iterable[str] = ()) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def pdf(*pages: Iterable[tuple[float, str] | list[list[str]]], password: str = "") -> bytes:
    """Lines as (size in points, text), lists as tables with strokes, and a running header and footer on each page."""
    document = FPDF()
    font = "Helvetica"
    if not str(pages).isascii():
        if not _FONTS:
            pytest.skip("no Chinese font here: apt-get install fonts-noto-cjk")
        font, document = "noto", _Paper()
        document.add_font(font, "", _FONTS[0])
    if password:
        document.set_encryption(owner_password="owner", user_password=password)
    for page in pages:
        document.add_page()
        for block in page:
            if isinstance(block, list):
                document.set_font(font, size=11)
                with document.table(first_row_as_headings=False) as table:
                    for cells in block:
                        table.row(cells)
            else:
                document.set_font(font, size=block[0])
                document.multi_cell(0, block[0] * 0.6, block[1], new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


class _Paper(FPDF):
    def header(self) -> None:
        self.set_font("noto", size=8)
        self.cell(0, 6, "某某证券内部资料", new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font("noto", size=8)
        self.cell(0, 6, f"第 {self.page_no()} 页")


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def replaced(document: bytes, parts: Mapping[str, bytes]) -> bytes:
    """A document with some of its parts changed or added."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return packed({**{name: archive.read(name) for name in archive.namelist()}, **parts})
