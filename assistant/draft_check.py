"""What can be said against a draft before anybody reviews it: as `zhike kb check`, and beside the articles that are live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.clock import china_day
from assistant.drafts import ArticleDraft
from assistant.errors import DraftRefused
from assistant.live_knowledge import Edition
from knowledge.articles import Article, KnowledgeBase
from knowledge.check import check_article, forbidden_wording, unanswerable
from knowledge.search import SearchIndex
from knowledge.text import content, normalize

__all__ = ["NEAR", "DraftFinding", "check_draft", "refuse_if_unfit"]

# Cosine from which two questions are taken for the same one asked differently.
NEAR = 0.93
_NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class DraftFinding:
    """One thing to mend or to know. `severity` is error or warning; `field` of the article, `text` the words that are
    meant, and `article_id` the other article, where one is meant."""

    severity: str
    code: str
    field: str
    message: str
    text: str = ""
    article_id: str | None = None




def refuse_if_unfit(article: Article, base: KnowledgeBase) -> None:
    """Raises DraftRefused for an article that could not be worded, or whose wording may never reach a client."""
    day = max(china_day(), article.effective_from)
    faults = list(unanswerable(article, base)) or list(forbidden_wording(article, base, day))
    if faults:
        raise DraftRefused([("body", fault) for fault in faults])


def check_draft(draft: ArticleDraft, edition: Edition) -> list[DraftFinding]:
    """All findings, errors first."""
    try:
        article = draft.article()
    except DraftRefused as refused:
        return [DraftFinding("error", "incomplete", field, message) for field, message in refused.faults]
    known = {**edition.base.articles, article.id: article}
    base = KnowledgeBase(known, edition.base.facts, edition.base.sources, edition.base.firm)
    findings = [DraftFinding(severity, "check", field, message) for severity, field, message in check_article(article, base, china_day())]
    findings += _beside(article, edition)
    return sorted(findings, key=lambda finding: finding.severity != "error")


def _beside(article: Article, edition: Edition) -> Iterator[DraftFinding]:
    """Questions that stand twice, or nearly, in this article and in others."""
    seen: set[str] = set()
    asked: dict[str, str] = {}
    for question in (article.question, *article.similar):
        text = content(normalize(question))
        if text in seen:
            yield DraftFinding("warning", "repeated", "similar", f"“{question}” stands twice in the article", question)
        seen.add(text)
        asked.setdefault(text, question)
    index = getattr(edition.responder, "index", None)
    if not isinstance(index, SearchIndex):
        return
    owners = {passage.text: passage.article_id for passage in index.passages.values()
              if passage.kind != "answer" and passage.article_id != article.id and passage.text in asked}
    for text, question in asked.items():
        if text in owners:
            yield DraftFinding("error", "duplicate", "similar", f"“{question}” stands also in {owners[text]}", question, owners[text])
    rest = [text for text in asked if text not in owners]
    for text, vector in zip(rest, index.encoder.encode_queries(rest), strict=True):
        for number, score in index.dense.search(vector, _NEIGHBOURS):
            passage = index.passages.get(number)
            if passage and passage.kind != "answer" and passage.article_id != article.id and score >= NEAR:
                message = f"“{asked[text]}” is nearly “{passage.text}” in {passage.article_id}"
                yield DraftFinding("warning", "near_duplicate", "similar", message, asked[text], passage.article_id)
                break
