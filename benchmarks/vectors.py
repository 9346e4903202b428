"""The vectors that an index holds, so that nothing has to be encoded twice."""

from __future__ import annotations

import numpy as np

from knowledge.search import SearchIndex

__all__ = ["stored_vectors"]


def stored_vectors(index: SearchIndex) -> dict[int, np.ndarray]:
    """Passage number to vector."""
    numbers = list(index.passages)
    return dict(zip(numbers, index.dense.vectors(numbers), strict=True))
