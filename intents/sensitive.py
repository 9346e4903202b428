"""The net behind the rules: what a client says between the lines that calls for a human or may not be answered.

Rules come first and need no model (`assistant.guard`); this head hears what no pattern foresaw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intents.head import TextHead

__all__ = ["ORDINARY", "SUSPECTED", "SensitiveReader", "Suspicion"]

# The label of everything that may be answered like any question.
ORDINARY = "none"
_FEWEST_CHARACTERS = 3
# From which probability on something is suspected: a refusal or a hand-over that is not quite called for does little harm.
SUSPECTED = 0.4


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The article that would reply to what the words seem to say, how probable that is, and the words that show it most."""

    article_id: str
    probability: float
    words: str


class SensitiveReader:
    """Labels of its head are ids of articles that hand over or decline, and ORDINARY."""

    def __init__(self, head: TextHead) -> None:
        self._head = head

    def read(self, text: str, vector: np.ndarray) -> Suspicion | None:
        """The likeliest suspicion about a normalised text with its vector (d,); None below SUSPECTED, and where it is likelier ordinary."""
        if len(text) < _FEWEST_CHARACTERS:
            return None
        probabilities = self._head.probabilities(text, vector)
        label = self._head.labels[int(probabilities.argmax())]
        if label == ORDINARY or probabilities.max() < SUSPECTED:
            return None
        return Suspicion(label, float(probabilities.max()), self._head.words_for(text, label))
