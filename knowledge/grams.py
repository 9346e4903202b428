"""Runs of characters: what a classifier reads of a text's words without cutting it into any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

__all__ = ["LONGEST_GRAM", "char_ngrams", "weighed_grams"]

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
