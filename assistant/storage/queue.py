"""Conversations as agents list them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from assistant.conversation import State
from assistant.storage.conversations import to_conversation
from assistant.storage.records import QueueLine
from assistant.storage.tables import client, client_identity, conversation, message, read_marker

__all__ = ["Place", "Queue", "Wanted"]


@dataclass(frozen=True, slots=True)
class Place:
    """Of a conversation in the list."""

    needed_at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations: in one state, of one agent, of any where None; the newest need first, or the oldest."""

    state: State | None = None
    agent: str | None = None
    oldest_first: bool = False


class Queue:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, reader: str, wanted: Wanted, *, after: Place | None = None, limit: int = 50) -> list[QueueLine]:
        """Conversations behind the place `after`; `unread` is counted for the agent `reader`."""
        query = _lines()
        if wanted.state:
            query = query.where(conversation.c.state == wanted.state)
        if wanted.agent:
            query = query.where(conversation.c.agent == wanted.agent)
        key, last = conversation.c.needed_at, conversation.c.id
        if after and wanted.oldest_first:
            query = query.where(or_(key > after.needed_at, and_(key == after.needed_at, last > after.id)))
        elif after:
            query = query.where(or_(key < after.needed_at, and_(key == after.needed_at, last < after.id)))
        order = (key, last) if wanted.oldest_first else (key.desc(), last.desc())
        return self._read(query.order_by(*order).limit(limit), reader)

    def line(self, reader: str, conversation_id: str) -> QueueLine | None:
        return next(iter(self._read(_lines().where(conversation.c.id == conversation_id), reader)), None)

    def _read(self, query: Select[Any], reader: str) -> list[QueueLine]:
        rows = self._connection.execute(query).mappings().all()
        unread = self._unread([row["id"] for row in rows], reader)
        return [_to_line(row, unread.get(row["id"], 0)) for row in rows]

    def _unread(self, ids: list[str], reader: str) -> Mapping[str, int]:
        """Conversation → number of the client's messages behind the reader's marker; those without any are left out."""
        if not ids:
            return {}
        marked = and_(read_marker.c.conversation_id == message.c.conversation_id, read_marker.c.agent == reader)
        rows = self._connection.execute(select(message.c.conversation_id, func.count()).select_from(
            message.outerjoin(read_marker, marked)).where(
            message.c.conversation_id.in_(ids), message.c.sender == "client",
            message.c.seq > func.coalesce(read_marker.c.seq, 0)).group_by(message.c.conversation_id))
        return {conversation_id: count for conversation_id, count in rows}


def _lines() -> Select[Any]:
    known = and_(client_identity.c.channel == conversation.c.channel, client_identity.c.client_ref == conversation.c.client_ref)
    found = conversation.outerjoin(client_identity, known).outerjoin(client, client.c.id == client_identity.c.client_id)
    return select(conversation, client.c.id.label("client_id"), client.c.display_name.label("client_name"),
                  client.c.tier.label("client_tier")).select_from(found)


def _to_line(row: Mapping[str, Any], unread: int) -> QueueLine:
    values = dict(row)
    client_id, name, tier = (values.pop(key) for key in ("client_id", "client_name", "client_tier"))
    return QueueLine(to_conversation(values), client_id, name, tier, unread)
