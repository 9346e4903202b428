"""What a client sends, made fit to keep and to read."""

from __future__ import annotations

import unicodedata

from assistant.errors import EmptyMessage, MessageTooLong, UnreadableText

__all__ = ["DEFAULT_MAX_LENGTH", "clean_text"]

DEFAULT_MAX_LENGTH = 2000
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Zs", "Zl", "Zp"})
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def clean_text(text: str, *, max_length: int = DEFAULT_MAX_LENGTH) -> str:
    """The text without control characters (line breaks and tabs stay) and without space at its ends.

    Raises EmptyMessage, MessageTooLong or UnreadableText.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UnreadableText()
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) != "Cc").strip()
    if not any(_is_visible(character) for character in kept):
        raise EmptyMessage()
    if len(kept) > max_length:
        raise MessageTooLong(len(kept), max_length)
    return kept


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE and character not in _BLANK
