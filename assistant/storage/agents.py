"""What agents write and have read: who wrote which message, notes, and read markers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from assistant.storage.records import AgentMessage, Note
from assistant.storage.rows import insert_new
from assistant.storage.tables import agent_message, note, read_marker

__all__ = ["Agents"]

# Run for every message, and so made once.
_SENT_AS = select(agent_message.c.message_id).where(
    agent_message.c.conversation_id == bindparam("conversation_id"), agent_message.c.author == bindparam("author"),
    agent_message.c.client_message_id == bindparam("client_message_id"))
_AUTHORSHIPS = select(agent_message).where(agent_message.c.message_id.in_(bindparam("ids", expanding=True)))
_ADD_AUTHORSHIP = insert(agent_message)
_MOVE_MARKER = update(read_marker).where(
    read_marker.c.conversation_id == bindparam("of"), read_marker.c.agent == bindparam("by"), read_marker.c.seq < bindparam("to"),
).values(seq=bindparam("to"))


class Agents:
    """Whoever adds something holds its conversation first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_authorship(self, item: AgentMessage) -> None:
        values = {name: getattr(item, name) for name in item.__dataclass_fields__}
        self._connection.execute(_ADD_AUTHORSHIP, {**values, "acknowledged": list(item.acknowledged)})

    def sent_as(self, conversation_id: str, author: str, client_message_id: str) -> str | None:
        """Id of the message that the agent sent under this id of theirs."""
        return self._connection.scalar(_SENT_AS, {
            "conversation_id": conversation_id, "author": author, "client_message_id": client_message_id})

    def authorships(self, message_ids: list[str]) -> dict[str, AgentMessage]:
        if not message_ids:
            return {}
        rows = self._connection.execute(_AUTHORSHIPS, {"ids": message_ids}).mappings()
        return {row["message_id"]: AgentMessage(**{**row, "acknowledged": tuple(row["acknowledged"])}) for row in rows}

    def add_note(self, item: Note) -> None:
        self._connection.execute(insert(note).values({name: getattr(item, name) for name in item.__dataclass_fields__}))

    def noted_as(self, conversation_id: str, author: str, client_message_id: str) -> Note | None:
        row = self._connection.execute(select(note).where(
            note.c.conversation_id == conversation_id, note.c.author == author,
            note.c.client_message_id == client_message_id)).mappings().one_or_none()
        return row and Note(**row)

    def notes(self, conversation_id: str, *, limit: int = 500) -> list[Note]:
        """In order, the newest where there are more."""
        rows = self._connection.execute(select(note).where(note.c.conversation_id == conversation_id).order_by(
            note.c.at.desc(), note.c.id.desc()).limit(limit)).mappings()
        return [Note(**row) for row in rows][::-1]

    def notes_by_id(self, ids: list[str]) -> dict[str, Note]:
        if not ids:
            return {}
        rows = self._connection.execute(select(note).where(note.c.id.in_(ids))).mappings()
        return {row["id"]: Note(**row) for row in rows}

    def mark_read(self, conversation_id: str, agent: str, seq: int, at: datetime) -> bool:
        """The agent has read messages up to `seq`; whether that is further than before."""
        moved = self._connection.execute(_MOVE_MARKER, {"of": conversation_id, "by": agent, "to": seq, "at": at})
        if moved.rowcount == 1:
            return True
        # Nothing to move: a marker is there already, or this is the first.
        return insert_new(self._connection, read_marker, {"conversation_id": conversation_id, "agent": agent, "seq": seq, "at": at})
