"""What lies nearest to questions in the part of a dense index that never changes, kept from one search to the next."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
from cachetools import LRUCache

__all__ = ["DEEP", "Nearby", "Scored"]

# Deeper than search goes, by as many passages as changes have taken out of a question's neighbourhood before it is searched anew.
DEEP = 240
# Ids int32 (k,) and cosines float32 (k,), best first.
Scored = tuple[np.ndarray, np.ndarray]


class Nearby:
    """Of the last `most` vectors, for one part at a time: another part, and all is forgotten. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._found: LRUCache[bytes, Scored] = LRUCache(most)
        self._part: object = None
        self._lock = threading.Lock()

    def of(self, part: object, vector: np.ndarray, search: Callable[[], Scored]) -> Scored:
        """What `search` finds for a vector (d,) in the part; it is not called for one that it was called for before."""
        key = vector.tobytes()
        with self._lock:
            if self._part is not part:
                self._part = part
                self._found.clear()
            known = self._found.get(key)
        if known is None:
            known = search()
            with self._lock:
                if self._part is part:
                    self._found[key] = known
        return known
