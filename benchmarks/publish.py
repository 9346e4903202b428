"""From the press of the button until clients get the new answer, and what a draft would do to 10,000 past questions, as bases grow."""

from __future__ import annotations

import gc
import json
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from assistant.audit import Actor
from assistant.bootstrap import Application, assemble
from assistant.clock import china_day
from assistant.editions import IndexKeeper, remake
from assistant.golden import GOLDEN_FILE
from assistant.impact import PAST_QUESTIONS
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.question_vectors import QuestionVectors
from assistant.review_records import Impact
from assistant.revisions import sync_knowledge
from assistant.settings import Settings
from assistant.storage import Store
from assistant.turn import Responder
from benchmarks.figures import Figure, median, quantile
from benchmarks.many import Lending, many
from benchmarks.questions import pool, sample
from knowledge.articles import SHIPPED, Article, KnowledgeBase
from knowledge.encoder import Encoder
from knowledge.snapshot import index_folder, open_index
from knowledge.text import content, normalize

__all__ = ["measure"]

# From so many articles on each keeps no more than some similar questions, or memory would not hold them.
_LARGE, _FEW_SIMILAR = 50_000, 8
_ROUNDS = 10
_EDITOR, _REVIEWER = Actor("editor"), Actor("reviewer")
_ASKED = 200
# One past question in so many is one that only the whole base answers.
_BEYOND = 10
# Questions a second that are asked meanwhile; the machine does little else.
_PACE = 10
# Seconds for which nobody publishes, to compare with.
_QUIET = 10
# Seconds in which a large index is written whole.
_KEPT_WITHIN = 600


@dataclass(frozen=True, slots=True)
class _Site:
    """A desk on a base of some size, with what clients asked before."""

    application: Application
    name: str
    passages: int

    def figure(self, name: str, value: float, unit: str, note: str = "") -> Figure:
        return Figure(self.name, name, value, unit, note)


def measure(responder: Responder, sizes: Sequence[int]) -> Iterator[Figure]:
    lending = Lending(responder.index.encoder, responder.index.vectors())
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="zhike-publish-") as folder:
            started = time.perf_counter()
            base = many(responder.base, size, similar=_FEW_SIMILAR if size >= _LARGE else None)
            settings = Settings(data=Path(folder))
            pairs = pairwise([article for article in base.articles.values() if article.kind == "answer"][1:])
            with _opened(responder, lending, base, settings) as site:
                _asked_before(site.application, lending, _past(responder.base, base))
                yield site.figure("base, store and index made", time.perf_counter() - started, "s", f"{site.passages:,} passages")
                yield _impact(site, pairs, "first after a start, nothing ready")
                started = time.perf_counter()
                site.application.impacts.make_ready(haste=True)
                yield site.figure("made ready for impacts, in the background", time.perf_counter() - started, "s",
                                  f"one thread without rest; {PAST_QUESTIONS:,} past and the golden questions")
                yield _impact(site, pairs, "made ready")
                yield from _published(site, sample(responder.base, _ASKED, seed=8))
                yield _impact(site, pairs, "first after publications")
                yield _impact(site, pairs, "the next")
                _until_kept(site.application)
                site.application.impacts.make_ready(haste=True)
            started = time.perf_counter()
            with _opened(responder, lending, base, settings) as site:
                yield site.figure("opened again", time.perf_counter() - started, "s", "store, index and golden questions")
                yield _impact(site, pairs, "first after another start")


