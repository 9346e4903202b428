"""What a draft would do to 10,000 past questions, whose vectors are kept."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from assistant.editions import revised
from assistant.live_knowledge import Edition
from assistant.next_base import changed
from assistant.question_vectors import QuestionVectors
from assistant.reaching import Reach
from assistant.replay import replay
from assistant.review_records import PastQuestion
from assistant.storage import Store
from assistant.turn import Responder
from benchmarks.figures import Figure
from benchmarks.questions import pool
from knowledge.articles import Article

__all__ = ["measure"]

_QUESTIONS = 10_000
_CHANGED = "stamp-duty-rate"


def measure(responder: Responder, data: Path) -> Iterator[Figure]:
    """With an article that loses most of its similar questions and gets those of another one."""
    past = [PastQuestion(text) for text in _asked(responder)]
    texts = [item.text for item in past]
    store = Store.open(f"sqlite:///{data / 'impact.db'}")
    reach, threads = Reach(QuestionVectors(store)), os.cpu_count() or 1
    article = responder.base.articles[_CHANGED]
    other = responder.base.articles["transfer-fee-rate"]
    draft = Article(**{**article.model_dump(), "similar": (*article.similar[:5], *other.similar[:5])})
    started = time.perf_counter()
    after = revised(responder, *changed(Edition(1, responder.base, {}, responder), [(2, draft)]), 2)
    yield Figure("impact", "the base with a draft in it", time.perf_counter() - started, "s", f"{len(responder.index.passages):,} passages")
    for what in ("first", "again"):
        started = time.perf_counter()
        places = reach.of(texts, [None] * len(texts), responder, after)
        searched = time.perf_counter()
        changes = replay([past[place] for place in places], responder, after, threads=threads)
        done = time.perf_counter()
        note = f"{len(places):,} ranked again in {done - searched:.1f} s, {len(changes)} change; {threads} threads"
        name = "vectors computed too" if what == "first" else "vectors kept"
        yield Figure("impact", f"replay {len(texts):,} questions, {name}", done - started, "s", note)
    store.close()


def _asked(responder: Responder) -> list[str]:
    """All questions there are, each with a courtesy before it until there are enough."""
    known = pool(responder.base)
    asked = [*known, *(f"{text}怎么回事" for text in known)]
    return asked[:: max(1, len(asked) // _QUESTIONS)][:_QUESTIONS]
