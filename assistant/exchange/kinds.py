"""What a file is, by its content; its name must say the same. Pure.

What can do harm is refused here, before any reader opens it: macros, encryption, archives that unpack without end, and DTDs,
which Office Open XML forbids (ECMA-376 part 2, 8.1.4) and without which no entity can be declared.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from enum import StrEnum

from assistant.errors import FileEncrypted, FileTooLarge, FileUnsafe, FileUnsupported, KnowledgeFileRefused
from assistant.exchange.limits import MAX_ENTRIES, MAX_RATIO, MAX_UNPACKED

__all__ = ["Kind", "decoded", "kind_by_name", "kind_of"]


class Kind(StrEnum):
    """A type of file that is read."""

    MARKDOWN = "markdown"
    CSV = "csv"
    HTML = "html"
    EXCEL = "excel"
    WORD = "word"
    PDF = "pdf"
    ARCHIVE = "archive"


_BY_ENDING = {".md": Kind.MARKDOWN, ".markdown": Kind.MARKDOWN, ".csv": Kind.CSV, ".html": Kind.HTML, ".htm": Kind.HTML,
              ".xlsx": Kind.EXCEL, ".docx": Kind.WORD, ".pdf": Kind.PDF, ".zip": Kind.ARCHIVE}
_TEXTS = (Kind.MARKDOWN, Kind.CSV, Kind.HTML)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACROS = re.compile(r"vbaProject\.bin$|(^|/)macrosheets/|activeX/", re.I)
_XML = re.compile(r"\.(xml|rels|vml)$|^\[Content_Types\]\.xml$", re.I)
_DTD = re.compile(r"<!(DOCTYPE|ENTITY)", re.I)
_ENCODING = re.compile(r"<\?xml[^>]{0,100}encoding\s*=\s*[\"']([^\"']*)", re.I)
_ENCODINGS = ("utf-8", "utf-16", "us-ascii")
_LEAST = 1_000_000
_OLD = "The file is of Office 97–2003. Save it as .docx or .xlsx."
_WITH_MACROS = "The file has macros. Save it without, as .docx or .xlsx."
_PAGE = re.compile(r"\s*(<\?xml[^>]*>\s*)?<(!doctype\s+html|html)\b", re.I)
_READ = f"Files that are read: {' '.join(sorted(_BY_ENDING))}"


def kind_of(content: bytes, name: str) -> Kind:
    """The kind of a file that is sound and harmless as far as it shows. Raises KnowledgeFileRefused."""
    expected = kind_by_name(name)
    if not content:
        raise KnowledgeFileRefused("The file is empty.")
    found = _found(content, expected)
    if found is not expected:
        raise FileUnsupported(f"The name says {expected}, the content is {found}. {_READ}")
    return found


def kind_by_name(name: str) -> Kind:
    """The kind that a file's name says it is. Raises FileUnsupported."""
    found = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
    ending = found[0].lower() if found else "nothing known"
    if ending in (".docm", ".xlsm", ".dotm", ".xltm"):
        raise FileUnsafe(_WITH_MACROS)
    if ending in (".doc", ".xls"):
        raise FileUnsupported(_OLD)
    if ending not in _BY_ENDING:
        raise FileUnsupported(f"The name ends in {ending}. {_READ}")
    return _BY_ENDING[ending]


def decoded(content: bytes) -> str:
    """A text in UTF-8, UTF-16 with its mark, or GB 18030. Raises KnowledgeFileRefused."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise KnowledgeFileRefused("The file is no text in UTF-8 or GB 18030.")


def _found(content: bytes, expected: Kind) -> Kind:
    if b"%PDF-" in content[:1024]:
        return Kind.PDF
    if content.startswith(_OLE):
        # Office puts a document with a password into a compound file, as it once did all documents.
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise FileEncrypted()
        raise FileUnsupported(_OLD)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _found_in_zip(content)
    if expected not in _TEXTS:
        raise FileUnsupported(f"The content is of no type that is read, or is not what the name says. {_READ}")
    return Kind.HTML if _PAGE.match(decoded(content)) else expected


def _found_in_zip(content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check(archive, len(content))
            names = set(archive.namelist())
            if "[Content_Types].xml" not in names:
                return Kind.ARCHIVE
            for name in filter(_XML.search, names):
                _check_xml(archive.read(name))
            types = archive.read("[Content_Types].xml")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise KnowledgeFileRefused("The file is damaged: it can't be unpacked.") from error
    if b"macroEnabled" in types or any(map(_MACROS.search, names)):
        raise FileUnsafe(_WITH_MACROS)
    if b"wordprocessingml.document.main+xml" in types:
        return Kind.WORD
    if b"spreadsheetml.sheet.main+xml" in types:
        return Kind.EXCEL
    raise FileUnsupported("The file is neither a Word document nor an Excel workbook.")


def _check(archive: zipfile.ZipFile, packed: int) -> None:
    entries = archive.infolist()
    # What unpacks stops at the announced size, so that the sum of these holds.
    unpacked = sum(entry.file_size for entry in entries)
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileEncrypted()
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED:
        raise FileTooLarge(f"The file unpacks to more than {MAX_ENTRIES} parts or {MAX_UNPACKED // 1_000_000} MB.")
    if unpacked > _LEAST and unpacked > MAX_RATIO * packed:
        raise FileUnsafe("The file unpacks to a hundred times its size.")


def _check_xml(part: bytes) -> None:
    text = part.decode("utf-16", "replace") if part[:2] in (b"\xff\xfe", b"\xfe\xff") else part.decode("utf-8", "replace")
    encoding = _ENCODING.match(text)
    if "\x00" in text or (encoding and encoding[1].lower() not in _ENCODINGS):
        raise KnowledgeFileRefused("A part of the file is not in UTF-8 or UTF-16, as Office writes it.")
    if _DTD.search(text):
        raise FileUnsafe("The file declares entities of XML, which no Office document does.")
