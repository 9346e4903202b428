"""Latent needs: what the client would want next, by family, with the client's own words that show it."""

from __future__ import annotations

import numpy as np

from intents.layered_head import LayeredHead
from intents.reading import Need
from intents.tuned_head import TunedHead
from knowledge.text import content

__all__ = ["NeedReader", "together"]

_FEWEST_CHARACTERS = 3
_LEAST = 1e-6


class NeedReader:
    """Flags a family when its probability reaches a threshold: the head's own for it, or where `tuned` read again the one of both.

    Nine of ten messages show no need so clearly that the head on the shared vector settles them.
    """

    def __init__(self, head: LayeredHead, tuned: TunedHead | None = None) -> None:
        if tuned is not None and tuned.labels != head.labels:
            raise ValueError("the tuned reader knows other families than the head; train it again with zhike train needs --transformer")
        self._head, self._tuned = head, tuned
        self._thresholds = dict.fromkeys(head.labels, tuned.threshold) if tuned else head.thresholds

    @property
    def versions(self) -> dict[str, str]:
        return {"needs": self._head.version, **({"needs_tuned": self._tuned.version} if self._tuned else {})}

    def alone(self) -> NeedReader:
        """One that reads once, with the head."""
        return NeedReader(self._head)

    def read(self, text: str, vector: np.ndarray) -> tuple[Need, ...]:
        """Needs shown by a normalised text, whose content has this vector, most probable first."""
        if len(text) < _FEWEST_CHARACTERS:
            return ()
        asked = content(text)
        probabilities = self._head.probabilities(asked, vector)
        if self._tuned is not None:
            if probabilities.max() < self._tuned.passing:
                return ()
            probabilities = together(probabilities, self._tuned.log_odds(asked))
        flagged = [(float(probability), family) for probability, family in zip(probabilities, self._head.labels, strict=True)
                   if probability >= self._thresholds[family]]
        return tuple(Need(family, probability, self._head.words_for(text, family, vector))
                     for probability, family in sorted(flagged, reverse=True))


def together(probabilities: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """What two readers make of the same labels, one telling probabilities and one log-odds: the mean of both log-odds, as probabilities."""
    clipped = np.clip(probabilities, _LEAST, 1 - _LEAST)
    return 1 / (1 + np.exp(-(np.log(clipped / (1 - clipped)) + log_odds) / 2))
