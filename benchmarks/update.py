"""Replacing one article in a live index, at the size of the base and at ten thousand articles."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count, islice
from pathlib import Path

import numpy as np

from assistant.turn import Responder
from benchmarks.figures import Figure, median
from benchmarks.questions import sample
from benchmarks.vectors import stored_vectors
from knowledge.dense import DenseIndex
from knowledge.encoder import Encoder, Progress
from knowledge.lexical import LexicalIndex
from knowledge.passages import Passage, passages_of
from knowledge.search import SearchIndex

__all__ = ["measure"]

_MANY = 10_000
_REPLACED = 10
_SEARCHED = 100


class Remembering:
    """An encoder that knows the vectors of an index and lends its own only to texts that are new."""

    def __init__(self, encoder: Encoder, index: SearchIndex) -> None:
        vectors = stored_vectors(index)
        self._known = {passage.text: vectors[number] for number, passage in index.passages.items()}
        self._encoder = encoder
        self.name, self.dimension, self.fingerprint = encoder.name, encoder.dimension, encoder.fingerprint
        self.seconds = 0.0

    def forget(self) -> None:
        self._known.clear()

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        if all(text in self._known for text in texts):
            return np.array([self._known[text] for text in texts], np.float32)
        started = time.perf_counter()
        vectors = self._encoder.encode_passages(texts, progress)
        self.seconds += time.perf_counter() - started
        return vectors


def measure(responder: Responder) -> list[Figure]:
    articles = _articles(responder)
    return [
        *_at_size(responder, list(articles.items()), f"{len(articles):,} articles"),
        *_at_size(responder, list(islice(_repeated(articles), _MANY)), f"{_MANY:,} articles"),
    ]


def _articles(responder: Responder) -> dict[str, list[Passage]]:
    found = {
        article.id: list(passages_of(article, responder.base, date.today()))
        for article in responder.base.articles.values()
    }
    return {article_id: passages for article_id, passages in found.items() if passages}


def _repeated(articles: dict[str, list[Passage]]) -> Iterator[tuple[str, list[Passage]]]:
    for turn in count():
        for article_id, passages in articles.items():
            name = f"{article_id}-{turn}"
            yield name, [Passage(name, passage.kind, passage.text) for passage in passages]


def _at_size(responder: Responder, articles: list[tuple[str, list[Passage]]], size: str) -> list[Figure]:
    with tempfile.TemporaryDirectory() as scratch:
        encoder = Remembering(responder.index.encoder, responder.index)
        passages = [passage for _, own in articles for passage in own]
        index = SearchIndex.build(encoder, passages, lexical=LexicalIndex(Path(scratch) / "lexical"))
        # As a server has it, which reads what was kept.
        index.dense.save(Path(scratch))
        index.dense = DenseIndex.load(Path(scratch))
        encoder.forget()
        taken, encoding = _replace(index, encoder, articles)
        searching = _search(index, responder)
    note = f"{len(passages):,} passages"
    return [
        Figure("index", f"replace one article, {size}", median(taken), "ms", f"{note}; median of {len(taken)}"),
        Figure("index", f"of it encoding, {size}", median(encoding), "ms", "all its passages, in one thread"),
        Figure("index", f"search, {size}", median(searching), "ms", f"{note}; dense and lexical, without encoding"),
    ]


def _replace(
    index: SearchIndex, encoder: Remembering, articles: list[tuple[str, list[Passage]]]
) -> tuple[list[float], list[float]]:
    taken, encoding = [], []
    for article_id, passages in random.Random(5).sample(articles, _REPLACED):
        encoder.seconds, started = 0.0, time.perf_counter()
        index.replace([article_id], passages)
        taken.append((time.perf_counter() - started) * 1000)
        encoding.append(encoder.seconds * 1000)
    return taken, encoding


def _search(index: SearchIndex, responder: Responder) -> list[float]:
    asked = [responder.understander.read(text) for text in sample(responder.base, _SEARCHED, seed=6)]
    taken = []
    for understood in asked:
        started = time.perf_counter()
        index.find(understood.query, understood.vector)
        taken.append((time.perf_counter() - started) * 1000)
    return taken
