"""The contract of the store, the same on every backend."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from assistant.conversation import WAITING, State
from assistant.errors import SettingsInvalid, StorageUnavailable
from assistant.events import ConversationOpened, MessageReceived, SatisfactionGiven
from assistant.storage import Answering, Conversation, KnowledgeGap, Store
from assistant.storage.tables import metadata

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def conversation(name: str = "c1") -> Conversation:
    return Conversation(id=name, channel="web", client_ref=None, token_hash="0" * 64, state=State.ASSISTANT,
                        context=None, satisfaction=None, turn=0, created_at=NOW, updated_at=NOW, needed_at=NOW)


def add(store: Store, name: str = "c1") -> Conversation:
    item = conversation(name)
    with store.write() as work:
        work.conversations.add(item)
    return item


def test_a_conversation_comes_back_as_it_was(store: Store) -> None:
    item = add(store)
    with store.read() as work:
        assert work.conversations.get("c1") == item
        assert work.conversations.get("c2") is None


def test_times_come_back_in_utc(store: Store) -> None:
    add(store)
    china = NOW.astimezone(timezone(timedelta(hours=8)))
    with store.write() as work:
        work.conversations.add_message("c1", id="m1", sender="client", text="在吗", at=china)
    with store.read() as work:
        message = work.conversations.message("m1")
    assert message and message.at == NOW and message.at.utcoffset() == timedelta(0)


def test_a_block_that_raises_keeps_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as work:
        work.conversations.add(conversation())
        raise RuntimeError
    with store.read() as work:
        assert work.conversations.get("c1") is None


def test_change_sets_only_what_is_given_and_counts_a_turn(store: Store) -> None:
    item = add(store)
    with store.write() as work:
        work.conversations.change(item, NOW, context={"question": "开户"})
    with store.write() as work:
        held = work.conversations.hold("c1")
        assert held and held.turn == 1
        work.conversations.change(held, NOW, holding=WAITING)
    with store.read() as work:
        after = work.conversations.get("c1")
    assert after and (after.turn, after.state, after.context) == (2, State.WAITING, {"question": "开户"})


def test_messages_are_numbered_in_their_conversation(store: Store) -> None:
    for name in ("c1", "c2"):
        add(store, name)
    with store.write() as work:
        for place in range(3):
            for name in ("c1", "c2"):
                work.conversations.add_message(name, id=f"{name}-{place}", sender="client", text="x", at=NOW)
    with store.read() as work:
        assert [message.seq for message in work.conversations.messages("c1")] == [1, 2, 3]
        assert [message.id for message in work.conversations.messages("c2", after_seq=1)] == ["c2-1", "c2-2"]


def test_pending_messages_are_found_until_marked(store: Store) -> None:
    add(store)
    with store.write() as work:
        work.conversations.add_message("c1", id="m1", sender="client", text="x", at=NOW, client_message_id="a",
                                       answering=Answering.PENDING)
        work.conversations.count_attempt("m1")
    with store.write() as work:
        assert [(message.id, message.attempts) for message in work.conversations.pending("c1")] == [("m1", 1)]
        work.conversations.mark("m1", Answering.ANSWERED)
        assert work.conversations.pending("c1") == []


def test_events_come_in_order_and_after_an_id(store: Store) -> None:
    for name in ("c1", "c2"):
        add(store, name)
    with store.write() as work:
        work.outbox.append("c1", NOW, ConversationOpened("web"))
        work.outbox.append("c2", NOW, ConversationOpened("app"))
        work.outbox.append("c1", NOW, MessageReceived("m1"), SatisfactionGiven(5))
    with store.read() as work:
        mine = work.outbox.after(0, conversation_id="c1")
        assert [event.type for event in mine] == ["conversation.opened", "message.received", "satisfaction.given"]
        assert [event.id for event in mine] == sorted({event.id for event in mine})
        assert work.outbox.after(mine[1].id, conversation_id="c1") == mine[2:]
        assert mine[1].payload == {"message_id": "m1"}
        assert [event.conversation_id for event in work.outbox.of_all(mine[0].id)] == ["c2", "c1", "c1"]
        assert work.outbox.last_id() == mine[-1].id


def test_event_ids_rise_in_the_order_of_commits(store: Store) -> None:
    """A reader that asks "after the last id I saw", again and again, sees every event of many writers."""
    names = [f"c{number}" for number in range(4)]
    for name in names:
        add(store, name)
    running = threading.Event()
    running.set()
    seen: list[int] = []

    def write(name: str) -> None:
        for _ in range(15):
            with store.write() as work:
                work.outbox.append(name, NOW, MessageReceived("m"), SatisfactionGiven(1))

    def read() -> None:
        while True:
            last_round = not running.is_set()
            with store.read() as work:
                seen.extend(event.id for event in work.outbox.of_all(seen[-1] if seen else 0))
            if last_round:
                return

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(name,)) for name in names]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    running.clear()
    reader.join()
    assert len(seen) == len(set(seen)) == 4 * 15 * 2


def test_the_same_client_message_id_can_not_be_stored_twice(store: Store) -> None:
    add(store)
    with store.write() as work:
        work.conversations.add_message("c1", id="m1", sender="client", text="x", at=NOW, client_message_id="a")
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError), store.write() as work:
        work.conversations.add_message("c1", id="m2", sender="client", text="x", at=NOW, client_message_id="a")


def test_feedback_keeps_the_last_word(store: Store) -> None:
    add(store)
    with store.write() as work:
        work.conversations.add_message("c1", id="r1", sender="assistant", text="x", at=NOW)
        assert work.decisions.set_feedback("r1", "c1", helpful=False, at=NOW)
        assert not work.decisions.set_feedback("r1", "c1", helpful=False, at=NOW)
        assert work.decisions.set_feedback("r1", "c1", helpful=True, at=NOW)
        assert work.decisions.feedback(["r1"]) == {"r1": True}


def test_gaps_come_latest_first(store: Store) -> None:
    with store.write() as work:
        for question in ("甲", "乙"):
            work.decisions.add_gap(KnowledgeGap(question, question, "fallback", NOW))
    with store.read() as work:
        assert [gap.question for gap in work.decisions.gaps()] == ["乙", "甲"]


def test_opening_again_changes_nothing(store: Store, database_url: str) -> None:
    add(store)
    again = Store.open(database_url)
    with again.read() as work:
        assert work.conversations.get("c1")
    again.close()


def test_processes_may_start_together(bare_database_url: str) -> None:
    opened: list[Store] = []
    threads = [threading.Thread(target=lambda: opened.append(Store.open(bare_database_url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for item in opened:
        item.close()


def test_the_migrations_make_the_tables(store: Store, database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrations_go_back_too(store: Store, database_url: str) -> None:
    from alembic import command
    from sqlalchemy import inspect

    from assistant.storage.migrate import configuration

    engine = create_engine(database_url)
    with engine.begin() as connection:
        command.downgrade(configuration(connection), "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()


@pytest.mark.parametrize("url", ["nonsense", "oracle+nothing://x/y", "sqlite"])
def test_an_address_that_is_none_is_said_plainly(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="ZHIKE_DATABASE"):
        Store.open(url)


def test_a_server_that_is_not_there_is_said_plainly() -> None:
    with pytest.raises(StorageUnavailable):
        Store.open("postgresql://zhike:secret@127.0.0.1:1/none")
