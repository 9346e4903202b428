"""Trains the ranker and calibrates its thresholds.

On the half of the development questions, written apart from the articles, that the encoder was not tuned on. Thresholds
come from questions that the trees were not fitted on (cross-fitting by group of meaning).
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from knowledge.articles import KnowledgeBase
from knowledge.rank import FEATURES, MODELS, calibrated, feature_matrix
from knowledge.search import Hit, SearchIndex
from training.metrics import conformal_threshold, expected_calibration_error
from training.trees_onnx import trees_to_onnx

__all__ = ["Example", "Examples", "fit_trees", "train_ranker"]

RATES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1)
# A refusal, hand-over or courtesy is given once it is about as likely to be right as not.
REFUSE = 0.4
CLARIFY = 0.12
OFFER = 0.04
_FOLDS = 5
_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Example:
    """One question, found and featured: `features` (n, f), `right` (n,) bool; `group` for cross-fitting."""

    hits: tuple[Hit, ...]
    features: np.ndarray
    right: np.ndarray
    group: int


class Examples:
    """Makes examples from questions on one index."""

    def __init__(self, base: KnowledgeBase, index: SearchIndex, day: date) -> None:
        self._index = index
        self._intent_of = {article.id: article.intent for article in base.articles.values()}
        self._live = base.live_on(day)

    def of(self, query: str, vector: np.ndarray, intents: Mapping[str, float], right: set[str], *,
           group: int) -> Example | None:
        hits = [hit for hit in self._index.find(query, vector) if hit.article_id in self._live]
        if not hits:
            return None
        features = feature_matrix(hits, query, self._intent_of, intents, self._index.lexical.idf)
        order = np.argsort(-(features[:, 0] + 0.5 * features[:, 5]))[:_DEPTH]
        labels = np.array([hits[i].article_id in right for i in order])
        return Example(tuple(hits[i] for i in order), features[order], labels, group)


def fit_trees(examples: Sequence[Example]) -> HistGradientBoostingClassifier:
    """Boosted trees over candidates: P(this article is right)."""
    features = np.vstack([example.features for example in examples])
    right = np.concatenate([example.right for example in examples])
    return HistGradientBoostingClassifier(max_iter=120, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=40,
                                          l2_regularization=1.0, random_state=1).fit(features.astype(np.float32), right)


def train_ranker(examples: Sequence[Example], output: Path = MODELS, *, seed: int = 7, report: Callable[[str], None] = print) -> None:
    """Fit on all, calibrate by cross-fitting, write `ranker.onnx`, `ranker.json` and `thresholds.json`."""
    raw, right = _cross_fitted(examples, seed)
    platt = LogisticRegression(C=1e6).fit(raw[:, None], right)
    slope, intercept = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    confidence = calibrated(raw, slope, intercept)
    wrong = ~right
    table = []
    for rate in RATES:
        answer = conformal_threshold(confidence, wrong, rate)
        answered = confidence >= answer
        table.append({"max_wrong_answer_rate": rate, "answer": round(answer, 4), "refuse": round(min(REFUSE, answer), 4),
                      "clarify": round(min(CLARIFY, answer), 4), "offer": OFFER, "answered": round(float(answered.mean()), 4),
                      "wrong": round(float((answered & wrong).mean()), 4)})
    output.mkdir(parents=True, exist_ok=True)
    serialized = trees_to_onnx(fit_trees(examples), len(FEATURES)).SerializeToString()
    (output / "ranker.onnx").write_bytes(serialized)
    described = {"version": hashlib.sha256(serialized).hexdigest()[:12], "slope": slope, "intercept": intercept, "features": list(FEATURES)}
    (output / "ranker.json").write_text(json.dumps(described, indent=2), encoding="utf-8")
    card = {"method": "conformal risk control", "questions": len(right), "right_at_1": round(float(right.mean()), 4),
            "expected_calibration_error": round(expected_calibration_error(confidence, right), 4), "table": table}
    (output / "thresholds.json").write_text(json.dumps(card, indent=2), encoding="utf-8")
    report(json.dumps(card, indent=1))


def _cross_fitted(examples: Sequence[Example], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The best candidate's log-odds (n,) and whether it is right (n,), each by trees that have not seen its group."""
    groups = sorted({example.group for example in examples})
    random.Random(seed).shuffle(groups)
    fold_of = {group: number % _FOLDS for number, group in enumerate(groups)}
    raw, right = np.zeros(len(examples)), np.zeros(len(examples), bool)
    for fold in range(_FOLDS):
        trees = fit_trees([example for example in examples if fold_of[example.group] != fold])
        for number, example in enumerate(examples):
            if fold_of[example.group] == fold:
                scores = trees.decision_function(example.features.astype(np.float32))
                best = int(scores.argmax())
                raw[number], right[number] = scores[best], example.right[best]
    return raw, right
