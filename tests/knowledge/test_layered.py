"""A layered dictionary is as a plain one, whatever is done to it and to what it was copied from."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from knowledge.layered import Layered

KEYS = st.integers(0, 12)


class Beside(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.plain = {number: number * 10 for number in range(8)}
        self.layered: Layered[int, int] = Layered(self.plain.copy())
        self.left: list[tuple[Layered[int, int], dict[int, int]]] = []

    @rule(key=KEYS, value=st.integers(0, 99))
    def put(self, key: int, value: int) -> None:
        self.plain[key] = self.layered[key] = value

    @rule(key=KEYS)
    def take(self, key: int) -> None:
        assert self.layered.pop(key, None) == self.plain.pop(key, None)

    @precondition(lambda self: len(self.left) < 3)
    @rule()
    def copy(self) -> None:
        self.left.append((self.layered, self.plain))
        self.layered, self.plain = self.layered.copy(), self.plain.copy()

    @invariant()
    def same(self) -> None:
        for layered, plain in (*self.left, (self.layered, self.plain)):
            assert layered == plain and len(layered) == len(plain) == len(list(layered))
            assert [layered.get(key) for key in range(13)] == [plain.get(key) for key in range(13)]


test_layered = Beside.TestCase


def test_what_is_not_there_can_not_be_taken_out() -> None:
    layered = Layered({1: "a"})
    del layered[1]
    for _ in range(2):
        with pytest.raises(KeyError):
            del layered[1]
    with pytest.raises(KeyError):
        layered[1]
