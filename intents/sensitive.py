"""The net behind the rules: what a client says between the lines that calls for a human or may not be answered.

Rules come first and need no model (`assistant.guard`); this head hears what no pattern foresaw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intents.layered_head import LayeredHead
from intents.tuned_head import TunedHead, agreed

__all__ = ["ORDINARY", "SUSPECTED", "UNHEARD", "Overtone", "SensitiveReader", "Suspicion", "suspected"]

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
    """Labels of its head are ids of articles that hand over or decline, and ORDINARY.

    What the head does not find ordinary beyond doubt is read again by `tuned`, and what both make of it holds.
    """

    def __init__(self, head: LayeredHead, tuned: TunedHead | None = None) -> None:
        if tuned is not None and tuned.labels != head.labels:
            raise ValueError("the tuned reader knows other labels than the net; train it again with zhike train sensitive --transformer")
        self._head, self._tuned = head, tuned

    @property
    def versions(self) -> dict[str, str]:
        return {"sensitive": self._head.version, **({"sensitive_tuned": self._tuned.version} if self._tuned else {})}

    def read(self, text: str, vector: np.ndarray) -> Overtone:
        """Of a normalised text with its vector (d,). Nothing is suspected below SUSPECTED, nor where the text is likelier ordinary."""
        if len(text) < _FEWEST_CHARACTERS:
            return UNHEARD
        labels, probabilities = self._head.labels, self._head.probabilities(text, vector)
        place = labels.index(ORDINARY)
        if self._tuned is not None and 1 - probabilities[place] >= self._tuned.passing:
            probabilities = agreed(probabilities, self._tuned.log_odds(text))
        ordinary = float(probabilities[place])
        if not suspected(probabilities, place):
            return Overtone(None, ordinary)
        label = labels[int(probabilities.argmax())]
        return Overtone(Suspicion(label, float(probabilities.max()), self._head.words_for(text, label, vector)), ordinary)


def suspected(probabilities: np.ndarray, ordinary: int) -> np.ndarray:
    """Of probabilities (L,) or (n, L), of which those at the place `ordinary` are of an ordinary text: whether anything is suspected."""
    return (probabilities.argmax(axis=-1) != ordinary) & (probabilities.max(axis=-1) >= SUSPECTED)
