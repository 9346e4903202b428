"""What the ranker makes of each development question by trees that have not seen it: the figures of docs/models.md. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.metrics import expected_calibration_error
from training.ranker import first_stage, folds_of
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
    stage = first_stage(examples)
    articles = tuple(example.hits[place].article_id for example, place in zip(examples, stage.best, strict=True))
    return HeldOut(stage.confidence, articles, stage.right)


def learning_curve(gathered: Sequence[Gathered], shares: Sequence[float] = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0)) -> list[Size]:
    """Of growing shares of four fifths of the questions, measured on the last fifth."""
    examples = [item.example for item in gathered]
    folds = np.array(folds_of([example.group for example in examples]))
    test = [examples[i] for i in np.flatnonzero(folds == 0)]
    train = [examples[i] for i in np.random.default_rng(5).permutation(np.flatnonzero(folds != 0))]
    sizes = []
    for share in shares:
        seen = train[:max(40, int(share * len(train)))]
        stage = first_stage(seen)
        told = [stage.applied(example.features) for example in test]
        confidence = np.array([one.max() for one in told])
        right = np.array([example.fine[int(one.argmax())] for example, one in zip(test, told, strict=True)])
        sizes.append(Size(len(seen), float(right.mean()), expected_calibration_error(confidence, right)))
    return sizes


def risks(confidence: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(q,) each, from the surest question on: share answered, wrong among all, wrong among those answered."""
    wrong = np.cumsum(~right[np.argsort(-confidence, kind="stable")])
    answered = np.arange(1, len(right) + 1)
    return answered / len(right), wrong / len(right), wrong / answered
