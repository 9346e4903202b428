"""Which questions a change of the base can reach, without ranking them: those whose nearest passages include a changed one."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from knowledge.changed import Changed
from knowledge.horizons import ROUNDING, Horizons
from knowledge.passages import Passage
from knowledge.rank import DENSE_SCALE
from knowledge.reach_words import FAINTEST_VOTE, UNKNOWN, Horizon, by_words, horizon_by_words
from knowledge.search import DEPTH, SearchIndex

__all__ = ["Asked", "neighbours", "prepare", "reached"]

Progress = Callable[[int, int], None]
_STRIPE = 2048
# As many searches are waited for together.
_SEARCHED = 256
_STRIPES, _STRIPES_OF = 4, 8
# So much farther than the best passage is too faint to be heard.
_HEARD = -math.log(FAINTEST_VOTE) / DENSE_SCALE
# Of an index with fewer passages than search gives, every one is found.
_NO_HORIZON = -2.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions as search reads them (`text.content`), with their vectors (n, d) in the same order."""

    queries: Sequence[str]
    vectors: np.ndarray


def reached(asked: Asked, old: SearchIndex, new: SearchIndex, changed: Changed, horizons: Horizons | None = None,
            progress: Progress | None = None) -> list[int]:
    """Places, in order, of the questions for which search finds a changed passage that matters, in the old index or the new one.

    For all others it finds the same passages with the same cosines in both, but for questions that are too far from the best one to be
    heard (each fainter than FAINTEST_VOTE, or by words all together than a hundredth of all votes), and for what such a question leaves
    its place to at the far end. Their BM25 differs by what the whole collection's counts moved, which one article of hundreds hardly
    moves. `horizons` remembers what is found out about the old index alone.
    """
    if not asked.queries or not (changed.gone or changed.come):
        return []
    horizons = horizons or Horizons()
    horizons.check(asked.queries, asked.vectors)
    if progress:
        progress(0, len(asked.queries))
    near = _near(asked, old, new, changed, horizons)
    if progress:
        progress(len(asked.queries) // 2, len(asked.queries))
    worded = by_words(asked.queries, np.flatnonzero(~near), old, new, changed, horizons.lexical)
    return sorted({*np.flatnonzero(near).tolist(), *worded})


def prepare(asked: Asked, index: SearchIndex, horizons: Horizons) -> None:
    """Find out beforehand how far search in the old index reaches for questions, which `reached` need not find out then."""
    horizons.check(asked.queries, asked.vectors)
    for query, vector in zip(asked.queries, asked.vectors, strict=True):
        # Also where the horizon is known: what lies near is remembered.
        found = index.dense.search(vector, DEPTH)
        if query not in horizons.dense:
            horizons.dense[query] = _horizon(found, index)
        if horizons.lexical.get(query, UNKNOWN).at_least:
            horizons.lexical[query] = horizon_by_words(index, query)


def neighbours(old: SearchIndex, new: SearchIndex, changed: Changed, limit: int) -> list[Passage]:
    """The unchanged questions of articles that are nearest to what came in, nearest first: it may take them away."""
    came = new.dense.vectors([number for number in sorted(changed.come) if number not in new.answers])
    same = old.dense.copy()
    same.remove(sorted(changed.gone))
    nearest: dict[int, float] = {}
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        for start in range(0, len(came), _SEARCHED):
            # Of what is near some are answers.
            for found in threads.map(lambda vector: same.search(vector, 2 * limit), came[start:start + _SEARCHED]):
                for number, cosine in found:
                    if number not in old.answers:
                        nearest[number] = max(cosine, nearest.get(number, cosine))
    return [old.passages[number] for number in sorted(nearest, key=lambda number: (-nearest[number], number))[:limit]]


def _near(asked: Asked, old: SearchIndex, new: SearchIndex, changed: Changed, horizons: Horizons) -> np.ndarray:
    """(n,) whether a changed passage may be among the DEPTH nearest in the old index, or as near as the last of them; a question only
    where it may be heard there."""
    questions, answers = (_nearest(asked.vectors, old, new, changed, of_answers) for of_answers in (False, True))
    farther = _farther(questions, asked.queries, horizons.beyond_heard) & _farther(answers, asked.queries, horizons.beyond_last)
    searched = np.array([query in horizons.dense for query in asked.queries])
    open_ = np.flatnonzero(~farther & ~searched)
    unheard, unfound = _settled(asked.vectors[open_], questions[open_], answers[open_], old, changed.gone)
    for places, nearest, beyond in ((open_[unheard], questions, horizons.beyond_heard), (open_[unfound], answers, horizons.beyond_last)):
        beyond.update((asked.queries[place], max(float(nearest[place]), beyond.get(asked.queries[place], -np.inf))) for place in places)
    farther[open_[unheard & unfound]] = True
    rest = open_[~(unheard & unfound)]
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        found = threads.map(lambda place: old.dense.search(asked.vectors[place], DEPTH), rest)
        for place, hits in zip(rest, found, strict=True):
            horizons.dense[asked.queries[place]] = _horizon(hits, old)
    last, heard = np.array([horizons.dense.get(query, UNKNOWN)[:2] for query in asked.queries]).T
    return ~farther & ((questions >= heard) | (answers >= last))


def _nearest(vectors: np.ndarray, old: SearchIndex, new: SearchIndex, changed: Changed, of_answers: bool) -> np.ndarray:
    """(n,) the greatest cosine, or a little more, to any of the changed questions, or of the changed answers."""
    theirs = np.concatenate([index.dense.vectors([number for number in sorted(numbers) if (number in index.answers) == of_answers])
                             for index, numbers in ((old, changed.gone), (new, changed.come))])
    return (vectors @ theirs.T).max(axis=1, initial=-np.inf) + ROUNDING


def _horizon(hits: Sequence[tuple[int, float]], index: SearchIndex) -> Horizon:
    last = hits[-1][1] if len(hits) == DEPTH else _NO_HORIZON
    best = next((cosine for number, cosine in hits if number not in index.answers), _NO_HORIZON)
    return Horizon(last, max(last, best - _HEARD))


def _settled(vectors: np.ndarray, questions: np.ndarray, answers: np.ndarray, old: SearchIndex,
             gone: Collection[int]) -> tuple[np.ndarray, np.ndarray]:
    """(n,) of which questions a look at some passages makes certain that a changed question as near as `questions` is not found or not
    heard, and of which that a changed answer as near as `answers` is not found: DEPTH unchanged passages are nearer, or an unchanged
    question is so much nearer."""
    same = _unchanged(old, gone)
    asks = ~np.isin(same, np.fromiter(old.answers, np.int64, len(old.answers)))
    nearest = np.stack([questions, answers])
    nearer, open_ = np.zeros(nearest.shape, np.int64), np.arange(len(vectors))
    drowned = np.zeros(len(vectors), bool)
    stripes = max(1, len(same) // _STRIPE)
    # Stripes go through all articles, so that the first settle most questions; for what is left, to search is cheaper than all stripes.
    for first in range(min(stripes, max(_STRIPES, stripes // _STRIPES_OF))):
        if not len(open_):
            break
        cosines = vectors[open_] @ old.dense.vectors(same[first::stripes]).T
        nearer[:, open_] += (cosines > nearest[:, open_, None]).sum(axis=2)
        drowned[open_] |= cosines[:, asks[first::stripes]].max(axis=1, initial=-np.inf) > questions[open_] + _HEARD
        open_ = open_[~((nearer[0, open_] >= DEPTH) | drowned[open_]) | (nearer[1, open_] < DEPTH)]
    # What nothing changed in can't be found.
    return drowned | (nearer[0] >= DEPTH) | np.isneginf(questions), (nearer[1] >= DEPTH) | np.isneginf(answers)


def _unchanged(index: SearchIndex, gone: Collection[int]) -> np.ndarray:
    """Numbers of all passages but those that are gone, in no order."""
    ids = index.dense.ids()
    return ids[~np.isin(ids, np.fromiter(gone, np.int64, len(gone)))]


def _farther(nearest: np.ndarray, queries: Sequence[str], beyond: dict[str, float]) -> np.ndarray:
    """(n,) whether what changed is known to be farther than search reaches for each question, or nothing did."""
    return np.isneginf(nearest) | (nearest < np.array([beyond.get(query, -np.inf) for query in queries]))
