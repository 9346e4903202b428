"""Conversations and their messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, insert, select, update

from assistant.conversation import REOPENS_TO_AGENT, Holding, State, known_to
from assistant.errors import ConversationNotFound
from assistant.storage.records import Answering, Conversation, Message
from assistant.storage.tables import conversation, message

__all__ = ["Conversations", "to_conversation", "to_message"]

# Run for every message. Made once: to put a statement together takes SQLAlchemy longer than the database takes to run it.
_CONVERSATION = select(conversation).where(conversation.c.id == bindparam("id"))
_HELD = _CONVERSATION.with_for_update()
_MESSAGE = select(message).where(message.c.id == bindparam("id"))
_MESSAGES = select(message).where(message.c.id.in_(bindparam("ids", expanding=True)))
_LAST_SEQ = select(func.max(message.c.seq)).where(message.c.conversation_id == bindparam("conversation_id"))
_SENT_AS = select(message).where(
    message.c.conversation_id == bindparam("conversation_id"), message.c.client_message_id == bindparam("client_message_id"))
_LAST = select(message).where(message.c.conversation_id == bindparam("conversation_id")).order_by(
    message.c.seq.desc()).limit(bindparam("most"))
_REPLY_TO = select(message).where(message.c.in_reply_to == bindparam("message_id"))
_PENDING = select(message).where(
    message.c.conversation_id == bindparam("conversation_id"), message.c.answering == Answering.PENDING).order_by(message.c.seq)
_LAST_OF = _LAST.where(message.c.sender == bindparam("sender"))
_ADD = insert(conversation)
_ADD_MESSAGE = insert(message)
_CHANGE = update(conversation).where(conversation.c.id == bindparam("held"))
_MARK = update(message).where(message.c.id == bindparam("marked"))


class Conversations:
    """`hold` locks a conversation until the transaction ends; what changes it holds it first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: Conversation) -> None:
        self._connection.execute(_ADD, dict(
            id=item.id, channel=item.channel, client_ref=item.client_ref, token_hash=item.token_hash, state=item.state,
            context=item.context, satisfaction=item.satisfaction, turn=item.turn, created_at=item.created_at,
            updated_at=item.updated_at, needed_at=item.needed_at, agent=item.agent, waiting_since=item.waiting_since,
            closed_at=item.closed_at, closed_by=item.closed_by, tone=item.tone, summary=item.summary, ranked_at=item.ranked_at,
            raised_at=item.raised_at, topic=item.topic, language=item.language, satisfaction_words=item.satisfaction_words,
            vouched=item.vouched, last_agent=item.last_agent, last_agent_until=item.last_agent_until))

    def get(self, conversation_id: str) -> Conversation | None:
        return self._conversation(_CONVERSATION, conversation_id)

    def hold(self, conversation_id: str) -> Conversation:
        """Raises ConversationNotFound."""
        held = self._conversation(_HELD, conversation_id)
        if held is None:
            raise ConversationNotFound()
        return held

    def change(self, held: Conversation, at: datetime, *, holding: Holding | None = None, closed_by: str | None = None,
               context: Mapping[str, Any] | None = None, satisfaction: int | None = None, satisfaction_words: str | None = None,
               needed: bool = False) -> None:
        """Set what is given, and count one turn. `closed_by` is the agent where the new holding is `closed`; `needed` as by `need`."""
        given = {"context": context, "satisfaction": satisfaction, "satisfaction_words": satisfaction_words}
        values = {name: value for name, value in given.items() if value is not None}
        if needed:
            values["needed_at"] = at
        if holding is not None and holding != held.holding:
            values |= _values_of(held, holding, at, closed_by)
        self._connection.execute(_CHANGE, {"held": held.id, "turn": held.turn + 1, "updated_at": at, **values})

    def need(self, conversation_id: str, at: datetime) -> None:
        """The client calls for somebody now. No turn: it overtakes no reply in the making."""
        self._connection.execute(_CHANGE, {"held": conversation_id, "needed_at": at})

    def describe(self, conversation_id: str, *, tone: str | None = None, summary: Mapping[str, Any] | None = None,
                 topic: str | None = None, language: str | None = None, ranked_at: datetime | None = None,
                 raised_at: datetime | None = None) -> None:
        """Set what is given of the things that agents are told, masked. No turn either."""
        given = {"tone": tone, "summary": summary, "topic": topic, "language": language, "ranked_at": ranked_at, "raised_at": raised_at}
        values = {name: value for name, value in given.items() if value is not None}
        if values:
            self._connection.execute(_CHANGE, {"held": conversation_id, **values})

    def identify(self, held: Conversation, client_ref: str, at: datetime, *, vouched: bool) -> None:
        """Set whose conversation it is. No turn."""
        self._connection.execute(_CHANGE, {"held": held.id, "client_ref": client_ref, "vouched": vouched, "updated_at": at})

    def add_message(self, conversation_id: str, *, id: str, sender: str, text: str, at: datetime,
                    client_message_id: str | None = None, in_reply_to: str | None = None,
                    answering: Answering = Answering.NONE) -> Message:
        """Append to a conversation that is held, with the next `seq`."""
        last = self._connection.scalar(_LAST_SEQ, {"conversation_id": conversation_id})
        item = Message(id=id, conversation_id=conversation_id, seq=(last or 0) + 1, sender=sender, text=text,
                       client_message_id=client_message_id, in_reply_to=in_reply_to, answering=answering, attempts=0,
                       at=at)
        self._connection.execute(_ADD_MESSAGE, {name: getattr(item, name) for name in item.__dataclass_fields__})
        return item

    def message(self, message_id: str) -> Message | None:
        return self._message(_MESSAGE, {"id": message_id})

    def sent_as(self, conversation_id: str, client_message_id: str) -> Message | None:
        return self._message(_SENT_AS, {"conversation_id": conversation_id, "client_message_id": client_message_id})

    def reply_to(self, message_id: str) -> Message | None:
        return self._message(_REPLY_TO, {"message_id": message_id})

    def pending(self, conversation_id: str) -> list[Message]:
        """The client's messages that wait for the assistant, oldest first."""
        rows = self._connection.execute(_PENDING, {"conversation_id": conversation_id}).mappings()
        return [to_message(row) for row in rows]

    def mark(self, message_id: str, answering: Answering) -> None:
        self._connection.execute(_MARK, {"marked": message_id, "answering": answering})

    def count_attempt(self, message_id: str) -> None:
        self._connection.execute(
            update(message).where(message.c.id == message_id).values(attempts=message.c.attempts + 1))

    def messages(self, conversation_id: str, *, after_seq: int = 0, limit: int = 500) -> list[Message]:
        rows = self._connection.execute(select(message).where(
            message.c.conversation_id == conversation_id, message.c.seq > after_seq,
        ).order_by(message.c.seq).limit(limit)).mappings()
        return [to_message(row) for row in rows]

    def last_messages(self, conversation_id: str, limit: int, *, sender: str | None = None) -> list[Message]:
        """The newest ones, in order; with `sender`, only theirs."""
        given = {"conversation_id": conversation_id, "most": limit, **({"sender": sender} if sender else {})}
        return [to_message(row) for row in self._connection.execute(_LAST_OF if sender else _LAST, given).mappings()][::-1]

    def messages_by_id(self, ids: list[str]) -> dict[str, Message]:
        if not ids:
            return {}
        rows = self._connection.execute(_MESSAGES, {"ids": ids}).mappings()
        return {row["id"]: to_message(row) for row in rows}

    def _conversation(self, query: Select[Any], conversation_id: str) -> Conversation | None:
        row = self._connection.execute(query, {"id": conversation_id}).mappings().one_or_none()
        return row and to_conversation(row)

    def _message(self, query: Select[Any], given: Mapping[str, Any]) -> Message | None:
        row = self._connection.execute(query, given).mappings().one_or_none()
        return row and to_message(row)


