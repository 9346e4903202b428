"""What a change of knowledge would do to the questions that clients really asked, before it is published."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Unfinished
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import structlog

from assistant.audit import Action, Actor
from assistant.clock import china_day
from assistant.errors import ImpactOutdated, RevisionNotFound
from assistant.inbox import Responds, utc_now
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.next_base import published
from assistant.reaching import Reach
from assistant.replay import Change, Replayed, broken_by, replay, stolen
from assistant.review_records import GoldenQuestion, Impact, PastQuestion, article_subject
from assistant.storage import Store
from knowledge.articles import KnowledgeBase

__all__ = ["Impacts", "Running"]

# As many past questions as are looked at, and as many changes as are kept of them.
PAST_QUESTIONS = 10_000
_KEPT_CHANGES = 500
_NEIGHBOURS = 60
# Seconds after which what clients asked since is made ready, and those between two looks whether something was published; and as
# many questions are made ready at once.
_READY_FOR, _LOOKED_EVERY, _AT_ONCE = 600.0, 5.0, 64


@dataclass(slots=True)
class Running:
    """A replay under way: `stage` is `waiting`, `searching` or `replying`; then `done` of `total`."""

    stage: str = "waiting"
    done: int = 0
    total: int = 0


# A base with the revisions of its articles.
_Next = tuple[KnowledgeBase, Mapping[str, int]]


class _Stopped(Exception):
    """The service closes."""


@dataclass(frozen=True, slots=True)
class _Run:
    future: Future[Impact]
    running: Running


class Impacts:
    """Replays are computed one at a time, off to the side, and kept. Safe to share between threads."""

    def __init__(self, store: Store, live: LiveKnowledge, reach: Reach, *, clock: Callable[[], datetime] = utc_now,
                 past: int = PAST_QUESTIONS, threads: int | None = None) -> None:
        self._store, self._live, self._reach, self._clock, self._past = store, live, reach, clock, past
        self._threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="impact")
        self._runs: dict[tuple[str, str], _Run] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        # What was made ready and can't be kept for the next start yet.
        self._unkept: Sequence[str] = ()
        self._preparing = threading.Thread(target=self._keep_ready, name="impact-ready", daemon=True)

    def of_revision(self, article_id: str, revision: int, by: Actor, *, wait: float) -> Impact | Running:
        """The impact of publishing a revision now, or how far its computing is after `wait` seconds.

        Raises RevisionNotFound, or DraftRefused where the draft is no article yet.
        """
        base, revisions = self._published(article_id, revision)
        return self.of(article_subject(article_id, revision), base, by, wait=wait, revisions=revisions)

    def of(self, subject: str, base: KnowledgeBase, by: Actor, *, wait: float,
           revisions: Mapping[str, int] | None = None) -> Impact | Running:
        """The impact of answering from `base`, whose articles have these `revisions` (None: as now), instead of what answers now.

        The look is kept in the audit trail.
        """
        current = self._live.current
        basis = self._basis(current, base)
        with self._store.read() as work:
            known = work.impacts.latest(subject, basis)
        if known is None:
            run = self._started(subject, basis, current, (base, current.revisions if revisions is None else revisions), by)
            try:
                known = run.future.result(wait)
            except Unfinished:
                return run.running
        with self._store.write() as work:
            work.audit.record(Action.IMPACT_SEEN, by, self._clock(), subject=subject, details={
                "impact": known.id, "changes": known.result["changed"], "broken": len(known.result["broken"])})
        return known

    def named(self, subject: str, impact_id: str, base: KnowledgeBase) -> Impact:
        """The impact with this id. Raises ImpactOutdated unless it is of this subject, as knowledge stands now."""
        with self._store.read() as work:
            found = work.impacts.get(impact_id)
        if found is None or found.subject != subject or found.basis != self._basis(self._live.current, base):
            raise ImpactOutdated()
        return found

    def named_for_revision(self, article_id: str, revision: int, impact_id: str) -> Impact:
        """The same for a revision. Raises RevisionNotFound, DraftRefused or ImpactOutdated."""
        return self.named(article_subject(article_id, revision), impact_id, self._published(article_id, revision)[0])

    def keep_ready(self) -> None:
        """From now on `make_ready`, in the background and without haste: after each publication, and for what clients go on asking."""
        self._preparing.start()

    def make_ready(self, *, haste: bool = False) -> None:
        """Find out of golden and past questions what impacts need to know of them; without `haste` it rests as long as it works."""
        with self._store.read() as work:
            golden, past = work.golden.in_force(), work.questions.past(self._past)
        texts = [*(item.normalized for item in golden), *(item.text for item in past)]
        self._reach.recall(texts, self._live.current.responder)
        for start in range(0, len(texts), _AT_ONCE):
            began = time.perf_counter()
            self._reach.prepare(texts[start:start + _AT_ONCE], self._live.current.responder)
            if self._closing.wait(0 if haste else time.perf_counter() - began):
                break
        self._keep(texts)

    def close(self) -> None:
        self._closing.set()
        self._pool.shutdown(cancel_futures=True)
        if self._preparing.ident is not None:
            self._preparing.join()

    def _keep_ready(self) -> None:
        ready: tuple[int, float] | None = None
        while not self._closing.is_set():
            now = (self._live.version, time.monotonic())
            try:
                if ready is None or now[0] != ready[0] or now[1] - ready[1] > _READY_FOR:
                    ready = now
                    self.make_ready()
                elif self._unkept:
                    self._keep(self._unkept)
            except Exception as error:
                structlog.get_logger().error("impact_not_prepared", error=type(error).__name__, exc_info=error)
            self._closing.wait(_LOOKED_EVERY)

    def _keep(self, texts: Sequence[str]) -> None:
        try:
            self._unkept = () if self._reach.keep(texts, self._live.current.responder) else texts
        except OSError as error:
            # It is tried again when all is made ready the next time.
            self._unkept = ()
            structlog.get_logger().warning("horizons_not_kept", detail=str(error))

    def _published(self, article_id: str, revision: int) -> _Next:
        with self._store.read() as work:
            item = work.knowledge.get(article_id, revision)
        if item is None:
            raise RevisionNotFound()
        return published(self._live.current, item)

    def _basis(self, current: Edition, base: KnowledgeBase) -> str:
        """Stands for all that a replay depends on, except the questions that clients go on asking."""
        with self._store.read() as work:
            golden = [item.id for item in work.golden.in_force()]
        parts = [current.base.digest, base.digest, _models(current.responder), golden, china_day(self._clock()).isoformat(), self._past]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _started(self, subject: str, basis: str, current: Edition, next_: _Next, by: Actor) -> _Run:
        """Who asks for what is under way already waits for the same."""
        with self._lock:
            run = self._runs.get((subject, basis))
            if run is None:
                running = Running()
                run = _Run(self._pool.submit(self._compute, subject, basis, current, next_, by, running), running)
                self._runs[subject, basis] = run
                run.future.add_done_callback(lambda _: self._runs.pop((subject, basis), None))
            return run

    def _compute(self, subject: str, basis: str, current: Edition, next_: _Next, by: Actor, running: Running) -> Impact:
        after = self._live.edition_of(*next_, current.version + 1, like=current)
        with self._store.read() as work:
            past, golden = work.questions.past(self._past), work.golden.in_force()
        replayed = self._replayed(past, golden, current, after, running)
        result = replayed.to_dict()
        result.update(changed=len(replayed.changes), changed_asked=sum(change.asked for change in replayed.changes),
                      changes=result["changes"][:_KEPT_CHANGES])
        made = Impact(uuid4().hex, subject, current.version, basis, _models(current.responder), result, by.name or "", self._clock())
        with self._store.write() as work:
            work.impacts.add(made)
        return made

    def _replayed(self, past: Sequence[PastQuestion], golden: Sequence[GoldenQuestion], current: Edition, after: Edition,
                  running: Running) -> Replayed:
        before_base, after_base = current.base, after.base
        texts = [*(item.text for item in past), *(item.normalized for item in golden)]
        last = [*(item.article_id for item in past), *(item.article_id for item in golden)]
        places = self._reach.of(texts, last, current.responder, after.responder, self._stage(running, "searching"))
        again = [past[place] for place in places if place < len(past)]
        known = self._reach.known
        changes = replay(again, current.responder, after.responder, threads=self._threads, known=known,
                         progress=self._stage(running, "replying"))
        broken = broken_by([golden[place - len(past)] for place in places if place >= len(past)], current.responder, after.responder,
                           threads=self._threads, known=known)
        words = {name for name in after_base.articles if _says_other(before_base, after_base, name)}
        return Replayed(
            len(past), sum(item.asked for item in past), len(golden), len(places),
            sum(item.asked for item in past if item.article_id in words), tuple(changes), tuple(broken),
            tuple(self._stolen(current, after)))

    def _stolen(self, current: Edition, after: Edition) -> list[Change]:
        """Questions that articles list as theirs, that found them, and would find another article."""
        near = self._reach.neighbours(current.responder, after.responder, _NEIGHBOURS)
        return stolen({passage.text: passage.article_id for passage in near}, current.responder, after.responder,
                      threads=self._threads, known=self._reach.known)

    def _stage(self, running: Running, stage: str) -> Callable[[int, int], None]:
        def tell(done: int, total: int) -> None:
            if self._closing.is_set():
                raise _Stopped
            running.stage, running.done, running.total = stage, done, total

        return tell


def _says_other(before: KnowledgeBase, after: KnowledgeBase, name: str) -> bool:
    old, new = before.articles.get(name), after.articles[name]
    return old is None or old.body != new.body


def _models(responder: Responds) -> dict[str, str]:
    return dict(getattr(responder, "models", {}))
