"""Values of rules that were changed at the desk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select, update

from assistant.review_records import FactChange, FactState
from assistant.storage.rows import insert_new
from assistant.storage.tables import fact_change

__all__ = ["FactChanges"]


class FactChanges:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: FactChange) -> bool:
        """Whether it was added; not where the fact has a change that is not decided or not published yet."""
        return insert_new(self._connection, fact_change, item.to_row())

    def get(self, change_id: str) -> FactChange | None:
        found = self._changes(select(fact_change).where(fact_change.c.id == change_id))
        return found[0] if found else None

    def hold(self, change_id: str) -> FactChange | None:
        """The same, locked until the transaction ends."""
        found = self._changes(select(fact_change).where(fact_change.c.id == change_id).with_for_update())
        return found[0] if found else None

    def decide(self, item: FactChange, state: FactState, by: str, at: datetime) -> None:
        """Write the decision on a change that is held."""
        self._connection.execute(update(fact_change).where(fact_change.c.id == item.id).values(
            state=state.value, approver=by, decided_at=at))

    def publish(self, change_ids: Iterable[str], version: int) -> None:
        """Mark approved ones as part of a knowledge version."""
        self._connection.execute(update(fact_change).where(
            fact_change.c.id.in_(list(change_ids)), fact_change.c.state == FactState.APPROVED.value).values(
                state=FactState.PUBLISHED.value, version=version))

    def published(self, version: int | None = None) -> list[FactChange]:
        """Those that are part of a knowledge version (None: the newest), in the order in which they came in."""
        query = select(fact_change).where(fact_change.c.state == FactState.PUBLISHED.value)
        if version is not None:
            query = query.where(fact_change.c.version <= version)
        return self._changes(query.order_by(fact_change.c.version, fact_change.c.decided_at, fact_change.c.id))

    def approved(self) -> list[FactChange]:
        """Those that the next publication takes up."""
        return self._changes(select(fact_change).where(fact_change.c.state == FactState.APPROVED.value).order_by(
            fact_change.c.decided_at, fact_change.c.id))

    def all(self, *, fact: str | None = None, limit: int = 500) -> list[FactChange]:
        """The latest first."""
        query = select(fact_change).order_by(fact_change.c.proposed_at.desc(), fact_change.c.id).limit(limit)
        return self._changes(query.where(fact_change.c.fact == fact) if fact is not None else query)

    def _changes(self, query: Select[Any]) -> list[FactChange]:
        return [_to_change(row) for row in self._connection.execute(query).mappings()]


def _to_change(row: RowMapping) -> FactChange:
    return FactChange(**{**row, "sources": tuple(row["sources"]), "state": FactState(row["state"])})
