"""What the ranker makes of each development question by trees that have not seen it: the figures of docs/models.md. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.rank import leads
from training.metrics import expected_calibration_error
from training.ranker import Example, cross_fitted, fit_curve, fit_trees, folds_of
from training.ranking import Gathered

__all__ = ["HeldOut", "Size", "held_out", "learning_curve", "risks"]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Of each question (q,): the confidence in the best article, its id, and whether it is right."""

    confidence: np.ndarray
    article: tuple[str, ...]
    right: np.ndarray


@dataclass(frozen=True, slots=True)
class Size:
    """How well trees do that were fitted on so many `questions`."""

    questions: int
    right: float
    calibration_error: float


def held_out(gathered: Sequence[Gathered]) -> HeldOut:
    """By cross-fitting over groups of meaning, as the thresholds are set."""
    examples = [item.example for item in gathered]
    folds = folds_of([example.group for example in examples])
    led, best = _out_of_fold(examples, folds)
    right = np.array([example.fine[place] for example, place in zip(examples, best, strict=True)])
    articles = tuple(example.hits[place].article_id for example, place in zip(examples, best, strict=True))
    weights = np.array([example.weight for example in examples])
    return HeldOut(fit_curve(led, right, weights).probabilities(led), articles, right)


def learning_curve(gathered: Sequence[Gathered], shares: Sequence[float] = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0)) -> list[Size]:
    """Of growing shares of four fifths of the questions, measured on the last fifth."""
    examples = [item.example for item in gathered]
    folds = np.array(folds_of([example.group for example in examples]))
    test = [examples[i] for i in np.flatnonzero(folds == 0)]
    train = [examples[i] for i in np.random.default_rng(5).permutation(np.flatnonzero(folds != 0))]
    sizes = []
    for share in shares:
        seen = train[:max(40, int(share * len(train)))]
        trees = fit_trees([example.features for example in seen], [example.right for example in seen])
        led, right = _best(trees, test)
        seen_led, seen_best = _out_of_fold(seen, folds_of([example.group for example in seen]))
        curve = fit_curve(seen_led, np.array([example.right[place] for example, place in zip(seen, seen_best, strict=True)]))
        confidence = curve.probabilities(led)
        sizes.append(Size(len(seen), float(right.mean()), expected_calibration_error(confidence, right)))
    return sizes


def risks(confidence: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(q,) each, from the surest question on: share answered, wrong among all, wrong among those answered."""
    wrong = np.cumsum(~right[np.argsort(-confidence, kind="stable")])
    answered = np.arange(1, len(right) + 1)
    return answered / len(right), wrong / len(right), wrong / answered


def _out_of_fold(examples: Sequence[Example], folds: Sequence[int]) -> tuple[np.ndarray, list[int]]:
    """The best candidates' log-odds and leads (q, 2) and their places, by trees that have not seen the question's fold."""
    candidates = cross_fitted([example.features for example in examples], [example.right for example in examples], folds)
    best = [int(one[:, 0].argmax()) for one in candidates]
    return np.array([one[place] for one, place in zip(candidates, best, strict=True)]), best


def _best(trees: object, examples: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """The best candidates' log-odds and leads (q, 2), and whether they are right (q,)."""
    scores = [trees.decision_function(example.features.astype(np.float32)) for example in examples]
    return (np.array([leads(listed)[int(listed.argmax())] for listed in scores]),
            np.array([example.right[int(listed.argmax())] for example, listed in zip(examples, scores, strict=True)]))
