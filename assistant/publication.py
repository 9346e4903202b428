"""Making approved revisions live: prepared off to the side, kept in one transaction, and answered from at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from assistant.audit import SYSTEM, Action, Actor
from assistant.clock import china_day
from assistant.errors import GoldenBroken, KnowledgeBusy
from assistant.inbox import utc_now
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.review_records import FactChange
from assistant.revision_life import RevisionState
from assistant.revisions import base_of
from assistant.rule_values import with_changes
from assistant.storage import ArticleRevision, KnowledgeVersion, Store, Work
from knowledge.articles import Article

__all__ = ["Publication", "Publishing"]

_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication would come to: revisions that go live, articles that go and new values of rules, on top of a version.

    `overtaken` are (article id, revision) of approved ones whose place another takes."""

    version: int
    coming: Mapping[str, ArticleRevision]
    going: frozenset[str]
    values: tuple[FactChange, ...] = ()
    overtaken: tuple[tuple[str, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.coming or self.going or self.values)

    @property
    def key(self) -> tuple[object, ...]:
        """Differs whenever what would be published does."""
        return self.version, {name: (item.revision, item.version) for name, item in self.coming.items()}, self.going, self.values


# Told what is about to be published, current edition and next; raises what forbids it.
Guard = Callable[[Publication, Edition, Edition], None]


class Publishing:
    """Safe to share between threads and, on PostgreSQL, between processes."""

    def __init__(self, store: Store, knowledge: LiveKnowledge, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._knowledge = knowledge
        self._clock = clock
        self.guards: list[Guard] = []
        self._refused: tuple[object, ...] | None = None

    def pending(self) -> Publication:
        """What `publish` would make live now."""
        with self._store.read() as work:
            return self._planned(work, self._is_due)

    def publish(self, by: Actor) -> int:
        """Make live what is approved and whose day has come, and take out what is retired; the version that is live then.

        Nothing happens where there is nothing to publish. Raises KnowledgeBusy when others kept publishing.
        """
        return self._publish(by, self._is_due)

    def publish_scheduled(self) -> int | None:
        """Make live, by itself, what was approved for a day that has come; the version, None where there was nothing."""
        with self._store.read() as work:
            waiting = (any(self._has_come(item) for item in work.knowledge.in_states([RevisionState.APPROVED]))
                       or any(self._value_has_come(change) for change in work.fact_changes.approved()))
            plan = self._planned(work, self._has_come, going=False) if waiting else None
        # What was refused once would be refused each time; it waits for a person.
        if plan is None or plan.key == self._refused:
            return None
        try:
            return self._publish(SYSTEM, self._has_come, going=False)
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

    def _publish(self, by: Actor, due: Callable[[ArticleRevision], bool], *, going: bool = True) -> int:
        for _ in range(_ROUNDS):
            self._knowledge.catch_up()
            with self._store.read() as work:
                plan = self._planned(work, due, going=going)
            if not plan:
                return plan.version
            current = self._knowledge.current
            if plan.version != current.version:
                continue
            # The long part, before the transaction: who writes meanwhile does not wait for it.
            edition = self._next(current, plan)
            for guard in self.guards:
                guard(plan, current, edition)
            if self._keep(plan, edition, by, due, going=going):
                self._knowledge.take(edition)
                return edition.version
        raise KnowledgeBusy()

    def _planned(self, work: Work, due: Callable[[ArticleRevision], bool], *, going: bool = True) -> Publication:
        version = work.knowledge.version()
        live = version.revisions if version else {}
        coming: dict[str, ArticleRevision] = {}
        overtaken: list[tuple[str, int]] = []
        for item in sorted(filter(due, work.knowledge.in_states([RevisionState.APPROVED])), key=lambda one: (_day(one), one.revision)):
            if earlier := coming.get(item.article_id):
                overtaken.append((earlier.article_id, earlier.revision))
            coming[item.article_id] = item
        gone = work.knowledge.retired_of(live) if going else set()
        values = tuple(change for change in work.fact_changes.approved() if going or self._value_has_come(change))
        return Publication(version.number if version else 0, coming, frozenset(gone - coming.keys()), values, tuple(overtaken))

    def _next(self, current: Edition, plan: Publication) -> Edition:
        fresh = {name: Article(**item.article) for name, item in plan.coming.items()}
        articles = {name: article for name, article in current.base.articles.items() if name not in plan.going} | fresh
        revisions = {name: revision for name, revision in current.revisions.items() if name not in plan.going}
        revisions |= {name: item.revision for name, item in plan.coming.items()}
        base = with_changes(base_of(articles.values(), current.base), plan.values)
        return self._knowledge.edition_of(base, revisions, plan.version + 1, like=current)

    def _keep(self, plan: Publication, edition: Edition, by: Actor, due: Callable[[ArticleRevision], bool], *, going: bool) -> bool:
        """Write the version, unless what was planned is not what there is any more."""
        with self._store.write() as work:
            work.knowledge.hold()
            work.knowledge.touch({*plan.coming, *plan.going})
            now = self._clock()
            if self._planned(work, due, going=going).key != plan.key:
                return False
            revisions = {name: item.revision for name, item in plan.coming.items()}
            work.knowledge.publish(revisions, now)
            work.knowledge.retire(plan.overtaken, now)
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
    return date.fromisoformat(item.article["effective_from"])
