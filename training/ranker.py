"""Trains the ranker and calibrates its thresholds.

On development questions, written apart from the articles, that neither encoder nor cross-encoder was tuned on. Two sets of
trees: the first know what search found, the second the cross-encoder's opinion too. Behind each, trees over whole questions
tell how sure the best candidate is. Thresholds come from questions that no trees were fitted on (cross-fitting by group of meaning).
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from assistant.guard import Verdict
from assistant.standing import EVIDENCE, STANDS, Evidence, Standing
from intents.sensitive import Overtone
from knowledge.article_head import ArticleHead
from knowledge.articles import UNANSWERED, KnowledgeBase
from knowledge.cross_encoder import CrossEncoder
from knowledge.found import Hit
from knowledge.passages import standard_questions
from knowledge.rank import CROSS_FEATURES, FEATURES, MODELS, SHORTLIST, Curve, cross_features, featured, leads
from knowledge.search import SearchIndex
from knowledge.surety import question_features, with_surety
from training.metrics import conformal_threshold, expected_calibration_error
from training.trees_onnx import trees_to_onnx

__all__ = ["RATES", "Example", "Examples", "Stage", "Weighed", "first_stage", "fit_stage", "folds_of", "train_ranker"]

RATES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1)
# A refusal or hand-over is given once it is about as likely to be right as not, a courtesy sooner where nothing else is likely.
REFUSE = 0.4
COURTESY = 0.2
CLARIFY = 0.12
OFFER = 0.04
_FOLDS = 5
_FEWEST_WEIGHED = 50
_FEWEST_FOR_SURETY = 1000
_SURE = (0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A question to which a rule that is not plain, or the net, would reply with an article of this `kind`, `rightly` or not."""

    kind: str
    verdict: Verdict
    overtone: Overtone
    rightly: bool


@dataclass(frozen=True, slots=True)
class Example:
    """One question, found and featured: `features` (n, f), `right` (n,) bool; `group` for cross-fitting.

    `fine` (n,) bool: what does as well, and counts as right where confidence is calibrated. A refusal or a hand-over in place of another
    differs in words, not in effect.

    `crossed` (m, f + 3) and `crossed_right` (m,): the candidates that the cross-encoder reads, m = 0 without one.

    `weighed`: what a rule or the net makes of the question, if anything.
    `weight`: how much the question counts where confidence is calibrated.
    """

    hits: tuple[Hit, ...]
    features: np.ndarray
    right: np.ndarray
    fine: np.ndarray
    group: int
    crossed: np.ndarray
    crossed_right: np.ndarray
    weighed: Weighed | None = None
    weight: float = 1.0

    @property
    def refuses(self) -> np.ndarray:
        """(n,) bool: which candidates refuse or hand over."""
        return self.features[:, FEATURES.index("refuses")] > 0


class Examples:
    """Makes examples from questions on one index."""

    def __init__(self, base: KnowledgeBase, index: SearchIndex, day: date, articles: ArticleHead,
                 cross: CrossEncoder | None = None) -> None:
        self._index, self._cross = index, cross
        self._articles = articles.among(base.articles, index)
        self._intent_of = {article.id: article.intent for article in base.articles.values()}
        self._refusing = frozenset(article.id for article in base.articles.values() if article.kind in UNANSWERED)
        self._standard = standard_questions(base.articles.values())
        self._live = base.live_on(day)

    def of(self, query: str, vector: np.ndarray, intents: Mapping[str, float], right: set[str], fine: set[str], *,
           group: int, weighed: Weighed | None = None, weight: float = 1.0) -> Example | None:
        found = self._index.find(query, vector).among(self._live)
        if not found.articles:
            return None
        voices = self._articles.log_probabilities(query, vector)
        hits, features = featured(found, query, self._intent_of, intents, voices, self._index.lexical.idf, self._refusing)
        labels, does = (np.array([hit.article_id in wanted for hit in hits]) for wanted in (right, right | fine))
        crossed = np.zeros((0, len(CROSS_FEATURES)))
        if self._cross is not None:
            crossed = cross_features(self._cross, query, hits[:SHORTLIST], features[:SHORTLIST], self._standard)
        return Example(tuple(hits), features, labels, does, group, crossed, labels[:len(crossed)], weighed, weight)


