"""Migrations keep what is there."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import create_engine, text

from assistant.storage import Store
from assistant.storage.migrate import configuration
from assistant.storage.queue import Wanted

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def test_conversations_from_before_the_agents_are_listed_by_need(database_url: str) -> None:
    engine = create_engine(database_url)
    at = NOW.strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00" if engine.dialect.name == "postgresql" else "")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0003")
        for name, state in (("c1", "waiting"), ("c2", "assistant")):
            connection.execute(text(
                "INSERT INTO conversation (id, channel, token_hash, state, turn, created_at, updated_at) "
                f"VALUES ('{name}', 'web', 'x', '{state}', 0, '{at}', '{at}')"))
        for kind in ("conversation.opened", "conversation.handed_over"):
            connection.execute(text("INSERT INTO event (conversation_id, type, payload, at) "
                                    f"VALUES ('c1', '{kind}', '{{\"state\": \"waiting\", \"reason\": \"x\"}}', '{at}')"))
    engine.dispose()
    store = Store.open(database_url)
    with store.read() as work:
        lines = work.queue.page("anna", Wanted())
        told = work.outbox.for_agent(0, "anna")
    store.close()
    assert [(line.conversation.id, line.conversation.needed_at, line.conversation.waiting_since) for line in lines] == [
        ("c2", NOW, None), ("c1", NOW, NOW)]
    assert [event.type for event in told] == ["conversation.handed_over"]
