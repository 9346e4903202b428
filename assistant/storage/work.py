"""One unit of work: all repositories on one transaction."""

from __future__ import annotations

from sqlalchemy import Connection

from assistant.storage.conversations import Conversations
from assistant.storage.decisions import Decisions
from assistant.storage.knowledge import Revisions
from assistant.storage.outbox import Outbox

__all__ = ["Work"]


class Work:
    """The repositories that share a transaction; `Store.write` and `Store.read` open it and end it."""

    def __init__(self, connection: Connection) -> None:
        self.conversations = Conversations(connection)
        self.decisions = Decisions(connection)
        self.outbox = Outbox(connection)
        self.knowledge = Revisions(connection)
