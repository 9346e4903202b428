"""What the base would be if revisions were published. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from assistant.drafts import ArticleDraft
from assistant.live_knowledge import Edition
from assistant.revisions import base_of
from assistant.storage import ArticleRevision
from knowledge.articles import Article, KnowledgeBase

__all__ = ["changed", "published", "whole_article"]

# A base with the revisions of its articles.
_Next = tuple[KnowledgeBase, dict[str, int]]


def published(current: Edition, item: ArticleRevision) -> _Next:
    """With one revision published on top of an edition. Raises DraftRefused where it is no whole article yet."""
    if item.retires:
        return changed(current, (), {item.article_id})
    return changed(current, [(item.revision, whole_article(item))])


def changed(current: Edition, coming: Iterable[tuple[int, Article]], going: Collection[str] = ()) -> _Next:
    """With articles of these revisions put in, each in place of the one with its id, and others taken out."""
    fresh = {article.id: (revision, article) for revision, article in coming}
    articles = {name: article for name, article in current.base.articles.items() if name not in going}
    revisions = {name: revision for name, revision in current.revisions.items() if name not in going}
    articles |= {name: article for name, (_, article) in fresh.items()}
    revisions |= {name: revision for name, (revision, _) in fresh.items()}
    return base_of(articles.values(), current.base), revisions


def whole_article(item: ArticleRevision) -> Article:
    """The article that a revision is. Raises DraftRefused with what is missing."""
    return ArticleDraft.model_validate(dict(item.article)).article()
