"""Records of clients in the store, and that each look and each change is in the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from assistant.audit import Actor
from assistant.client_record import ClientFields
from assistant.clients import Clients
from assistant.condition import Condition
from assistant.errors import ClientNotFound, ClientRecordInvalid, IdentityTaken, PreconditionFailed
from assistant.identity import client_ref
from assistant.storage import Store
from assistant.trail import AuditTrail
from tests.assistant.clock import Clock
from tests.assistant.test_client_record import WHOLE

BY = Actor("agent1", "10.0.0.1", "r1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def clients(store: Store, clock: Clock) -> Clients:
    return Clients(store, clock=clock)


def fields(**given: Any) -> ClientFields:
    return ClientFields.model_validate(given)


def trail(store: Store) -> list[tuple[str, str | None, Any]]:
    return [(entry.action, entry.subject, entry.details) for entry in AuditTrail(store).page(0, 500)]


def test_a_record_comes_back_as_it_was_written(clients: Clients) -> None:
    put = clients.put("C1", fields(**WHOLE), BY)
    assert put.created and put.record.version == 1 and put.record.channels == ("web",)
    assert clients.look("C1", BY) == put.record
    assert put.record.assessed_on == date(2026, 3, 1) and put.record.holdings == WHOLE["holdings"]


def test_every_look_and_every_change_is_in_the_trail(clients: Clients, store: Store, clock: Clock) -> None:
    clients.put("C1", fields(tier="gold", notes="机密"), BY)
    clock.go(minutes=1)
    clients.look("C1", BY)
    clients.put("C1", fields(tier="silver", identities={"wechat": "openid"}), BY)
    clients.page(BY)
    assert trail(store) == [
        ("client.changed", "client:C1", {"changed": ["tier", "notes"], "before": {"tier": "standard"}, "after": {"tier": "gold"},
                                         "created": True}),
        ("client.seen", "client:C1", {"why": "record"}),
        ("client.changed", "client:C1", {"changed": ["tier"], "before": {"tier": "gold"}, "after": {"tier": "silver"},
                                         "identities": ["wechat"]}),
        ("client.seen", None, {"why": "list", "clients": ["C1"]})]
    entries = AuditTrail(store).page(0, 10)
    assert {(entry.actor, entry.address, entry.request_id) for entry in entries} == {("agent1", "10.0.0.1", "r1")}
    assert "机密" not in repr(entries) and "openid" not in repr(entries)


def test_a_change_that_changes_nothing_is_none(clients: Clients, store: Store, clock: Clock) -> None:
    first = clients.put("C1", fields(**WHOLE), BY)
    clock.go(minutes=1)
    again = clients.put("C1", fields(**WHOLE), BY)
    assert not again.created and again.record == first.record
    assert len(trail(store)) == 1


def test_a_change_counts_a_version(clients: Clients, clock: Clock) -> None:
    made = clients.put("C1", fields(), BY).record
    clock.go(minutes=1)
    after = clients.put("C1", fields(tier="gold"), BY).record
    assert (after.version, after.created_at, after.updated_at) == (2, made.created_at, clock.now)
    assert clients.look("C1", BY) == after


def test_who_read_an_older_version_changes_nothing(clients: Clients, store: Store) -> None:
    clients.put("C1", fields(), BY)
    clients.put("C1", fields(tier="gold"), BY, condition=Condition(versions=frozenset({1})))
    for stale in (Condition(versions=frozenset({1})), Condition(versions=frozenset()), Condition(exists=False)):
        with pytest.raises(PreconditionFailed):
            clients.put("C1", fields(tier="silver"), BY, condition=stale)
    for absent in (Condition(versions=frozenset({1})), Condition(exists=True)):
        with pytest.raises(PreconditionFailed):
            clients.put("C2", fields(), BY, condition=absent)
    assert clients.look("C1", BY).tier == "gold" and len(trail(store)) == 3


def test_of_many_who_read_the_same_version_one_changes_it(clients: Clients, store: Store, database_url: str) -> None:
    clients.put("C1", fields(), BY)
    other = Store.open(database_url)

    def change(number: int) -> bool:
        mine = Clients(other if number % 2 else store)
        try:
            mine.put("C1", fields(tier=f"t{number}"), BY, condition=Condition(versions=frozenset({1})))
        except PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(change, range(6))) == 1
    other.close()
    assert clients.look("C1", BY).version == 2
    assert AuditTrail(store).verify().broken is None


def test_a_record_that_is_made_twice_at_once_is_made_once(clients: Clients, store: Store, database_url: str) -> None:
    other = Store.open(database_url)

    def make(number: int) -> bool:
        return Clients(other if number % 2 else store).put("C1", fields(tier=f"t{number}"), BY).created

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(make, range(6))) == 1
    other.close()
    record = clients.look("C1", BY)
    assert record.version == 6
    assert [action for action, *_ in trail(store)].count("client.changed") == 6


def test_a_record_that_is_not_there(clients: Clients, store: Store) -> None:
    with pytest.raises(ClientNotFound):
        clients.look("C1", BY)
    assert trail(store) == []


def test_a_refused_change_keeps_nothing(clients: Clients, store: Store) -> None:
    with pytest.raises(ClientRecordInvalid):
        clients.put("C1", fields(assessed_on="2026-01-01"), BY)
    with pytest.raises(ClientNotFound):
        clients.look("C1", BY)
    assert trail(store) == []


class TestIdentities:
    @pytest.fixture
    def known(self, clients: Clients) -> Iterator[Clients]:
        clients.put("C1", fields(identities={"web": "a", "wechat": "o1"}), BY)
        clients.put("C2", fields(identities={"web": "b"}), BY)
        yield clients

    def owner(self, clients: Clients, channel: str, token: str) -> str | None:
        record = clients.known_as(channel, client_ref(token))
        return record and record.id

    def test_a_client_is_found_by_them(self, known: Clients) -> None:
        assert self.owner(known, "web", "a") == "C1" and self.owner(known, "wechat", "o1") == "C1"
        assert self.owner(known, "web", "b") == "C2" and self.owner(known, "web", "c") is None
        assert self.owner(known, "wechat", "a") is None

    def test_one_takes_the_place_of_the_other(self, known: Clients) -> None:
        put = known.put("C1", fields(identities={"web": "z", "app": "y"}), BY)
        assert put.record.channels == ("app", "web", "wechat") and put.record.version == 2
        assert self.owner(known, "web", "a") is None and self.owner(known, "web", "z") == "C1"

    def test_null_takes_one_away(self, known: Clients) -> None:
        assert known.put("C1", fields(identities={"web": None, "qq": None}), BY).record.channels == ("wechat",)
        assert self.owner(known, "web", "a") is None
        assert known.put("C2", fields(identities={"web": "a"}), BY).record.channels == ("web",)

    def test_that_of_another_client_is_refused_and_nothing_is_changed(self, known: Clients) -> None:
        with pytest.raises(IdentityTaken, match="web"):
            known.put("C2", fields(tier="gold", identities={"web": "a"}), BY)
        after = known.look("C2", BY)
        assert (after.tier, after.version, after.channels) == ("standard", 1, ("web",))
        assert self.owner(known, "web", "b") == "C2"

    def test_one_that_two_claim_at_once_is_one_s(self, known: Clients) -> None:
        def claim(client_id: str) -> bool:
            try:
                known.put(client_id, fields(identities={"qq": "1"}), BY)
            except IdentityTaken:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(claim, ["C1", "C2", "C3", "C4"])) == 1


def test_a_conversation_and_a_record_know_a_client_by_the_same_word(clients: Clients, store: Store) -> None:
    from assistant.bell import Bell
    from assistant.service import Conversations

    clients.put("C1", fields(identities={"web": "token"}), BY)
    opened = Conversations(store, Bell()).open("web", "token").conversation
    assert opened.client_ref
    found = clients.known_as("web", opened.client_ref)
    assert found and found.id == "C1"


def test_pages_and_words(clients: Clients, store: Store) -> None:
    for client_id, name in (("A1", "谷雨 50%"), ("A2", "白露_1"), ("B1", "Ms Snow"), ("b2", None)):
        clients.put(client_id, fields(display_name=name), BY)
    everyone = [record.id for record in clients.page(BY)]
    assert sorted(everyone) == ["A1", "A2", "B1", "b2"]
    first = clients.page(BY, limit=2)
    assert [record.id for record in [*first, *clients.page(BY, after=first[-1].id)]] == everyone

    def found(words: str) -> set[str]:
        return {record.id for record in clients.page(BY, words=words)}

    assert found("A") == {"A1", "A2"} and found("雨") == {"A1"} and found("snow") == {"B1"}
    assert found("%") == {"A1"} and found("_") == {"A2"} and found("1") == {"A2"} and found("'") == set() and found("\\") == set()


def test_a_list_of_nobody_leaves_no_entry(clients: Clients, store: Store) -> None:
    assert clients.page(BY) == [] and trail(store) == []
