"""What search found: columns over articles, since a question meets a hundred of them in three hundred passages."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge.passages import Passage

__all__ = ["Found", "Heard", "Hit", "Owners"]

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that search found, with its nearest question by cosine and by BM25; empty where that search found none."""

    article_id: str
    passage: str = ""
    lexical_passage: str = ""

    @property
    def nearest(self) -> str:
        """Its question that came nearest, by cosine where there is one."""
        return self.passage or self.lexical_passage


class Owners:
    """Which article each passage belongs to, by the passage's number; copies change by themselves."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._code: dict[str, int] = {}
        self._of = np.empty(0, np.int32)
        self._answer = np.empty(0, bool)

    def copy(self) -> Owners:
        copied = Owners()
        copied._names, copied._code = self._names.copy(), self._code.copy()
        copied._of, copied._answer = self._of.copy(), self._answer.copy()
        return copied

    def add(self, passages: Mapping[int, Passage]) -> None:
        """Passages by number."""
        if not passages:
            return
        room = max(passages) + 1 - len(self._of)
        if room > 0:
            # Twice as much as is wanted: numbers only grow.
            room += len(self._of) if len(passages) < len(self._of) // 8 else 0
            self._of = np.concatenate([self._of, np.full(room, _NOBODY, np.int32)])
            self._answer = np.concatenate([self._answer, np.zeros(room, bool)])
        numbers = np.fromiter(passages, np.int64, len(passages))
        self._of[numbers] = [self._coded(passage.article_id) for passage in passages.values()]
        self._answer[numbers] = [passage.kind == "answer" for passage in passages.values()]

    def remove(self, numbers: Sequence[int]) -> None:
        self._of[np.asarray(numbers, np.int64)] = _NOBODY

    def told(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of passages (k,): the codes (k,) of their articles, below 0 for one that belongs to none, and which are answers."""
        return self._of[numbers], self._answer[numbers]

    def name(self, code: int) -> str:
        return self._names[code]

    def _coded(self, name: str) -> int:
        code = self._code.get(name)
        if code is None:
            code = self._code[name] = len(self._names)
            self._names.append(name)
        return code


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What one search found for n articles: `scores` (k,) of questions, best first, with the place of each one's article in `rows` (k,)
    and the passages' `numbers` (k,); `answers` (n,) the score of each article's answer, 0 where that was not found."""

    scores: np.ndarray
    rows: np.ndarray
    numbers: np.ndarray
    answers: np.ndarray

    def __len__(self) -> int:
        return len(self.answers)

    @property
    def any(self) -> bool:
        """Whether it found anything at all, answers too."""
        return bool(len(self.scores) or self.answers.any())

    def best(self) -> np.ndarray:
        """(n,): the best score of each article's questions; 0 where none was found."""
        found = np.zeros(len(self))
        found[self.rows[::-1]] = self.scores[::-1]
        return found

    def nearest(self) -> np.ndarray:
        """(n,): the number of each article's best question; below 0 where none was found."""
        found = np.full(len(self), _NOBODY, np.int64)
        found[self.rows[::-1]] = self.numbers[::-1]
        return found

    def counts(self) -> np.ndarray:
        """(n,): how many questions of each article were found."""
        return np.bincount(self.rows, minlength=len(self))

    def mean_of_best(self, count: int) -> np.ndarray:
        """(n,): the sum of each article's `count` best scores, divided by `count` however many it has."""
        order = np.argsort(self.rows, kind="stable")
        counts = self.counts()
        place = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        among = order[place < count]
        return np.bincount(self.rows[among], weights=self.scores[among], minlength=len(self)) / count

    def shares(self, scale: float) -> np.ndarray:
        """(n,): each article's share of all questions found, one counting exp(scale * score): what its neighbours vote."""
        if not len(self.scores):
            return np.zeros(len(self))
        votes = np.bincount(self.rows, weights=np.exp(scale * (self.scores - self.scores[0])), minlength=len(self))
        return votes / votes.sum()

    def among(self, kept: np.ndarray) -> Heard:
        """Of the articles with `kept` (n,) alone."""
        place = np.cumsum(kept) - 1
        theirs = kept[self.rows]
        return Heard(self.scores[theirs], place[self.rows[theirs]], self.numbers[theirs], self.answers[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The `articles` (n) that dense and lexical search found, in no order, and what each search heard of them."""

    articles: Sequence[str]
    dense: Heard
    lexical: Heard
    passages: Mapping[int, Passage]

    @classmethod
    def of(cls, owners: Owners, passages: Mapping[int, Passage], dense: tuple[np.ndarray, np.ndarray],
           lexical: tuple[np.ndarray, np.ndarray]) -> Found:
        """From the numbers (k,) and scores (k,) that each search found, best first."""
        told = [owners.told(numbers) for numbers, _ in (dense, lexical)]
        codes = np.unique(np.concatenate([of for of, _ in told]))
        codes = codes[codes >= 0]
        heard = []
        for (numbers, scores), (of, answers) in zip((dense, lexical), told, strict=True):
            rows, theirs = np.searchsorted(codes, of), of >= 0
            questions, answers = theirs & ~answers, theirs & answers
            answered = np.zeros(len(codes))
            np.maximum.at(answered, rows[answers], scores[answers])
            heard.append(Heard(scores[questions], rows[questions], numbers[questions], answered))
        return cls([owners.name(code) for code in codes.tolist()], *heard, passages)

    def __len__(self) -> int:
        return len(self.articles)

    def hits(self, places: np.ndarray | None = None) -> list[Hit]:
        """The articles at these places (m,), or all, in that order."""
        near, worded = self.dense.nearest(), self.lexical.nearest()
        return [Hit(self.articles[i], self._text(near[i]), self._text(worded[i]))
                for i in (range(len(self)) if places is None else places.tolist())]

    def among(self, articles: Container[str]) -> Found:
        """What was found of these alone."""
        kept = np.fromiter((name in articles for name in self.articles), bool, len(self))
        return replace(self, articles=[name for name in self.articles if name in articles], dense=self.dense.among(kept),
                       lexical=self.lexical.among(kept))

    def _text(self, number: int) -> str:
        passage = self.passages.get(int(number)) if number >= 0 else None
        return passage.text if passage is not None else ""
