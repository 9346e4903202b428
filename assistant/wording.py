"""The approved words of an article, as they read on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from assistant.reply import SourceRef
from knowledge.articles import KnowledgeBase
from knowledge.template import NOBODY

__all__ = ["ApprovedWords", "NoWords", "Worded", "Words"]


@dataclass(frozen=True, slots=True)
class Worded:
    """A published revision as text; `kind` is the article's."""

    article_id: str
    revision: int
    title: str
    kind: str
    text: str
    sources: tuple[SourceRef, ...] = ()


class Words(Protocol):
    """Words articles as of one knowledge version; safe to call from several threads."""

    @property
    def version(self) -> int: ...

    def worded(self, article_id: str, day: date, client: Mapping[str, str] = NOBODY) -> Worded | None:
        """With what is known of the client it is for; None where there is no such article, or it is not in force on the day."""

    def families(self, article_id: str) -> tuple[str, ...]:
        """Of the products that the article is about, in force or not; none where there is no such article."""


class NoWords:
    """Where no knowledge is at hand."""

    version = 0

    def worded(self, article_id: str, day: date, client: Mapping[str, str] = NOBODY) -> Worded | None:
        return None

    def families(self, article_id: str) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class ApprovedWords:
    """Of a knowledge base; `revisions` maps article id to the revision that the base holds."""

    base: KnowledgeBase
    revisions: Mapping[str, int]
    version: int = 0

    def worded(self, article_id: str, day: date, client: Mapping[str, str] = NOBODY) -> Worded | None:
        article = self.base.articles.get(article_id)
        if article is None or not self.base.can_answer(article, day):
            return None
        rendered = self.base.render(article, day, client)
        sources = tuple(SourceRef(item.title, item.number, item.issuer, item.effective_from) for item in rendered.sources)
        return Worded(article.id, self.revisions.get(article.id, 1), article.question, article.kind, rendered.text, sources)

    def families(self, article_id: str) -> tuple[str, ...]:
        article = self.base.articles.get(article_id)
        return article.products if article else ()
