"""Which file came with which message. The bytes lie in the folder of uploads: see assistant/uploads.py."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, func, insert, select

from assistant.storage.records import Attachment
from assistant.storage.tables import attachment, message

__all__ = ["Attachments"]


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
        rows = self._connection.execute(select(attachment).where(attachment.c.message_id.in_(message_ids))).mappings()
        return {row["message_id"]: Attachment(**row) for row in rows}

    def count_of_client(self, conversation_id: str) -> int:
        """How many files the client has sent in the conversation."""
        return self._connection.scalar(select(func.count()).select_from(
            attachment.join(message, message.c.id == attachment.c.message_id)).where(
            attachment.c.conversation_id == conversation_id, message.c.sender == "client")) or 0