def to_message(row: RowMapping) -> Message:
    return Message(**{**row, "answering": Answering(row["answering"])})


def to_conversation(row: Mapping[str, Any]) -> Conversation:
    return Conversation(**{**row, "state": State(row["state"])})


def _values_of(held: Conversation, holding: Holding, at: datetime, closed_by: str | None) -> dict[str, Any]:
    """A new hand: since when somebody waits, and who closed, hold for the state that they belong to only; who had it is remembered."""
    waits, closed = holding.state is State.WAITING, holding.state is State.CLOSED
    values = {"state": holding.state, "agent": holding.agent, "waiting_since": at if waits else None,
              "ranked_at": at if waits else None, "closed_at": at if closed else None, "closed_by": closed_by if closed else None}
    return values | ({"needed_at": at} if waits else {}) | ({"raised_at": None} if closed else {}) | _before(held, holding, at)


def _before(held: Conversation, holding: Holding, at: datetime) -> dict[str, Any]:
    """The agent who had it; whom a client who comes back does not know any more is forgotten."""
    if held.agent:
        return {"last_agent": held.agent, "last_agent_until": None}
    if held.closed_at and holding.state is not State.AGENT:
        known = known_to(closed_at=held.closed_at, last_agent=held.last_agent, now=at)
        return {"last_agent": known, "last_agent_until": held.closed_at + REOPENS_TO_AGENT if known else None}
    return {}
