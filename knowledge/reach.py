"""Which questions a change of the base can reach, without ranking them: those whose nearest passages include a changed one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, MutableMapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.lexicon import load_lexicon
from knowledge.passages import Passage
from knowledge.search import DEPTH, SearchIndex
from knowledge.segment import tokens

__all__ = ["Asked", "Changed", "changed_passages", "neighbours", "reached"]

Progress = Callable[[int, int], None]
_STRIPE = 2048
# FAISS and numpy add in different orders.
_ROUNDING = 1e-5
# How much further than the old horizon a passage may lie, for what a change moves in the whole collection's counts.
_DRIFT = 1.05
_PROGRESS_STEP = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions as search reads them (`text.content`), with their vectors (n, d) in the same order."""

    queries: Sequence[str]
    vectors: np.ndarray


@dataclass(frozen=True, slots=True)
class Changed:
    """Numbers of the passages that only the old index has, and that only the new one has."""

    gone: frozenset[int]
    come: frozenset[int]


def changed_passages(old: SearchIndex, new: SearchIndex, articles: Collection[str], touched: Collection[str] = ()) -> Changed:
    """What differs between two indexes in some `articles`; of those `touched`, all passages do, whether their words changed or not."""
    before, after = _by_content(old.passages, articles), _by_content(new.passages, articles)
    gone = [number for key, number in before.items() if key not in after or key[0] in touched]
    come = [number for key, number in after.items() if key not in before or key[0] in touched]
    return Changed(frozenset(gone), frozenset(come))


def reached(asked: Asked, old: SearchIndex, new: SearchIndex, changed: Changed, horizons: MutableMapping[str, float] | None = None,
            progress: Progress | None = None) -> list[int]:
    """Places, in order, of the questions for which search finds a changed passage, in the old index or the new one.

    For all others it finds the same passages with the same cosines in both. Their BM25 differs by what the whole
    collection's counts moved, which one article of hundreds hardly moves. `horizons` remembers, for the old index alone, the
    BM25 of the last passage that each question finds.
    """
    if not asked.queries or not (changed.gone or changed.come):
        return []
    near = _near(asked.vectors, old, new, changed)
    lexicon = load_lexicon()
    gone, come = _Weights(old, changed.gone), _Weights(new, changed.come)
    horizons = {} if horizons is None else horizons
    found = []
    for place, query in enumerate(asked.queries):
        if progress and place % _PROGRESS_STEP == 0:
            progress(place, len(asked.queries))
        if near[place]:
            found.append(place)
            continue
        words = tokens(lexicon.expand(query))
        at_most = max(gone.at_most(words), come.at_most(words)) * _DRIFT
        if at_most and query not in horizons:
            hits = old.lexical.search(words, DEPTH)
            horizons[query] = hits[-1][1] if len(hits) == DEPTH else 0.0
        if at_most and at_most >= horizons[query] and (_finds(old, words, changed.gone) or _finds(new, words, changed.come)):
            found.append(place)
    return found


class _Weights:
    """What BM25 can give some passages at most: the idf of each word they share with a question, times k1 + 1 = 2.2."""

    def __init__(self, index: SearchIndex, numbers: Iterable[int]) -> None:
        self._idf = index.lexical.idf
        self._having: dict[str, list[int]] = {}
        for number in numbers:
            for word in set(tokens(index.passages[number].text)):
                self._having.setdefault(word, []).append(number)

    def at_most(self, words: Sequence[str]) -> float:
        """The most for any one passage; 0 where none shares a word."""
        scores: dict[int, float] = {}
        for word in dict.fromkeys(words):
            if word in self._having:
                idf = self._idf(word)
                for number in self._having[word]:
                    scores[number] = scores.get(number, 0.0) + idf
        return 2.2 * max(scores.values(), default=0.0)


def neighbours(old: SearchIndex, new: SearchIndex, changed: Changed, limit: int) -> list[Passage]:
    """The unchanged questions of articles that are nearest to what came in, nearest first: it may take them away."""
    came = [number for number in sorted(changed.come) if new.passages[number].kind != "answer"]
    same = [number for number, passage in old.passages.items() if number not in changed.gone and passage.kind != "answer"]
    if not came or not same:
        return []
    theirs = new.dense.vectors(came)
    nearest = np.concatenate([(old.dense.vectors(same[start:start + _STRIPE]) @ theirs.T).max(axis=1)
                              for start in range(0, len(same), _STRIPE)])
    return [old.passages[same[place]] for place in np.argsort(-nearest, kind="stable")[:limit]]


def _finds(index: SearchIndex, words: Sequence[str], wanted: frozenset[int]) -> bool:
    return bool(wanted) and any(number in wanted for number, _ in index.lexical.search(words, DEPTH))


def _near(vectors: np.ndarray, old: SearchIndex, new: SearchIndex, changed: Changed) -> np.ndarray:
    """(n,) whether a changed passage may be among the DEPTH nearest: fewer than DEPTH unchanged ones are nearer."""
    theirs = np.concatenate([old.dense.vectors(sorted(changed.gone)), new.dense.vectors(sorted(changed.come))])
    nearest = (vectors @ theirs.T).max(axis=1) + _ROUNDING
    same = np.array([number for number in old.passages if number not in changed.gone], np.int64)
    nearer, open_ = np.zeros(len(vectors), np.int64), np.arange(len(vectors))
    stripes = max(1, len(same) // _STRIPE)
    # Stripes go through all articles, so that most questions are settled by the first few.
    for first in range(stripes):
        stripe = old.dense.vectors(same[first::stripes])
        nearer[open_] += (vectors[open_] @ stripe.T > nearest[open_, None]).sum(axis=1)
        open_ = open_[nearer[open_] < DEPTH]
    return nearer < DEPTH


def _by_content(passages: dict[int, Passage], articles: Collection[str]) -> dict[tuple[str, str, str], int]:
    return {(passage.article_id, passage.kind, passage.text): number for number, passage in passages.items()
            if passage.article_id in articles}
