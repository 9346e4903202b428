"""What must never depend on a model: rules that come before search, each with its harmless look-alikes.

The rules stand in `guards.toml`, in their order of precedence: a life, then a death, then money being stolen, then
the client's own wish, then what may not be said.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Guard", "Verdict", "check_guards", "load_guards"]


@dataclass(frozen=True, slots=True)
class Guard:
    """A rule: the article that answers, what calls it, and what looks like it and is not."""

    name: str
    article_id: str
    calls: re.Pattern[str]
    unless: re.Pattern[str] | None
    needs_security: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first guard that applies, with the client's words that called it."""

    name: str
    article_id: str
    words: str


@cache
def load_guards() -> tuple[Guard, ...]:
    """The guards in their order of precedence."""
    described = tomllib.loads((Path(__file__).parent / "guards.toml").read_text(encoding="utf-8"))
    return tuple(Guard(
        name=guard["name"], article_id=guard["article"], calls=_any(guard["calls"], described["words"]),
        unless=_any(guard["unless"], described["words"]) if guard["unless"] else None,
        needs_security=guard.get("needs_security", False),
    ) for guard in described["guard"])


def _any(patterns: Sequence[str], words: Mapping[str, str]) -> re.Pattern[str]:
    joined = "|".join(patterns)
    for name, listed in words.items():
        joined = joined.replace(f"{{{name}}}", listed)
    return re.compile(joined)


def check_guards(text: str, entity_types: Collection[str] = ()) -> Verdict | None:
    """The first guard that a normalised, repaired text calls, or None. `entity_types` are those read from it."""
    for guard in load_guards():
        if guard.needs_security and "security" not in entity_types:
            continue
        match = guard.calls.search(text)
        if match and not (guard.unless and guard.unless.search(text)):
            return Verdict(guard.name, guard.article_id, match.group())
    return None
