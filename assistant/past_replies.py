"""What the base that answers now replies to questions that are asked again for each draft: it is the same for every one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from cachetools import LRUCache

from assistant.clock import china_day
from assistant.inbox import Responds
from assistant.question_vectors import QuestionVectors
from assistant.replay_reading import reading_once
from assistant.reply import Outcome
from assistant.review_records import Told
from assistant.searching import searches
from knowledge.text import content, normalize

if TYPE_CHECKING:
    from knowledge.nearby import Nearby
    from knowledge.search import SearchIndex

__all__ = ["Asking", "PastReplies", "told"]

# As many questions as an impact asks, and golden ones.
_MOST = 12_000


def told(outcome: Outcome) -> Told:
    reply = outcome.reply
    article = reply.article
    return Told(reply.kind, article and article.id, article.title if article else "", reply.confidence,
                tuple(choice.article_id for choice in reply.choices))


class Replies:
    """The last `most` replies of one responder, by question. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._told: LRUCache[str, Told] = LRUCache(most)
        self._lock = threading.Lock()

    def of(self, question: str, ask: Callable[[], Told]) -> Told:
        """The reply to a question, asked for where it is not known; two threads may ask at once, and are told the same."""
        with self._lock:
            known = self._told.get(question)
        if known is None:
            known = ask()
            with self._lock:
                self._told[question] = known
        return known


class Asking:
    """Asks two responders the same questions: `now` what the one before a change replies, `then` the one after it."""

    def __init__(self, before: Responds, after: Responds, replies: Replies | None = None) -> None:
        self._before, self._after, self._replies = before, after, replies

    def now(self, question: str) -> Told:
        if self._replies is None:
            return told(self._before.respond(question))
        return self._replies.of(question, lambda: told(self._before.respond(question)))

    def then(self, question: str) -> Told:
        return told(self._after.respond(question))


class PastReplies:
    """Of the responder that was asked last, on the day when it was: another one, or another day, and its replies are forgotten.

    What lies nearest to each question is kept too, and for the next responder, as long as their indexes share their main part.
    Safe to share between threads.
    """

    def __init__(self, vectors: QuestionVectors, most: int = _MOST) -> None:
        self._vectors, self._most = vectors, most
        self._of: tuple[Responds, date] | None = None
        # Of questions taken as they stand, and of those that are repaired first.
        self._replies: dict[bool, Replies] = {}
        self._nearby: Nearby | None = None
        self._lock = threading.Lock()

    def asking(self, questions: Sequence[str], before: Responds, after: Responds, *, as_read: bool) -> Asking:
        """To ask these `questions`; `as_read`: they are what the assistant read, and need no repair."""
        if not searches(before) or not searches(after):
            return Asking(before, after)
        read = [content(normalize(text)) for text in questions]
        vectors = self._vectors.kept(read, before.index.encoder)
        reading = reading_once(before, after, as_read=as_read, vectors=vectors, nearby=self.nearby(before.index))
        return Asking(*reading, self._kept(before, as_read))

    def nearby(self, index: SearchIndex) -> Nearby:
        """What is known of the index that answers now."""
        with self._lock:
            self._nearby = index.dense.nearby(self._nearby, self._most)
            return self._nearby

    def _kept(self, responder: Responds, as_read: bool) -> Replies:
        day = china_day()
        with self._lock:
            if self._of is None or self._of[0] is not responder or self._of[1] != day:
                self._of, self._replies = (responder, day), {}
            return self._replies.setdefault(as_read, Replies(self._most))
