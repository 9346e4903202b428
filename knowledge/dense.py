"""Dense vectors in FAISS: inner product, 64-bit ids, live add and remove, and copies that share what they have in common.

Vectors are kept as 16-bit floats, by which no cosine moves by more than 0.0001. What a search costs is reading them, so of many a
sketch is read first, which takes a twelfth of the time.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import faiss
import numpy as np

from knowledge.linked import linked
from knowledge.nearby import DEEP, Nearby, Scored
from knowledge.sketch import AT_ONCE, Sketch

__all__ = ["DenseIndex"]

# What differs from the main part is read with each search, or passed over: up to so many, or one in so many where that is more.
_MOST_APART, _ONE_APART_IN = 2000, 100
# Fewer are as soon read as sketched.
_SKETCHED = 10_000
_SELDOM_GONE = 40
_VECTORS, _SKETCH = "dense.faiss", "sketch.faiss"
_NAME, _BESIDE, _GONE = "main.txt", "beside.faiss", "gone.npy"


@dataclass(eq=False, slots=True)
class _Main:
    """Vectors, a sketch of them where there are many, and the folder where both lie, if they do, under a name that no other has."""

    vectors: faiss.IndexIDMap2
    sketch: Sketch | None = None
    folder: Path | None = None
    name: str = ""


class DenseIndex:
    """Unit vectors of `dimension` floats under ids. Searching releases the GIL; writers hold the caller's lock.

    Once copied, the main part is shared and never changes again: what is added goes into a small part beside it, and
    what is removed from it is only passed over.
    """

    def __init__(self, dimension: int) -> None:
        # One query is too small for threads to help: with two, latency triples.
        faiss.omp_set_num_threads(1)
        self._take(_Main(_empty(dimension)))

    def __len__(self) -> int:
        return self._main.vectors.ntotal - len(self._gone) + self._beside.ntotal

    def copy(self) -> DenseIndex:
        """Another index with the same vectors, which changes by itself."""
        self._shared = True
        copied = copy.copy(self)
        copied._nearby, copied._beside, copied._gone = None, faiss.clone_index(self._beside), set(self._gone)
        return copied

    @property
    def scattered(self) -> bool:
        """Whether so much lies apart from the main part that it is time for another one, which `save` makes."""
        return len(self._gone) + self._beside.ntotal > max(_MOST_APART, self._main.vectors.ntotal // _ONE_APART_IN)

    @property
    def beside(self) -> list[int]:
        """The ids that the main part does not have, or has under other vectors."""
        found: list[int] = faiss.vector_to_array(self._beside.id_map).tolist()
        return found

    @property
    def gone(self) -> frozenset[int]:
        """The ids of the main part that are passed over."""
        return frozenset(self._gone)

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
            if not self._shared:
                self._main.sketch = None
            part = self._beside if self._shared else self._main.vectors
            part.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.asarray(ids, np.int64))

    def remove(self, ids: Sequence[int]) -> None:
        if not self._shared:
            self._main.sketch = None
            self._main.vectors.remove_ids(np.asarray(ids, np.int64))
            return
        beside = set(self.beside) & set(ids)
        self._beside.remove_ids(np.asarray(sorted(beside), np.int64))
        self._gone |= set(ids) - beside

    def search(self, vector: np.ndarray, limit: int) -> list[tuple[int, float]]:
        """(id, cosine) of the nearest, best first; `vector` float32 (dimension,)."""
        ids, cosines = self.nearest(vector, limit)
        return list(zip(ids.tolist(), cosines.tolist(), strict=True))

    def nearest(self, vector: np.ndarray, limit: int) -> Scored:
        """What `search` finds, in two arrays."""
        ids, cosines = self._in_main(vector, limit)
        if self._beside.ntotal:
            others, theirs = _scored(self._beside, vector, limit)
            cosines = np.concatenate([cosines, theirs])
            order = np.argsort(-cosines, kind="stable")
            ids, cosines = np.concatenate([ids, others])[order], cosines[order]
        return ids[:limit], cosines[:limit]

    def ids(self) -> np.ndarray:
        """All ids, int64 (n,), in no order."""
        main = faiss.vector_to_array(self._main.vectors.id_map)
        if self._gone:
            main = main[~np.isin(main, np.fromiter(self._gone, np.int64, len(self._gone)))]
        return np.concatenate([main, faiss.vector_to_array(self._beside.id_map)])

    def vectors(self, ids: Sequence[int] | np.ndarray) -> np.ndarray:
        """The stored vectors as float32 (len(ids), dimension). Raises RuntimeError for an id that is not there."""
        numbers = np.asarray(ids, np.int64)
        beside = np.isin(numbers, faiss.vector_to_array(self._beside.id_map))
        rows = np.empty((len(numbers), self._main.vectors.d), np.float32)
        for part, wanted in ((self._main.vectors, ~beside), (self._beside, beside)):
            if wanted.any():
                rows[wanted] = part.reconstruct_batch(numbers[wanted])
        return rows

    def save(self, folder: Path) -> None:
        """All vectors, in one main part."""
        whole = self._whole() if self._shared else self._main.vectors
        faiss.write_index(whole, str(folder / _VECTORS))
        sketch = self._sketch_of(whole)
        if sketch is not None:
            sketch.save(folder / _SKETCH)
        (folder / _NAME).write_text(uuid4().hex)

    def save_changes(self, folder: Path, *, also: Sequence[str] = ()) -> bool:
        """What differs from the main part, whose files are linked, with others from its folder; False where it lies nowhere any more."""
        main = self._main
        if main.folder is None:
            return False
        sketched = (_SKETCH,) if main.sketch else ()
        try:
            # The name last: it tells whether another process has put another main part there meanwhile.
            for name in (*also, _VECTORS, *sketched, _NAME):
                linked(main.folder / name, folder / name)
            same = (folder / _NAME).read_text() == main.name
        except FileNotFoundError:
            same = False
        if not same:
            for path in folder.iterdir():
                if path.name in (*also, _VECTORS, _SKETCH, _NAME):
                    path.unlink()
            return False
        faiss.write_index(self._beside, str(folder / _BESIDE))
        np.save(folder / _GONE, np.array(sorted(self._gone), np.int64))
        return True

    def lies_in(self, folder: Path | None) -> None:
        """The main part lies here too, where it can be linked when it has gone from where it was; None: where nobody can."""
        self._main.folder = folder

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """What was saved. The vectors stay in their file, which processes share, and are read as they are needed."""
        index = cls.__new__(cls)
        faiss.omp_set_num_threads(1)
        main = _Main(faiss.read_index(str(folder / _VECTORS), faiss.IO_FLAG_MMAP_IFC), folder=folder, name=(folder / _NAME).read_text())
        if (folder / _SKETCH).is_file():
            main.sketch = Sketch.load(folder / _SKETCH, main.vectors)
        index._take(main)
        if (folder / _BESIDE).is_file():
            index._beside, index._gone = faiss.read_index(str(folder / _BESIDE)), set(np.load(folder / _GONE).tolist())
        # What lies in a file can't be added to.
        index._shared = True
        return index

    def _take(self, main: _Main) -> None:
        self._main, self._beside = main, _empty(main.vectors.d)
        self._gone: set[int] = set()
        self._shared = False
        self._nearby: Nearby | None = None

    def _sketch_of(self, whole: faiss.IndexIDMap2) -> Sketch | None:
        """Of all vectors, as `_whole` gives them, where there are enough for one."""
        if whole.ntotal < _SKETCHED or whole.d % 2:
            return None
        main = self._main
        return main.sketch if whole is main.vectors and main.sketch else Sketch.of(whole, like=main.sketch)

    def _in_main(self, vector: np.ndarray, limit: int) -> Scored:
        """The nearest in the main part, without what is gone; as many as `limit`, or more."""
        # Only what is shared never changes.
        if self._nearby is not None and self._shared and self._nearby.part is self._main:
            ids, cosines = self._nearby.of(vector, lambda: self._scored(vector, DEEP))
            left = self._left(ids)
            if left.sum() >= limit or len(ids) == self._main.vectors.ntotal:
                return ids[left], cosines[left]
        # What is gone is seldom near; where it is, it is asked for as many more.
        for more in (min(len(self._gone), _SELDOM_GONE), len(self._gone)):
            ids, cosines = self._scored(vector, limit + more)
            left = self._left(ids)
            if left.sum() >= limit or more == len(self._gone):
                break
        return ids[left], cosines[left]

    def _left(self, ids: np.ndarray) -> np.ndarray:
        """(k,) bool: which of these are not gone."""
        if not self._gone:
            return np.ones(len(ids), bool)
        return np.fromiter((number not in self._gone for number in ids.tolist()), bool, len(ids))

    def _scored(self, vector: np.ndarray, limit: int) -> Scored:
        """Of the main part."""
        main = self._main
        return main.sketch.search(vector, limit) if main.sketch else _scored(main.vectors, vector, limit)

    def _whole(self) -> faiss.IndexIDMap2:
        """All vectors in one part that is nobody else's."""
        whole, ids = _empty(self._main.vectors.d), self.ids()
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start:start + AT_ONCE]
            whole.add_with_ids(self.vectors(some), some)
        return whole


def _empty(dimension: int) -> faiss.IndexIDMap2:
    return faiss.IndexIDMap2(faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT))


def _scored(part: faiss.IndexIDMap2, vector: np.ndarray, limit: int) -> Scored:
    if not part.ntotal:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    scores, ids = part.search(vector.reshape(1, -1), min(limit, part.ntotal))
    found = ids[0] >= 0
    return ids[0][found].astype(np.int32), scores[0][found]
