"""What takes long to make, kept by what it was made of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

__all__ = ["Remembered"]

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """The last `most` values, by key. Each is made once: who asks for what is being made waits for it. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._values: LRUCache[Hashable, Value] = LRUCache(most)
        self._making, self._lock = threading.Lock(), threading.Lock()

    def of(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key; what `make` raises is raised, and nothing is kept."""
        known = self._known(key)
        if known is None:
            with self._making:
                known = self._known(key)
                if known is None:
                    known = make()
                    with self._lock:
                        self._values[key] = known
        return known

    def clear(self) -> None:
        with self._lock:
            self._values.clear()

    def _known(self, key: Hashable) -> Value | None:
        with self._lock:
            return self._values.get(key)
