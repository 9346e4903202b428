"""Finding: dense and lexical search over all passages, brought together by article."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from knowledge.dense import DenseIndex
from knowledge.encoder import Encoder
from knowledge.found import Found, Owners
from knowledge.layered import Layered
from knowledge.lexical import LexicalIndex
from knowledge.lexicon import load_lexicon
from knowledge.nearby import Nearby
from knowledge.passages import Passage
from knowledge.segment import tokens

__all__ = ["DEPTH", "SearchIndex"]

# As many passages as each search gives.
DEPTH = 160
Progress = Callable[[int, int], None]


class SearchIndex:
    """All passages of the base, searchable; `answers` has the numbers of those that are answers.

    Readers need no lock; one writer at a time.
    """

    def __init__(self, encoder: Encoder, dense: DenseIndex, lexical: LexicalIndex, passages: Mapping[int, Passage]) -> None:
        self.encoder, self.dense, self.lexical = encoder, dense, lexical
        self.passages: Layered[int, Passage] = Layered(passages)
        self._of_article, self._owners = _by_article(self.passages), Owners()
        self._owners.add(self.passages)
        self.answers = {number for number, passage in self.passages.items() if passage.kind == "answer"}
        self._next = max(self.passages, default=-1) + 1

    @classmethod
    def build(cls, encoder: Encoder, passages: Iterable[Passage], *, lexical: LexicalIndex | None = None,
              known: Mapping[str, np.ndarray] | None = None, progress: Progress | None = None) -> SearchIndex:
        """A new index; `known` holds vectors of this encoder by text, which need not be computed again."""
        index = cls(encoder, DenseIndex(encoder.dimension), lexical or LexicalIndex(), {})
        index.replace((), passages, known=known, progress=progress)
        return index

    def numbers_of(self, article_ids: Iterable[str]) -> list[int]:
        """The numbers of all passages of some articles, each article's together."""
        return [number for name in dict.fromkeys(article_ids) for number in self._of_article.get(name, ())]

    def remembering(self, nearby: Nearby) -> SearchIndex:
        """The same index, for reading alone, which finds again what `nearby` keeps."""
        same = copy.copy(self)
        same.dense = self.dense.remembering(nearby)
        return same

    def settle(self, dense: DenseIndex) -> None:
        """Find in `dense` from now on, which holds the same vectors in one part; whoever reads meanwhile finds the same."""
        self.dense, self.passages = dense, Layered(dict(self.passages))

    def vectors(self, numbers: Iterable[int] | None = None) -> dict[str, np.ndarray]:
        """The vector (d,) of each indexed text, or of those with these `numbers`."""
        numbers = list(self.passages if numbers is None else numbers)
        return dict(zip((self.passages[number].text for number in numbers), self.dense.vectors(numbers), strict=True))

    def questions(self) -> Iterator[str]:
        """All passages that are questions."""
        return (passage.text for passage in self.passages.values() if passage.kind != "answer")

    def questions_of(self, article_id: str) -> Iterator[tuple[int, str]]:
        """The passages of an article that are questions, by number."""
        return ((number, self.passages[number].text) for number in self._of_article.get(article_id, ()) if number not in self.answers)

    def revised(self, article_ids: Iterable[str], passages: Iterable[Passage]) -> SearchIndex:
        """A copy in which `passages` stand in place of all passages of `article_ids`; this one goes on as it is.

        Texts that those articles had before keep their vectors.
        """
        changed = set(article_ids)
        numbers = self.numbers_of(changed)
        known = self.vectors(numbers)
        copied = copy.copy(self)
        copied.dense, copied.lexical = self.dense.copy(), self.lexical.copy()
        copied.passages, copied._of_article, copied.answers = self.passages.copy(), self._of_article.copy(), self.answers.copy()
        copied._owners = self._owners.copy()
        copied.replace(changed, passages, known=known)
        return copied

    def replace(self, article_ids: Iterable[str], passages: Iterable[Passage], *, known: Mapping[str, np.ndarray] | None = None,
                progress: Progress | None = None) -> None:
        """Take out all passages of `article_ids` and put `passages` in."""
        gone_articles = set(article_ids)
        gone = self.numbers_of(gone_articles)
        fresh = dict(enumerate(passages, start=self._next))
        self._next += len(fresh)
        vectors = self._encode([passage.text for passage in fresh.values()], known or {}, progress)
        self.passages.update(fresh)
        self._owners.add(fresh)
        self.answers |= {number for number, passage in fresh.items() if passage.kind == "answer"}
        self.dense.add(list(fresh), vectors)
        self.lexical.update(remove=gone, add=((number, tokens(passage.text)) for number, passage in fresh.items()))
        if gone:
            self._owners.remove(gone)
            self.dense.remove(gone)
        for number in gone:
            del self.passages[number]
        self.answers.difference_update(gone)
        for name in gone_articles:
            self._of_article.pop(name, None)
        for name, numbers in _by_article(fresh).items():
            self._of_article[name] = (*self._of_article.get(name, ()), *numbers)

    def _encode(self, texts: Sequence[str], known: Mapping[str, np.ndarray], progress: Progress | None) -> np.ndarray:
        """(len(texts), d); only texts that are not `known` are computed."""
        new = list(dict.fromkeys(text for text in texts if text not in known))
        computed = dict(zip(new, self.encoder.encode_passages(new, progress=progress), strict=True))
        vectors = [computed[text] if text in computed else known[text] for text in texts]
        return np.stack(vectors) if vectors else np.empty((0, self.encoder.dimension), np.float32)

    def find(self, query: str, vector: np.ndarray) -> Found:
        """Articles for a normalised query (`text.content`) and its vector."""
        return Found.of(self._owners, self.passages, self.dense.nearest(vector, DEPTH),
                        self.lexical.best(tokens(load_lexicon().expand(query)), DEPTH))


def _by_article(passages: Mapping[int, Passage]) -> dict[str, tuple[int, ...]]:
    """Article id → the numbers of its passages."""
    found: dict[str, list[int]] = {}
    for number, passage in passages.items():
        found.setdefault(passage.article_id, []).append(number)
    return {name: tuple(numbers) for name, numbers in found.items()}
