"""How often a caller may call: a sliding window in memory, one for each process."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from assistant.errors import TooManyRequests

__all__ = ["SlidingWindow"]


class SlidingWindow:
    """At most `limit` calls in any `seconds`, for each key; the keys used longest ago are forgotten over `max_keys`."""

    def __init__(self, limit: int, *, seconds: float = 60.0, max_keys: int = 20_000,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._max_keys = max_keys
        self._clock = clock
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Count one call. Raises TooManyRequests, which is not counted."""
        now = self._clock()
        calls = self._calls.setdefault(key, deque())
        self._calls.move_to_end(key)
        while calls and calls[0] <= now - self._seconds:
            calls.popleft()
        if len(calls) >= self._limit:
            raise TooManyRequests(max(1, math.ceil(calls[0] + self._seconds - now)))
        calls.append(now)
        if len(self._calls) > self._max_keys:
            self._calls.popitem(last=False)
