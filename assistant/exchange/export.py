"""Knowledge out: one version, or what differs between two, as Markdown in an archive or as a CSV table."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from assistant.article_files import articles_to_csv
from assistant.audit import Action, Actor
from assistant.errors import KnowledgeVersionNotFound
from assistant.exchange.changes import CHANGES_FILE, Changes, changes_between
from assistant.inbox import utc_now
from assistant.revisions import in_order
from assistant.storage import KnowledgeVersion, Store, Work
from knowledge.articles import Article, article_to_markdown

__all__ = ["Export", "Exported", "Format", "articles_to_zip"]

# The same articles make the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class Format(StrEnum):
    """What an export is written as."""

    MARKDOWN = "markdown"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Exported:
    """A file. `version` is the knowledge version that is in it."""

    name: str
    media_type: str
    content: bytes
    version: int
    articles: tuple[Article, ...]
    changes: Changes | None


class Export:
    """Safe to share between threads."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def export(self, by: Actor, form: Format, *, version: int | None = None, since: int | None = None) -> Exported:
        """The articles of a version (default: the newest), or, with `since`, those that were added or changed since that version.

        Raises KnowledgeVersionNotFound.
        """
        with self._store.read() as work:
            later = _version(work, version)
            articles, changes, removed = _articles(work, later), None, dict[str, Article]()
            if since is not None:
                earlier = _articles(work, _version(work, since))
                changes = changes_between(_digests(earlier), _digests(articles))
                removed = {name: earlier[name] for name in changes.removed}
                articles = {name: articles[name] for name in (*changes.added, *changes.changed)}
        with self._store.write() as work:
            work.audit.record(Action.KNOWLEDGE_EXPORTED, by, self._clock(), details={
                "format": form.value, "version": later.number, "articles": len(articles), "since": since})
        name = f"zhike-knowledge-{later.number}" + (f"-since-{since}" if since is not None else "")
        kept = tuple(in_order(articles.values()).values())
        if form is Format.MARKDOWN:
            content = articles_to_zip(kept, changes and {"version": later.number, "since": since, **asdict(changes)})
            return Exported(f"{name}.zip", "application/zip", content, later.number, kept, changes)
        rows = in_order((*kept, *removed.values())).values()
        table = articles_to_csv(rows, changes and _words(changes))
        return Exported(f"{name}.csv", "text/csv; charset=utf-8", table.encode(), later.number, kept, changes)


def articles_to_zip(articles: Iterable[Article], changes: Mapping[str, object] | None = None) -> bytes:
    """An archive of CATEGORY/ID.md, with `changes` in a file beside them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for article in articles:
            _add(archive, f"{article.category}/{article.id}.md", article_to_markdown(article))
        if changes is not None:
            _add(archive, CHANGES_FILE, json.dumps(changes, indent=2) + "\n")
    return out.getvalue()


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, _NO_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, text)


def _version(work: Work, number: int | None) -> KnowledgeVersion:
    found = work.knowledge.version(number)
    if found is None:
        raise KnowledgeVersionNotFound()
    return found


def _articles(work: Work, version: KnowledgeVersion) -> dict[str, Article]:
    return {name: Article(**item.article) for name, item in work.knowledge.contents(version.revisions.items()).items()}


def _digests(articles: Mapping[str, Article]) -> dict[str, str]:
    return {name: article.digest for name, article in articles.items()}


def _words(changes: Changes) -> dict[str, str]:
    return {name: word for word, names in asdict(changes).items() for name in names}
