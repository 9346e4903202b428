"""The append-only record of events. Ids rise in the order of commits, so "after event n" misses nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, text

from assistant.conversation import ASSISTANT, Holding, State
from assistant.events import Event, Recorded, Touch
from assistant.storage.labels import Labels
from assistant.storage.tables import conversation_guest, event

__all__ = ["ORDER_LOCK", "Outbox"]

ORDER_LOCK = 5_318_008_602


class Outbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, conversation_id: str, at: datetime, *events: Event, holding: Holding = ASSISTANT) -> None:
        """Record facts; the last thing that a transaction does, because on PostgreSQL it makes commits take turns.

        `holding` is who has the conversation with these events: their agent sees them, and all agents what is of the queue.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ORDER_LOCK})
        for item in events:
            self._connection.execute(insert(event).values(
                conversation_id=conversation_id, type=item.type, payload=asdict(item), at=at, agent=holding.agent,
                queued=item.changes_hands or holding.state is State.WAITING))

    def after(self, event_id: int, *, conversation_id: str, limit: int = 200, without: Collection[str] = ()) -> list[Recorded]:
        """Events of one conversation with greater ids, in order; those of the types `without` are left out."""
        wanted = event.c.conversation_id == conversation_id
        return self._after(event_id, wanted & event.c.type.not_in(without) if without else wanted, limit)

    def for_agent(self, event_id: int, agent: str, *, limit: int = 200) -> list[Recorded]:
        """Events with greater ids that concern the queue, what the agent held when they happened, or where they are a guest; in order."""
        visited = select(conversation_guest.c.conversation_id).where(conversation_guest.c.agent == agent)
        own = self._after(event_id, or_(event.c.agent == agent, event.c.conversation_id.in_(visited)), limit)
        queue = self._after(event_id, event.c.queued, limit)
        return sorted({item.id: item for item in (*own, *queue)}.values(), key=lambda item: item.id)[:limit]

    def touched_after(self, event_id: int, *, limit: int = 1000) -> list[Touch]:
        """Whom each event with a greater id concerns, in order."""
        rows = self._connection.execute(select(
            event.c.id, event.c.conversation_id, event.c.agent, event.c.queued,
        ).where(event.c.id > event_id).order_by(event.c.id).limit(limit))
        touched = rows.all()
        guests = Labels(self._connection).guests({row.conversation_id for row in touched})
        return [Touch(row.id, row.conversation_id, row.agent, row.queued, guests.get(row.conversation_id, ())) for row in touched]

    def last_id(self) -> int:
        return self._connection.scalar(select(func.max(event.c.id))) or 0

    def _after(self, event_id: int, wanted: ColumnElement[bool], limit: int) -> list[Recorded]:
        rows = self._connection.execute(
            select(event).where(wanted, event.c.id > event_id).order_by(event.c.id).limit(limit))
        return [_to_recorded(row) for row in rows]


def _to_recorded(row: Row[Any]) -> Recorded:
    return Recorded(row.id, row.conversation_id, row.type, row.payload, row.at, row.agent)
