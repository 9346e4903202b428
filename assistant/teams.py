"""Teams: a label of an account, by which figures of service are split; it gives nobody a right."""

from __future__ import annotations

import re
import unicodedata

from assistant.errors import TeamInvalid

__all__ = ["LONGEST", "clean_team"]

LONGEST = 32


def clean_team(team: str) -> str:
    """As it is kept and compared: one line, in the usual width of its characters. Raises TeamInvalid."""
    normal = unicodedata.normalize("NFKC", team)
    shown = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Cn", "Co") else char for char in normal)
    shown = re.sub(r"\s+", " ", shown).strip()
    if not 0 < len(shown) <= LONGEST:
        raise TeamInvalid(LONGEST)
    return shown
