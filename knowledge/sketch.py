"""A small rough copy of many vectors, which tells the few that are worth scoring exactly."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np

from knowledge.nearby import Scored

__all__ = ["AT_ONCE", "Sketch"]

# Three numbers of a vector become four bits, or two where it can't be cut in threes. Scanned in registers: André, Kermarrec and
# Le Scouarnec, "Cache locality is not enough", VLDB 2015, as FAISS has it.
_NUMBERS_TOGETHER = (3, 2)
# So many times as many as are asked for are scored exactly: of 160 neighbours one in 5,000 is lost then.
_LOOKED_AT = 4
# About as many vectors are enough to learn from.
_LEARNED = 20_000
# Stored vectors take twice their room when they are read, so they are read in parts.
AT_ONCE = 8_192


class Sketch:
    """Of the vectors of `exact`, in its order; `exact` must not change as long as its sketch is in use."""

    def __init__(self, codes: faiss.IndexPQFastScan, exact: faiss.IndexIDMap2) -> None:
        self._codes = codes
        self._ids = faiss.vector_to_array(exact.id_map).astype(np.int32)
        self._refined = faiss.IndexRefine(codes, exact.index)
        self._refined.k_factor = _LOOKED_AT
        self._exact = exact

    @classmethod
    def of(cls, exact: faiss.IndexIDMap2, like: Sketch | None = None) -> Sketch:
        """A new one; what another has learned of the same encoder's vectors is taken over."""
        ids = faiss.vector_to_array(exact.id_map)
        together = next(count for count in _NUMBERS_TOGETHER if exact.d % count == 0)
        if like is not None and like._codes.pq.dsub == together:
            codes = faiss.clone_index(like._codes)
            codes.reset()
        else:
            codes = faiss.IndexPQFastScan(exact.d, exact.d // together, 4, faiss.METRIC_INNER_PRODUCT)
            codes.train(exact.reconstruct_batch(ids[::max(1, len(ids) // _LEARNED)]))
        for start in range(0, len(ids), AT_ONCE):
            codes.add(exact.reconstruct_batch(ids[start:start + AT_ONCE]))
        return cls(codes, exact)

    def search(self, vector: np.ndarray, limit: int) -> Scored:
        """The nearest to a vector (d,), best first, with exact cosines."""
        scores, places = self._refined.search(vector.reshape(1, -1), min(limit, len(self._ids)))
        found = places[0] >= 0
        return self._ids[places[0][found]], scores[0][found]

    def save(self, path: Path) -> None:
        faiss.write_index(self._codes, str(path))

    @classmethod
    def load(cls, path: Path, exact: faiss.IndexIDMap2) -> Sketch:
        """Raises ValueError where it is of more or fewer vectors than `exact` has."""
        codes = faiss.read_index(str(path))
        if codes.ntotal != exact.ntotal:
            raise ValueError(f"{path} is of {codes.ntotal} vectors, the index has {exact.ntotal}")
        return cls(codes, exact)
