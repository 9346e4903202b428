"""The chain of the audit trail: whatever is changed, taken out or put in shows at its place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assistant.audit import GENESIS, SYSTEM, Act, Action, Actor, Chain, Entry, canonical, moment, sealed

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TEXTS = some.text(max_size=20)
DETAILS = some.dictionaries(TEXTS, some.recursive(
    some.none() | some.booleans() | some.integers() | TEXTS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXTS, inner, max_size=3), max_leaves=6), max_size=4)


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for seq in range(1, length + 1):
        act = Act(Action.CLIENT_SEEN, Actor("agent1", "203.0.113.7", "r1"), NOW + timedelta(seconds=seq), f"client:{seq}", {"why": seq})
        entries.append(sealed(act, seq=seq, previous_hash=entries[-1].hash if entries else GENESIS))
    return entries


def test_a_chain_holds() -> None:
    followed = Chain()
    assert followed.follow(chain(5)) is None
    assert followed.head == chain(5)[-1]
    assert Chain().follow([]) is None


def test_the_hash_is_what_the_documentation_says() -> None:
    first, second = chain(2)
    for entry, previous in ((first, "0" * 64), (second, first.hash)):
        row = {name: value for name, value in asdict(entry).items() if name not in ("previous_hash", "hash")}
        text = json.dumps(row, sort_keys=True, separators=(",", ":"))
        assert entry.hash == hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


CHANGES: list[dict[str, Any]] = [
    {"at": moment(NOW)}, {"action": "session.signed_in"}, {"actor": "agent2"}, {"actor": None}, {"subject": "client:9"}, {"details": {}},
    {"details": {"why": "3"}}, {"details": "{"}, {"details": {"why": 3.5}}, {"address": None}, {"request_id": "r2"}, {"hash": "0" * 64},
    {"actor": b"agent1"}]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_changed_entry_is_named(change: dict[str, Any]) -> None:
    entries = chain(5)
    entries[2] = replace(entries[2], **change)
    found = Chain().follow(entries)
    assert found and found.seq == 3 and "hash" in found.reason


def test_an_entry_that_was_changed_and_sealed_again_breaks_the_next() -> None:
    entries = chain(5)
    act = Act(Action.CLIENT_SEEN, Actor("agent2"), NOW)
    entries[2] = sealed(act, seq=3, previous_hash=entries[1].hash)
    found = Chain().follow(entries)
    assert found and found.seq == 4 and "follow" in found.reason


def test_an_entry_that_was_taken_out_is_named() -> None:
    found = Chain().follow(chain(5)[:1] + chain(5)[2:])
    assert found and found.seq == 2 and "missing" in found.reason
    found = Chain().follow(chain(5)[1:])
    assert found and found.seq == 1 and "missing" in found.reason


def test_an_entry_that_was_put_in_is_named() -> None:
    entries = chain(5)
    found = Chain().follow([*entries[:3], entries[1], *entries[3:]])
    assert found and found.seq == 2


@given(length=some.integers(1, 8), data=some.data())
def test_no_two_entries_can_change_places(length: int, data: some.DataObject) -> None:
    entries = chain(length)
    order = data.draw(some.permutations(range(length)))
    found = Chain().follow([entries[place] for place in order])
    assert (found is None) == (list(order) == list(range(length)))


@given(details=DETAILS)
def test_details_come_back_as_they_were_hashed(details: dict[str, Any]) -> None:
    entry = sealed(Act(Action.CLIENT_CHANGED, SYSTEM, NOW, details=details), seq=1, previous_hash=GENESIS)
    stored = replace(entry, details=json.loads(canonical(entry.details)))
    assert Chain().follow([stored]) is None
    assert canonical(entry.details).isascii()


@pytest.mark.parametrize("details", [{"a": 1.5}, {"a": [0.1]}, {"a": {"b": float("nan")}}])
def test_floats_are_refused(details: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        sealed(Act(Action.CLIENT_CHANGED, SYSTEM, NOW, details=details), seq=1, previous_hash=GENESIS)


def test_personal_data_in_details_is_masked() -> None:
    act = Act(Action.CLIENT_CHANGED, SYSTEM, NOW, subject="client:110105194912310021", details={"phone": ["13800138000"]})
    entry = sealed(act, seq=1, previous_hash=GENESIS)
    assert entry.details == {"phone": ["〈手机号〉"]} and entry.subject == "client:110105194912310021"


def test_moments_are_texts_that_sort_by_time() -> None:
    china = timezone(timedelta(hours=8))
    assert moment(datetime(2026, 11, 24, 17, 30, tzinfo=china)) == "2026-11-24T09:30:00.000000+00:00" == moment(NOW)
    assert moment(NOW) < moment(NOW + timedelta(microseconds=1)) < moment(NOW + timedelta(seconds=1))
