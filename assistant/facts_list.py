"""The numbers that rules set, and who quotes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.articles import KnowledgeBase
from knowledge.facts import Fact
from knowledge.template import placeholders

__all__ = ["FactLine", "facts_of"]


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact, its value on a day (None for none), and the ids of the articles that quote it."""

    fact: Fact
    today: str | None
    quoted_by: list[str]


def facts_of(base: KnowledgeBase, day: date) -> Iterator[FactLine]:
    """By name."""
    quoting: defaultdict[str, list[str]] = defaultdict(list)
    for article in base.articles.values():
        for name in {item.name for item in placeholders(article.body) if item.scope == "fact"}:
            quoting[name].append(article.id)
    for name, fact in sorted(base.facts.items()):
        value = fact.on(day)
        yield FactLine(fact, value and value.value, sorted(quoting[name]))
