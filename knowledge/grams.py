"""Runs of characters: what a classifier reads of a text's words without cutting it into any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

__all__ = ["LONGEST_GRAM", "GramProjection", "char_ngrams", "weighed_grams"]

LONGEST_GRAM = 3
# Several heads read the same text one after another.
_REMEMBERED = 64


@lru_cache(maxsize=_REMEMBERED)
def char_ngrams(text: str) -> Counter[str]:
    """Counts, to read alone, of all runs of one to three characters, spaces left out, with the edges marked."""
    marked = f"^{text.replace(' ', '')}$"
    return Counter(marked[i:i + n] for n in range(1, LONGEST_GRAM + 1) for i in range(len(marked) - n + 1))


def weighed_grams(text: str, vocabulary: Mapping[str, int], idf: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Columns of the n-grams that `vocabulary` has, and their L2-normalised tf-idf weights (sublinear tf); `idf` (V,)."""
    counts = {vocabulary[gram]: count for gram, count in char_ngrams(text).items() if gram in vocabulary}
    columns = list(counts)
    weights = (1 + np.log(np.fromiter(counts.values(), float, len(columns)))) * idf[columns]
    norm = np.linalg.norm(weights)
    return columns, weights / norm if norm else weights


@dataclass(frozen=True, eq=False)
class GramProjection:
    """A text's vector, and behind it the text's n-grams in a random projection, times `scale`.

    Shapes: `idf` (V,) and `signs` (V, p) of 1 and -1 for V n-grams. A projection by random signs keeps inner products (Achlioptas,
    JCSS 2003), and makes weights of p numbers a label do for thousands of n-grams.
    """

    vocabulary: Mapping[str, int]
    idf: np.ndarray
    signs: np.ndarray
    scale: float

    def features(self, text: str, vector: np.ndarray) -> np.ndarray:
        """(d + p,) of a normalised text without fillers and its vector (d,)."""
        columns, weights = weighed_grams(text, self.vocabulary, self.idf)
        return np.concatenate([vector, self.scale * (weights @ self.signs[columns])])

    def arrays(self) -> dict[str, Any]:
        """As a file of arrays keeps it."""
        return {"grams": np.array(list(self.vocabulary)), "idf": self.idf.astype(np.float32), "signs": np.packbits(self.signs > 0, axis=1),
                "projected": self.signs.shape[1], "gram_scale": self.scale}

    @classmethod
    def of(cls, stored: Mapping[str, np.ndarray]) -> GramProjection:
        signs = np.unpackbits(stored["signs"], axis=1, count=int(stored["projected"])).astype(np.int8) * 2 - 1
        vocabulary = {gram: column for column, gram in enumerate(stored["grams"].tolist())}
        return cls(vocabulary, stored["idf"].astype(np.float32), signs, float(stored["gram_scale"]))
