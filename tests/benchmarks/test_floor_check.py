"""The checker of the floor finds each way in which a message can go wrong, and nothing where none did."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from benchmarks.floor_check import SIDES, Heard, Record, faults

SAID = [("client", "c1"), ("agent", "a1"), ("client", "c2"), ("agent", "a2")]


def record(stored: list[tuple[str, str]], *, heard: dict[str, list[Heard]] | None = None) -> Record:
    """In which all that is kept was sent, acknowledged and heard."""
    sent = {side: [text for sender, text in SAID if sender == side] for side in SIDES}
    told = [Heard(number, sender, text) for number, (sender, text) in enumerate(stored, start=1)]
    return Record("c", sent, {side: frozenset(sent[side]) for side in SIDES}, stored, heard or dict.fromkeys(SIDES, told))


def test_all_as_promised() -> None:
    assert list(faults(record(SAID))) == []


def test_what_was_not_acknowledged_may_be_missing_or_there() -> None:
    whole = record(SAID[:3])
    unsure = replace(whole, acknowledged={"client": whole.acknowledged["client"], "agent": frozenset({"a1"})})
    assert list(faults(unsure)) == []
    assert list(faults(replace(record(SAID), acknowledged=unsure.acknowledged))) == []


@pytest.mark.parametrize(("stored", "word"), [
    (SAID[:3], "lost after it was acknowledged: a2"), ([*SAID, SAID[0]], "kept 2 times: c1"), ([*SAID, ("agent", "a3")], "nobody sent: a3"),
    ([SAID[2], SAID[1], SAID[0], SAID[3]], "client: kept in another order")], ids=["lost", "twice", "invented", "order"])
def test_what_the_store_got_wrong(stored: list[tuple[str, str]], word: str) -> None:
    assert any(word in fault for fault in faults(record(stored)))


@pytest.mark.parametrize(("change", "word"), [
    (lambda told: told[:-1], "never told: a2"), (lambda told: [*told, replace(told[0], event_id=9)], "told 2 times: c1"),
    (lambda told: [*told, Heard(9, "agent", "a9")], "told, and not kept: a9"),
    (lambda told: [replace(told[1], event_id=1), replace(told[0], event_id=2), *told[2:]], "in another order than kept"),
    (lambda told: [told[0], told[2], told[1], told[3]], "an event came again, or late"),
    (lambda told: [told[0], *told], "an event came again, or late")], ids=["lost", "twice", "invented", "order", "late", "again"])
@pytest.mark.parametrize("listener", SIDES)
def test_what_a_stream_got_wrong(listener: str, change, word: str) -> None:
    whole = record(SAID)
    heard = {**whole.heard, listener: change(list(whole.heard[listener]))}
    found = list(faults(record(SAID, heard=heard)))
    assert any(word in fault for fault in found) and all(fault.startswith(listener) for fault in found)


@given(some.lists(some.sampled_from(SIDES), max_size=12), some.data())
def test_any_one_change_of_a_good_record_is_found(senders: list[str], data: some.DataObject) -> None:
    said = [(sender, f"{sender}{number}") for number, sender in enumerate(senders)]
    sent = {side: [text for sender, text in said if sender == side] for side in SIDES}
    told = [Heard(number, *item) for number, item in enumerate(said, start=1)]
    good = Record("c", sent, {side: frozenset(sent[side]) for side in SIDES}, said, dict.fromkeys(SIDES, told))
    assert list(faults(good)) == []
    if said:
        place = data.draw(some.integers(0, len(said) - 1))
        assert list(faults(replace(good, stored=said[:place] + said[place + 1:])))
        assert list(faults(replace(good, heard={**good.heard, "agent": told[:place] + told[place + 1:]})))
        assert list(faults(replace(good, heard={**good.heard, "client": told[:place + 1] + told[place:]})))
