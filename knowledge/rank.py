"""From hits to ranked articles with a calibrated probability of being the right one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from knowledge.lexicon import load_lexicon
from knowledge.search import Hit
from knowledge.text import tokens

__all__ = ["FEATURES", "Ranked", "Ranker", "calibrated", "feature_matrix"]

FEATURES = (
    "dense_best", "dense_gap", "dense_mean3", "dense_answer", "dense_answer_gap",
    "lexical_best", "lexical_gap", "lexical_answer", "coverage_of_query", "coverage_of_passage", "shared_characters",
    "intent", "intent_gap", "numbers_agree", "numbers_differ", "turned_by_one_word", "query_length", "both_first",
)
_NUMBER = re.compile(r"\d+(?:点\d+)?")
MODELS = Path(__file__).parent / "models" / "ranker"


@dataclass(frozen=True, slots=True)
class Ranked:
    """An article with the probability that it is the right one, and the passage that came nearest."""

    article_id: str
    probability: float
    passage: str


def feature_matrix(hits: Sequence[Hit], query: str, intent_of: Mapping[str, str], intents: Mapping[str, float],
                   idf: Callable[[str], float]) -> np.ndarray:
    """(len(hits), len(FEATURES)) float64. `intent_of` maps article id to its intent."""
    asked = {token: idf(token) for token in tokens(query)}
    weight = sum(asked.values()) or 1.0
    dense = np.array([hit.dense[0] if hit.dense else 0.0 for hit in hits])
    answer = np.array([hit.answer_dense for hit in hits])
    lexical = np.array([hit.lexical[0] if hit.lexical else 0.0 for hit in hits]) / weight
    intent = np.array([intents.get(intent_of[hit.article_id], 0.0) for hit in hits])
    first = np.zeros(len(hits))
    if len(hits) and int(dense.argmax()) == int(lexical.argmax()):
        first[int(dense.argmax())] = 1.0
    rows = []
    for hit in hits:
        passage = hit.passage or hit.lexical_passage
        of_query, of_passage = _coverage(asked, weight, passage, idf)
        if hit.lexical_passage and hit.lexical_passage != passage:
            of_query = max(of_query, _coverage(asked, weight, hit.lexical_passage, idf)[0])
        agree, differ = _numbers(query, passage)
        rows.append((_mean3(hit.dense), hit.answer_lexical / weight, of_query, of_passage, _shared(query, passage),
                     agree, differ, _turned(query, passage)))
    other = np.array(rows, float).reshape(-1, 8)
    length = np.full(len(hits), np.log1p(len(query)))
    return np.column_stack([
        dense, dense - _best_other(dense), other[:, 0], answer, answer - _best_other(answer), lexical, lexical - _best_other(lexical),
        other[:, 1], other[:, 2], other[:, 3], other[:, 4], intent, intent - _best_other(intent), other[:, 5], other[:, 6],
        other[:, 7], length, first,
    ])


def _best_other(values: np.ndarray) -> np.ndarray:
    """For each place the largest of the other values (0 where there is none)."""
    if len(values) < 2:
        return np.zeros(len(values))
    order = np.argsort(values)
    best, second = values[order[-1]], values[order[-2]]
    return np.where(np.arange(len(values)) == order[-1], second, best)


def _mean3(scores: Sequence[float]) -> float:
    return sum(scores[:3]) / 3 if scores else 0.0


def _coverage(asked: Mapping[str, float], weight: float, passage: str, idf: Callable[[str], float]) -> tuple[float, float]:
    """Share of the query's idf that the passage has, and of the passage's that the query has."""
    told = {token: idf(token) for token in tokens(passage)}
    both = sum(value for token, value in asked.items() if token in told)
    return both / weight, both / (sum(told.values()) or 1.0)


def _shared(query: str, passage: str) -> float:
    """Jaccard similarity of the character sets."""
    a, b = set(query), set(passage)
    return len(a & b) / (len(a | b) or 1)


def _numbers(query: str, passage: str) -> tuple[float, float]:
    asked, told = set(_NUMBER.findall(query)), set(_NUMBER.findall(passage))
    return float(bool(asked & told)), float(bool(asked and told and not asked & told))


def _turned(query: str, passage: str) -> float:
    """1 where one of a pair of opposites stands in the query and only the other in the passage."""
    for a, b in load_lexicon().opposites:
        for here, there in ((a, b), (b, a)):
            if here in query and there not in query and there in passage and here not in passage:
                return 1.0
    return 0.0


class Ranker:
    """Gradient-boosted trees in ONNX, and a Platt curve that makes their output a probability that holds.

    P(right) = sigmoid(slope * trees(x) + intercept), the trees giving log-odds; see the card beside the model.
    """

    def __init__(self, folder: Path = MODELS) -> None:
        described = json.loads((folder / "ranker.json").read_text(encoding="utf-8"))
        if tuple(described["features"]) != FEATURES:
            raise ValueError(f"{folder}: the ranker was trained on other features; run zhike train ranker")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(folder / "ranker.onnx"), options, providers=["CPUExecutionProvider"])
        self._slope, self._intercept = described["slope"], described["intercept"]
        self.version: str = described["version"]

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(n,) for features (n, len(FEATURES))."""
        log_odds = self._session.run(["log_odds"], {"features": features.astype(np.float32)})[0][:, 0]
        return calibrated(log_odds, self._slope, self._intercept)

    def rank(self, hits: Sequence[Hit], features: np.ndarray, limit: int = 20) -> list[Ranked]:
        """Best first."""
        if not hits:
            return []
        probabilities = self.probabilities(features)
        order = np.argsort(-probabilities, kind="stable")[:limit]
        return [Ranked(hits[i].article_id, float(probabilities[i]), hits[i].passage or hits[i].lexical_passage) for i in order]


def calibrated(log_odds: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    """Probabilities by Platt scaling (Platt 1999)."""
    return 1 / (1 + np.exp(-(slope * log_odds.astype(float) + intercept)))
