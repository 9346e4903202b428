"""Tags as agents write them: short, free, and nothing that says who a client is. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from assistant.errors import TagInvalid
from assistant.privacy import find

__all__ = ["LONGEST", "MOST", "clean_tag", "clean_tags"]

LONGEST = 24
MOST = 12


def clean_tag(tag: str) -> str:
    """As it is kept and compared. Raises TagInvalid."""
    normal = unicodedata.normalize("NFKC", tag)
    shown = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Cn") else char for char in normal)
    shown = re.sub(r"\s+", " ", shown).strip(" #").casefold()
    if not shown or len(shown) > LONGEST:
        raise TagInvalid(f"it has 1 to {LONGEST} characters")
    if find(shown):
        raise TagInvalid("it holds personal data; that belongs into the messages only")
    return shown


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order. Raises TagInvalid."""
    kept = tuple(sorted({clean_tag(tag) for tag in tags}))
    if len(kept) > MOST:
        raise TagInvalid(f"a conversation has at most {MOST}")
    return kept
