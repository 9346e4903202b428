"""Figures with their uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

__all__ = ["conformal_threshold", "expected_calibration_error", "least_threshold", "wilson"]

_RESAMPLES = 500


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson score interval of a proportion (Wilson 1927), 95 % by default."""
    if not total:
        return 0.0, 1.0
    share = hits / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return max(0.0, centre - half), min(1.0, centre + half)


def expected_calibration_error(probabilities: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """ECE over equally filled bins (Naeini et al. 2015; Nguyen and O'Connor 2015 for the filling)."""
    order = np.argsort(probabilities)
    p, y = np.asarray(probabilities, float)[order], np.asarray(right, float)[order]
    return float(sum(abs(part_p.mean() - part_y.mean()) * len(part_p)
                     for part_p, part_y in zip(np.array_split(p, bins), np.array_split(y, bins), strict=True) if len(part_p)) / len(p))


def conformal_threshold(confidence: Sequence[float], wrong: Sequence[bool], rate: float, settled: float = 0,
                        weights: Sequence[float] | None = None) -> float:
    """The lowest threshold whose share of wrong answers is at most `rate` in expectation on new questions.

    `settled` more questions of the same draw are never answered, whatever the threshold. `weights`, at most 1, make the draw what new
    questions are like (Tibshirani et al. 2019).

    Conformal risk control (Angelopoulos et al. 2022) with the loss "answered, and wrong", which falls as the threshold
    rises: the least t with (wrong answers above t + 1) / (n + 1) <= rate. Returns a value above 1 when no threshold does.
    """
    confidence, wrong = np.asarray(confidence, float), np.asarray(wrong, bool)
    weights = np.ones(len(confidence)) if weights is None else np.asarray(weights, float)
    n = weights.sum() + settled
    for threshold in np.unique(np.round(confidence, 4)):
        mistakes = weights[wrong & (confidence >= threshold)].sum()
        if (mistakes + 1) / (n + 1) <= rate:
            return float(threshold)
    return 1.01


def least_threshold(thresholds: np.ndarray, probabilities: np.ndarray, target: np.ndarray, clear: np.ndarray) -> float:
    """The least of `thresholds` (ascending) whose F0.5 is within one standard error of the best one's: the rule of one standard error
    (Breiman et al. 1984). For n texts and F labels: `probabilities`, whether each label holds (`target`), and what counts (`clear`), all
    (n, F).

    Where few labels hold, the best threshold is best by chance; what can't be told apart is settled in favour of recall. The error is
    found by resampling texts.
    """
    flags = [(probabilities >= threshold) & clear for threshold in thresholds]
    rightly, flagged = (np.stack([of.sum(axis=1) for of in counted]) for counted in ([one & target for one in flags], flags))
    held = (target & clear).sum(axis=1)

    def values(counts: np.ndarray) -> np.ndarray:
        return 1.25 * (rightly @ counts) / np.maximum(0.25 * (held @ counts) + flagged @ counts, 1e-9)

    choose, n = np.random.default_rng(0), len(held)
    found = values(np.ones(n))
    best = int(found.argmax())
    error = np.std([values(np.bincount(choose.integers(0, n, n), minlength=n))[best] for _ in range(_RESAMPLES)])
    return round(float(thresholds[np.flatnonzero(found >= found[best] - error)[0]]), 2)
