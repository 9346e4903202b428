"""What can be said against a draft before anybody reviews it: as `zhike kb check`, and beside the articles that are live."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from assistant.clock import china_day
from assistant.decide import needed_articles
from assistant.drafts import ArticleDraft
from assistant.errors import DraftRefused
from assistant.live_knowledge import Edition
from assistant.reaching import Reach
from assistant.reading_level import ReadingLevel, reading_level
from assistant.replay import stolen
from assistant.searching import searches
from knowledge.articles import Article, KnowledgeBase
from knowledge.check import check_article, forbidden_wording, says_nothing, unanswerable
from knowledge.errors import FactUnavailable, PlaceholderUnknown
from knowledge.search import SearchIndex
from knowledge.text import content, normalize

__all__ = ["NEAR", "DraftFinding", "check_draft", "check_retirement", "reading_on", "refuse_if_unfit"]

# Cosine from which two questions are taken for the same one asked differently.
NEAR = 0.93
_NEIGHBOURS = 5
# As many questions of others are asked again while an editor writes; the impact asks more.
_MAY_BE_TAKEN = 12


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
    """Raises DraftRefused for an article that could not be worded, whose wording may never reach a client, or without which the
    assistant could not answer."""
    day = max(china_day(), article.effective_from)
    faults = list(unanswerable(article, base)) or [*forbidden_wording(article, base, day), *says_nothing(article, base, day)]
    found = [("body", fault) for fault in faults] + list(_unfit_for_the_assistant(article, base))
    if found:
        raise DraftRefused(found)


def _unfit_for_the_assistant(article: Article, base: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """(field, what is wrong) of an article that decisions name: it stays what it is, and stays."""
    live = base.articles.get(article.id)
    if live is None or article.id not in needed_articles():
        return
    if article.kind != live.kind:
        yield "kind", f"the assistant itself gives this article; its kind stays {live.kind}"
    if article.effective_to is not None:
        yield "effective_to", "the assistant itself gives this article; it may not end"


def check_draft(draft: ArticleDraft, level: ReadingLevel, edition: Edition, after: Edition | None = None) -> list[DraftFinding]:
    """All findings beside the articles of an edition, errors first; of one that is not whole yet, on what there is. `level` is how it
    reads. `after` is the edition with the draft in it, where there can be one: which questions it would take from others."""
    try:
        article, missing = draft.article(), []
    except DraftRefused as refused:
        article, missing = Article.model_construct(**dict(draft)), list(refused.faults)
    unwritten = {field for field, _ in missing}
    known = {**edition.base.articles, article.id: article}
    base = KnowledgeBase(known, edition.base.facts, edition.base.sources, edition.base.firm)
    findings = [DraftFinding("error", "incomplete", field, message) for field, message in missing]
    findings += [DraftFinding(severity, "check", field, message) for severity, field, message in check_article(article, base, china_day())
                 if field not in unwritten]
    findings += [DraftFinding("error", "needed", field, message) for field, message in _unfit_for_the_assistant(article, edition.base)
                 if field not in unwritten]
    findings += [*_readable(level), *_beside(article, edition, after or edition), *(_taken(edition, after) if after else ())]
    return sorted(findings, key=lambda finding: finding.severity != "error")


def check_retirement(article_id: str, edition: Edition) -> list[DraftFinding]:
    """Who names an article that is to go."""
    return [DraftFinding("warning", "named", field, f"{other.id} names it under {field}", article_id=other.id)
            for other in edition.base.articles.values() for field in ("choices", "related") if article_id in getattr(other, field)]


def reading_on(draft: ArticleDraft, base: KnowledgeBase, day: date) -> ReadingLevel:
    """How the answer reads on a day; as it is written where it can't be worded yet."""
    try:
        answer = base.render(Article.model_construct(**dict(draft)), day).text
    except (FactUnavailable, PlaceholderUnknown):
        answer = draft.body
    return reading_level(answer)


def _readable(level: ReadingLevel) -> Iterator[DraftFinding]:
    if level.level == "hard":
        message = f"hard to read: {level.mean:g} characters in a sentence on average, {level.longest} in the longest"
        yield DraftFinding("warning", "reading_level", "body", message, level.text)


def _taken(edition: Edition, after: Edition) -> Iterator[DraftFinding]:
    owners = {near.text: near.article_id for near in Reach.neighbours(edition.responder, after.responder, _MAY_BE_TAKEN)}
    for change in stolen(owners, edition.responder, after.responder):
        owner = owners[change.question]
        finds = change.after.article_id or change.after.kind
        yield DraftFinding("warning", "stolen", "similar", f"“{change.question}” of {owner} would find {finds}", change.question, owner)


def _beside(article: Article, edition: Edition, after: Edition) -> Iterator[DraftFinding]:
    """Questions that stand twice, or nearly, in this article and in others; `after` may know their vectors already."""
    seen: set[str] = set()
    asked: dict[str, str] = {}
    for question in filter(str.strip, (article.question, *article.similar)):
        text = content(normalize(question))
        if text in seen:
            yield DraftFinding("warning", "repeated", "similar", f"“{question}” stands twice in the article", question)
        seen.add(text)
        asked.setdefault(text, question)
    if not searches(edition.responder) or not searches(after.responder):
        return
    index = edition.responder.index
    others = index.dense.copy()
    others.remove(index.numbers_of([article.id]))
    for text, vector in _vectors(asked, article.id, after.responder.index).items():
        near = [passage for number, cosine in others.search(vector, _NEIGHBOURS)
                if cosine >= NEAR and (passage := index.passages.get(number)) and passage.kind != "answer"]
        if not near:
            continue
        question, twin = asked[text], next((passage for passage in near if passage.text == text), None)
        if twin:
            yield DraftFinding("error", "duplicate", "similar", f"“{question}” stands also in {twin.article_id}", question, twin.article_id)
        else:
            message = f"“{question}” is nearly “{near[0].text}” in {near[0].article_id}"
            yield DraftFinding("warning", "near_duplicate", "similar", message, question, near[0].article_id)


def _vectors(texts: Collection[str], article_id: str, index: SearchIndex) -> dict[str, np.ndarray]:
    """The vector (d,) of each text as a question of an article, in their order; what the index has of it is not encoded again."""
    known = index.vectors(number for number, text in index.questions_of(article_id) if text in texts)
    new = [text for text in texts if text not in known]
    known.update(zip(new, index.encoder.encode_passages(new), strict=True))
    return {text: known[text] for text in texts}
