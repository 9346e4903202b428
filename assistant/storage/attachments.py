"""Which file came with which message. The bytes lie in the folder of uploads: see assistant/uploads.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, bindparam, func, insert, select

from assistant.storage.records import Attachment
from assistant.storage.rows import in_parts
from assistant.storage.tables import attachment, message

__all__ = ["Attachments"]

# Run for every message, and so made once.
_OF_MESSAGES = select(attachment).where(attachment.c.message_id.in_(bindparam("ids", expanding=True)))


class Attachments:
    """Whoever adds something holds its conversation first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: Attachment) -> None:
        self._connection.execute(insert(attachment).values(asdict(item)))

    def get(self, attachment_id: str) -> Attachment | None:
        row = self._connection.execute(select(attachment).where(attachment.c.id == attachment_id)).mappings().one_or_none()
        return row and Attachment(**row)

    def of_messages(self, message_ids: list[str]) -> dict[str, Attachment]:
        if not message_ids:
            return {}
        rows = self._connection.execute(_OF_MESSAGES, {"ids": message_ids}).mappings()
        return {row["message_id"]: Attachment(**row) for row in rows}

    def known(self, digests: Iterable[str]) -> set[str]:
        """Which of these bytes some message has."""
        return {found for part in in_parts(digests)
                for found in self._connection.scalars(select(attachment.c.sha256).where(attachment.c.sha256.in_(part)))}

    def count_of_client(self, conversation_id: str) -> int:
        """How many files the client has sent in the conversation."""
        return self._connection.scalar(select(func.count()).select_from(
            attachment.join(message, message.c.id == attachment.c.message_id)).where(
            attachment.c.conversation_id == conversation_id, message.c.sender == "client")) or 0
