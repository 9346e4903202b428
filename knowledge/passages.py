"""What is indexed of an article: its standard question, its similar questions, and its answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from knowledge.articles import Article, KnowledgeBase
from knowledge.errors import FactUnavailable
from knowledge.text import content, normalize

__all__ = ["Passage", "passages_of", "standard_questions"]

_MARKUP = re.compile(r"[*`#>]|\]\([^)]*\)|\[|^\s*(?:[-]|\d+\.)\s+", re.MULTILINE)
_ANSWER_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Passage:
    """A searchable text of an article; `text` is normalised, without fillers."""

    article_id: str
    kind: Literal["standard", "similar", "answer"]
    text: str


def passages_of(article: Article, base: KnowledgeBase, day: date) -> Iterator[Passage]:
    """The passages of an article as it reads on `day`; none for one that only rules call up (without similar questions)."""
    if not article.similar and article.kind != "answer":
        return
    yield Passage(article.id, "standard", content(normalize(article.question)))
    seen = {content(normalize(article.question))}
    for question in article.similar:
        text = content(normalize(question))
        if text not in seen:
            seen.add(text)
            yield Passage(article.id, "similar", text)
    if article.kind != "answer":
        return
    try:
        answer = base.render(article, day).text
    except FactUnavailable:
        return
    yield Passage(article.id, "answer", content(normalize(_MARKUP.sub(" ", answer)))[:_ANSWER_LENGTH])


def standard_questions(articles: Iterable[Article]) -> dict[str, str]:
    """Article id to its standard question, as search reads it."""
    return {article.id: content(normalize(article.question)) for article in articles}
