"""What agents were offered as a reply, and what they made of it: the data that rankers are trained on later."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from assistant.storage.records import Suggestion, SuggestionUse
from assistant.storage.tables import suggestion, suggestion_use

__all__ = ["Suggestions"]


class Suggestions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, items: list[Suggestion]) -> None:
        """To a conversation that is held."""
        for item in items:
            values = {name: getattr(item, name) for name in item.__dataclass_fields__}
            self._connection.execute(insert(suggestion).values({**values, "models": dict(item.models)}))

    def of_message(self, message_id: str, knowledge_version: int) -> list[Suggestion]:
        """In the order in which they were offered; without what agents searched for themselves."""
        rows = self._connection.execute(select(suggestion).where(
            suggestion.c.message_id == message_id, suggestion.c.knowledge_version == knowledge_version, suggestion.c.origin != "searched",
        ).order_by(suggestion.c.place)).mappings()
        return [Suggestion(**row) for row in rows]

    def get(self, suggestion_id: str) -> Suggestion | None:
        row = self._connection.execute(select(suggestion).where(suggestion.c.id == suggestion_id)).mappings().one_or_none()
        return row and Suggestion(**row)

    def add_use(self, item: SuggestionUse) -> None:
        self._connection.execute(insert(suggestion_use).values(
            {name: getattr(item, name) for name in item.__dataclass_fields__}))

    def uses(self, conversation_id: str) -> list[SuggestionUse]:
        """In the order in which they were sent."""
        rows = self._connection.execute(select(suggestion_use).join(
            suggestion, suggestion.c.id == suggestion_use.c.suggestion_id).where(
            suggestion.c.conversation_id == conversation_id).order_by(suggestion_use.c.at)).mappings()
        return [SuggestionUse(**row) for row in rows]
