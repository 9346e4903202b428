"""What stands between a draft and clients besides a second person: golden questions, and an impact that was looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assistant.audit import SYSTEM, Actor
from assistant.desk import Desk
from assistant.golden import GoldenQuestions
from assistant.impact import Impacts
from assistant.live_knowledge import Edition
from assistant.publication import Publication, Publishing, Verdict
from assistant.review_records import article_subject, fact_subject
from assistant.storage import Store, Work

__all__ = ["Review"]

# What an approval writes beside itself, in the same transaction; what it returns goes into the audit trail.
InApproval = Callable[[Work], Mapping[str, Any]]


class Review:
    """Safe to share between threads."""

    def __init__(self, store: Store, desk: Desk, publishing: Publishing, impacts: Impacts, golden: GoldenQuestions) -> None:
        self._store, self._desk, self._publishing, self._impacts, self._golden = store, desk, publishing, impacts, golden
        publishing.guards.append(self._guard)

    def of_approval(self, article_id: str, revision: int, by: Actor, *, impact: str | None = None,
                    because: str | None = None) -> InApproval:
        """What goes with an approval: which impact the reviewer has seen (None: none), and why golden questions may break.

        Raises RevisionNotFound, DraftRefused, ImpactOutdated, and when it is called GoldenBroken.
        """
        if impact is not None:
            self._impacts.named_for_revision(article_id, revision, impact)
        looked = self._golden.look(*self._desk.editions_with(article_id, revision))

        def keep(work: Work) -> Mapping[str, Any]:
            self._golden.check_broken(work, looked, [article_subject(article_id, revision)], by, because=because)
            return {"impact": impact}

        return keep

    def override(self, because: str, by: Actor) -> None:
        """Keep why the next publication may break golden questions, for all that it would publish now."""
        plan = self._publishing.pending()
        if not plan:
            return
        looked = self._golden.look(*self._publishing.prepared(plan))
        with self._store.write() as work:
            self._golden.check_broken(work, looked, _subjects(plan), by, because=because)

    def _guard(self, plan: Publication, current: Edition, after: Edition) -> Verdict:
        looked = self._golden.look(current, after)

        def holds(work: Work) -> bool:
            if not self._golden.is_current(work, looked):
                return False
            self._golden.check_broken(work, looked, _subjects(plan), SYSTEM)
            return True

        return holds


def _subjects(plan: Publication) -> list[str]:
    revisions = [*plan.coming.values(), *plan.going.values()]
    return [*(article_subject(item.article_id, item.revision) for item in revisions), *(fact_subject(change.id) for change in plan.values)]
