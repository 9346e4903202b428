"""Conversations as agents list them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, func, or_, select

from assistant.conversation import State
from assistant.routing import Case
from assistant.storage.conversations import to_conversation
from assistant.storage.labels import Labels, has_tag
from assistant.storage.records import QueueLine
from assistant.storage.tables import client, client_identity, conversation, message, read_marker
from assistant.storage.unanswered import UNANSWERED_SINCE

__all__ = ["Place", "Queue", "Wanted", "case_of", "place_of"]

_UNANSWERED = select(conversation.c.id, UNANSWERED_SINCE).where(conversation.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Place:
    """Of a conversation in the list: when it was needed, or, in the order of service, its `rank` and since when it waits."""

    at: datetime
    id: str
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations: in one state, of one agent, of any where None; the newest need first, or the oldest.
    `served`: those that wait, in the order in which they are to be served. `tag`: those that have it; `raised`: those that anger or
    distress has raised."""

    state: State | None = None
    agent: str | None = None
    oldest_first: bool = False
    served: bool = False
    tag: str | None = None
    raised: bool = False


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
        if wanted.tag:
            query = query.where(has_tag(wanted.tag))
        if wanted.raised:
            query = query.where(conversation.c.raised_at.is_not(None))
        if wanted.served:
            return self._read(_as_served(query, reader, after).limit(limit), reader)
        key, last = conversation.c.needed_at, conversation.c.id
        if after and wanted.oldest_first:
            query = query.where(or_(key > after.at, and_(key == after.at, last > after.id)))
        elif after:
            query = query.where(or_(key < after.at, and_(key == after.at, last < after.id)))
        order = (key, last) if wanted.oldest_first else (key.desc(), last.desc())
        return self._read(query.order_by(*order).limit(limit), reader)

    def line(self, reader: str, conversation_id: str) -> QueueLine | None:
        return next(iter(self._read(_lines().where(conversation.c.id == conversation_id), reader)), None)

    def waiting(self, conversation_id: str | None = None) -> list[Case]:
        """Everybody who waits (or the one), in no order."""
        query = _lines().where(conversation.c.state == State.WAITING)
        rows = self._connection.execute(query.where(conversation.c.id == conversation_id) if conversation_id else query).mappings()
        return [case_of(_to_line(row, 0)) for row in rows]

    def tier(self, conversation_id: str) -> str | None:
        """Of the client, where known."""
        return self._connection.scalar(_lines().with_only_columns(client.c.tier).where(conversation.c.id == conversation_id))

    def loads(self) -> dict[str, int]:
        """Agent → how many conversations they hold; those without any are left out."""
        rows = self._connection.execute(select(conversation.c.agent, func.count()).where(
            conversation.c.state == State.AGENT).group_by(conversation.c.agent))
        return {agent: count for agent, count in rows}

    def load(self, agent: str) -> int:
        """How many conversations the agent holds."""
        return self._connection.scalar(select(func.count()).select_from(conversation).where(
            conversation.c.state == State.AGENT, conversation.c.agent == agent)) or 0

    def _read(self, query: Select[Any], reader: str) -> list[QueueLine]:
        rows = self._connection.execute(query).mappings().all()
        ids = [row["id"] for row in rows]
        unread, labels = self._unread(ids, reader), Labels(self._connection)
        tags, guests = labels.tags(ids), labels.guests(ids)
        unanswered = self._unanswered([row["id"] for row in rows if row["state"] == State.AGENT])
        return [replace(_to_line(row, unread.get(row["id"], 0)), tags=tags.get(row["id"], ()), guests=guests.get(row["id"], ()),
                        unanswered_since=unanswered.get(row["id"])) for row in rows]

    def _unanswered(self, held: list[str]) -> Mapping[str, datetime | None]:
        """Conversation that an agent has → since when its client waits for an answer; None where there is one."""
        return {name: since for name, since in self._connection.execute(_UNANSWERED, {"ids": held})} if held else {}

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
                  client.c.tier.label("client_tier"), client.c.adviser.label("client_adviser")).select_from(found)


def _as_served(query: Select[Any], reader: str, after: Place | None) -> Select[Any]:
    """Raised ones first, then the reader's own clients and those who came back to them, then the rest; in each by since when the
    waiting counts."""
    rank, since, last = _rank(reader), conversation.c.ranked_at, conversation.c.id
    if after:
        later = or_(since > after.at, and_(since == after.at, last > after.id))
        query = query.where(or_(rank > after.rank, and_(rank == after.rank, later)))
    return query.where(conversation.c.state == State.WAITING).order_by(rank, since, last)


def _rank(reader: str) -> ColumnElement[int]:
    again = and_(conversation.c.last_agent == reader, conversation.c.waiting_since <= conversation.c.last_agent_until)
    return case((conversation.c.raised_at.is_not(None), 0), (client.c.adviser == reader, 1), (again, 1), else_=2)


def place_of(line: QueueLine, reader: str, *, served: bool) -> Place:
    """Where the line stands in a list of the reader's."""
    item = line.conversation
    if not served:
        return Place(item.needed_at, item.id)
    own = reader in (line.adviser, item.awaits_again)
    return Place(item.ranked_at or item.needed_at, item.id, 0 if item.raised_at else 1 if own else 2)


def case_of(line: QueueLine) -> Case:
    """What routing needs to know of a conversation that waits."""
    item = line.conversation
    since = item.waiting_since or item.needed_at
    return Case(item.id, since, item.ranked_at or since, raised=item.raised_at is not None, topic=item.topic, language=item.language,
                tier=line.tier, adviser=line.adviser, last_agent=item.awaits_again)


def _to_line(row: Mapping[str, Any], unread: int) -> QueueLine:
    values = dict(row)
    client_id, name, tier, adviser = (values.pop(key) for key in ("client_id", "client_name", "client_tier", "client_adviser"))
    return QueueLine(to_conversation(values), client_id, name, tier, unread, adviser)
