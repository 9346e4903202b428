"""Figures with their uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

__all__ = ["conformal_threshold", "expected_calibration_error", "wilson"]


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
