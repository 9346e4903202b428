"""Golden questions, and why some were overridden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from assistant.review_records import GoldenQuestion, Waiver
from assistant.storage.rows import insert_new
from assistant.storage.tables import golden_question, golden_waiver

__all__ = ["Golden"]


class Golden:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: GoldenQuestion) -> bool:
        """Whether it was added; not where one in force reads the same."""
        return insert_new(self._connection, golden_question, asdict(item))

    def remove(self, golden_id: str, by: str, at: datetime) -> bool:
        """Whether it was in force until now."""
        removed = self._connection.execute(update(golden_question).where(
            golden_question.c.id == golden_id, golden_question.c.removed_at.is_(None)).values(removed_by=by, removed_at=at))
        return removed.rowcount == 1

    def in_force(self) -> list[GoldenQuestion]:
        """By article and question."""
        rows = self._connection.execute(select(golden_question).where(golden_question.c.removed_at.is_(None)).order_by(
            golden_question.c.article_id, golden_question.c.normalized, golden_question.c.id)).mappings()
        return [GoldenQuestion(**row) for row in rows]

    def any_ever(self) -> bool:
        return bool(self._connection.scalar(select(func.count()).select_from(golden_question)))

    def waive(self, item: Waiver) -> None:
        """The first reason that was given stays."""
        insert_new(self._connection, golden_waiver, asdict(item))

    def waivers(self, subjects: Iterable[str]) -> list[Waiver]:
        rows = self._connection.execute(select(golden_waiver).where(golden_waiver.c.subject.in_(list(subjects)))).mappings()
        return [Waiver(**row) for row in rows]
