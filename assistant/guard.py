"""What must never depend on a model: rules that come before search, each with its harmless look-alikes.

The rules stand in `guards.toml`, in their order of precedence: a life, then a death, then money being stolen, then
the client's own wish, then what may not be said. How a rule is written is told in docs/understanding.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from intents.sensitive import Suspicion

__all__ = ["Guard", "Verdict", "check_guards", "load_guards", "on_suspicion"]

# Where a thought ends: what must stand together may not be gathered from two sentences.
_SENTENCE = re.compile(r"[。!?;]+")
# Stands in for words set aside: it ends a clause, so nothing reaches across the gap.
_GAP = ","
# Clients' questions repeat, and a review asks thousands again.
_REMEMBERED = 4_000


@dataclass(frozen=True, slots=True)
class Guard:
    """A rule: the article that answers, what calls it, and what looks like it and is not.

    It is called by a pattern of `calls`, or where all patterns of one group of `together` stand in one sentence, in
    any order. `set_aside` takes harmless turns of phrase out of the text before; `unless` silences the rule. A `plain` one
    never depends on a model. One that `yields` hears hints, and stands back where an article answers for certain.
    """

    name: str
    article_id: str
    calls: re.Pattern[str] | None
    together: tuple[tuple[re.Pattern[str], ...], ...]
    set_aside: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    needs_security: bool
    plain: bool = False
    yields: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The guard that applies, with the client's words that called it; one that `yields` does to a certain answer.

    `confidence` is 1 for a rule, and what a model that suspects something makes of it. Unless its words are `plain`, it is weighed
    against what else is known (`assistant.standing`).
    """

    name: str
    article_id: str
    words: str
    yields: bool = False
    confidence: float = 1.0
    plain: bool = False

    @property
    def by_rule(self) -> bool:
        return self.confidence == 1.0

    @property
    def reason(self) -> str:
        """Why the reply is what it is, as it is recorded."""
        return f"{'guard' if self.by_rule else f'suspected {self.confidence:.3f}'}:{self.name} ({self.words})"


@cache
def load_guards() -> tuple[Guard, ...]:
    """The guards in their order of precedence."""
    described = tomllib.loads((Path(__file__).parent / "guards.toml").read_text(encoding="utf-8"))
    words = _spelled_out(described["words"])
    # What is no death to one block is none to another: turns of phrase are set aside for all blocks of a name.
    set_aside: dict[str, list[str]] = {}
    for guard in described["guard"]:
        set_aside.setdefault(guard["name"], []).extend(guard.get("set_aside", ()))
    harmless = {name: _any(patterns, words) for name, patterns in set_aside.items()}
    return tuple(Guard(
        name=guard["name"], article_id=guard["article"], calls=_any(guard.get("calls", ()), words),
        together=tuple(tuple(re.compile(_filled(part, words)) for part in parts) for parts in guard.get("together", ())),
        set_aside=harmless[guard["name"]], unless=_any(guard.get("unless", ()), words),
        needs_security=guard.get("needs_security", False), plain=guard.get("plain", False), yields=guard.get("yields", False),
    ) for guard in described["guard"])


def _spelled_out(words: Mapping[str, str]) -> dict[str, str]:
    """The word lists; each may name lists that stand above it."""
    spelled: dict[str, str] = {}
    for name, listed in words.items():
        spelled[name] = _filled(listed, spelled)
    return spelled


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    for name, listed in words.items():
        pattern = pattern.replace(f"{{{name}}}", listed)
    return pattern


def _any(patterns: Sequence[str], words: Mapping[str, str]) -> re.Pattern[str] | None:
    return re.compile("|".join(_filled(pattern, words) for pattern in patterns)) if patterns else None


def check_guards(text: str, entity_types: Collection[str] = ()) -> Verdict | None:
    """The first guard that a normalised text calls, one that does not yield before one that does, or None; plain words stand first.

    `entity_types` are those read from the text.
    """
    return _checked(text, names_security="security" in entity_types)


@lru_cache(maxsize=_REMEMBERED)
def _checked(text: str, *, names_security: bool) -> Verdict | None:
    hint: Verdict | None = None
    heard_by: dict[str, str] = {}
    for guard in load_guards():
        if guard.needs_security and not names_security:
            continue
        if guard.name not in heard_by:
            heard_by[guard.name] = guard.set_aside.sub(_GAP, text) if guard.set_aside else text
        words = None if hint and guard.yields else _called(guard, heard_by[guard.name])
        if words and not (guard.unless and guard.unless.search(text)):
            verdict = Verdict(guard.name, guard.article_id, words, guard.yields, plain=guard.plain)
            if not guard.yields:
                return verdict
            hint = verdict
    return hint


def on_suspicion(suspicion: Suspicion) -> Verdict:
    """What a suspicion comes to: a hint, under the name of the guard with the same article."""
    names = {guard.article_id: guard.name for guard in load_guards()}
    return Verdict(names.get(suspicion.article_id, suspicion.article_id), suspicion.article_id, suspicion.words, yields=True,
                   confidence=suspicion.probability)


def _called(guard: Guard, heard: str) -> str | None:
    """The words that call the guard, or None."""
    match = guard.calls.search(heard) if guard.calls else None
    if match and match.group():
        return match.group()
    if not guard.together:
        return None
    return next(_gathered(guard.together, _SENTENCE.split(heard)), None)


def _gathered(groups: Iterable[Sequence[re.Pattern[str]]], sentences: Sequence[str]) -> Iterable[str]:
    """The words of each group that a sentence holds in full."""
    for sentence in sentences:
        for parts in groups:
            found = []
            for part in parts:
                match = part.search(sentence)
                if match is None:
                    break
                found.append(match.group())
            else:
                yield " … ".join(found)
