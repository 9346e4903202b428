"""Trains the ranker and calibrates its thresholds.

Two sources of questions: the base's own similar questions, each asked with itself taken out of the index, and the
development questions, written apart from the articles. Thresholds come from development questions that the weights
were not fitted on (cross-fitting by group of meaning).
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
from sklearn.linear_model import LogisticRegression

from knowledge.articles import KnowledgeBase
from knowledge.rank import MODELS, Ranker, feature_matrix
from knowledge.search import Hit, SearchIndex
from training.metrics import conformal_threshold, expected_calibration_error

__all__ = ["Example", "Examples", "fit_ranker", "train_ranker"]

RATES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1)
# A refusal, hand-over or courtesy is given once it is about as likely to be right as not.
REFUSE = 0.4
_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Example:
    """One question, found and featured: `features` (n, f), `right` (n,) bool; `group` for cross-fitting."""

    hits: tuple[Hit, ...]
    features: np.ndarray
    right: np.ndarray
    answerable: bool
    group: int
    weight: float = 1.0


class Examples:
    """Makes examples from questions on one index."""

    def __init__(self, base: KnowledgeBase, index: SearchIndex, day: date) -> None:
        self._index = index
        self._intent_of = {article.id: article.intent for article in base.articles.values()}
        self._live = {article.id for article in base.articles.values() if base.can_answer(article, day)}

    def of(self, query: str, vector: np.ndarray, intents: Mapping[str, float], right: set[str], *, group: int,
           leave_out: bool = False, weight: float = 1.0) -> Example | None:
        hits = [hit for hit in self._index.find(query, vector, without=query if leave_out else None) if hit.article_id in self._live]
        if not hits:
            return None
        features = feature_matrix(hits, query, self._intent_of, intents, self._index.lexical.idf)
        order = np.argsort(-(features[:, 0] + 0.5 * features[:, 5]))[:_DEPTH]
        labels = np.array([hits[i].article_id in right for i in order])
        return Example(tuple(hits[i] for i in order), features[order], labels, bool(right), group, weight)


def fit_ranker(examples: Sequence[Example], strength: float = 0.5) -> Ranker:
    """A logistic model over candidates; each question weighs the same however many candidates it has."""
    features = np.vstack([example.features for example in examples])
    right = np.concatenate([example.right for example in examples])
    weights = np.concatenate([np.full(len(example.right), example.weight) for example in examples])
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-9
    model = LogisticRegression(C=strength, max_iter=1000).fit((features - mean) / scale, right, sample_weight=weights)
    version = hashlib.sha256(model.coef_.tobytes()).hexdigest()[:12]
    return Ranker(mean, scale, model.coef_[0], float(model.intercept_[0]), version)


def train_ranker(own: Sequence[Example], development: Sequence[Example], output: Path = MODELS, *, seed: int = 7,
                 report: Callable[[str], None] = print) -> Ranker:
    """Fit on all, calibrate on development questions by cross-fitting, write `ranker.json` and `thresholds.json`."""
    folds = 5
    groups = sorted({example.group for example in development})
    random.Random(seed).shuffle(groups)
    fold_of = {group: number % folds for number, group in enumerate(groups)}
    confidence: list[float] = []
    right: list[bool] = []
    for fold in range(folds):
        seen = [example for example in development if fold_of[example.group] != fold]
        ranker = fit_ranker([*own, *seen])
        for example in development:
            if fold_of[example.group] == fold:
                scores = ranker.probabilities(example.features)
                best = int(scores.argmax())
                confidence.append(float(scores[best]))
                right.append(bool(example.right[best]))
    final = fit_ranker([*own, *development])
    wrong = [not value for value in right]
    table = []
    for rate in RATES:
        answer = conformal_threshold(confidence, wrong, rate)
        answered = [c >= answer for c in confidence]
        table.append({"max_wrong_answer_rate": rate, "answer": round(answer, 4), "refuse": round(min(REFUSE, answer), 4), "clarify": round(min(0.12, answer), 4), "offer": 0.04,
                      "answered": round(float(np.mean(answered)), 4),
                      "wrong": round(float(np.mean([a and w for a, w in zip(answered, wrong, strict=True)])), 4)})
    final.save(output)
    card = {"method": "conformal risk control", "questions": len(confidence),
            "expected_calibration_error": round(expected_calibration_error(confidence, right), 4),
            "right_at_1": round(float(np.mean(right)), 4), "table": table}
    (output / "thresholds.json").write_text(json.dumps(card, indent=2), encoding="utf-8")
    report(json.dumps(card, indent=1))
    return final
