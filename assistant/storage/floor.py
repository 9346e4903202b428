"""Many rows at once, as the demonstration's floor needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, text

from assistant.storage.outbox import ORDER_LOCK
from assistant.storage.rows import in_parts
from assistant.storage.tables import conversation, metadata

__all__ = ["Floor"]


class Floor:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, conversation_ids: Sequence[str]) -> set[str]:
        """Which of these conversations are there."""
        return {found for piece in in_parts(conversation_ids)
                for found in self._connection.scalars(select(conversation.c.id).where(conversation.c.id.in_(piece)))}

    def add(self, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Rows by the name of their table, in an order in which each finds what it refers to; events come in the order given."""
        if self._connection.dialect.name == "postgresql":
            # Nobody else's event may come between, as in the outbox.
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ORDER_LOCK})
        for name, values in rows.items():
            if values:
                self._connection.execute(insert(metadata.tables[name]), list(values))
