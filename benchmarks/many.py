"""A base of any number of articles, made of the shipped ones, and an encoder that need not compute their vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, islice

import numpy as np

from assistant.decide import needed_articles
from assistant.revisions import in_order
from knowledge.articles import Article, KnowledgeBase
from knowledge.encoder import Encoder, Progress
from knowledge.text import content, normalize

__all__ = ["Lending", "many"]

# A branch for each time round; no article of the base speaks of one.
_SIGNS = "甲乙丙丁戊己庚辛壬癸"
_BRANCH = "号网点"
# How far a lent vector lies from the one that it is made of: about as far as two ways to ask the same.
_APART = 0.4


def many(base: KnowledgeBase, wanted: int, *, similar: int | None = None) -> KnowledgeBase:
    """`wanted` articles: the first are the base's own, those that decisions name before all, the others ask the same for a branch.
    `similar`: at most as many similar questions in each."""
    return replace(base, articles=in_order(islice(_repeated(base, similar), wanted)))


def _repeated(base: KnowledgeBase, similar: int | None) -> Iterator[Article]:
    for turn in count():
        before = _branch(turn) if turn else ""
        for article in sorted(base.articles.values(), key=lambda article: article.id not in needed_articles()):
            asked = tuple(before + text for text in article.similar[:similar])
            name = f"{article.id}-{turn}"[-80:].lstrip("-") if turn else article.id
            yield Article(**{**article.model_dump(), "id": name, "question": before + article.question, "similar": asked})


def _branch(turn: int) -> str:
    return "".join(_SIGNS[int(digit)] for digit in str(turn)) + _BRANCH


class Lending:
    """An encoder with vectors of texts that are known. That of a branch's question is made of the question's own, deterministically;
    only what is new is computed."""

    def __init__(self, encoder: Encoder, known: dict[str, np.ndarray]) -> None:
        self._encoder, self._known = encoder, known
        self._branch = content(normalize(_BRANCH))
        self._branches: dict[str, np.ndarray] = {}
        self.name, self.dimension, self.fingerprint = encoder.name, encoder.dimension, encoder.fingerprint

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        lent = [self._lent(text) for text in texts]
        new = [text for text, vector in zip(texts, lent, strict=True) if vector is None]
        computed = iter(self._encoder.encode_passages(new, progress))
        vectors = [next(computed) if vector is None else vector for vector in lent]
        return np.stack(vectors) if vectors else np.empty((0, self.dimension), np.float32)

    def _lent(self, text: str) -> np.ndarray | None:
        branch, found, question = text.partition(self._branch)
        if not found:
            return self._known.get(text)
        # A courtesy is no filler where more is said, and so not in the base by itself.
        near = self._known[question] if question in self._known else self._anywhere(question)
        if branch not in self._branches:
            self._branches[branch] = _APART * self._anywhere(branch)
        return _unit(near + self._branches[branch])

    def _anywhere(self, text: str) -> np.ndarray:
        """A unit vector (d,) that the text alone decides."""
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        return _unit(np.random.default_rng(seed).standard_normal(self.dimension))


def _unit(vector: np.ndarray) -> np.ndarray:
    return (vector / np.linalg.norm(vector)).astype(np.float32)
