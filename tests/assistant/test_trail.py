"""The audit trail in the store: one chain whatever races, kept with what it tells of, and refusing every change."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DatabaseError

from assistant.audit import GENESIS, SYSTEM, Action, Actor
from assistant.events import ConversationOpened
from assistant.storage import Conversation, Store
from assistant.trail import AuditTrail
from tests.storage.test_store import conversation

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
AGENT = Actor("agent1", "203.0.113.7", "r1")


def look(store: Store, count: int = 1, *, begin: int = 1) -> None:
    """`count` looks at client records, a minute apart."""
    for number in range(begin, begin + count):
        with store.write() as work:
            work.audit.record(Action.CLIENT_SEEN, AGENT, NOW + timedelta(minutes=number), subject=f"client:{number}")


@contextmanager
def by_hand(url: str) -> Iterator[Connection]:
    """As somebody with the database's password."""
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def disarm(connection: Connection) -> None:
    """Take the triggers away, as only who owns the table can."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
    else:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))


def test_entries_follow_each_other(store: Store) -> None:
    look(store, 3)
    first, second, third = AuditTrail(store).page(0, 10)
    assert [first.seq, second.seq, third.seq] == [1, 2, 3]
    assert (first.previous_hash, second.previous_hash, third.previous_hash) == (GENESIS, first.hash, second.hash)
    assert (first.actor, first.address, first.request_id, first.subject) == ("agent1", "203.0.113.7", "r1", "client:1")
    assert (first.at, first.action, first.details) == ("2026-11-24T09:31:00.000000+00:00", "client.seen", {})
    assert AuditTrail(store).page(1, 1) == [second]
    assert AuditTrail(store).verify().head == third


def test_several_acts_of_one_transaction_are_in_order(store: Store) -> None:
    with store.write() as work:
        for number in range(5):
            work.audit.record(Action.CLIENT_SEEN, AGENT, NOW, details={"number": number})
    assert [entry.details["number"] for entry in AuditTrail(store).page(0, 10)] == [0, 1, 2, 3, 4]


def test_what_is_not_kept_leaves_no_entry_and_what_can_not_be_recorded_is_not_kept(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as work:
        work.audit.record(Action.CLIENT_SEEN, AGENT, NOW)
        raise RuntimeError
    assert AuditTrail(store).page(0, 10) == []
    with pytest.raises(TypeError), store.write() as work:
        work.conversations.add(conversation())
        work.audit.record(Action.CLIENT_SEEN, AGENT, NOW, details={"price": 1.5})
    with store.read() as work:
        assert work.conversations.get("c1") is None


def test_a_unit_of_reading_records_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.read() as work:
        work.audit.record(Action.CLIENT_SEEN, AGENT, NOW)


@pytest.mark.parametrize("value", ["\x00", "\ud800", "😀", "\n\r\u2028", "'; DROP TABLE audit_entry;--"])
def test_any_text_can_be_a_detail(store: Store, value: str) -> None:
    with store.write() as work:
        work.audit.record(Action.CLIENT_CHANGED, AGENT, NOW, details={"note": value})
    (entry,) = AuditTrail(store).page(0, 10)
    assert entry.details == {"note": value}
    assert AuditTrail(store).verify().broken is None


def test_many_writers_make_one_chain(store: Store, database_url: str) -> None:
    """Two processes of four threads, each transaction with events too: no gap, no fork, no deadlock."""
    other = Store.open(database_url)
    items: list[Conversation] = [conversation(f"c{number}") for number in range(4)]
    for item in items:
        with store.write() as work:
            work.conversations.add(item)
    failures: list[BaseException] = []

    def write(process: Store, item: Conversation) -> None:
        try:
            for number in range(12):
                with process.write() as work:
                    held = work.conversations.hold(item.id)
                    work.conversations.change(held, NOW)
                    if number % 2:
                        work.audit.record(Action.CLIENT_SEEN, AGENT, NOW)
                    work.outbox.append(item.id, NOW, ConversationOpened("web"))
                    work.audit.record(Action.CLIENT_CHANGED, AGENT, NOW)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(process, item)) for item in items for process in (store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert failures == []
    found = AuditTrail(store).verify()
    assert found.broken is None and found.head and found.head.seq == 8 * 18


@pytest.mark.parametrize("statement", [
    "UPDATE audit_entry SET actor = 'agent2' WHERE seq = 2", "UPDATE audit_entry SET actor = 'agent2'",
    "DELETE FROM audit_entry WHERE seq = 3", "DELETE FROM audit_entry"])
def test_the_database_refuses_every_change(store: Store, database_url: str, statement: str) -> None:
    look(store, 3)
    with pytest.raises(DatabaseError, match="append-only"), by_hand(database_url) as connection:
        connection.execute(text(statement))
    assert AuditTrail(store).verify().head == AuditTrail(store).page(2, 1)[0]


def test_the_database_refuses_replacing_and_emptying(store: Store, database_url: str) -> None:
    look(store, 3)
    columns = "at, action, actor, subject, details, address, request_id, previous_hash, hash"
    with by_hand(database_url) as connection:
        is_postgresql = connection.dialect.name == "postgresql"
    statement = ("TRUNCATE audit_entry" if is_postgresql else
                 f"INSERT OR REPLACE INTO audit_entry (seq, {columns}) SELECT 2, {columns} FROM audit_entry WHERE seq = 1")
    with pytest.raises(DatabaseError, match="append-only"), by_hand(database_url) as connection:
        connection.execute(text(statement))
    assert AuditTrail(store).verify().broken is None


@pytest.mark.parametrize(("statement", "seq", "reason"), [
    ("UPDATE audit_entry SET actor = 'agent2' WHERE seq = 2", 2, "content"), ("DELETE FROM audit_entry WHERE seq = 3", 3, "missing"),
    ("DELETE FROM audit_entry WHERE seq = 1", 1, "missing"), ("UPDATE audit_entry SET details = '{' WHERE seq = 4", 4, "content"),
    ("UPDATE audit_entry SET at = 'yesterday' WHERE seq = 1", 1, "content"),
    ("UPDATE audit_entry SET previous_hash = hash WHERE seq = 5", 5, "follow"),
    ("UPDATE audit_entry SET seq = 9 WHERE seq = 5", 5, "missing")])
def test_who_takes_the_triggers_away_is_found_out(store: Store, database_url: str, statement: str, seq: int, reason: str) -> None:
    look(store, 5)
    with by_hand(database_url) as connection:
        disarm(connection)
        connection.execute(text(statement))
    found = AuditTrail(store).verify()
    assert found.broken and found.broken.seq == seq and reason in found.broken.reason
    assert (found.head.seq if found.head else 0) == seq - 1


def test_newest_entries_that_were_cut_off_show_against_a_head_that_was_noted(store: Store, database_url: str) -> None:
    look(store, 5)
    trail = AuditTrail(store)
    noted = trail.page(4, 1)[0]
    assert trail.verify(known=(noted.seq, noted.hash)).broken is None
    look(store, 1, begin=6)
    assert trail.verify(known=(noted.seq, noted.hash)).broken is None
    with by_hand(database_url) as connection:
        disarm(connection)
        connection.execute(text("DELETE FROM audit_entry WHERE seq > 3"))
    assert trail.verify().broken is None
    found = trail.verify(known=(noted.seq, noted.hash)).broken
    assert found and found.seq == 5 and "missing" in found.reason
    look(store, 2, begin=40)
    found = trail.verify(known=(noted.seq, noted.hash)).broken
    assert found and found.seq == 5 and "noted" in found.reason


def test_the_walk_goes_over_many_pages_with_progress(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.trail._AT_ONCE", 4)
    look(store, 10)
    told: list[tuple[Any, ...]] = []
    found = AuditTrail(store).verify(progress=lambda *step: told.append(step))
    assert found.head and found.head.seq == 10
    assert told == [("verifying", 4, 10), ("verifying", 8, 10), ("verifying", 10, 10)]


def test_an_empty_trail_holds(store: Store) -> None:
    assert AuditTrail(store).verify().head is None


def test_an_export_is_of_a_time_and_is_recorded(store: Store) -> None:
    look(store, 5)
    trail = AuditTrail(store, clock=lambda: NOW + timedelta(days=1))
    some = list(trail.export(SYSTEM, since=NOW + timedelta(minutes=2), until=NOW + timedelta(minutes=4)))
    assert [entry.subject for entry in some] == ["client:2", "client:3"]
    everything = list(trail.export(SYSTEM))
    assert [entry.action for entry in everything] == ["client.seen"] * 5 + ["audit.exported"] * 2
    assert everything[5].details == {"since": "2026-11-24T09:32:00+00:00", "until": "2026-11-24T09:34:00+00:00"}
