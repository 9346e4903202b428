"""What agents pin to conversations: tags, and the colleagues whom they invited to read along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, func, select

from assistant.storage.rows import insert_new
from assistant.storage.tables import conversation, conversation_guest, conversation_tag

__all__ = ["Labels", "has_tag"]


def _pairs(key: ColumnElement[str], value: ColumnElement[str]) -> Select[tuple[str, str]]:
    return select(key, value).where(key.in_(bindparam("ids", expanding=True))).order_by(key, value)


# Run whenever there are events, and so made once.
_TAGS = _pairs(conversation_tag.c.conversation_id, conversation_tag.c.tag)
_GUESTS = _pairs(conversation_guest.c.conversation_id, conversation_guest.c.agent)


class Labels:
    """Whoever changes something holds its conversation first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tags(self, conversation_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Conversation → tags in order; those without any are left out."""
        return self._grouped(conversation_ids, _TAGS)

    def set_tags(self, conversation_id: str, tags: Iterable[str], author: str, at: datetime) -> None:
        """These and no others; who set one that stays is kept."""
        wanted = set(tags)
        self._connection.execute(delete(conversation_tag).where(
            conversation_tag.c.conversation_id == conversation_id, conversation_tag.c.tag.not_in(wanted)))
        for tag in sorted(wanted):
            insert_new(self._connection, conversation_tag, {"conversation_id": conversation_id, "tag": tag, "author": author, "at": at})

    def most_used(self, beginning: str = "", *, limit: int) -> list[str]:
        """Tags that begin so, the most used first."""
        query = select(conversation_tag.c.tag).group_by(conversation_tag.c.tag).order_by(func.count().desc(), conversation_tag.c.tag)
        if beginning:
            query = query.where(conversation_tag.c.tag.startswith(beginning, autoescape=True))
        return list(self._connection.scalars(query.limit(limit)))

    def guests(self, conversation_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Conversation → accounts of those who were invited; those without any are left out."""
        return self._grouped(conversation_ids, _GUESTS)

    def add_guest(self, conversation_id: str, agent: str, invited_by: str, at: datetime) -> bool:
        """Whether they were not there already."""
        return insert_new(self._connection, conversation_guest, {
            "conversation_id": conversation_id, "agent": agent, "invited_by": invited_by, "at": at})

    def remove_guest(self, conversation_id: str, agent: str | None = None) -> bool:
        """Take one away, or all; whether there was any."""
        query = delete(conversation_guest).where(conversation_guest.c.conversation_id == conversation_id)
        return self._connection.execute(query.where(conversation_guest.c.agent == agent) if agent is not None else query).rowcount > 0

    def _grouped(self, ids: Iterable[str], pairs: Select[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
        wanted = list(ids)
        if not wanted:
            return {}
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, item in self._connection.execute(pairs, {"ids": wanted}):
            found[name].append(item)
        return {name: tuple(items) for name, items in found.items()}


def has_tag(tag: str) -> ColumnElement[bool]:
    """Of a conversation in a query."""
    return select(conversation_tag.c.tag).where(
        conversation_tag.c.conversation_id == conversation.c.id, conversation_tag.c.tag == tag).exists()
