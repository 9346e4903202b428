"""One reply from start to end, in one thread: understood, searched, ranked, decided and worded."""

from __future__ import annotations

import time
from collections.abc import Sequence

from assistant.turn import Responder
from benchmarks.figures import Figure, median, quantile
from benchmarks.questions import sample

__all__ = ["measure"]

_COUNT = 600
_WARM_UP = 50


def measure(responder: Responder) -> list[Figure]:
    questions = sample(responder.base, _COUNT + _WARM_UP, seed=1)
    _milliseconds(responder, questions[_COUNT:])
    first = _milliseconds(responder, questions[:_COUNT])
    again = _milliseconds(responder, questions[:_COUNT])
    return [
        *_figures("first time", first),
        *_figures("asked before", again),
        Figure(
            "one reply", "encoding one query", median(_encoding(responder)), "ms", "the part that the encoder takes"
        ),
    ]


def _milliseconds(responder: Responder, questions: Sequence[str]) -> list[float]:
    taken = []
    for question in questions:
        started = time.perf_counter()
        responder.respond(question)
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _encoding(responder: Responder) -> list[float]:
    taken = []
    for question in sample(responder.base, 300, seed=2):
        started = time.perf_counter()
        responder.index.encoder.encode_queries([question])
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _figures(name: str, taken: Sequence[float]) -> list[Figure]:
    note = f"{len(taken)} questions, one thread"
    return [
        Figure("one reply", f"{name}, median", median(taken), "ms", note),
        Figure("one reply", f"{name}, 99 of 100 under", quantile(taken, 0.99), "ms", note),
    ]
