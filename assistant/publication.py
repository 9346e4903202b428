"""Making approved revisions live: prepared off to the side, kept in one transaction, and answered from at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from assistant.audit import SYSTEM, Action, Actor
from assistant.clock import china_day
from assistant.errors import GoldenBroken, KnowledgeBusy
from assistant.inbox import utc_now
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.next_base import changed
from assistant.review_records import FactChange
from assistant.revision_life import RevisionState
from assistant.rule_values import with_changes
from assistant.storage import ArticleRevision, KnowledgeVersion, Store, Work
from knowledge.articles import Article

__all__ = ["Publication", "Publishing", "Verdict"]

_ROUNDS = 5
Due = Callable[[ArticleRevision], bool]
ValueDue = Callable[[FactChange], bool]


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication would come to: revisions that go live, those that take an article away, both by article id, and new
    values of rules, on top of a version. `overtaken` are (article id, revision) of approved ones whose place another takes."""

    version: int
    coming: Mapping[str, ArticleRevision]
    going: Mapping[str, ArticleRevision]
    values: tuple[FactChange, ...] = ()
    overtaken: tuple[tuple[str, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.coming or self.going or self.values)

    @property
    def key(self) -> tuple[object, ...]:
        """Differs whenever what would be published does."""
        revisions = (*self.coming.values(), *self.going.values())
        return self.version, frozenset((item.id, item.version) for item in revisions), self.values


# Asked in the transaction that publishes: raises what forbids it, and is False when what it rests on has changed meanwhile.
Verdict = Callable[[Work], bool]
# Told what is about to be published, current edition and next, it takes as long as it needs to come to a verdict.
Guard = Callable[[Publication, Edition, Edition], Verdict]


class Publishing:
    """Safe to share between threads and, on PostgreSQL, between processes."""

    def __init__(self, store: Store, knowledge: LiveKnowledge, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._knowledge = knowledge
        self._clock = clock
        self.guards: list[Guard] = []
        self._refused: tuple[object, ...] | None = None
        self._ready: tuple[object, ...] | None = None

    def pending(self) -> Publication:
        """What `publish` would make live now."""
        with self._store.read() as work:
            return self._planned(work, self._is_due)

    def later(self) -> list[tuple[date, ArticleRevision]]:
        """What is approved for a day that has not come, with the day, soonest first; it goes live then by itself."""
        with self._store.read() as work:
            approved = work.knowledge.in_states([RevisionState.APPROVED])
        return sorted(((_day(item), item) for item in approved if not self._is_due(item)), key=lambda one: (one[0], one[1].id))

    def publish(self, by: Actor) -> int:
        """Make live what is approved and whose day has come, and take out what is retired; the version that is live then.

        Nothing happens where there is nothing to publish. Raises KnowledgeBusy when others kept publishing.
        """
        return self._publish(by, self._is_due, lambda _: True)

    def prepare(self) -> None:
        """Make ready what `publish` would make live now, so that it need not be waited for."""
        with self._store.read() as work:
            plan = self._planned(work, self._is_due)
        current, wanted = self._knowledge.current, (plan.key, china_day(self._clock()))
        if not plan or plan.version != current.version:
            return
        # Each time: it is made once, and again where drafts that were looked at since have taken its place.
        edition = self._next(current, plan)
        if wanted != self._ready:
            self._ready = wanted
            for guard in self.guards:
                guard(plan, current, edition)

    def publish_scheduled(self) -> int | None:
        """Make live, by itself, what was approved for a day that has come; the version, None where there was nothing."""
        with self._store.read() as work:
            plan = self._planned(work, self._has_come, self._value_has_come)
        # What was refused once would be refused each time; it waits for a person.
        if not plan or plan.key == self._refused:
            return None
        try:
            return self._publish(SYSTEM, self._has_come, self._value_has_come)
        except GoldenBroken:
            self._refused = plan.key
            raise

    def prepared(self, plan: Publication) -> tuple[Edition, Edition]:
        """What answers now, and what would answer after a publication."""
        current = self._knowledge.current
        return current, self._next(current, plan)

    def history(self, *, before: int | None = None, limit: int = 50) -> list[KnowledgeVersion]:
        """Versions, newest first."""
        with self._store.read() as work:
            return work.knowledge.versions(before=before, limit=limit)

    def _publish(self, by: Actor, due: Due, value_due: ValueDue) -> int:
        for _ in range(_ROUNDS):
            self._knowledge.catch_up()
            with self._store.read() as work:
                plan = self._planned(work, due, value_due)
            current = self._knowledge.current
            if plan.version != current.version:
                # Somebody else published since: who asked is told of a version that answers here too.
                continue
            if not plan:
                return plan.version
            # The long part, before the transaction: who writes meanwhile does not wait for it.
            edition = self._next(current, plan)
            verdicts = [guard(plan, current, edition) for guard in self.guards]
            if self._keep(plan, current, edition, by, due, value_due, verdicts):
                self._knowledge.take(edition)
                return edition.version
        raise KnowledgeBusy()

    def _planned(self, work: Work, due: Due, value_due: ValueDue = lambda _: True) -> Publication:
        approved = work.knowledge.in_states([RevisionState.APPROVED])
        going = {item.article_id: item.revision for item in approved if item.retires}
        chosen: dict[str, ArticleRevision] = {}
        # Where an article is to go, what two people wanted last counts, whatever its day; what is older waits for no day any more.
        for item in sorted(filter(due, approved), key=lambda one: (date.min if one.article_id in going else _day(one), one.revision)):
            if item.revision >= going.get(item.article_id, 0):
                chosen[item.article_id] = item
        # What was approved before an article goes would bring it back on a later day.
        overtaken = [(item.article_id, item.revision) for item in approved if (last := chosen.get(item.article_id)) and item is not last
                     and (due(item) or ((last.retires or item.retires) and item.revision < last.revision))]
        values = tuple(change for change in work.fact_changes.approved() if value_due(change))
        return Publication(
            work.knowledge.newest_number(), {name: item for name, item in chosen.items() if not item.retires},
            {name: item for name, item in chosen.items() if item.retires}, values, tuple(overtaken))

    def _next(self, current: Edition, plan: Publication) -> Edition:
        coming = [(item.revision, Article(**item.article)) for item in plan.coming.values()]
        base, revisions = changed(current, coming, plan.going.keys())
        return self._knowledge.edition_of(with_changes(base, plan.values), revisions, plan.version + 1, like=current)

    def _keep(self, plan: Publication, current: Edition, edition: Edition, by: Actor, due: Due, value_due: ValueDue,
              verdicts: Sequence[Verdict]) -> bool:
        """Write the version, unless what was planned, or what was judged, is not what there is any more."""
        with self._store.write() as work:
            work.knowledge.hold()
            work.knowledge.touch({*plan.coming, *plan.going})
            now = self._clock()
            held = self._planned(work, due, value_due)
            if held.key != plan.key or not all(holds(work) for holds in verdicts):
                return False
            revisions = {name: item.revision for name, item in plan.coming.items()}
            gone = [(name, current.revisions[name]) for name in plan.going if name in current.revisions]
            work.knowledge.publish(revisions, now)
            work.knowledge.retire([*held.overtaken, *gone, *((name, item.revision) for name, item in plan.going.items())], now)
            work.fact_changes.publish([change.id for change in plan.values], edition.version)
            work.knowledge.add_version(KnowledgeVersion(edition.version, edition.base.digest, edition.revisions, now, by.name))
            work.audit.record(Action.KNOWLEDGE_PUBLISHED, by, now, subject=f"knowledge:{edition.version}",
                              details={"digest": edition.base.digest, "published": revisions, "retired": sorted(plan.going),
                                       **({"values": [change.id for change in plan.values]} if plan.values else {})})
        return True

    def _value_has_come(self, change: FactChange) -> bool:
        """The same for a new value of a rule; `publish` takes one up before its day too, because facts are dated."""
        return change.decided_at is not None and china_day(change.decided_at) < change.starts <= china_day(self._clock())

    def _is_due(self, item: ArticleRevision) -> bool:
        return _day(item) <= china_day(self._clock())

    def _has_come(self, item: ArticleRevision) -> bool:
        """Whether it was approved for a later day, which is there now."""
        return item.approved_at is not None and china_day(item.approved_at) < _day(item) <= china_day(self._clock())


def _day(item: ArticleRevision) -> date:
    """From which it is to hold; an article that goes goes at once."""
    return china_day(item.created_at) if item.retires else date.fromisoformat(item.article["effective_from"])
