"""Latent needs: what the client would want next, by family, with the client's own words that show it."""

from __future__ import annotations

import numpy as np

from intents.layered_head import LayeredHead
from intents.reading import Need

__all__ = ["NeedReader"]

_FEWEST_CHARACTERS = 3


class NeedReader:
    """Flags a family when its probability reaches the head's own threshold for it."""

    def __init__(self, head: LayeredHead) -> None:
        self._head, self._thresholds = head, head.thresholds

    def read(self, text: str, vector: np.ndarray) -> tuple[Need, ...]:
        """Needs shown by a normalised text, most probable first."""
        if len(text) < _FEWEST_CHARACTERS:
            return ()
        probabilities = self._head.probabilities(text, vector)
        flagged = [(float(probability), family) for probability, family in zip(probabilities, self._head.labels, strict=True)
                   if probability >= self._thresholds[family]]
        return tuple(Need(family, probability, self._head.words_for(text, family, vector))
                     for probability, family in sorted(flagged, reverse=True))
