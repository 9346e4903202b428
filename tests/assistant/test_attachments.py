"""Files by their content: what is taken, what pictures lose on the way, and what hostile ones get."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image, PngImagePlugin

from assistant.attachments import MAX_PIXELS, TYPES, examined
from assistant.errors import AttachmentInvalid, AttachmentTooLarge, AttachmentTypeRefused

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **how: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode != "LA" else 1).save(out, kind, **how)
    return out.getvalue()


def moving(kind: str, frames: int = 3) -> bytes:
    out = io.BytesIO()
    shown = [Image.new("RGB", (10, 10), (number * 60, 0, 0)) for number in range(frames)]
    shown[0].save(out, kind, save_all=True, append_images=shown[1:], duration=80, loop=0)
    return out.getvalue()


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "<x/>")
    return out.getvalue()


def word(*more: str) -> bytes:
    return archive("[Content_Types].xml", "word/document.xml", *more)


def claims_to_be(width: int, height: int) -> bytes:
    """A PNG whose header promises a canvas that its data do not have."""
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("name", "data", "media_type", "shown"), [
    ("截图.png", picture(), "image/png", "截图.png"), ("a.jpg", picture("JPEG"), "image/jpeg", "a.jpg"),
    ("a.webp", picture("WEBP"), "image/webp", "a.webp"), ("a.gif", picture("GIF"), "image/gif", "a.gif"),
    ("a.exe", picture(), "image/png", "a.png"), ("合同.pdf", PDF, "application/pdf", "合同.pdf"),
    ("信.docx", word(), DOCX, "信.docx"),
    ("表.xlsx", archive("[Content_Types].xml", "xl/workbook.xml", "xl/printerSettings/printerSettings1.bin"), XLSX, "表.xlsx"),
    ("说明.txt", "您好\r\n\t再见".encode(), "text/plain", "说明.txt"), ("gb.txt", "您好".encode("gb18030"), "text/plain", "gb.txt"),
    ("../../etc/passwd", PDF, "application/pdf", "passwd.pdf"), ("C:\\boot.ini", PDF, "application/pdf", "boot.pdf"),
    ("", PDF, "application/pdf", "file.pdf"), (".htaccess", b"x", "text/plain", "file.txt"),
    ("a\u202etxt.exe", b"x", "text/plain", "atxt.txt"),
    ("x" * 500, PDF, "application/pdf", "x" * 120 + ".pdf"), ('a"\r\nX: y.txt', b"x", "text/plain", "aX y.txt"),
    ("page.html", b"<script>alert(1)</script>", "text/plain", "page.txt"),
])
def test_what_is_taken(name: str, data: bytes, media_type: str, shown: str) -> None:
    file = examined(name, data)
    assert (file.media_type, file.name) == (media_type, shown) and media_type in TYPES
    assert (file.width, file.height) == ((40, 20) if media_type.startswith("image/") else (None, None))


@pytest.mark.parametrize("data", [
    b"MZ\x90\0\x03", b"\x7fELF\x02\x01", archive("a.txt"), word("word/vbaProject.bin"), word("word/embeddings/oleObject1.bin"),
    word("word/activeX/activeX1.xml"), b"PK\x03\x04" + b"\0" * 60,
    word()[:-10], b"%PDF-1.7 \x00 without an end", b"\x00" * 32, b"\x1b[31m", b"RIFF\x00\x00\x00\x00AVI LIST",
    picture("TIFF"), picture("BMP"), "\ud800".encode("utf-8", "surrogatepass"), bytes(range(128, 256)) * 4,
])
def test_what_is_refused_for_its_kind(data: bytes) -> None:
    with pytest.raises(AttachmentTypeRefused):
        examined("invoice.pdf", data)


@pytest.mark.parametrize("data", [b"", picture()[:60], picture("JPEG")[:200], picture("WEBP")[:30], claims_to_be(40, 40)])
def test_what_is_empty_or_broken(data: bytes) -> None:
    with pytest.raises((AttachmentInvalid, AttachmentTypeRefused)):
        examined("a.png", data)


@pytest.mark.parametrize("data", [claims_to_be(30_000, 30_000), claims_to_be(2**31 - 1, 1), claims_to_be(MAX_PIXELS // 1000 + 1, 1000)])
def test_a_picture_that_would_fill_the_memory(data: bytes) -> None:
    with pytest.raises(AttachmentTooLarge):
        examined("a.png", data)


def test_a_file_over_the_limit() -> None:
    with pytest.raises(AttachmentTooLarge, match="101 bytes"):
        examined("a.txt", b"x" * 101, max_bytes=100)


def test_a_picture_tells_nothing_but_itself() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "SecretCamera", {1: "N", 2: (31.0, 14.0, 0.0)}
    turned = examined("a.jpg", picture("JPEG", exif=exif, comment=b"SecretComment"))
    assert (turned.width, turned.height) == (20, 40), "turned as its camera was held"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "SecretName")
    drawn = examined("a.png", picture(pnginfo=notes, exif=exif, icc_profile=b"SecretProfile") + b"SecretTail<?php")
    webp = examined("a.webp", picture("WEBP", exif=exif, xmp=b"SecretXmp"))
    for file in (turned, drawn, webp):
        assert b"Secret" not in file.data and not Image.open(io.BytesIO(file.data)).getexif()


@pytest.mark.parametrize(("kind", "frames"), [("GIF", 3), ("WEBP", 3), ("PNG", 3)])
def test_what_moves_goes_on_moving(kind: str, frames: int) -> None:
    assert Image.open(io.BytesIO(examined("a", moving(kind, frames)).data)).n_frames == frames


@pytest.mark.parametrize(("kind", "mode"), [
    ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "1"), ("JPEG", "L"), ("JPEG", "CMYK"), ("GIF", "P")])
def test_pictures_of_every_mode(kind: str, mode: str) -> None:
    how = Image.new("RGB", (8, 8), "blue").convert(mode) if mode != "LA" else Image.new("LA", (8, 8), (1, 1))
    out = io.BytesIO()
    how.save(out, kind)
    assert examined("a", out.getvalue()).width == 8
