"""Which questions a changed passage may reach by its words: BM25 that the passage can have at most, against the last one found."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from knowledge.changed import Changed
from knowledge.lexicon import load_lexicon
from knowledge.rank import LEXICAL_SCALE
from knowledge.search import DEPTH, SearchIndex
from knowledge.segment import tokens

__all__ = ["FAINTEST_VOTE", "UNKNOWN", "Horizon", "by_words", "horizon_by_words", "still_beyond"]

# A question with a fainter vote for its article than this share of the best one's is not heard: what BM25 moves by is left out too.
FAINTEST_VOTE = 1e-3
# Changed questions that have less than this share of all votes by words, and are not near either, turn no reply: of 3,500 questions
# with a share above 0.1 % one was turned, at 73 %.
_FAINTEST_SHARE = 1e-2
# How much further than the old horizon a passage may lie, for what a change moves in the whole collection's counts.
_DRIFT = 1.05
# BM25 as Tantivy computes it.
_K1, _B = 1.2, 0.75
_EXACT_LENGTH, _STEP_BELOW = 40, 0.87
# The inverse frequency of a word that one passage of thirty has.
_RARER = 3.5
_REMEMBERED_WORDS = 20_000


class Horizon(NamedTuple):
    """The score of the last passage that search finds, and of the last question that is heard beside the best one: never lower. Both
    may be higher than these where they are known as `at_least` these."""

    last: float
    heard: float
    at_least: bool = False


# Of what nothing is known, or other threads forgot.
UNKNOWN = Horizon(-math.inf, -math.inf, at_least=True)


def by_words(queries: Sequence[str], places: np.ndarray, old: SearchIndex, new: SearchIndex, changed: Changed,
             lexical: dict[str, Horizon]) -> list[int]:
    """Those of the `places` of questions that find a changed passage by words, in the old index or the new one; questions that are
    too faint to be heard do not count.

    `lexical` remembers how far the old index reaches for each question.
    """
    asked = [queries[place] for place in places]
    questions, answers = _at_most(asked, old, new, changed)
    sharing = np.flatnonzero(np.maximum(questions, answers))
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        unknown = list(dict.fromkeys(asked[one] for one in sharing if asked[one] not in lexical))
        lexical.update(zip(unknown, threads.map(lambda query: horizon_at_least(old, query), unknown), strict=True))
        near = [int(one) for one in sharing if _within(lexical.get(asked[one], UNKNOWN), questions[one], answers[one])]
        rough = [query for query in dict.fromkeys(asked[one] for one in near) if lexical.get(query, UNKNOWN).at_least]
        lexical.update(zip(rough, threads.map(lambda query: horizon_by_words(old, query), rough), strict=True))
        within = [one for one in near if _within(lexical.get(asked[one], UNKNOWN), questions[one], answers[one])]
        found = list(threads.map(lambda one: _finds(asked[one], old, changed.gone) or _finds(asked[one], new, changed.come), within))
    return [int(places[one]) for one, finds in zip(within, found, strict=True) if finds]


def still_beyond(lexical: Mapping[str, Horizon], old: SearchIndex, new: SearchIndex, changed: Changed) -> dict[str, Horizon]:
    """The horizons by words of those questions that no changed passage can reach: they hold of the next index too."""
    known = dict(lexical)
    questions, answers = _at_most(list(known), old, new, changed)
    return {query: horizon for (query, horizon), most in zip(known.items(), np.maximum(questions, answers), strict=True)
            if not most or most < horizon.last}


def _within(horizon: Horizon, question: float, answer: float) -> bool:
    """Whether a question, or an answer, with so much BM25 at most may be found and heard."""
    return (question > 0 and question >= horizon.heard) or (answer > 0 and answer >= horizon.last)


def _at_most(queries: Sequence[str], old: SearchIndex, new: SearchIndex, changed: Changed) -> tuple[np.ndarray, np.ndarray]:
    """(n,) the most that BM25 can give any one changed question, and any one changed answer, for each of the queries; 0 where none
    shares a word with it."""
    passages = [(number in index.answers, _weights(index, number))
                for index, numbers in ((old, changed.gone), (new, changed.come)) for number in numbers]
    having = _having(queries, {word for _, weights in passages for word in weights})
    most = np.zeros((2, len(queries)))
    for is_answer, weights in passages:
        scores = np.zeros(len(queries))
        for word, weight in weights.items():
            if word in having:
                scores[having[word]] += weight
        np.maximum(most[int(is_answer)], scores, out=most[int(is_answer)])
    return most[0] * _DRIFT, most[1] * _DRIFT


def _weights(index: SearchIndex, number: int) -> dict[str, float]:
    """What BM25 gives a passage for each of its words."""
    counted = Counter(tokens(index.passages[number].text))
    length = counted.total()
    # Tantivy keeps the lengths of long passages in steps of an eighth, and takes the lower one.
    length = length if length <= _EXACT_LENGTH else length * _STEP_BELOW
    average = index.lexical.average_length(next(iter(counted), ""))
    rest = _K1 * (1 - _B + _B * length / average)
    return {word: index.lexical.idf(word) * (_K1 + 1) * count / (count + rest) for word, count in counted.items()}


def _having(queries: Sequence[str], words: set[str]) -> dict[str, np.ndarray]:
    """Places of the questions that have each of the words."""
    found: dict[str, list[int]] = {}
    for place, query in enumerate(queries):
        for word in words.intersection(_words(query)):
            found.setdefault(word, []).append(place)
    return {word: np.array(places, np.int64) for word, places in found.items()}


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _words(query: str) -> tuple[str, ...]:
    """What search looks for."""
    return tokens(load_lexicon().expand(query))


def horizon_by_words(index: SearchIndex, query: str) -> Horizon:
    """How far an index reaches for a question."""
    return _horizon(index, query, _words(query))


def horizon_at_least(index: SearchIndex, query: str) -> Horizon:
    """By the rarer words alone, in a quarter of the time: what is found by some words has as much BM25 by all of them, or more."""
    return _horizon(index, query, [word for word in _words(query) if index.lexical.idf(word) >= _RARER])._replace(at_least=True)


def _horizon(index: SearchIndex, query: str, words: Sequence[str]) -> Horizon:
    best, last = index.lexical.reach(words, DEPTH, index.answers)
    return Horizon(last, max(last, _faintest(index, query, best)))


def _finds(query: str, index: SearchIndex, wanted: frozenset[int]) -> bool:
    """Whether search finds a wanted answer, or wanted questions with so much of the vote that it may matter."""
    if not wanted:
        return False
    found = index.lexical.search(_words(query), DEPTH)
    if any(number in wanted and number in index.answers for number, _ in found):
        return True
    asking = [(number in wanted, score) for number, score in found if number not in index.answers]
    if not any(is_wanted for is_wanted, _ in asking):
        return False
    scale, best = LEXICAL_SCALE / (_weight(index, query) or 1.0), asking[0][1]
    votes = [(is_wanted, math.exp(scale * (score - best))) for is_wanted, score in asking]
    return sum(vote for is_wanted, vote in votes if is_wanted) >= _FAINTEST_SHARE * sum(vote for _, vote in votes)


def _faintest(index: SearchIndex, query: str, best: float) -> float:
    """The BM25 of a question whose vote counts FAINTEST_VOTE of the best one's."""
    return best + math.log(FAINTEST_VOTE) / LEXICAL_SCALE * _weight(index, query)


def _weight(index: SearchIndex, query: str) -> float:
    """What all words of a question weigh together, of which the ranker takes shares."""
    return sum(map(index.lexical.idf, set(tokens(query))))
