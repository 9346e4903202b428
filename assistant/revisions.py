"""Brings the store up to the knowledge in the files: new revisions, and a new version when anything changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from assistant.storage import ArticleRevision, KnowledgeVersion, Store

__all__ = ["sync_knowledge"]


class _Article(Protocol):
    @property
    def digest(self) -> str: ...

    def to_dict(self) -> dict[str, Any]: ...


class _Base(Protocol):
    @property
    def articles(self) -> Mapping[str, _Article]: ...

    @property
    def digest(self) -> str: ...


def sync_knowledge(store: Store, base: _Base) -> tuple[int, dict[str, int]]:
    """(knowledge version, article id → revision) for `base`; nothing is written where nothing changed."""
    with store.read() as work:
        current = work.knowledge.version()
    if current and current.digest == base.digest:
        return current.number, dict(current.revisions)
    with store.write() as work:
        work.knowledge.hold()
        current = work.knowledge.version()
        if current and current.digest == base.digest:
            return current.number, dict(current.revisions)
        now = datetime.now(UTC)
        latest = work.knowledge.latest()
        revisions: dict[str, int] = {}
        new: list[ArticleRevision] = []
        for article_id, article in base.articles.items():
            revision, digest = latest.get(article_id, (0, ""))
            if digest != article.digest:
                revision += 1
                new.append(ArticleRevision(article_id, revision, article.digest, article.to_dict(), "published", now))
            revisions[article_id] = revision
        work.knowledge.add(new)
        number = (current.number if current else 0) + 1
        work.knowledge.add_version(KnowledgeVersion(number, base.digest, revisions, now))
        return number, revisions
