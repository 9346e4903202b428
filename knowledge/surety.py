"""How sure the best candidate is right, told from all of them: a ranker's trees see one candidate at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from knowledge.onnx import open_session

__all__ = ["Surety", "question_features", "with_surety"]

# Of the features of candidates: those by which the best one may stand first, and those of the second that are told besides.
_FIRST_BY = ("dense_best", "lexical_best", "article", "intent", "dense_share", "lexical_share")
_OF_SECOND = ("dense_best", "lexical_best", "article", "intent", "coverage_of_query", "refuses")
# Log-odds of a rival where there is none.
_NO_RIVAL = -12.0
_STEP = 1e-6


def question_features(names: Sequence[str], features: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """What is told of a question by its candidates' `features` (n, f), called `names`, and the `log_odds` (n,) that trees gave them.

    (8 + 2 * 6 + f + 6,): how the odds lie, whether the best candidate also stands first by each of some features and how high the first
    one stands, the best candidate's features, and some of the second one's.
    """
    order = np.argsort(-log_odds, kind="stable")
    best, second = order[0], order[1] if len(order) > 1 else order[0]
    column = {name: features[:, place] for place, name in enumerate(names)}
    odds = np.exp(np.clip(log_odds.astype(float), -30.0, 30.0))
    highest, next_, third = (*log_odds[order[:3]], *[_NO_RIVAL] * 3)[:3]
    refusals = odds[column["refuses"] > 0].sum()
    return np.array([
        highest, next_, third, highest - next_, np.log(odds.sum()), np.log(max(odds.sum() - odds[best], np.exp(_NO_RIVAL))), refusals,
        len(log_odds),
        *(float(column[name].argmax() == best) for name in _FIRST_BY), *(column[name].max() for name in _FIRST_BY),
        *features[best], *(column[name][second] for name in _OF_SECOND)])


class Surety:
    """Gradient-boosted trees over `question_features` in ONNX; `slope` and `intercept` make their log-odds a probability that holds."""

    def __init__(self, path: Path, names: Sequence[str], curve: Mapping[str, float]) -> None:
        self._session, self._names = open_session(path), tuple(names)
        self._slope, self._intercept = curve["slope"], curve["intercept"]

    def probability(self, features: np.ndarray, log_odds: np.ndarray) -> float:
        """That the best candidate is right; `features` and `log_odds` as `question_features` takes them."""
        row = question_features(self._names, features, log_odds)[None].astype(np.float32)
        found = float(self._session.run(["log_odds"], {"features": row})[0][0, 0])
        return float(1 / (1 + np.exp(-(self._slope * found + self._intercept))))


def with_surety(probabilities: np.ndarray, best: int, surety: float) -> np.ndarray:
    """The candidates' probabilities (n,) with that of the best one told from all. Others that were higher come just below it, in their
    order."""
    just_below = surety - _STEP - _STEP * (probabilities[best] - probabilities)
    told = np.where(probabilities > just_below, just_below, probabilities)
    told[best] = surety
    return told
