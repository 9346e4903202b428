"""Replays that were finished, and what was done about questions that knowledge did not serve."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select

from assistant.review_records import GapOutcome, Impact
from assistant.storage.tables import gap_outcome, impact

__all__ = ["GapOutcomes", "Impacts"]


class Impacts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: Impact) -> None:
        values = asdict(item)
        self._connection.execute(insert(impact).values({**values, "models": dict(item.models), "result": dict(item.result)}))

    def get(self, impact_id: str) -> Impact | None:
        row = self._connection.execute(select(impact).where(impact.c.id == impact_id)).mappings().one_or_none()
        return row and Impact(**row)

    def latest(self, subject: str, basis: str | None = None) -> Impact | None:
        """The newest of a subject; with `basis`, of those that rest on the same."""
        query = select(impact).where(impact.c.subject == subject).order_by(impact.c.at.desc(), impact.c.id).limit(1)
        if basis is not None:
            query = query.where(impact.c.basis == basis)
        row = self._connection.execute(query).mappings().one_or_none()
        return row and Impact(**row)


class GapOutcomes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: GapOutcome) -> None:
        self._connection.execute(insert(gap_outcome).values(asdict(item)))

    def take_back(self, outcome_id: str) -> None:
        """As if it had not been; what became of the same group before counts again."""
        self._connection.execute(delete(gap_outcome).where(gap_outcome.c.id == outcome_id))

    def all(self) -> list[GapOutcome]:
        """The oldest first."""
        rows = self._connection.execute(select(gap_outcome).order_by(gap_outcome.c.at, gap_outcome.c.id)).mappings()
        return [GapOutcome(**row) for row in rows]
