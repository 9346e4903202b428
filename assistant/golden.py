"""Golden questions: what must get its article, whatever is published."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from assistant.audit import SYSTEM, Action, Actor
from assistant.clock import china_day
from assistant.errors import GoldenBroken, GoldenExists, GoldenInvalid, GoldenNotFound, KnowledgeRejected
from assistant.inbox import Responds, utc_now
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.past_replies import told
from assistant.privacy import mask
from assistant.reaching import Reach
from assistant.remembered import Remembered
from assistant.replay import Broken, broken_by
from assistant.review_records import GoldenQuestion, Told, Waiver
from assistant.storage import Store, Work
from knowledge.articles import KnowledgeBase
from knowledge.text import normalize

__all__ = ["GOLDEN_FILE", "GoldenQuestions", "Guarded", "Looked", "load_golden"]

GOLDEN_FILE = "golden.csv"
# Looks that are remembered: of what waits, alone and together.
_LOOKS = 16


@dataclass(frozen=True, slots=True)
class Guarded:
    """A golden question, the title of its article, and where it was asked what it gets now."""

    item: GoldenQuestion
    title: str | None
    now: Told | None

    @property
    def holds(self) -> bool | None:
        return self.item.holds(self.now) if self.now else None


@dataclass(frozen=True, slots=True)
class Looked:
    """What a change breaks of the golden questions with the ids `of`."""

    of: tuple[str, ...]
    broken: tuple[Broken, ...]


class GoldenQuestions:
    """Safe to share between threads."""

    def __init__(self, store: Store, live: LiveKnowledge, reach: Reach, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._live, self._reach, self._clock = store, live, reach, clock
        self._asked: tuple[Edition | None, dict[str, Told]] = (None, {})
        self._looks: Remembered[Looked] = Remembered(_LOOKS)

    def page(self, by: Actor, *, ask: bool = False) -> list[Guarded]:
        """All in force; with `ask`, each with the reply that it gets now."""
        with self._store.write() as work:
            items = work.golden.in_force()
            work.audit.record(Action.GOLDEN_SEEN, by, self._clock())
        current = self._live.current
        now = self._replies(current, items) if ask else {}
        articles = current.base.articles
        return [Guarded(item, articles[item.article_id].question if item.article_id in articles else None, now.get(item.question))
                for item in items]

    def add(self, question: str, by: Actor, *, article_id: str | None = None, kind: str | None = None) -> GoldenQuestion:
        """A question that must get an article, or a reply of a kind. Raises GoldenInvalid or GoldenExists."""
        item = self._made(question, by, article_id, kind)
        with self._store.write() as work:
            if not work.golden.add(item):
                raise GoldenExists()
            work.audit.record(Action.GOLDEN_ADDED, by, item.added_at, subject=f"golden:{item.id}",
                              details={"article": article_id, "kind": item.kind})
        return item

    def change(self, golden_id: str, question: str, by: Actor, *, article_id: str | None = None, kind: str | None = None) -> GoldenQuestion:
        """Another one in its place, at once. Raises GoldenNotFound, GoldenInvalid or GoldenExists, and then it stays as it is."""
        item = self._made(question, by, article_id, kind)
        with self._store.write() as work:
            if not work.golden.remove(golden_id, by.name or "", item.added_at):
                raise GoldenNotFound()
            if not work.golden.add(item):
                raise GoldenExists()
            work.audit.record(Action.GOLDEN_REMOVED, by, item.added_at, subject=f"golden:{golden_id}", details={"for": item.id})
            work.audit.record(Action.GOLDEN_ADDED, by, item.added_at, subject=f"golden:{item.id}",
                              details={"article": article_id, "kind": item.kind})
        return item

    def remove(self, golden_id: str, by: Actor) -> None:
        """It guards nothing any more. Raises GoldenNotFound."""
        now = self._clock()
        with self._store.write() as work:
            if not work.golden.remove(golden_id, by.name or "", now):
                raise GoldenNotFound()
            work.audit.record(Action.GOLDEN_REMOVED, by, now, subject=f"golden:{golden_id}")

    def look(self, before: Edition, after: Edition) -> Looked:
        """Those that hold with one edition and not with another. What was found is found again at once for the same contents
        and the same golden questions on the same day; who asks for what is being looked at waits for it."""
        with self._store.read() as work:
            golden = work.golden.in_force()
        ids = tuple(item.id for item in golden)
        key = (before.version, before.base.digest, after.base.digest, ids, china_day(self._clock()))
        return self._looks.of(key, lambda: Looked(ids, tuple(self._broken(golden, before.responder, after.responder))))

    def is_current(self, work: Work, looked: Looked) -> bool:
        """Whether the golden questions in force are still those that were looked at."""
        return tuple(item.id for item in work.golden.in_force()) == looked.of

    def check_broken(self, work: Work, looked: Looked, subjects: Iterable[str], by: Actor, *, because: str | None = None) -> None:
        """Let what breaks golden questions pass only for reasons that a reviewer gave for one of the `subjects`.

        With `because` the caller, who may review, gives the reason now; it is kept and goes into the audit trail.
        Raises GoldenBroken.
        """
        subjects, now = list(subjects), self._clock()
        waived = {waiver.golden_id for waiver in work.golden.waivers(subjects)}
        left = [item for item in looked.broken if item.golden_id not in waived]
        if not left:
            return
        if because is None:
            raise GoldenBroken(left)
        for subject in subjects:
            for item in left:
                work.golden.waive(Waiver(subject, item.golden_id, mask(because), by.name or "", now))
            work.audit.record(Action.GOLDEN_OVERRIDDEN, by, now, subject=subject, details={
                "golden": [item.golden_id for item in left], "because": because})

    def load_shipped(self, path: Path) -> int:
        """Take in the file at the first start; how many. What was taken out since does not come back. Raises KnowledgeRejected."""
        with self._store.read() as work:
            if work.golden.any_ever():
                return 0
        now, items = self._clock(), load_golden(path)
        with self._store.write() as work:
            for question, kind, article_id in items:
                work.golden.add(GoldenQuestion(uuid4().hex, question, normalize(question), kind, article_id, "shipped",
                                               SYSTEM.name or "", now))
        return len(items)

    def _made(self, question: str, by: Actor, article_id: str | None, kind: str | None) -> GoldenQuestion:
        kind = _kind_of(self._live.current.base, article_id, kind)
        question = mask(question.strip())
        if not normalize(question):
            raise GoldenInvalid("The question holds nothing but space.")
        return GoldenQuestion(uuid4().hex, question, normalize(question), kind, article_id, "desk", by.name or "", self._clock())

    def _broken(self, golden: Sequence[GoldenQuestion], before: Responds, after: Responds) -> list[Broken]:
        places = self._reach.of([item.normalized for item in golden], [item.article_id for item in golden], before, after)
        return broken_by([golden[place] for place in places], before, after, known=self._reach.known)

    def _replies(self, current: Edition, items: Sequence[GoldenQuestion]) -> Mapping[str, Told]:
        edition, known = self._asked
        if edition is not current:
            known = {}
        asked = {item.question: known.get(item.question) or told(current.responder.respond(item.question)) for item in items}
        self._asked = (current, asked)
        return asked


def load_golden(path: Path) -> list[tuple[str, str, str | None]]:
    """(question, kind, article id) from a CSV file with these columns; nothing where there is no file. Raises KnowledgeRejected."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            return [(row["question"], row["kind"], row["article_id"] or None) for row in csv.DictReader(file)]
        except (KeyError, UnicodeDecodeError, csv.Error) as error:
            raise KnowledgeRejected(f"{path.name}: expected the columns question, kind and article_id ({error!r})") from error


def _kind_of(base: KnowledgeBase, article_id: str | None, kind: str | None) -> str:
    if article_id is None:
        if kind is None:
            raise GoldenInvalid("Name the article that the question must get, or the kind of reply.")
        return kind
    article = base.articles.get(article_id)
    if article is None:
        raise GoldenInvalid("No published article has this id.")
    if kind not in (None, article.kind):
        raise GoldenInvalid(f"The article's replies are of kind {article.kind}.")
    return article.kind
