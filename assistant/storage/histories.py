"""A client's conversations as one history, over all channels on which the client is known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from assistant.storage.conversations import to_conversation, to_message
from assistant.storage.records import Conversation, Message
from assistant.storage.rows import clear_away, insert_new
from assistant.storage.tables import client_identity, client_token_use, conversation, message

__all__ = ["Histories"]


class Histories:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def others(self, item: Conversation, *, vouched_only: bool = False, limit: int = 50) -> list[Conversation]:
        """The client's other conversations in which something was said, the newest first; none where nobody knows who it is."""
        if item.client_ref is None:
            return []
        rows = self._connection.execute(select(conversation).where(_of_the_same(item, vouched_only), exists().where(
            message.c.conversation_id == conversation.c.id)).order_by(conversation.c.updated_at.desc(), conversation.c.id).limit(limit))
        return [to_conversation(row) for row in rows.mappings()]

    def messages(self, item: Conversation, before: Message | None, *, limit: int) -> list[Message]:
        """Of the client's other conversations that were vouched for, older than `before`: the newest ones, in order."""
        if item.client_ref is None:
            return []
        query = select(message).join(conversation, conversation.c.id == message.c.conversation_id).where(_of_the_same(item, True))
        if before:
            query = query.where(or_(message.c.at < before.at, and_(message.c.at == before.at, or_(
                message.c.conversation_id < before.conversation_id, and_(
                    message.c.conversation_id == before.conversation_id, message.c.seq < before.seq)))))
        order = (message.c.at.desc(), message.c.conversation_id.desc(), message.c.seq.desc())
        return [to_message(row) for row in self._connection.execute(query.order_by(*order).limit(limit)).mappings()][::-1]

    def joins(self, item: Conversation, other_id: str) -> bool:
        """Whether the other conversation belongs to this one's history, as the client may see it."""
        return item.client_ref is not None and self._connection.scalar(select(func.count()).select_from(conversation).where(
            conversation.c.id == other_id, _of_the_same(item, True))) == 1

    def use_token(self, digest: str, expires_at: datetime, now: datetime) -> bool:
        """Whether the token had not been used before. Those that have expired are cleared away."""
        clear_away(self._connection, client_token_use, client_token_use.c.expires_at < now)
        return insert_new(self._connection, client_token_use, {"digest": digest, "expires_at": expires_at})


def _of_the_same(item: Conversation, vouched_only: bool) -> ColumnElement[bool]:
    """Others of the one who is known so on this channel, and on any other channel by the client's record."""
    known, other = client_identity.alias(), client_identity.alias()
    by_record = select(other.c.client_ref).join(known, known.c.client_id == other.c.client_id).where(
        known.c.channel == item.channel, known.c.client_ref == item.client_ref,
        other.c.channel == conversation.c.channel, other.c.client_ref == conversation.c.client_ref).exists()
    same = or_(and_(conversation.c.channel == item.channel, conversation.c.client_ref == item.client_ref), by_record)
    wanted = and_(conversation.c.id != item.id, same)
    return and_(wanted, conversation.c.vouched) if vouched_only else wanted
