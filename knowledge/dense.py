"""Dense vectors in FAISS: inner product, 64-bit ids, live add and remove, and copies that share what they have in common.

Vectors are kept as 16-bit floats, by which no cosine moves by more than 0.0001. What a search costs is reading them, so of many a
sketch is read first, which takes a twelfth of the time.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np

from knowledge.nearby import DEEP, Nearby, Scored
from knowledge.sketch import AT_ONCE, Sketch

__all__ = ["DenseIndex"]

# A copy holds what differs beside the main part. From so many differences on, it gets a main part of its own.
_MOST_APART = 2000
# Fewer are as soon read as sketched.
_SKETCHED = 10_000
_SELDOM_GONE = 40
_VECTORS, _SKETCH = "dense.faiss", "sketch.faiss"


class DenseIndex:
    """Unit vectors of `dimension` floats under ids. Searching releases the GIL; writers hold the caller's lock.

    Once copied, the main part is shared and never changes again: what is added goes into a small part beside it, and
    what is removed from it is only passed over.
    """

    def __init__(self, dimension: int) -> None:
        # One query is too small for threads to help: with two, latency triples.
        faiss.omp_set_num_threads(1)
        self._take(_empty(dimension))

    def __len__(self) -> int:
        return self._main.ntotal - len(self._gone) + self._beside.ntotal

    def copy(self) -> DenseIndex:
        """Another index with the same vectors, which changes by itself."""
        copied = DenseIndex.__new__(DenseIndex)
        if len(self._gone) + self._beside.ntotal > _MOST_APART:
            copied._take(whole := self._whole())
            # What is sketched does not change, and this is changed next.
            copied._sketch, copied._shared = self._sketch_of(whole), True
            return copied
        self._shared = True
        copied._main, copied._sketch, copied._shared, copied._nearby = self._main, self._sketch, True, None
        copied._beside, copied._gone = faiss.clone_index(self._beside), set(self._gone)
        return copied

    def nearby(self, known: Nearby | None, most: int) -> Nearby:
        """What is `known` where that is of this index's main part, which goes from copy to copy; or else a new one, of `most` vectors."""
        return known if known is not None and known.part is self._main else Nearby(self._main, most)

    def remembering(self, nearby: Nearby) -> DenseIndex:
        """The same index, for reading alone, which finds again what `nearby` keeps of the main part."""
        same = copy.copy(self)
        same._nearby = nearby
        return same

    def add(self, ids: Sequence[int], vectors: np.ndarray) -> None:
        """`vectors`: float32 (len(ids), dimension), L2-normalised."""
        if len(ids):
            part = self._beside if self._shared else self._main
            self._sketch = self._sketch if self._shared else None
            part.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.asarray(ids, np.int64))

    def remove(self, ids: Sequence[int]) -> None:
        if not self._shared:
            self._sketch = None
            self._main.remove_ids(np.asarray(ids, np.int64))
            return
        beside = self._ids_beside() & set(ids)
        self._beside.remove_ids(np.asarray(sorted(beside), np.int64))
        self._gone |= set(ids) - beside

    def search(self, vector: np.ndarray, limit: int) -> list[tuple[int, float]]:
        """(id, cosine) of the nearest, best first; `vector` float32 (dimension,)."""
        found = self._in_main(vector, limit)
        if self._beside.ntotal:
            found = sorted([*found, *_nearest(self._beside, vector, limit)], key=lambda item: -item[1])
        return found[:limit]

    def ids(self) -> np.ndarray:
        """All ids, int64 (n,), in no order."""
        main = faiss.vector_to_array(self._main.id_map)
        if self._gone:
            main = main[~np.isin(main, np.fromiter(self._gone, np.int64, len(self._gone)))]
        return np.concatenate([main, faiss.vector_to_array(self._beside.id_map)])

    def vectors(self, ids: Sequence[int] | np.ndarray) -> np.ndarray:
        """The stored vectors as float32 (len(ids), dimension). Raises RuntimeError for an id that is not there."""
        numbers = np.asarray(ids, np.int64)
        beside = np.isin(numbers, faiss.vector_to_array(self._beside.id_map))
        rows = np.empty((len(numbers), self._main.d), np.float32)
        for part, wanted in ((self._main, ~beside), (self._beside, beside)):
            if wanted.any():
                rows[wanted] = part.reconstruct_batch(numbers[wanted])
        return rows

    def save(self, folder: Path) -> None:
        whole = self._whole() if self._shared else self._main
        faiss.write_index(whole, str(folder / _VECTORS))
        sketch = self._sketch_of(whole)
        if sketch is not None:
            sketch.save(folder / _SKETCH)

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """What `save` wrote. The vectors stay in their file, which processes share, and are read as they are needed."""
        index = cls.__new__(cls)
        faiss.omp_set_num_threads(1)
        index._take(faiss.read_index(str(folder / _VECTORS), faiss.IO_FLAG_MMAP_IFC))
        if (folder / _SKETCH).is_file():
            index._sketch = Sketch.load(folder / _SKETCH, index._main)
        # What lies in a file can't be added to.
        index._shared = True
        return index

    def _take(self, main: faiss.IndexIDMap2) -> None:
        self._main, self._beside = main, _empty(main.d)
        self._gone: set[int] = set()
        self._shared = False
        self._sketch: Sketch | None = None
        self._nearby: Nearby | None = None

    def _sketch_of(self, whole: faiss.IndexIDMap2) -> Sketch | None:
        """Of all vectors, as `_whole` gives them, where there are enough for one."""
        if whole.ntotal < _SKETCHED or whole.d % 2:
            return None
        return self._sketch if whole is self._main and self._sketch else Sketch.of(whole, like=self._sketch)

    def _in_main(self, vector: np.ndarray, limit: int) -> list[tuple[int, float]]:
        """The nearest in the main part, without what is gone; as many as `limit`, or more."""
        # Only what is shared never changes.
        if self._nearby is not None and self._shared and self._nearby.part is self._main:
            ids, scores = self._nearby.of(vector, lambda: self._scored(vector, DEEP))
            found = [item for item in zip(ids.tolist(), scores.tolist(), strict=True) if item[0] not in self._gone]
            if len(found) >= limit or len(ids) == self._main.ntotal:
                return found
        # What is gone is seldom near; where it is, it is asked for as many more.
        for more in (min(len(self._gone), _SELDOM_GONE), len(self._gone)):
            ids, scores = self._scored(vector, limit + more)
            found = [item for item in zip(ids.tolist(), scores.tolist(), strict=True) if item[0] not in self._gone]
            if len(found) >= limit or more == len(self._gone):
                break
        return found

    def _scored(self, vector: np.ndarray, limit: int) -> Scored:
        """Of the main part."""
        return self._sketch.search(vector, limit) if self._sketch else _scored(self._main, vector, limit)

    def _ids_beside(self) -> set[int]:
        return set(faiss.vector_to_array(self._beside.id_map).tolist())

    def _whole(self) -> faiss.IndexIDMap2:
        """All vectors in one part that is nobody else's."""
        whole, ids = _empty(self._main.d), self.ids()
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start:start + AT_ONCE]
            whole.add_with_ids(self.vectors(some), some)
        return whole


def _empty(dimension: int) -> faiss.IndexIDMap2:
    return faiss.IndexIDMap2(faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT))


def _nearest(part: faiss.IndexIDMap2, vector: np.ndarray, limit: int) -> list[tuple[int, float]]:
    ids, scores = _scored(part, vector, limit)
    return list(zip(ids.tolist(), scores.tolist(), strict=True))


def _scored(part: faiss.IndexIDMap2, vector: np.ndarray, limit: int) -> Scored:
    if not part.ntotal:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    scores, ids = part.search(vector.reshape(1, -1), min(limit, part.ntotal))
    found = ids[0] >= 0
    return ids[0][found].astype(np.int32), scores[0][found]
