"""How often the encoder's cache of query vectors is hit when some questions are asked far more often than others."""

from __future__ import annotations

import inspect
import random
from collections.abc import Sequence
from itertools import accumulate

from cachetools import LRUCache

from benchmarks.figures import Figure
from benchmarks.questions import pool
from knowledge.articles import KnowledgeBase
from knowledge.encoder import OnnxEncoder
from knowledge.text import content, normalize

__all__ = ["measure", "zipf"]

_STREAM = 100_000
_EXPONENTS = (0.8, 1.0)


def measure(base: KnowledgeBase) -> list[Figure]:
    size = inspect.signature(OnnxEncoder).parameters["cached_queries"].default
    questions = [content(normalize(text)) for text in pool(base)]
    note = f"{_STREAM:,} asked of {len(questions):,}, least recently used of {size:,} kept"
    return [
        Figure(
            "query-vector cache",
            f"hit rate, Zipf exponent {exponent}",
            _hit_rate(questions, size, exponent) * 100,
            "%",
            note,
        )
        for exponent in _EXPONENTS
    ]


def zipf(questions: Sequence[str], exponent: float, count: int) -> list[str]:
    """`count` of them as they might be asked: the one of rank r, by a draw, as often as 1 / r**`exponent`."""
    choose = random.Random(4)
    ranked = choose.sample(questions, len(questions))
    weights = list(accumulate(1 / rank**exponent for rank in range(1, len(ranked) + 1)))
    return choose.choices(ranked, cum_weights=weights, k=count)


def _hit_rate(questions: list[str], size: int, exponent: float) -> float:
    """The same kind of cache with the same keys as the encoder's, without the encoder."""
    cache: LRUCache[str, bool] = LRUCache(maxsize=size)
    hits = 0
    for question in zipf(questions, exponent, _STREAM):
        if cache.get(question):
            hits += 1
        else:
            cache[question] = True
    return hits / _STREAM
