"""Placeholders in answers: what they are, and how an answer is rendered for a day.

`{{fact.NAME}}`, `{{fact.NAME.from}}`, `{{fact.NAME.before}}`, `{{firm.NAME}}`, `{{client.NAME}}` and `{{"a marked literal"}}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from knowledge.errors import FactUnavailable, PlaceholderUnknown
from knowledge.facts import Fact

__all__ = ["CLIENT_SLOTS", "NOBODY", "Placeholder", "chinese_date", "placeholders", "render", "unmarked_numbers"]

# What an answer may say of the client, under the names of the client record.
CLIENT_SLOTS = ("risk_level", "assessed_on", "assessment_expires_on", "permissions")

_PLACEHOLDER = re.compile(r"\{\{\s*(?:\"(?P<literal>[^\"]*)\"|(?P<path>[^}]*?))\s*\}\}")
_SENTENCE = re.compile(r"[^。！？；]*[。！？；]+|[^。！？；]+$")
_LIST_MARK = re.compile(r"^\s*(?:[-*]|\d+\.)\s+")
_NOT_A_NUMBER = re.compile(r"T\s?\+\s?\d|[CR][1-5](?!\d)|Level-?[12]|L[12](?!\d)|https?://\S+|B2B|O2O|H5|3D|5G|4G", re.I)
_DIGITS = re.compile(r"\d[\d,.:]*\s?%?")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder: `scope` is fact, firm, client, literal or unknown; `part` is value, from or before."""

    scope: str
    name: str
    part: str = "value"


def _parse(match: re.Match[str]) -> Placeholder:
    if match["literal"] is not None:
        return Placeholder("literal", match["literal"])
    parts = match["path"].split(".")
    if parts[0] == "firm" and len(parts) == 2:
        return Placeholder("firm", parts[1])
    if parts[0] == "client" and len(parts) == 2 and parts[1] in CLIENT_SLOTS:
        return Placeholder("client", parts[1])
    if parts[0] == "fact" and len(parts) == 2:
        return Placeholder("fact", parts[1])
    if parts[0] == "fact" and len(parts) == 3 and parts[2] in ("from", "before"):
        return Placeholder("fact", parts[1], parts[2])
    return Placeholder("unknown", match["path"])


def placeholders(body: str) -> Iterator[Placeholder]:
    """Every placeholder of an answer, in order."""
    return (_parse(match) for match in _PLACEHOLDER.finditer(body))


def unmarked_numbers(body: str) -> list[str]:
    """Digits in an answer that neither a fact nor a marked literal gives."""
    found: list[str] = []
    for line in body.splitlines():
        plain = _NOT_A_NUMBER.sub("", _PLACEHOLDER.sub("", _LIST_MARK.sub("", line)))
        found += [number.strip() for number in _DIGITS.findall(plain)]
    return found


def chinese_date(day: date) -> str:
    """As answers write a day: 2026年7月6日."""
    return f"{day.year}年{day.month}月{day.day}日"


class _SentenceDropped(Exception):
    """The sentence speaks of a change that, on this day, there has not been."""


NOBODY: Mapping[str, str] = MappingProxyType({})


def render(body: str, day: date, facts: Mapping[str, Fact], firm: Mapping[str, str], client: Mapping[str, str] = NOBODY) -> str:
    """The answer's Markdown as it reads on `day`; `client` holds what is known of the client it is for, by slot.

    A sentence that quotes `.from` or `.before` of a fact without an earlier value, or what is not known of the client, is left out,
    and a list item with it when nothing else stands there. Raises PlaceholderUnknown, and FactUnavailable when a quoted fact
    has no value on `day`.
    """

    def value_of(match: re.Match[str]) -> str:
        placeholder = _parse(match)
        if placeholder.scope == "literal":
            return placeholder.name
        if placeholder.scope == "firm":
            if placeholder.name not in firm:
                raise PlaceholderUnknown(f"firm.{placeholder.name} is not in firm.toml")
            return firm[placeholder.name]
        if placeholder.scope == "client":
            return client.get(placeholder.name, "")
        if placeholder.scope != "fact" or placeholder.name not in facts:
            raise PlaceholderUnknown(f"{placeholder.name} names no fact")
        return _quote(facts[placeholder.name], placeholder.part, day)

    lines = []
    for line in body.splitlines():
        mark = _LIST_MARK.match(line)
        head = mark.group() if mark else ""
        kept = []
        for sentence in _SENTENCE.findall(line[len(head):]):
            try:
                # Also of a sentence that is left out: an article can answer everybody or nobody.
                text = _PLACEHOLDER.sub(value_of, sentence)
            except _SentenceDropped:
                continue
            if all(item.name in client for item in placeholders(sentence) if item.scope == "client"):
                kept.append(text)
        if kept or not line.strip():
            lines.append(head + "".join(kept))
    return "\n".join(lines).strip()


def _quote(fact: Fact, part: str, day: date) -> str:
    current = fact.on(day)
    if current is None:
        raise FactUnavailable(f"{fact.name} has no value on {day}")
    if part == "value":
        return current.value
    if part == "from":
        return chinese_date(current.start)
    earlier = fact.before(day)
    if earlier is None:
        raise _SentenceDropped
    return earlier.value
