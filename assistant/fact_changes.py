"""A rule's value is changed once, and all answers that quote it change over on its day: proposed, previewed, approved, published.

A change goes live with the next publication, as approved revisions do, and the answers take the new value by themselves on
the day from which it holds, because facts are dated (knowledge/facts.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import uuid4

from assistant.audit import Action, Actor
from assistant.clock import china_day
from assistant.errors import (
    FactChangeInvalid,
    FactChangeNotFound,
    FactChangePending,
    FactNotFound,
    IllegalStep,
    OwnRevision,
)
from assistant.golden import GoldenQuestions
from assistant.impact import Impacts, Running
from assistant.inbox import utc_now
from assistant.live_knowledge import LiveKnowledge
from assistant.review_records import FactChange, FactState, Impact, fact_subject
from assistant.rule_values import Reworded, reworded, why_not, with_changes
from assistant.storage import Store, Work
from knowledge.articles import KnowledgeBase
from knowledge.facts import Fact

__all__ = ["FactChanges", "NewValue", "Previewed"]


@dataclass(frozen=True, slots=True)
class NewValue:
    """What somebody wants a rule's value to be from a day on, and why."""

    value: str
    starts: date
    because: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Previewed:
    """A change with its fact, the value that it replaces, and every answer that quotes it as it reads on the day."""

    change: FactChange
    fact: Fact | None
    replaces: str | None
    answers: Sequence[Reworded]


class FactChanges:
    """Safe to share between threads."""

    def __init__(self, store: Store, live: LiveKnowledge, impacts: Impacts, golden: GoldenQuestions, *,
                 clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._live, self._impacts, self._golden, self._clock = store, live, impacts, golden, clock

    def propose(self, fact: str, new: NewValue, by: Actor) -> Previewed:
        """Raises FactNotFound, FactChangeInvalid, or FactChangePending where another change of the fact is open."""
        base, now = self._live.current.base, self._clock()
        if fact not in base.facts:
            raise FactNotFound()
        change = FactChange(uuid4().hex, fact, new.value, new.starts, new.sources, new.because, FactState.PROPOSED, by.name or "", now)
        if reason := why_not(base, change, china_day(now)):
            raise FactChangeInvalid(f"The value can't be taken: {reason}.")
        with self._store.write() as work:
            if not work.fact_changes.add(change):
                raise FactChangePending()
            self._tell(work, Action.FACT_CHANGE_PROPOSED, change, by, now)
        return self._previewed(change)

    def page(self, by: Actor, *, fact: str | None = None) -> list[FactChange]:
        """The latest first."""
        with self._store.write() as work:
            work.audit.record(Action.FACT_CHANGES_SEEN, by, self._clock())
            return work.fact_changes.all(fact=fact)

    def preview(self, change_id: str, by: Actor) -> Previewed:
        """Raises FactChangeNotFound."""
        with self._store.write() as work:
            change = work.fact_changes.get(change_id)
            if change is None:
                raise FactChangeNotFound()
            work.audit.record(Action.FACT_CHANGES_SEEN, by, self._clock(), subject=fact_subject(change_id))
        return self._previewed(change)

    def impact(self, change_id: str, by: Actor, *, wait: float) -> Impact | Running:
        """What the change would do to past questions. Raises FactChangeNotFound."""
        return self._impacts.of(fact_subject(change_id), self._with(self._get(change_id)), by, wait=wait)

    def approve(self, change_id: str, by: Actor, *, impact: str | None = None, because: str | None = None) -> FactChange:
        """By somebody else than who proposed it. `impact` is the one that was looked at; `because` why golden questions may break.

        Raises FactChangeNotFound, OwnRevision, IllegalStep, ImpactOutdated, FactChangeInvalid or GoldenBroken.
        """
        change, current = self._get(change_id), self._live.current
        base = self._with(change)
        if impact is not None:
            self._impacts.named(fact_subject(change_id), impact, base)
        if (reason := why_not(current.base, change, china_day(self._clock()))) and change.state is FactState.PROPOSED:
            raise FactChangeInvalid(f"The value can't be taken any more: {reason}.")
        after = self._live.edition_of(base, current.revisions, current.version + 1, like=current)
        looked = self._golden.look(current, after)
        with self._store.write() as work:
            self._held(work, change_id, by, "approve", frozenset({FactState.PROPOSED}), of_others=True)
            self._golden.check_broken(work, looked, [fact_subject(change_id)], by, because=because)
            return self._decided(work, change, FactState.APPROVED, Action.FACT_CHANGE_APPROVED, by, impact=impact)

    def reject(self, change_id: str, by: Actor) -> FactChange:
        """Before it is published; who proposed it may take it back. Raises FactChangeNotFound or IllegalStep."""
        with self._store.write() as work:
            change = self._held(work, change_id, by, "reject", frozenset({FactState.PROPOSED, FactState.APPROVED}))
            return self._decided(work, change, FactState.REJECTED, Action.FACT_CHANGE_REJECTED, by)

    def _get(self, change_id: str) -> FactChange:
        with self._store.read() as work:
            change = work.fact_changes.get(change_id)
        if change is None:
            raise FactChangeNotFound()
        return change

    @staticmethod
    def _held(work: Work, change_id: str, by: Actor, step: str, allowed: frozenset[FactState], *, of_others: bool = False) -> FactChange:
        change = work.fact_changes.hold(change_id)
        if change is None:
            raise FactChangeNotFound()
        if of_others and change.author == by.name:
            raise OwnRevision()
        if change.state not in allowed:
            raise IllegalStep(step, change.state.value)
        return change

    def _decided(self, work: Work, change: FactChange, state: FactState, action: Action, by: Actor, **details: str | None) -> FactChange:
        now = self._clock()
        work.fact_changes.decide(change, state, by.name or "", now)
        self._tell(work, action, change, by, now, **details)
        return replace(change, state=state, approver=by.name, decided_at=now)

    @staticmethod
    def _tell(work: Work, action: Action, change: FactChange, by: Actor, now: datetime, **details: str | None) -> None:
        work.audit.record(action, by, now, subject=fact_subject(change.id), details={
            "fact": change.fact, "value": change.value, "from": change.starts.isoformat(), "because": change.because, **details})

    def _with(self, change: FactChange) -> KnowledgeBase:
        return with_changes(self._live.current.base, [change])

    def _previewed(self, change: FactChange) -> Previewed:
        """Once it is published the base has it already: then both texts are the same."""
        base = self._live.current.base
        fact = base.facts.get(change.fact)
        if fact is None:
            return Previewed(change, None, None, [])
        replaced = fact.on(change.starts)
        return Previewed(change, fact, replaced.value if replaced else None, reworded(base, self._with(change), change.fact, change.starts))
