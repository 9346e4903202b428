"""The vectors that an index holds, so that nothing has to be encoded twice."""

from __future__ import annotations

import tempfile
from pathlib import Path

import faiss
import numpy as np

from knowledge.search import SearchIndex

__all__ = ["stored_vectors"]


def stored_vectors(index: SearchIndex) -> dict[int, np.ndarray]:
    """Passage number to vector."""
    with tempfile.TemporaryDirectory() as scratch:
        index.dense.save(Path(scratch) / "vectors.faiss")
        stored = faiss.read_index(str(Path(scratch) / "vectors.faiss"))
    return {number: stored.reconstruct(number) for number in index.passages}
