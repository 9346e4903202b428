"""What is made once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.remembered import Remembered


def test_what_many_ask_for_at_once_is_made_once() -> None:
    kept: Remembered[int] = Remembered(2)
    made, begun, all_asked = [], threading.Event(), threading.Event()

    def make() -> int:
        begun.set()
        assert all_asked.wait(10)
        made.append(1)
        return 7

    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(kept.of, "a", make)
        assert begun.wait(10)
        others = [threads.submit(kept.of, "a", make) for _ in range(3)]
        all_asked.set()
        assert [one.result(10) for one in (first, *others)] == [7] * 4
    assert made == [1]


def test_only_the_last_are_kept_and_nothing_of_what_failed() -> None:
    kept: Remembered[str] = Remembered(2)
    with pytest.raises(ValueError, match="no"):
        kept.of("a", lambda: (_ for _ in ()).throw(ValueError("no")))
    assert [kept.of(key, lambda key=key: key * 2) for key in "abc"] == ["aa", "bb", "cc"]
    assert kept.of("c", lambda: "anew") == "cc"
    assert kept.of("a", lambda: "anew") == "anew", "two are kept"
    kept.clear()
    assert kept.of("c", lambda: "anew") == "anew"
