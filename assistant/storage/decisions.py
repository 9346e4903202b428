"""What the assistant decided, what clients thought of it, and what knowledge did not serve."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from assistant.storage.records import Decision, KnowledgeGap
from assistant.storage.tables import decision, feedback, knowledge_gap

__all__ = ["Decisions"]

# Run for every reply, and so made once.
_ADD = insert(decision)
_BY_MESSAGE = select(decision).where(decision.c.message_id.in_(bindparam("message_ids", expanding=True)))


class Decisions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: Decision) -> None:
        values = {name: getattr(item, name) for name in item.__dataclass_fields__}
        self._connection.execute(_ADD, {**values, "models": dict(item.models)})

    def get(self, message_id: str) -> Decision | None:
        return self.by_message([message_id]).get(message_id)

    def by_message(self, message_ids: list[str]) -> dict[str, Decision]:
        if not message_ids:
            return {}
        rows = self._connection.execute(_BY_MESSAGE, {"message_ids": message_ids}).mappings()
        return {row["message_id"]: Decision(**row) for row in rows}

    def set_feedback(self, message_id: str, conversation_id: str, *, helpful: bool, at: datetime) -> bool:
        """Keep the client's last word on a reply, in a conversation that is held. False where it said so before."""
        mine = feedback.c.message_id == message_id
        before = self._connection.scalar(select(feedback.c.helpful).where(mine))
        if before is None:
            self._connection.execute(insert(feedback).values(
                message_id=message_id, conversation_id=conversation_id, helpful=helpful, at=at))
        elif before != helpful:
            self._connection.execute(update(feedback).where(mine).values(helpful=helpful, at=at))
        return before != helpful

    def feedback(self, message_ids: list[str]) -> dict[str, bool]:
        if not message_ids:
            return {}
        rows = self._connection.execute(select(feedback).where(feedback.c.message_id.in_(message_ids)))
        return {row.message_id: row.helpful for row in rows}

    def add_gap(self, item: KnowledgeGap) -> None:
        self._connection.execute(insert(knowledge_gap).values(asdict(item)))

    def gaps(self, limit: int = 100) -> list[KnowledgeGap]:
        """The latest first."""
        rows = self._connection.execute(select(knowledge_gap).order_by(knowledge_gap.c.id.desc()).limit(limit))
        return [KnowledgeGap(row.question, row.normalized, row.miss, row.at) for row in rows]
