"""Phrases of agents and of the team."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, RowMapping, delete, func, select, update

from assistant.storage.records import QuickReply
from assistant.storage.rows import insert_new
from assistant.storage.tables import quick_reply

__all__ = ["TEAM", "QuickReplies"]

# The owner of the team's phrases: no account has this name.
TEAM = ""


class QuickReplies:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, owner: str) -> list[QuickReply]:
        """By position, then by shortcut."""
        rows = self._connection.execute(select(quick_reply).where(quick_reply.c.owner == owner).order_by(
            quick_reply.c.position, quick_reply.c.shortcut)).mappings()
        return [_to_reply(row) for row in rows]

    def count(self, owner: str) -> int:
        return self._connection.scalar(select(func.count()).select_from(quick_reply).where(quick_reply.c.owner == owner)) or 0

    def get(self, owner: str, reply_id: str) -> QuickReply | None:
        row = self._connection.execute(select(quick_reply).where(
            quick_reply.c.id == reply_id, quick_reply.c.owner == owner).with_for_update()).mappings().one_or_none()
        return row and _to_reply(row)

    def by_shortcut(self, owner: str, shortcut: str) -> QuickReply | None:
        row = self._connection.execute(select(quick_reply).where(
            quick_reply.c.owner == owner, quick_reply.c.shortcut == shortcut)).mappings().one_or_none()
        return row and _to_reply(row)

    def add(self, item: QuickReply) -> bool:
        """Whether it was added; not where the owner has another with its shortcut."""
        return insert_new(self._connection, quick_reply, asdict(item))

    def change(self, item: QuickReply) -> None:
        self._connection.execute(update(quick_reply).where(quick_reply.c.id == item.id).values(asdict(item)))

    def remove(self, owner: str, reply_id: str) -> bool:
        return self._connection.execute(delete(quick_reply).where(
            quick_reply.c.id == reply_id, quick_reply.c.owner == owner)).rowcount > 0


def _to_reply(row: RowMapping) -> QuickReply:
    return QuickReply(**{**row, "instead_of": tuple(row["instead_of"])})
