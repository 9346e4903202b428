"""Articles that need care: nobody asks for them, clients call them unhelpful, or what they rest on is about to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from assistant.audit import Action, Actor
from assistant.clock import china_day
from assistant.inbox import utc_now
from assistant.live_knowledge import LiveKnowledge
from assistant.storage import Store
from assistant.storage.questions import Asked
from knowledge.articles import KnowledgeBase

__all__ = ["Care", "Cared", "Changing", "Upkeep", "changing", "overdue"]

_UNASKED_FOR = timedelta(days=90)
_JUDGED_OVER = timedelta(days=28)
_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Cared:
    """An article with how it did; `review_by` is the day until which it was to be looked at again."""

    article_id: str
    title: str
    replies: int = 0
    helpful: int = 0
    unhelpful: int = 0
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class Changing:
    """A fact, a source or an article that changes on a day: `what` is `fact`, `source` or `article`, `becomes` the value from
    then on (None: there is none). `articles` are those that rest on it."""

    what: str
    name: str
    title: str
    on: date
    becomes: str | None
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Care:
    """`unasked`: no reply in 90 days. `unhelpful`: called so in the last 28 days, most often first. `overdue`: `review_by` has
    passed. `changing`: within 30 days."""

    unasked: Sequence[Cared]
    unhelpful: Sequence[Cared]
    overdue: Sequence[Cared]
    changing: Sequence[Changing]


class Upkeep:
    """Safe to share between threads."""

    def __init__(self, store: Store, live: LiveKnowledge, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._live, self._clock = store, live, clock

    def page(self, by: Actor) -> Care:
        now, base = self._clock(), self._live.current.base
        with self._store.write() as work:
            work.audit.record(Action.KNOWLEDGE_SEEN, by, now, details={"why": "upkeep"})
            long, lately = work.questions.replies_by_article(now - _UNASKED_FOR), work.questions.replies_by_article(now - _JUDGED_OVER)
        today = china_day(now)
        found = [_cared(base, item) for item in lately.values() if item.unhelpful and item.article_id in base.articles]
        return Care(_unasked(base, long, today), sorted(found, key=lambda item: (-item.unhelpful, item.article_id)), overdue(base, today),
                    sorted(changing(base, today, today + _AHEAD), key=lambda item: (item.on, item.what, item.name)))


def overdue(base: KnowledgeBase, today: date) -> list[Cared]:
    """Articles that were to be looked at again by now, the longest overdue first. Pure."""
    late = [article for article in base.articles.values() if article.review_by and article.review_by < today and article.holds_on(today)]
    return [Cared(article.id, article.question, review_by=article.review_by)
            for article in sorted(late, key=lambda article: (article.review_by, article.id))]


def changing(base: KnowledgeBase, today: date, until: date) -> Iterator[Changing]:
    """What changes after today, and by the day `until`. Pure."""
    for fact in base.facts.values():
        for value in fact.values:
            ends = value.end + timedelta(days=1) if value.end else None
            if today < value.start <= until:
                yield Changing("fact", fact.name, fact.title, value.start, value.value, tuple(base.quoted_by(fact.name)))
            elif ends and today < ends <= until and fact.on(ends) is None:
                yield Changing("fact", fact.name, fact.title, ends, None, tuple(base.quoted_by(fact.name)))
    for name, source in base.sources.items():
        resting = tuple(article.id for article in base.articles.values() if name in article.sources)
        for day, becomes in _edges(source.effective_from, source.effective_to):
            if today < day <= until:
                yield Changing("source", name, source.title, day, becomes, resting)
    for article in base.articles.values():
        for day, becomes in _edges(article.effective_from, article.effective_to):
            if today < day <= until:
                yield Changing("article", article.id, article.question, day, becomes, (article.id,))


def _edges(start: date, end: date | None) -> Iterator[tuple[date, str | None]]:
    """The days on which something comes into force and is no longer in force."""
    yield start, "in force"
    if end:
        yield end + timedelta(days=1), None


def _unasked(base: KnowledgeBase, asked: Mapping[str, Asked], today: date) -> list[Cared]:
    return [Cared(article.id, article.question) for article in base.articles.values()
            if article.kind == "answer" and article.id not in asked and article.holds_on(today)]


def _cared(base: KnowledgeBase, item: Asked) -> Cared:
    article = base.articles[item.article_id]
    return Cared(article.id, article.question, item.replies, item.helpful, item.unhelpful, article.review_by)
