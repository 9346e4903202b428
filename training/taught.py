"""What a tuned reader is taught beside a head, and when it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["FEWEST_TO_MEASURE", "UNPASSED", "Taught"]

# Fewer texts say nothing about a tuned reader.
FEWEST_TO_MEASURE = 100
# Of what both readers would flag, so much at most may be missed because the first one does not pass it on.
UNPASSED = 0.01


@dataclass(frozen=True, eq=False)
class Taught:
    """Of n texts without fillers, which of `labels` hold: `targets` (n, L) of 0 and 1; exactly one where `one_holds`."""

    labels: Sequence[str]
    texts: Sequence[str]
    targets: np.ndarray
    one_holds: bool = False
