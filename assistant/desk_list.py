"""Articles in a list: what is live and what is on its way, searched as clients search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.audit import Action, Actor
from assistant.inbox import utc_now
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.reply import Context
from assistant.revision_life import OPEN, RevisionEffect, RevisionState
from assistant.storage import ArticleRevision, Store

__all__ = ["DeskList", "Listed"]

_ON_THE_WAY = frozenset({*OPEN, RevisionState.APPROVED})


@dataclass(frozen=True, slots=True)
class Listed:
    """An article: `revision` is what is live, `open` the id of the revision on its way, in `state`, by `author`, with its
    `effect`; `score` is the assistant's probability, where something was searched for."""

    id: str
    category: str
    intent: str
    kind: str
    question: str
    revision: int | None
    open: str | None
    state: RevisionState
    author: str | None
    score: float | None = None
    effect: RevisionEffect = RevisionEffect.CHANGE


class DeskList:
    """Safe to share between threads."""

    def __init__(self, store: Store, knowledge: LiveKnowledge, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._knowledge = knowledge
        self._clock = clock

    def articles(self, by: Actor, *, words: str = "", category: str | None = None, state: RevisionState | None = None,
                 as_of: datetime | None = None) -> list[Listed]:
        """By id; with `words`, what the assistant finds for them first, best first, then what has them in id or question.

        With `as_of`, what was live at that moment, searched as it was then; what is on its way is left out, and so is `state`.
        """
        with self._store.write() as work:
            on_the_way = work.knowledge.in_states([state] if state and state is not RevisionState.PUBLISHED else _ON_THE_WAY)
            work.audit.record(Action.KNOWLEDGE_SEEN, by, self._clock(),
                              details={"why": "list", **({"as_of": as_of.isoformat()} if as_of else {})})
        if as_of:
            past = self._knowledge.as_of(as_of)
            lines = {name: _line(past, name, None) for name in sorted(past.base.articles)}
            return _chosen(lines, category, words, past, as_of)
        current = self._knowledge.current
        # The newest of each is what counts.
        moving = {item.article_id: item for item in on_the_way}
        names = moving.keys() if state and state is not RevisionState.PUBLISHED else current.base.articles.keys() | moving.keys()
        if state is RevisionState.PUBLISHED:
            names = current.base.articles.keys()
        lines = {name: _line(current, name, moving.get(name)) for name in sorted(names)}
        return _chosen(lines, category, words, current, self._clock())


def _chosen(lines: Mapping[str, Listed], category: str | None, words: str, edition: Edition, at: datetime) -> list[Listed]:
    chosen = {name: line for name, line in lines.items() if category in (None, line.category)}
    return _found(words, chosen, edition, at) if words.strip() else list(chosen.values())


def _line(edition: Edition, name: str, moving: ArticleRevision | None) -> Listed:
    article = edition.base.articles.get(name)
    shown: Mapping[str, Any] = dict(article) if article else moving.article if moving else {}
    return Listed(
        name, shown["category"], shown["intent"], shown["kind"], shown["question"], edition.revisions.get(name),
        moving.id if moving else None, moving.state if moving else RevisionState.PUBLISHED, moving.author if moving else None,
        effect=moving.effect if moving else RevisionEffect.CHANGE)


def _found(words: str, lines: Mapping[str, Listed], edition: Edition, at: datetime) -> list[Listed]:
    outcome = edition.responder.respond(words, Context(), at)
    first = {item.article_id: _scored(lines[item.article_id], item.score) for item in outcome.candidates if item.article_id in lines}
    wanted = words.strip().lower()
    rest = [line for name, line in lines.items() if name not in first and (wanted in line.question.lower() or wanted in name)]
    return [*first.values(), *rest]


def _scored(line: Listed, score: float) -> Listed:
    return Listed(**{**{name: getattr(line, name) for name in line.__dataclass_fields__}, "score": round(score, 4)})
