"""Revisions of articles and versions of the whole: never changed, only added."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, text

from assistant.storage.records import ArticleRevision, KnowledgeVersion
from assistant.storage.tables import article_revision, knowledge_version

__all__ = ["Revisions"]

_SYNC_LOCK = 5_318_008_603


class Revisions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self) -> None:
        """Only one transaction at a time makes a version. SQLite's writers take turns anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SYNC_LOCK})

    def latest(self) -> dict[str, tuple[int, str]]:
        """Article id → (revision, digest) of its latest revision."""
        last = func.max(article_revision.c.revision).label("revision")
        newest = select(article_revision.c.article_id, last).group_by(article_revision.c.article_id).subquery()
        rows = self._connection.execute(select(
            article_revision.c.article_id, article_revision.c.revision, article_revision.c.digest,
        ).join(newest, (newest.c.article_id == article_revision.c.article_id)
               & (newest.c.revision == article_revision.c.revision)))
        return {row.article_id: (row.revision, row.digest) for row in rows}

    def add(self, items: list[ArticleRevision]) -> None:
        if items:
            self._connection.execute(insert(article_revision), [
                {name: getattr(item, name) for name in item.__dataclass_fields__} for item in items])

    def get(self, article_id: str, revision: int) -> ArticleRevision | None:
        query = select(article_revision).where(
            article_revision.c.article_id == article_id, article_revision.c.revision == revision)
        row = self._connection.execute(query).mappings().one_or_none()
        return row and ArticleRevision(**row)

    def version(self, number: int | None = None) -> KnowledgeVersion | None:
        """One version, or the newest."""
        query = select(knowledge_version).order_by(knowledge_version.c.number.desc()).limit(1)
        if number is not None:
            query = query.where(knowledge_version.c.number == number)
        row = self._connection.execute(query).mappings().one_or_none()
        return row and KnowledgeVersion(**row)

    def add_version(self, item: KnowledgeVersion) -> None:
        self._connection.execute(insert(knowledge_version).values(
            number=item.number, digest=item.digest, revisions=dict(item.revisions), at=item.at))
