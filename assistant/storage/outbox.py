"""The append-only record of events. Ids rise in the order of commits, so "after event n" misses nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text

from assistant.events import Event, Recorded
from assistant.storage.tables import event

__all__ = ["Outbox"]

_ORDER_LOCK = 5_318_008_602


class Outbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, conversation_id: str, at: datetime, *events: Event) -> None:
        """Record facts; the last thing that a transaction does, because on PostgreSQL it makes commits take turns."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ORDER_LOCK})
        for item in events:
            self._connection.execute(insert(event).values(
                conversation_id=conversation_id, type=item.type, payload=asdict(item), at=at))

    def after(self, event_id: int, *, conversation_id: str, limit: int = 200) -> list[Recorded]:
        """Events of one conversation with greater ids, in order."""
        rows = self._connection.execute(select(event).where(
            event.c.conversation_id == conversation_id, event.c.id > event_id).order_by(event.c.id).limit(limit))
        return [Recorded(row.id, row.conversation_id, row.type, row.payload, row.at) for row in rows]

    def touched_after(self, event_id: int, *, limit: int = 1000) -> list[tuple[int, str]]:
        """(event id, conversation id) of every event with a greater id, in order."""
        rows = self._connection.execute(select(event.c.id, event.c.conversation_id).where(
            event.c.id > event_id).order_by(event.c.id).limit(limit))
        return [(row.id, row.conversation_id) for row in rows]

    def last_id(self) -> int:
        return self._connection.scalar(select(func.max(event.c.id))) or 0
