"""A dictionary whose copies share what they have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, TypeVar

__all__ = ["Layered"]

Key, Value = TypeVar("Key"), TypeVar("Value")


class Layered(MutableMapping[Key, Value]):
    """As a dictionary, over a `main` one that never changes again: what differs from it lies beside it.

    Of a million entries a copy is made at once, and has nothing of them for the collection of garbage to go over.
    """

    def __init__(self, main: Mapping[Key, Value]) -> None:
        self._main = main
        self._beside: dict[Key, Value] = {}
        self._gone: set[Key] = set()

    def copy(self) -> Layered[Key, Value]:
        copied = Layered(self._main)
        copied._beside, copied._gone = self._beside.copy(), self._gone.copy()
        return copied

    def __getitem__(self, key: Key) -> Value:
        if key in self._beside:
            return self._beside[key]
        if key in self._gone:
            raise KeyError(key)
        return self._main[key]

    def get(self, key: Key, default: Any = None) -> Any:
        # Search asks for hundreds: the inherited way costs three times as much.
        if key in self._beside:
            return self._beside[key]
        return default if key in self._gone else self._main.get(key, default)

    def __setitem__(self, key: Key, value: Value) -> None:
        self._beside[key] = value

    def __delitem__(self, key: Key) -> None:
        if key not in self:
            raise KeyError(key)
        self._beside.pop(key, None)
        if key in self._main:
            self._gone.add(key)

    def __iter__(self) -> Iterator[Key]:
        yield from (key for key in self._main if key not in self._gone and key not in self._beside)
        yield from self._beside

    def __len__(self) -> int:
        return len(self._main) - sum(key in self._main for key in self._gone | self._beside.keys()) + len(self._beside)
