"""The net behind the rules: what a client says between the lines that calls for a human or may not be answered.

Rules come first and need no model (`assistant.guard`); this head hears what no pattern foresaw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intents.layered_head import LayeredHead

__all__ = ["ORDINARY", "SUSPECTED", "UNHEARD", "Overtone", "SensitiveReader", "Suspicion"]

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


@dataclass(frozen=True, slots=True)
class Overtone:
    """What a text says between the lines: the suspicion, if any, and how probable it is that there is nothing."""

    suspicion: Suspicion | None = None
    ordinary: float = 0.0

    def with_other(self, other: Overtone) -> Overtone:
        """Of two texts that stand for the same question: what is likelier meant by either."""
        found = [item.suspicion for item in (self, other) if item.suspicion is not None]
        return Overtone(max(found, key=lambda item: item.probability, default=None), min(self.ordinary, other.ordinary))


# Where no net listens.
UNHEARD = Overtone()


class SensitiveReader:
    """Labels of its head are ids of articles that hand over or decline, and ORDINARY."""

    def __init__(self, head: LayeredHead) -> None:
        self._head = head

    def read(self, text: str, vector: np.ndarray) -> Overtone:
        """Of a normalised text with its vector (d,). Nothing is suspected below SUSPECTED, nor where the text is likelier ordinary."""
        if len(text) < _FEWEST_CHARACTERS:
            return UNHEARD
        labels, probabilities = self._head.labels, self._head.probabilities(text, vector)
        ordinary = float(probabilities[labels.index(ORDINARY)])
        label = labels[int(probabilities.argmax())]
        if label == ORDINARY or probabilities.max() < SUSPECTED:
            return Overtone(None, ordinary)
        return Overtone(Suspicion(label, float(probabilities.max()), self._head.words_for(text, label, vector)), ordinary)
