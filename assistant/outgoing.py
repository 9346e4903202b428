"""What an agent is about to send, read before it goes: promises, advice, forecasts, insults, requests for secrets,
personal data, ways around the firm. Pure; the rules stand in `outgoing.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from assistant import privacy
from assistant.errors import SettingsInvalid
from knowledge.text import normalize

__all__ = ["Finding", "OutgoingCheck", "Severity", "load_outgoing_check", "own_numbers"]


class Severity(StrEnum):
    """`hard` stops the text; a `warn` may be acknowledged by who sends it."""

    HARD = "hard"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: characters `start` to `end` (end exclusive) of the text as it was written, and what to do."""

    rule: str
    words: str
    start: int
    end: int
    advice: str
    advice_en: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class _Rule:
    """`calls` find; whatever touches a find of `unless` is harmless. `data` are types of personal data that call it too."""

    name: str
    severity: Severity
    advice: str
    advice_en: str
    calls: re.Pattern[str]
    unless: re.Pattern[str] | None
    data: frozenset[str]


@dataclass(frozen=True, slots=True)
class OutgoingCheck:
    """The rules in force. Thread-safe."""

    rules: tuple[_Rule, ...]

    def findings(self, text: str, *, own: Collection[str] = ()) -> list[Finding]:
        """In order of place. `own` are telephone numbers that the client wrote themselves, as `own_numbers` gives them."""
        read = _Reading.of(text)
        found = [finding for rule in self.rules for finding in _find(rule, text, read, own)]
        return sorted(found, key=lambda finding: (finding.start, finding.end, finding.rule))

    @staticmethod
    def may_go(findings: Sequence[Finding], acknowledged: Collection[str]) -> bool:
        """Whether a text with these findings goes out, when the warnings of the rules named are acknowledged."""
        return all(finding.severity is Severity.WARN and finding.rule in acknowledged for finding in findings)


def load_outgoing_check(hard: Collection[str] | None = None) -> OutgoingCheck:
    """The rules; those named in `hard` stop a text and all others warn. None: as the file says. Raises SettingsInvalid."""
    rules = _rules()
    if hard is None:
        return OutgoingCheck(rules)
    if unknown := sorted(set(hard) - {rule.name for rule in rules}):
        raise SettingsInvalid(f"ZHIKE_OUTGOING_HARD: unknown {', '.join(unknown)}; known: {', '.join(rule.name for rule in rules)}")
    return OutgoingCheck(tuple(
        replace(rule, severity=Severity.HARD if rule.name in hard else Severity.WARN) for rule in rules))


def own_numbers(texts: Collection[str]) -> frozenset[str]:
    """The telephone numbers in what a client wrote, as bare digits."""
    return frozenset(_digits(text[found.start:found.end]) for text in texts for found in privacy.find(text) if found.type == "mobile")


@cache
def _rules() -> tuple[_Rule, ...]:
    described = tomllib.loads((Path(__file__).parent / "outgoing.toml").read_text(encoding="utf-8"))
    words = described["words"]
    return tuple(_Rule(
        name=rule["name"], severity=Severity(rule["severity"]), advice=rule["advice"], advice_en=rule["advice_en"],
        calls=_any(rule["calls"], words), unless=_any(rule["unless"], words) if rule.get("unless") else None,
        data=frozenset(rule.get("data", ())),
    ) for rule in described["rule"])


def _any(patterns: Sequence[str], words: Mapping[str, str]) -> re.Pattern[str]:
    joined = "|".join(patterns)
    # A word list may quote those above it.
    for name, listed in reversed(words.items()):
        joined = joined.replace(f"{{{name}}}", listed)
    return re.compile(joined)


def _find(rule: _Rule, text: str, read: _Reading, own: Collection[str]) -> Iterator[Finding]:
    harmless = [match.span() for match in rule.unless.finditer(read.text)] if rule.unless else []
    calls = [match.span() for match in rule.calls.finditer(read.text) if match.group()]
    spans = [read.span(*span) for span in calls if not any(_touch(span, other) for other in harmless)]
    if rule.data:
        spans += [(found.start, found.end) for found in privacy.find(text) if found.type in rule.data]
        spans = [(start, end) for start, end in spans if _digits(text[start:end]) not in own]
    for start, end in _apart(spans):
        yield Finding(rule.name, text[start:end], start, end, rule.advice, rule.advice_en, rule.severity)


def _touch(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _apart(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that overlap, as one."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


def _digits(text: str) -> str:
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", text))[-11:]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text as rules read it: normalised character by character, without space and ornament between Chinese
    characters (保 本, 加*微). `places` has for each character the one of the original that it comes from."""

    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> _Reading:
        pairs = [(read, place) for place, character in enumerate(text) for read in _read_character(character)]
        kept: list[tuple[str, int]] = []
        for index, pair in enumerate(pairs):
            if pair[0] in _ORNAMENT and _is_within_han(pairs, index, kept):
                continue
            kept.append(pair)
        return cls("".join(read for read, _ in kept), tuple(place for _, place in kept))

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.places[start], self.places[end - 1] + 1


_ORNAMENT = frozenset(" *·•・~_^.`'\"“”‘’「」")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


@lru_cache(maxsize=8192)
def _read_character(character: str) -> str:
    if character == "\n":
        return "\n"
    return normalize(character) or (" " if character.isspace() else "")


def _is_within_han(pairs: Sequence[tuple[str, int]], index: int, kept: Sequence[tuple[str, int]]) -> bool:
    """Between a Chinese character and another, or a letter or digit next to one for space."""
    before = kept[-1][0] if kept else ""
    after = next((read for read, _ in pairs[index + 1:index + 20] if read not in _ORNAMENT), "")
    han = bool(_HAN.match(before)), bool(_HAN.match(after))
    return all(han) or (pairs[index][0] == " " and any(han))
