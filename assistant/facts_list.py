"""The numbers that rules set, and who quotes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from knowledge.articles import KnowledgeBase
from knowledge.facts import Fact
from knowledge.sources import Source
from knowledge.template import placeholders

__all__ = ["FactLine", "Facts", "facts_of"]


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact, its value on a day (None for none), and the articles that quote it: id → question."""

    fact: Fact
    today: str | None
    quoted_by: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts by name, all sources by id, and what the firm says of itself, by name: what answers may quote."""

    lines: list[FactLine]
    sources: Mapping[str, Source]
    firm: Mapping[str, str]


def facts_of(base: KnowledgeBase, day: date) -> Iterator[FactLine]:
    """By name."""
    quoting: defaultdict[str, list[str]] = defaultdict(list)
    for article in base.articles.values():
        for name in {item.name for item in placeholders(article.body) if item.scope == "fact"}:
            quoting[name].append(article.id)
    for name, fact in sorted(base.facts.items()):
        value = fact.on(day)
        yield FactLine(fact, value and value.value, {article: base.articles[article].question for article in sorted(quoting[name])})
