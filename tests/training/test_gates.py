"""New models pass unless some group is worse than chance explains."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.gates import LEVEL, compare
from training.scoring import VERDICTS


def gate(*changes: tuple[str, str, int], group: str = "money"):
    before = [old for old, _, count in changes for _ in range(count)]
    after = [new for _, new, count in changes for _ in range(count)]
    return compare(before, after, [(group, "all")] * len(before))


@pytest.mark.parametrize(("changes", "passed"), [
    ([("right", "right", 500)], True),
    ([("right", "not answered", 6)], True),
    ([("right", "not answered", 7)], False),
    ([("right", "asked back", 20), ("asked back", "right", 18)], True),
    ([("right", "asked back", 20), ("asked back", "right", 5)], False),
    ([("asked back", "wrong", 7), ("right", "right", 90)], False),
    ([("wrong", "right", 40)], True),
])
def test_what_is_lost_is_weighed_against_what_is_won(changes: list[tuple[str, str, int]], passed: bool) -> None:
    assert gate(*changes).passed is passed


def test_one_bad_category_is_not_outweighed_by_others() -> None:
    before = ["right"] * 10 + ["not answered"] * 90
    after = ["not answered"] * 10 + ["right"] * 90
    found = compare(before, after, [("tax", "all")] * 10 + [("money", "all")] * 90)
    assert [(item.group, item.outcome, item.before, item.after) for item in found.worse] == [("tax", "right", 10, 0)]
    assert found.to_dict()["worse"] == ["tax: right"] and not found.to_dict()["passed"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(VERDICTS), st.sampled_from(VERDICTS)), max_size=60))
def test_p_is_a_probability_and_the_same_models_always_pass(pairs: list[tuple[str, str]]) -> None:
    before, after = [old for old, _ in pairs], [new for _, new in pairs]
    groups = [("all",)] * len(pairs)
    assert compare(before, before, groups).passed
    for item in compare(before, after, groups).comparisons:
        assert 0 <= item.p <= 1 and item.after - item.before == (item.won - item.lost) * (1 if item.outcome == "right" else -1)
        assert item.worse is (item.p < LEVEL)