def _past(whole: KnowledgeBase, base: KnowledgeBase) -> list[str]:
    """What clients of a base asked: mostly what it answers, and some of what only the whole base does."""
    own = pool(replace(whole, articles={name: article for name, article in whole.articles.items() if name in base.articles}))
    known = set(own)
    others = [text for text in pool(whole) if text not in known]
    beyond = _spread(others, PAST_QUESTIONS // _BEYOND) if others else []
    asked = [*own, *(f"{text}怎么回事" for text in own)]
    return [*_spread(asked, PAST_QUESTIONS - len(beyond)), *beyond]


def _spread(texts: Sequence[str], count: int) -> list[str]:
    return [texts[int(place)] for place in np.linspace(0, len(texts) - 1, min(count, len(texts)))]


@contextmanager
def _opened(responder: Responder, lending: Lending, base: KnowledgeBase, settings: Settings) -> Iterator[_Site]:
    store = Store.open(settings.database_url)
    version, base = sync_knowledge(store, base)
    index = open_index(base, lending, settings.indexes, china_day())
    larger = Responder(base, index, responder.understander, responder.ranker, responder.thresholds, version=version.number,
                       revisions=version.revisions)
    live = LiveKnowledge(store, Edition(version.number, base, version.revisions, larger), remake, on_change=IndexKeeper(settings.indexes))
    application = assemble(settings, store, larger, knowledge=live)
    application.golden.load_shipped(SHIPPED / GOLDEN_FILE)
    # As `zhike serve` does, so that no collection of garbage goes over all passages.
    gc.collect()
    gc.freeze()
    yield _Site(application, f"publish, {len(base.articles):,} articles", len(index.passages))
    application.close()
    gc.unfreeze()


def _asked_before(application: Application, encoder: Encoder, past: Sequence[str]) -> None:
    """As if each question had been asked in a conversation of its own, and answered by an article that is gone; its vector is kept."""
    QuestionVectors(application.store).of([content(normalize(text)) for text in past], encoder)
    database = application.settings.data / "zhike.db"
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(
            "INSERT INTO conversation (id, channel, token_hash, state, turn, created_at, updated_at) "
            "VALUES (?, 'web', '', 'assistant', 1, ?, ?)",
            [(f"c{number}", at, at) for number in range(len(past))])
        connection.executemany(
            "INSERT INTO message (id, conversation_id, seq, sender, text, answering, attempts, at) "
            "VALUES (?, ?, 1, 'assistant', '', 'none', 1, ?)",
            [(f"m{number}", f"c{number}", at) for number in range(len(past))])
        connection.executemany(
            "INSERT INTO decision (message_id, conversation_id, kind, confidence, reason, knowledge_version, models, outcome, at) "
            "VALUES (?, ?, 'answer', 1, '', 1, '{}', ?, ?)",
            [(f"m{number}", f"c{number}", json.dumps({"understanding": {"normalized": normalize(text)}}), at)
             for number, text in enumerate(past)])


def _until_kept(application: Application) -> None:
    """A server that stops waits for its index to be written, too."""
    edition = application.knowledge.current
    assert isinstance(edition.responder, Responder)
    folder = index_folder(edition.base, edition.responder.index.encoder, application.settings.indexes)
    give_up = time.monotonic() + _KEPT_WITHIN
    while not folder.is_dir():
        if time.monotonic() > give_up:
            raise TimeoutError(f"the index was not kept within {_KEPT_WITHIN} s")
        time.sleep(1)


def _published(site: _Site, questions: Sequence[str]) -> Iterator[Figure]:
    """One revision at a time; several together that nothing was made ready for; several that the watch made ready."""
    application = site.application
    names = [name for name, article in application.knowledge.current.base.articles.items() if article.kind == "answer"]
    with _asking(application, questions) as waits:
        time.sleep(_QUIET)
    yield _replies(site, "with nothing else to do", waits)
    ways = {"one revision": (1, False), "three at once, nothing ready": (3, False), "three at once, made ready": (3, True)}
    chosen = iter(names[:: max(1, len(names) // 80)])
    for way, (together, ready) in ways.items():
        approving, ready_in, visible = [], [], []
        with _asking(application, questions) as waits:
            for number in range(_ROUNDS):
                revised = [next(chosen) for _ in range(together)]
                approving += [_approved(application, name, f"{way}，第 {number} 次。") for name in revised]
                if ready:
                    started = time.perf_counter()
                    application.publishing.prepare()
                    ready_in.append(time.perf_counter() - started)
                started = time.perf_counter()
                version = application.publishing.publish(_REVIEWER)
                outcome = application.knowledge.respond(questions[number])
                visible.append(time.perf_counter() - started)
                assert outcome.knowledge_version == version
        note = f"with a reply from it; median of {_ROUNDS}, at most {max(visible):.2f} s"
        yield site.figure(f"to visible, {way}", median(visible), "s", note)
        if ready_in:
            yield site.figure("making ready, in the background", median(ready_in), "s", "index and golden questions, before the press")
        else:
            yield site.figure(f"approving, {way}", median(approving), "s", "with golden questions")
        yield _replies(site, f"meanwhile, {way}", waits)


def _replies(site: _Site, when: str, waits: Sequence[float]) -> Figure:
    return site.figure(f"replies {when}", quantile(waits, 0.99) * 1000, "ms",
                       f"99 of 100 under; median {median(waits) * 1000:.0f}, longest {max(waits) * 1000:.0f}, n = {len(waits)}")


def _approved(application: Application, article_id: str, addition: str) -> float:
    """A revision that an editor wrote, submitted and a reviewer approved; how long approving took."""
    article = application.knowledge.current.base.articles[article_id]
    started = application.desk.start(article_id, {"body": article.body + addition}, _EDITOR)
    key = started.article_id, started.revision
    application.desk.submit(*key, _EDITOR)
    began = time.perf_counter()
    application.desk.approve(*key, _REVIEWER, also=application.review.of_approval(*key, _REVIEWER, because="benchmark"))
    return time.perf_counter() - began


@contextmanager
def _asking(application: Application, questions: Sequence[str]) -> Iterator[list[float]]:
    """Seconds that each reply took to somebody who goes on asking, at a steady pace, until the block ends."""
    waits: list[float] = []
    stop = threading.Event()

    def ask() -> None:
        number = 0
        while not stop.wait(1 / _PACE):
            started = time.perf_counter()
            application.knowledge.respond(questions[number % len(questions)])
            waits.append(time.perf_counter() - started)
            number += 1

    for question in questions:
        application.knowledge.respond(question)
    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield waits
    finally:
        stop.set()
        thread.join()


def _impact(site: _Site, pairs: Iterator[tuple[Article, Article]], when: str) -> Figure:
    """Of a draft of the next of the pairs' first articles, which takes five questions over from the second."""
    application = site.application
    article, other = next(pairs)
    draft = application.desk.start(article.id, {"similar": [*article.similar[:5], *other.similar[:5]]}, _EDITOR)
    started = time.perf_counter()
    impact = application.impacts.of_revision(draft.article_id, draft.revision, _REVIEWER, wait=3600)
    assert isinstance(impact, Impact)
    result = impact.result
    note = f"{result['ranked']:,} ranked again, {result['changed']} change; vectors kept; with index, golden and stolen questions"
    return site.figure(f"impact on {result['questions']:,} past questions, {when}", time.perf_counter() - started, "s", note)
