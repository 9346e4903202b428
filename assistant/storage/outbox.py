"""The append-only record of events. Ids rise in the order of commits, so "after event n" misses nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, or_, select, text

from assistant.conversation import ASSISTANT, Holding, State
from assistant.events import AT_ONCE, Event, Recorded
from assistant.storage.tables import conversation_guest, event

__all__ = ["ORDER_LOCK", "Outbox"]

ORDER_LOCK = 5_318_008_602


def _page(query: Select[Any]) -> Select[Any]:
    return query.where(event.c.id > bindparam("after")).order_by(event.c.id).limit(bindparam("most"))


# Run for every message and every stream that hears of it, and so made once.
_OF_ONE = _page(select(event).where(event.c.conversation_id == bindparam("conversation_id")))
_OF_ONE_WITHOUT = _OF_ONE.where(event.c.type.not_in(bindparam("without", expanding=True)))
_OWN = _page(select(event).where(or_(event.c.agent == bindparam("agent"), event.c.conversation_id.in_(
    select(conversation_guest.c.conversation_id).where(conversation_guest.c.agent == bindparam("agent"))))))
_QUEUE = _page(select(event).where(event.c.queued))
_OF_ALL = _page(select(event))
_LAST_ID = select(func.max(event.c.id))
_APPEND = insert(event)


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
            self._connection.execute(_APPEND, {
                "conversation_id": conversation_id, "type": item.type, "payload": asdict(item), "at": at, "agent": holding.agent,
                "queued": item.changes_hands or holding.state is State.WAITING})

    def after(self, event_id: int, *, conversation_id: str, limit: int = AT_ONCE, without: Collection[str] = ()) -> list[Recorded]:
        """Events of one conversation with greater ids, in order; those of the types `without` are left out."""
        given = {"conversation_id": conversation_id, **({"without": sorted(without)} if without else {})}
        return self._after(_OF_ONE_WITHOUT if without else _OF_ONE, event_id, limit, given)

    def for_agent(self, event_id: int, agent: str, *, limit: int = AT_ONCE) -> list[Recorded]:
        """Events with greater ids that concern the queue, what the agent held when they happened, or where they are a guest; in order."""
        own = self._after(_OWN, event_id, limit, {"agent": agent})
        queue = self._after(_QUEUE, event_id, limit, {})
        return sorted({item.id: item for item in (*own, *queue)}.values(), key=lambda item: item.id)[:limit]

    def of_all(self, event_id: int, *, limit: int = AT_ONCE) -> list[Recorded]:
        """Events of all conversations with greater ids, in order."""
        return self._after(_OF_ALL, event_id, limit, {})

    def last_id(self) -> int:
        return self._connection.scalar(_LAST_ID) or 0

    def _after(self, query: Select[Any], event_id: int, limit: int, given: Mapping[str, Any]) -> list[Recorded]:
        return [_to_recorded(row) for row in self._connection.execute(query, {"after": event_id, "most": limit, **given})]


def _to_recorded(row: Row[Any]) -> Recorded:
    return Recorded(row.id, row.conversation_id, row.type, row.payload, row.at, row.agent, row.queued)
