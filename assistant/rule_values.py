"""A base with rules' values that were changed at the desk, and what each answer says then. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from assistant.review_records import FactChange
from knowledge.articles import KnowledgeBase
from knowledge.errors import FactUnavailable
from knowledge.facts import FactValue

__all__ = ["Reworded", "reworded", "why_not", "with_changes"]


@dataclass(frozen=True, slots=True)
class Reworded:
    """An answer as it reads on a day, before a change and after it; None where it can't be given on that day."""

    article_id: str
    title: str
    before: str | None
    after: str | None


def with_changes(base: KnowledgeBase, changes: Iterable[FactChange]) -> KnowledgeBase:
    """The base with the changes made one after the other; those of facts that it does not have are passed over."""
    facts = dict(base.facts)
    made = False
    for change in changes:
        fact = facts.get(change.fact)
        if fact is not None and change.starts > fact.first_day:
            facts[change.fact] = fact.changed(FactValue(value=change.value, start=change.starts, sources=change.sources))
            made = True
    return replace(base, facts=facts) if made else base


def why_not(base: KnowledgeBase, change: FactChange, today: date) -> str | None:
    """Why a change of a fact of the base can't be taken; None where it can."""
    fact = base.facts[change.fact]
    if change.starts <= fact.first_day:
        return f"the fact has no value before {fact.first_day}, so that nothing is changed"
    begun = [value.start for value in fact.values if value.start >= change.starts and value.start <= today]
    if begun:
        return f"from {max(begun)} on another value has been in force; a change starts after that day"
    unknown = [name for name in change.sources if name not in base.sources]
    if unknown:
        return f"no source is called {', '.join(unknown)}"
    current = fact.on(change.starts)
    if current is not None and current.value == change.value:
        return "that is the value on that day already"
    return None


def reworded(before: KnowledgeBase, after: KnowledgeBase, fact: str, day: date) -> list[Reworded]:
    """Every answer that quotes a fact, as it reads on a day; also those whose words stay the same."""
    return [Reworded(name, before.articles[name].question, _read(before, name, day), _read(after, name, day))
            for name in before.quoted_by(fact)]


def _read(base: KnowledgeBase, article_id: str, day: date) -> str | None:
    try:
        return base.render(base.articles[article_id], day).text
    except FactUnavailable:
        return None
