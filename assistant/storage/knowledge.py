"""Articles, their revisions, and versions of the whole. Words change in drafts only; nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, case, func, insert, select, text, tuple_, update

from assistant.revision_life import FROM_FILES, RevisionEffect, RevisionState
from assistant.storage.records import ArticleHead, ArticleRevision, KnowledgeVersion, RevisionComment
from assistant.storage.rows import in_parts, insert_new
from assistant.storage.tables import article, article_revision, knowledge_version, revision_comment

__all__ = ["Revisions"]

_SYNC_LOCK = 5_318_008_603


class Revisions:
    """Whoever changes anything of an article holds it first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self) -> None:
        """Only one transaction at a time makes a version. SQLite's writers take turns anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SYNC_LOCK})

    def heads(self) -> dict[str, ArticleHead]:
        """All articles by id."""
        rows = self._connection.execute(select(article)).mappings()
        return {row["id"]: ArticleHead(**row) for row in rows}

    def head(self, article_id: str) -> ArticleHead | None:
        row = self._connection.execute(select(article).where(article.c.id == article_id)).mappings().one_or_none()
        return row and ArticleHead(**row)

    def hold_article(self, article_id: str) -> ArticleHead | None:
        """The article, locked until the transaction ends."""
        row = self._connection.execute(select(article).where(article.c.id == article_id).with_for_update()).mappings().one_or_none()
        return row and ArticleHead(**row)

    def add_article(self, head: ArticleHead) -> bool:
        """Whether it was added; not where there is one with its id."""
        return insert_new(self._connection, article, {name: getattr(head, name) for name in head.__dataclass_fields__})

    def touch(self, article_ids: Iterable[str]) -> None:
        """Something happened to these articles, which are thereby held; always in the same order, so that two wait in turn."""
        for article_id in sorted(article_ids):
            self._connection.execute(update(article).where(article.c.id == article_id).values(version=article.c.version + 1))

    def remember_files(self, digests: Mapping[str, str]) -> None:
        """The files of these articles were taken in as they have these digests."""
        for article_id, digest in digests.items():
            self._connection.execute(update(article).where(article.c.id == article_id).values(file_digest=digest))

    def newest(self) -> dict[str, tuple[int, str, bool]]:
        """Article id → (newest revision, its digest, whether any of its revisions was written at the desk)."""
        by_hand = func.max(_is_from_desk()).label("by_hand")
        last = func.max(article_revision.c.revision).label("revision")
        newest = select(article_revision.c.article_id, last, by_hand).group_by(article_revision.c.article_id).subquery()
        rows = self._connection.execute(select(
            article_revision.c.article_id, article_revision.c.revision, article_revision.c.digest, newest.c.by_hand,
        ).join(newest, (newest.c.article_id == article_revision.c.article_id) & (newest.c.revision == article_revision.c.revision)))
        return {row.article_id: (row.revision, row.digest, bool(row.by_hand)) for row in rows}

    def add(self, items: Sequence[ArticleRevision]) -> None:
        if items:
            self._connection.execute(insert(article_revision), [_values(item) for item in items])

    def get(self, article_id: str, revision: int) -> ArticleRevision | None:
        found = self._revisions(select(article_revision).where(
            article_revision.c.article_id == article_id, article_revision.c.revision == revision))
        return found[0] if found else None

    def of_article(self, article_id: str) -> list[ArticleRevision]:
        """All revisions of an article, newest first."""
        return self._revisions(select(article_revision).where(article_revision.c.article_id == article_id).order_by(
            article_revision.c.revision.desc()))

    def in_states(self, states: Iterable[RevisionState]) -> list[ArticleRevision]:
        """By article and revision."""
        return self._revisions(select(article_revision).where(article_revision.c.state.in_([state.value for state in states])).order_by(
            article_revision.c.article_id, article_revision.c.revision))

    def contents(self, revisions: Iterable[tuple[str, int]]) -> dict[str, ArticleRevision]:
        """Article id → its revision, for (article id, revision)."""
        key = tuple_(article_revision.c.article_id, article_revision.c.revision)
        return {item.article_id: item for some in in_parts(revisions)
                for item in self._revisions(select(article_revision).where(key.in_(some)))}

    def change(self, item: ArticleRevision, **values: Any) -> bool:
        """Write `values` into a revision that is still as `item`; whether it was."""
        changed = self._connection.execute(update(article_revision).where(
            article_revision.c.article_id == item.article_id, article_revision.c.revision == item.revision,
            article_revision.c.version == item.version).values(version=item.version + 1, **values))
        return changed.rowcount == 1

    def approve(self, item: ArticleRevision, approver: str, at: datetime) -> bool:
        """The same for an approval, which nobody's own revision takes: here and by a constraint."""
        changed = self._connection.execute(update(article_revision).where(
            article_revision.c.article_id == item.article_id, article_revision.c.revision == item.revision,
            article_revision.c.version == item.version, article_revision.c.author != approver).values(
                version=item.version + 1, state=RevisionState.APPROVED.value, approver=approver, approved_at=at, updated_at=at))
        return changed.rowcount == 1

    def publish(self, revisions: Mapping[str, int], at: datetime) -> None:
        """Mark approved revisions, whose articles are held, as published, and what they replace as retired."""
        columns = article_revision.c
        count = {"version": columns.version + 1, "updated_at": at}
        for article_id, revision in revisions.items():
            of_article = columns.article_id == article_id
            self._connection.execute(update(article_revision).where(
                of_article, columns.state == RevisionState.PUBLISHED.value).values(state=RevisionState.RETIRED.value, **count))
            self._connection.execute(update(article_revision).where(of_article, columns.revision == revision).values(
                state=RevisionState.PUBLISHED.value, **count))

    def retire(self, revisions: Iterable[tuple[str, int]], at: datetime) -> None:
        """Mark revisions, which others replaced or which took an article away, as retired."""
        columns = article_revision.c
        for article_id, revision in revisions:
            self._connection.execute(update(article_revision).where(
                columns.article_id == article_id, columns.revision == revision, columns.state != RevisionState.RETIRED.value,
            ).values(state=RevisionState.RETIRED.value, version=columns.version + 1, updated_at=at))

    def comment(self, item: RevisionComment) -> None:
        self._connection.execute(insert(revision_comment).values({name: getattr(item, name) for name in item.__dataclass_fields__}))

    def comments(self, article_id: str, revision: int) -> list[RevisionComment]:
        """In order."""
        rows = self._connection.execute(select(revision_comment).where(
            revision_comment.c.article_id == article_id, revision_comment.c.revision == revision,
        ).order_by(revision_comment.c.at, revision_comment.c.id)).mappings()
        return [RevisionComment(**row) for row in rows]

    def version(self, number: int | None = None) -> KnowledgeVersion | None:
        """One version, or the newest."""
        query = select(knowledge_version).order_by(knowledge_version.c.number.desc()).limit(1)
        if number is not None:
            query = query.where(knowledge_version.c.number == number)
        return self._version(query)

    def version_at(self, moment: datetime) -> KnowledgeVersion | None:
        """The version that was live at a moment; before there was any, the first."""
        newest = select(knowledge_version).order_by(knowledge_version.c.number.desc()).limit(1)
        first = select(knowledge_version).order_by(knowledge_version.c.number).limit(1)
        return self._version(newest.where(knowledge_version.c.at <= moment)) or self._version(first)

    def newest_number(self) -> int:
        """Number of the newest version; 0 before there is any."""
        return self._connection.scalar(select(func.max(knowledge_version.c.number))) or 0

    def versions(self, *, before: int | None = None, limit: int = 50) -> list[KnowledgeVersion]:
        """Newest first."""
        query = select(knowledge_version).order_by(knowledge_version.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(knowledge_version.c.number < before)
        return [KnowledgeVersion(**row) for row in self._connection.execute(query).mappings()]

    def add_version(self, item: KnowledgeVersion) -> None:
        self._connection.execute(insert(knowledge_version).values(
            {**{name: getattr(item, name) for name in item.__dataclass_fields__}, "revisions": dict(item.revisions)}))

    def _version(self, query: Select[Any]) -> KnowledgeVersion | None:
        row = self._connection.execute(query).mappings().one_or_none()
        return row and KnowledgeVersion(**row)

    def _revisions(self, query: Select[Any]) -> list[ArticleRevision]:
        return [_to_revision(row) for row in self._connection.execute(query).mappings()]


def _is_from_desk() -> Any:
    return case((article_revision.c.author != FROM_FILES, 1), else_=0)


def _values(item: ArticleRevision) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in item.__dataclass_fields__}
    return {**values, "article": dict(item.article), "state": item.state.value, "effect": item.effect.value,
            "updated_at": item.updated_at or item.created_at}


def _to_revision(row: RowMapping) -> ArticleRevision:
    return ArticleRevision(**{**row, "state": RevisionState(row["state"]), "effect": RevisionEffect(row["effect"])})