def fit_trees(features: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> HistGradientBoostingClassifier:
    """Boosted trees over candidates, one array a question: P(this article is right)."""
    labels = np.concatenate(right)
    # Where few are right, leaves of forty would lump them together.
    leaf = min(40, max(5, int(labels.sum()) // 10))
    return HistGradientBoostingClassifier(max_iter=240, learning_rate=0.06, max_leaf_nodes=12, min_samples_leaf=leaf, l2_regularization=1.0,
                                          random_state=1).fit(np.vstack(features).astype(np.float32), labels)


def train_ranker(examples: Sequence[Example], output: Path = MODELS, *, settled: float = 0, seed: int = 7,
                 report: Callable[[str], None] = print) -> Mapping[str, Any]:
    """Fit on all, calibrate by cross-fitting, write the trees (`ranker`, `second`) and `thresholds.json`; what that says.

    `settled`: how many questions of the same draw, by weight, were replied to before anything was ranked. They count among all questions,
    of which a rate is the share of wrong answers, and none of them is one.
    """
    output.mkdir(parents=True, exist_ok=True)
    weights = np.array([example.weight for example in examples])
    first = first_stage(examples, seed)
    first.save(output, "ranker")
    confidence, right = first.confidence, first.right
    card: dict[str, Any] = {"method": "conformal risk control", "questions": len(examples), "first": _figures(confidence, right)}
    sure = 1.01
    if len(examples[0].crossed):
        second = fit_stage(CROSS_FEATURES, [e.crossed for e in examples], [e.crossed_right for e in examples],
                           [e.fine[:len(e.crossed)] for e in examples], folds_of([e.group for e in examples], seed), weights)
        second.save(output, "second")
        sure = _sure_enough(confidence, right, second.confidence, second.right)
        settles = confidence >= sure
        card |= {"second": _figures(second.confidence, second.right), "settled_by_first": round(float(settles.mean()), 4)}
        confidence, right = np.where(settles, confidence, second.confidence), np.where(settles, right, second.right)
    else:
        for name in ("second.onnx", "second-surety.onnx", "second.json"):
            (output / name).unlink(missing_ok=True)
    weighed = [number for number, example in enumerate(examples) if example.weighed is not None]
    standing = _fit_standing([examples[i] for i in weighed], [first.probabilities[i] for i in weighed])
    if standing:
        stands = np.array([standing.probability(_evidence(examples[i], first.probabilities[i])) >= STANDS[examples[i].weighed.kind]
                           for i in weighed])
        rightly = np.array([examples[i].weighed.rightly for i in weighed])
        card |= {"standing": asdict(standing), "weighed": {"questions": len(weighed), "rightly": int(rightly.sum()),
                                                          "stand": int(stands.sum()), "stand_rightly": int((stands & rightly).sum())}}
        replied = np.zeros(len(examples), bool)
        replied[[i for i, stood in zip(weighed, stands, strict=True) if stood]] = True
        settled += float(weights[replied].sum())
        confidence, right, weights = confidence[~replied], right[~replied], weights[~replied]
    table = []
    asked = weights.sum() + settled
    for rate in RATES:
        answer = conformal_threshold(confidence, ~right, rate, settled, weights)
        answered = confidence >= answer
        table.append({"max_wrong_answer_rate": rate, "answer": round(answer, 4), "refuse": round(min(REFUSE, answer), 4),
                      "courtesy": round(min(COURTESY, answer), 4), "clarify": round(min(CLARIFY, answer), 4), "offer": OFFER,
                      "answered": round(float(weights[answered].sum() / asked), 4),
                      "wrong": round(float(weights[answered & ~right].sum() / asked), 4)})
    card |= {"sure": sure, "settled": round(settled, 2), **_figures(confidence, right), "table": table}
    (output / "thresholds.json").write_text(json.dumps(card, indent=2), encoding="utf-8")
    report(json.dumps(card, indent=1))
    if unreachable := [row["max_wrong_answer_rate"] for row in table if row["answer"] > 1]:
        report(f"Too few questions ({len(examples)}), or too often wrong, to promise {max(unreachable):.1%} wrong answers or less: "
               "set so low, ZHIKE_MAX_WRONG_ANSWER_RATE makes the assistant only ask back.")
    return card


@dataclass(frozen=True, slots=True)
class Stage:
    """One set of trees over candidates called `names`, fitted on all, with what makes their log-odds a probability. `surety`: trees that
    tell how sure the best candidate is, and the curve of their log-odds; None where questions were too few to learn it.

    Out of fold, of each question: the calibrated `probabilities` of all candidates, the place of the `best`, the `confidence` in it, and
    whether it is fine (`right`).
    """

    names: Sequence[str]
    trees: HistGradientBoostingClassifier
    curve: Curve
    surety: tuple[HistGradientBoostingClassifier, LogisticRegression] | None
    probabilities: list[np.ndarray]
    best: list[int]
    confidence: np.ndarray
    right: np.ndarray

    def applied(self, features: np.ndarray) -> np.ndarray:
        """The probabilities of a new question's candidates."""
        log_odds = self.trees.decision_function(features.astype(np.float32))
        told = self.curve.probabilities(leads(log_odds))
        if self.surety is None:
            return told
        trees, curve = self.surety
        found = trees.decision_function(question_features(self.names, features, log_odds)[None].astype(np.float32))
        return with_surety(told, int(log_odds.argmax()), float(curve.predict_proba(found[:, None])[0, 1]))

    def save(self, folder: Path, name: str) -> None:
        serialized = trees_to_onnx(self.trees, len(self.names)).SerializeToString()
        (folder / f"{name}.onnx").write_bytes(serialized)
        digest, described = hashlib.sha256(serialized), None
        (folder / f"{name}-surety.onnx").unlink(missing_ok=True)
        if self.surety:
            trees, curve = self.surety
            model = trees_to_onnx(trees, trees.n_features_in_).SerializeToString()
            (folder / f"{name}-surety.onnx").write_bytes(model)
            digest.update(model)
            described = {"slope": float(curve.coef_[0, 0]), "intercept": float(curve.intercept_[0])}
        card = {"version": digest.hexdigest()[:12], "curve": asdict(self.curve), "surety": described, "features": list(self.names)}
        (folder / f"{name}.json").write_text(json.dumps(card, indent=2), encoding="utf-8")


def first_stage(examples: Sequence[Example], seed: int = 7) -> Stage:
    """The trees that know what search found, and no cross-encoder."""
    return fit_stage(FEATURES, [e.features for e in examples], [e.right for e in examples], [e.fine for e in examples],
                     folds_of([e.group for e in examples], seed), np.array([e.weight for e in examples]))


def fit_stage(names: Sequence[str], features: Sequence[np.ndarray], right: Sequence[np.ndarray], fine: Sequence[np.ndarray],
              folds: Sequence[int], weights: np.ndarray) -> Stage:
    """Of each question its candidates' `features` (n, f), which are `right` and `fine` (n,), its fold, and its weight."""
    led = cross_fitted(features, right, folds)
    best = [int(one[:, 0].argmax()) for one in led]
    hit = np.array([labels[place] for labels, place in zip(fine, best, strict=True)])
    curve = fit_curve(np.array([one[place] for one, place in zip(led, best, strict=True)]), hit, weights)
    probabilities = [curve.probabilities(one) for one in led]
    surety = None
    if len(hit) >= _FEWEST_FOR_SURETY and min(hit.sum(), (~hit).sum()) >= _FEWEST_FOR_SURETY // 20:
        rows = np.array([question_features(names, found, one[:, 0]) for found, one in zip(features, led, strict=True)], np.float32)
        surety, told = _fit_surety(rows, hit, folds, weights)
        probabilities = [with_surety(*one) for one in zip(probabilities, best, told, strict=True)]
    confidence = np.array([one[place] for one, place in zip(probabilities, best, strict=True)])
    return Stage(names, fit_trees(features, right), curve, surety, probabilities, best, confidence, hit)


def _fit_surety(rows: np.ndarray, right: np.ndarray, folds: Sequence[int], weights: np.ndarray,
                ) -> tuple[tuple[HistGradientBoostingClassifier, LogisticRegression], np.ndarray]:
    """The trees over questions and the curve of their log-odds; and what they tell of each question (q,) when they have not seen its
    fold. The rows that they do see rest on trees over candidates that may have seen it: stacking, not nested.
    """

    def fit(seen: np.ndarray) -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(
            max_iter=200, learning_rate=0.04, max_leaf_nodes=8, min_samples_leaf=min(60, int(seen.sum()) // 20), l2_regularization=5.0,
            random_state=1).fit(rows[seen], right[seen], weights[seen])

    fold, found = np.array(folds), np.zeros(len(right))
    for number in range(_FOLDS):
        found[fold == number] = fit(fold != number).decision_function(rows[fold == number])
    curve = LogisticRegression(C=1e3).fit(found[:, None], right, weights)
    return (fit(np.full(len(right), True)), curve), curve.predict_proba(found[:, None])[:, 1]


def _evidence(example: Example, probabilities: np.ndarray) -> Evidence:
    """What the question's rule or suspicion is weighed by."""
    weighed = example.weighed
    assert weighed is not None
    return Evidence.of(weighed.verdict, weighed.overtone, answer=float(probabilities[~example.refuses].max(initial=0.0)),
                       refusals=float(probabilities[example.refuses].sum()))


def _fit_standing(examples: Sequence[Example], probabilities: Sequence[np.ndarray]) -> Standing | None:
    """None where too few questions were weighed, or all of them alike, to tell anything."""
    rightly = np.array([example.weighed is not None and example.weighed.rightly for example in examples])
    if len(examples) < _FEWEST_WEIGHED or rightly.all() or not rightly.any():
        return None
    evidence = np.array([astuple(_evidence(example, found)) for example, found in zip(examples, probabilities, strict=True)])
    fitted = LogisticRegression(C=1.0, max_iter=500).fit(evidence, rightly)
    return Standing({name: round(float(weight), 4) for name, weight in zip(EVIDENCE, fitted.coef_[0], strict=True)},
                    round(float(fitted.intercept_[0]), 4))


def fit_curve(led: np.ndarray, right: np.ndarray, weights: np.ndarray) -> Curve:
    """The curve over the best candidates' log-odds and leads (q, 2), whether each is right (q,), and how much it counts (q,)."""
    fitted = LogisticRegression(C=1e3).fit(led, right, weights)
    return Curve(slope=float(fitted.coef_[0, 0]), lead=float(fitted.coef_[0, 1]), intercept=float(fitted.intercept_[0]))


def _figures(confidence: np.ndarray, right: np.ndarray) -> dict[str, float]:
    return {"right_at_1": round(float(right.mean()), 4),
            "expected_calibration_error": round(expected_calibration_error(confidence, right), 4)}


def _sure_enough(first: np.ndarray, first_right: np.ndarray, second: np.ndarray, second_right: np.ndarray) -> float:
    """The least confidence of the first trees from which they are right as often as the second ones would be."""
    for sure in _SURE:
        settled = first >= sure
        if settled.any() and first_right[settled].sum() >= second_right[settled].sum():
            return sure
    return 1.01


def folds_of(groups: Sequence[int], seed: int = 7) -> list[int]:
    """The fold of each question; questions of one group are in the same."""
    names = sorted(set(groups))
    random.Random(seed).shuffle(names)
    fold_of = {group: number % _FOLDS for number, group in enumerate(names)}
    return [fold_of[group] for group in groups]


def cross_fitted(features: Sequence[np.ndarray], right: Sequence[np.ndarray], folds: Sequence[int]) -> list[np.ndarray]:
    """For each question its candidates' log-odds and leads (n, 2), by trees that have not seen its fold."""
    led: list[np.ndarray] = [np.empty((0, 2))] * len(features)
    for fold in range(_FOLDS):
        seen = [number for number, other in enumerate(folds) if other != fold]
        trees = fit_trees([features[i] for i in seen], [right[i] for i in seen])
        for number in (i for i, other in enumerate(folds) if other == fold):
            led[number] = leads(trees.decision_function(features[number].astype(np.float32)))
    return led
