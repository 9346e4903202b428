"""Dense vectors in FAISS: exact inner product, 64-bit ids, live add and remove."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np

__all__ = ["DenseIndex"]


class DenseIndex:
    """Unit vectors of `dimension` floats under ids. Searching releases the GIL; writers hold the caller's lock."""

    def __init__(self, dimension: int) -> None:
        # One query is too small for threads to help: with two, latency triples.
        faiss.omp_set_num_threads(1)
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    def __len__(self) -> int:
        return self._index.ntotal

    def add(self, ids: Sequence[int], vectors: np.ndarray) -> None:
        """`vectors`: float32 (len(ids), dimension), L2-normalised."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.asarray(ids, np.int64))

    def remove(self, ids: Sequence[int]) -> None:
        self._index.remove_ids(np.asarray(ids, np.int64))

    def search(self, vector: np.ndarray, limit: int) -> list[tuple[int, float]]:
        """(id, cosine) of the nearest, best first; `vector` float32 (dimension,)."""
        if not len(self):
            return []
        scores, ids = self._index.search(vector.reshape(1, -1), min(limit, len(self)))
        return [(int(i), float(score)) for i, score in zip(ids[0], scores[0], strict=True) if i >= 0]

    def vectors(self, ids: Sequence[int]) -> np.ndarray:
        """The stored vectors, float32 (len(ids), dimension). Raises RuntimeError for an id that is not there."""
        return self._index.reconstruct_batch(np.asarray(ids, np.int64)) if len(ids) else np.empty((0, self._index.d), np.float32)

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        index = cls.__new__(cls)
        faiss.omp_set_num_threads(1)
        index._index = faiss.read_index(str(path))
        return index
