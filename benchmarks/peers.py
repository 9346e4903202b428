"""The same base, vectors and questions in other search stacks: time for a query, and how often the first is right.

Every stack gets the same repaired questions, the same vectors from the shipped encoder, and for its BM25 the same
words, cut by `knowledge.segment.tokens` and joined by spaces. So only searching, fusing and ranking differ.

From end to end, the same questions as text, each once and as a stream in which some are asked far more often than others: Zhike replies,
the peer encodes and finds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np

from assistant.turn import Responder
from benchmarks.cache import zipf
from benchmarks.figures import Figure, median
from benchmarks.questions import pool, sample
from benchmarks.vectors import stored_vectors
from intents.understand import Understood
from knowledge.passages import Passage
from knowledge.rank import FEATURES
from knowledge.segment import tokens
from training.datasets import LabelledQuestion, development_questions

__all__ = ["Corpus", "First", "Stack", "as_words", "measure"]

_TIMED = 100
_JUDGED = 300
_WARM_UP = 20
_STREAM = 1500
_T = TypeVar("_T")
First = Callable[[str], str]
"""From a question, as words joined by spaces, to the id of the first article."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The passages with their texts as words joined by spaces, and a vector for each such text, passage or question."""

    passages: Sequence[Passage]
    texts: Sequence[str]
    vectors: Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Stack:
    """A search stack, built. `note` says how it was set; of each half it is asked `judged` questions, or a few more.

    `from_text` takes a question as a client writes it and encodes it too.
    """

    name: str
    first: First
    note: str
    judged: int = _JUDGED
    from_text: First | None = None


def measure(responder: Responder) -> tuple[list[Figure], list[str]]:
    """Figures, and the peers that are not installed."""
    halves = {"that may train": _asked(responder, to_train=True),
              "that fitted the ranker": _asked(responder, to_train=False)}
    questions = [asked for half in halves.values() for asked in half]
    corpus = _corpus(responder, [understood for _, understood in questions])
    peers, missing = _peers(corpus)
    stacks = [Stack("Zhike", _zhike(responder, questions), f"exact vectors and BM25, ranked by {len(FEATURES)} features"), *peers]
    rights = [_right(stack, half, _spread(asked, stack.judged)) for half, asked in halves.items() for stack in stacks]
    return [*_times(stacks, _spread(questions, _TIMED)), *_end_to_end(responder, peers), *rights], missing


_Asked = tuple[LabelledQuestion, Understood]


def _asked(responder: Responder, *, to_train: bool) -> list[_Asked]:
    questions = [question for question in development_questions(responder.base, to_train=to_train)
                 if "answer" in question.kinds]
    return [(question, responder.understander.read(question.turns[-1])) for question in _spread(questions, _JUDGED)]


def _key(asked: _Asked) -> str:
    return as_words(asked[1].query)


def as_words(text: str) -> str:
    """The words of a text, joined by spaces."""
    return " ".join(token.replace(" ", "_") for token in tokens(text))


def _spread(items: Sequence[_T], count: int) -> Sequence[_T]:
    """`count` of them or a few more, evenly from all."""
    return items[:: max(1, len(items) // count)]


def _corpus(responder: Responder, asked: Sequence[Understood]) -> Corpus:
    stored = stored_vectors(responder.index)
    passages = list(responder.index.passages.values())
    texts = [as_words(passage.text) for passage in passages]
    vectors = dict(zip(texts, (stored[number] for number in responder.index.passages), strict=True))
    vectors.update((as_words(understood.query), understood.vector) for understood in asked)
    return Corpus(passages, texts, vectors)


def _peers(corpus: Corpus) -> tuple[list[Stack], list[str]]:
    """Those that are installed, and the names of those that are not."""
    stacks: list[Stack] = []
    with suppress(ModuleNotFoundError):
        from benchmarks import peer_txtai

        stacks += peer_txtai.stacks(corpus)
    with suppress(ModuleNotFoundError):
        from benchmarks import peer_haystack

        stacks += peer_haystack.stacks(corpus)
    found = " ".join(stack.name for stack in stacks)
    return stacks, [name for name in ("txtai", "Haystack") if name not in found]


def _zhike(responder: Responder, questions: Sequence[_Asked]) -> First:
    day, understood = date.today(), {_key(asked): asked[1] for asked in questions}
    return lambda key: responder.rank(understood[key], day)[0].article_id


def _times(stacks: Sequence[Stack], asked: Sequence[_Asked]) -> list[Figure]:
    keys = [_key(item) for item in asked]
    times = {stack.name: median(_milliseconds(stack.first, keys)) for stack in stacks}
    own = times[stacks[0].name]
    alone = (Figure("search", f"{stack.name}, a query", times[stack.name], "ms", stack.note) for stack in stacks)
    beside = (Figure("search", f"{peer.name} over Zhike", times[peer.name] / own, "times") for peer in stacks[1:])
    return [*alone, *beside]


def _end_to_end(responder: Responder, peers: Sequence[Stack]) -> list[Figure]:
    """Means, since what was asked before costs next to nothing. Hardly any of it has Zhike been asked before."""
    stream = zipf(pool(responder.base), 1.0, _STREAM)
    asked = {"each asked once": sample(responder.base, _JUDGED, seed=3),
             f"a stream, {1 - len(set(stream)) / _STREAM:.0%} of it asked before": stream}
    encoding = [peer for peer in peers if peer.from_text]
    for first in (*(peer.from_text for peer in encoding), lambda text: responder.respond(text).reply.text):
        _mean_milliseconds(first, sample(responder.base, _WARM_UP, seed=4))
    figures = []
    for name, texts in asked.items():
        note = f"{len(texts):,} questions as text; mean, one thread; Zhike encodes with int8 ONNX, the peer with 32-bit torch"
        own = _mean_milliseconds(lambda text: responder.respond(text).reply.text, texts)
        figures.append(Figure("from end to end", f"Zhike, a whole reply, {name}", own, "ms", note))
        for peer in encoding:
            taken = _mean_milliseconds(peer.from_text, texts)
            figures += [Figure("from end to end", f"{peer.name}, encoded and found, {name}", taken, "ms", note),
                        Figure("from end to end", f"{peer.name} over Zhike, {name}", taken / own, "times")]
    return figures


def _mean_milliseconds(first: First, texts: Sequence[str]) -> float:
    started = time.perf_counter()
    for text in texts:
        first(text)
    return (time.perf_counter() - started) * 1000 / len(texts)


def _milliseconds(first: First, keys: Sequence[str]) -> list[float]:
    for key in keys[:_WARM_UP]:
        first(key)
    taken = []
    for key in keys:
        started = time.perf_counter()
        first(key)
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _right(stack: Stack, half: str, asked: Sequence[_Asked]) -> Figure:
    found = [stack.first(_key(item)) in item[0].articles for item in asked]
    return Figure("right first", f"{stack.name}, half {half}", 100 * sum(found) / len(found), "%", f"n = {len(found)}")
