"""What lies nearest to questions in the part of a dense index that never changes, kept from one search to the next."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

import numpy as np
from cachetools import LRUCache

__all__ = ["DEEP", "Nearby", "Scored"]

# Deeper than search goes: so many passages of a question's neighbourhood may be taken out before it is searched for anew.
DEEP = 240
# Ids int32 (k,) and cosines float32 (k,), best first.
Scored = tuple[np.ndarray, np.ndarray]


class Nearby:
    """Of the last `most` vectors, in one `part`, which must not change. Safe to share between threads."""

    def __init__(self, part: object, most: int) -> None:
        self.part = part
        self._found: LRUCache[bytes, Scored] = LRUCache(most)
        self._lock = threading.Lock()

    def of(self, vector: np.ndarray, search: Callable[[], Scored]) -> Scored:
        """What `search` finds in the part for a vector (d,); it is not called for one that it was called for before."""
        key = hashlib.blake2b(vector.tobytes(), digest_size=16).digest()
        with self._lock:
            known = self._found.get(key)
        if known is None:
            known = search()
            with self._lock:
                self._found[key] = known
        return known
