"""A tuned head's encoder without a model: its vector holds the log-odds, and how often it was asked is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["Told"]


class Told:
    name, dimension, fingerprint = "told", 2, "0123456789abcdef"

    def __init__(self, log_odds: tuple[float, float]) -> None:
        self.log_odds, self.asked = log_odds, 0

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += len(texts)
        return np.array([self.log_odds], np.float32)
