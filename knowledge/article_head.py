"""Which article a question speaks for: a linear head over all articles, which reads new ones off their questions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from operator import attrgetter
from pathlib import Path
from threading import Lock

import numpy as np
from cachetools import LRUCache, cachedmethod

from knowledge.grams import GramProjection
from knowledge.search import SearchIndex

__all__ = ["NO_ARTICLE", "ArticleHead"]

# The name under which training learned what no article answers.
NO_ARTICLE = ""
_FILE = "articles.npz"
# So many questions say what a new article is about, and so many new articles are remembered.
_READ, _REMEMBERED = 16, 20_000


@dataclass(frozen=True, eq=False)
class ArticleHead:
    """Logits = features @ `weights`.T + `bias`; the features are those of `projection`.

    Shapes: `weights` (n, d + p), `bias` (n,) for n `articles`, NO_ARTICLE among them.

    An article that training has not seen gets `imprint` times (the mean of its questions' features - `centre`) as weights, and a bias
    by which `centre` comes to `level`: weight imprinting (Qi, Brown and Lowe, CVPR 2018), on the scale of the trained weights.
    """

    articles: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray
    centre: np.ndarray
    imprint: float
    level: float
    projection: GramProjection
    _means: LRUCache = field(default_factory=lambda: LRUCache(_REMEMBERED), repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def among(self, articles: Iterable[str], index: SearchIndex) -> ArticleHead:
        """The head of a base with these `articles`, new ones read off their questions in `index`; what has none has no voice."""
        place = self._place
        names = [NO_ARTICLE, *articles]
        known = [name for name in names if name in place]
        asked = {name: tuple(islice(index.questions_of(name), _READ)) for name in names if name not in place}
        new = [name for name, questions in asked.items() if questions]
        rows = [place[name] for name in known]
        weights, bias = self.weights[rows], self.bias[rows]
        if new:
            made = self.imprint * (np.stack([self._mean(asked[name], index) for name in new]) - self.centre)
            weights, bias = np.vstack([weights, made]), np.concatenate([bias, self.level - made @ self.centre])
        return replace(self, articles=(*known, *new), weights=weights, bias=bias)

    def revised(self, trained: ArticleHead, changed: Collection[str], articles: Collection[str], index: SearchIndex) -> ArticleHead:
        """As `trained.among(articles, index)`, where this head is of a base that differs in the articles `changed` alone."""
        fresh = trained.among([name for name in changed if name in articles], index)
        rows = [number for number, name in enumerate(self.articles) if name in articles and name not in changed]
        return replace(fresh, articles=(*fresh.articles, *(self.articles[number] for number in rows)),
                       weights=np.vstack([fresh.weights, self.weights[rows]]), bias=np.concatenate([fresh.bias, self.bias[rows]]))

    @cached_property
    def _place(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.articles)}

    @cachedmethod(attrgetter("_means"), key=lambda _self, questions, _index: questions, lock=attrgetter("_lock"))
    def _mean(self, questions: tuple[tuple[int, str], ...], index: SearchIndex) -> np.ndarray:
        vectors = index.dense.vectors([number for number, _ in questions])
        features = [self.projection.features(text, vector) for (_, text), vector in zip(questions, vectors, strict=True)]
        return np.mean(features, axis=0).astype(np.float32)

    def changed_since(self, before: ArticleHead) -> frozenset[str]:
        """The articles of both that have other weights now: their questions were rewritten, or they were trained anew."""
        place = before._place
        both = [(number, place[name]) for number, name in enumerate(self.articles) if name in place]
        now, then = self.weights[[number for number, _ in both]], before.weights[[number for _, number in both]]
        return frozenset(self.articles[both[i][0]] for i in np.flatnonzero((now != then).any(axis=1)))

    def log_probabilities(self, text: str, vector: np.ndarray, articles: Iterable[str] | None = None) -> dict[str, float]:
        """Natural logarithms, of those `articles` that have a voice (None: of all); `text` and `vector` as the projection takes them."""
        logits = self.weights @ self.projection.features(text, vector).astype(np.float32) + self.bias
        highest = logits.max()
        logits = logits - highest - np.log(np.exp(logits - highest).sum())
        asked = self.articles if articles is None else articles
        return {name: float(logits[place]) for name in asked if (place := self._place.get(name)) is not None}

    def save(self, folder: Path) -> None:
        np.savez_compressed(folder / _FILE, articles=np.array(self.articles), weights=self.weights.astype(np.float16),
                            bias=self.bias.astype(np.float32), centre=self.centre.astype(np.float32), imprint=self.imprint,
                            level=self.level, **self.projection.arrays())

    @classmethod
    def load(cls, folder: Path) -> ArticleHead:
        with np.load(folder / _FILE) as stored:
            weights, bias, centre = (stored[name].astype(np.float32) for name in ("weights", "bias", "centre"))
            return cls(tuple(stored["articles"].tolist()), weights, bias, centre, float(stored["imprint"]), float(stored["level"]),
                       GramProjection.of(stored))
