"""What may be sent as a file, told by its content and never by its name; pictures are drawn anew, without where and when they
were taken. Pure.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from PIL import Image, ImageOps, UnidentifiedImageError

from assistant.errors import AttachmentInvalid, AttachmentTooLarge, AttachmentTypeRefused

__all__ = ["DEFAULT_MAX_BYTES", "MAX_PIXELS", "TYPES", "Examined", "examined"]

DEFAULT_MAX_BYTES = 10_000_000
# Over all pictures of an animation: 40 million take 160 MB while they are looked at.
MAX_PIXELS = 40_000_000
_LONGEST_NAME = 120
_PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF8")
_OFFICE = "application/vnd.openxmlformats-officedocument."
# What Office itself would run when it opens the file.
_ACTIVE = re.compile(r"vbaProject|activeX|oleObject", re.IGNORECASE)
# Media type → the end of a name.
TYPES = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif", "application/pdf": ".pdf",
    f"{_OFFICE}wordprocessingml.document": ".docx", f"{_OFFICE}spreadsheetml.sheet": ".xlsx", "text/plain": ".txt",
}
_KEPT_OF_PICTURES = frozenset({"transparency", "duration", "loop", "disposal", "blend"})


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may be kept: `data` is what is kept, `media_type` one of TYPES, `name` safe to show and to save under.

    `width` and `height` in pixels, of pictures."""

    name: str
    media_type: str
    data: bytes
    width: int | None = None
    height: int | None = None


def examined(name: str, data: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> Examined:
    """Raises AttachmentInvalid, AttachmentTooLarge or AttachmentTypeRefused."""
    if not data:
        raise AttachmentInvalid("it is empty")
    if len(data) > max_bytes:
        raise AttachmentTooLarge(f"it has {len(data)} bytes; at most {max_bytes} are taken")
    if data.startswith(_MAGIC):
        return _picture(name, data)
    media_type = next((kind for kind, fits in _DOCUMENTS if fits(data)), None)
    if media_type is None:
        raise AttachmentTypeRefused()
    return Examined(_named(name, media_type), media_type, data)


def _picture(name: str, data: bytes) -> Examined:
    try:
        with Image.open(io.BytesIO(data), formats=list(_PICTURES)) as image:
            _check_size(image)
            kind, media_type = image.format or "", _PICTURES[image.format or ""]
            drawn, size = _drawn_anew(image, kind)
    except (AttachmentTooLarge, AttachmentInvalid):
        raise
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise AttachmentTypeRefused() from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, MemoryError) as error:
        # What Pillow's readers raise on broken files.
        raise AttachmentInvalid("the picture is broken") from error
    return Examined(_named(name, media_type), media_type, drawn, *size)


def _check_size(image: Image.Image) -> None:
    area = image.width * image.height
    # The number of frames of a picture that is too large by itself is not even counted.
    if area > MAX_PIXELS or area * getattr(image, "n_frames", 1) > MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> AttachmentTooLarge:
    return AttachmentTooLarge(f"the picture has too many pixels; at most {MAX_PIXELS // 1_000_000} million are taken")


def _drawn_anew(image: Image.Image, kind: str) -> tuple[bytes, tuple[int, int]]:
    """Only what is seen: position, camera, comments and whatever else lay beside the pixels stay behind."""
    moves = getattr(image, "n_frames", 1) > 1
    shown = image if moves else ImageOps.exif_transpose(image)
    if kind == "JPEG" and shown.mode not in ("RGB", "L"):
        shown = shown.convert("RGB")
    shown.info = {key: value for key, value in shown.info.items() if key in _KEPT_OF_PICTURES}
    out = io.BytesIO()
    quality = {"quality": 90} if kind in ("JPEG", "WEBP") else {}
    shown.save(out, kind, **quality, **({"save_all": True} if moves else {}))
    return out.getvalue(), shown.size


def _is_pdf(data: bytes) -> bool:
    return data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]


def _office(part: str) -> Callable[[bytes], bool]:
    def fits(data: bytes) -> bool:
        if not data.startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            return False
        return "[Content_Types].xml" in names and part in names and not any(map(_ACTIVE.search, names))

    return fits


def _is_text(data: bytes) -> bool:
    """UTF-8, or GB 18030, which covers what Windows writes in China; a text has no other control characters than these."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(char in "\t\n\r\f" or unicodedata.category(char) not in ("Cc", "Cn", "Co", "Cs") for char in text)
    return False


_DOCUMENTS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("application/pdf", _is_pdf),
    (f"{_OFFICE}wordprocessingml.document", _office("word/document.xml")),
    (f"{_OFFICE}spreadsheetml.sheet", _office("xl/workbook.xml")),
    ("text/plain", _is_text),
)


def _named(name: str, media_type: str) -> str:
    """The last part of the name, without what terminals and file systems take amiss, with the end that its content has."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(char for char in unicodedata.normalize("NFC", last) if unicodedata.category(char)[0] != "C" and char not in '<>:"|?*')
    stem = re.sub(r"(\.\w{1,8})+$", "", shown).strip(" .")[:_LONGEST_NAME]
    return f"{stem or 'file'}{TYPES[media_type]}"
