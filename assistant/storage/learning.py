"""What models can learn from use: feedback, choices and agents' suggestions, each as a lesson. Only reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, Row, select

from assistant.lessons import Lesson, Voice
from assistant.privacy import mask
from assistant.storage.tables import decision, feedback, message, suggestion, suggestion_use
from knowledge.text import normalize

__all__ = ["Learning"]

_READ_AS = decision.c.outcome["understanding"]["normalized"].as_string().label("question")
# How `turn` gives its reason for an answer that the client picked.
_CHOSEN = "chosen by the client"


class Learning:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lessons(self, since: datetime) -> list[Lesson]:
        """All since a moment, oldest first. Texts are masked, as the assistant keeps its reading of them."""
        found = [*self._feedback(since), *self._choices(since), *self._sent(since)]
        return sorted(found, key=lambda lesson: (lesson.at, lesson.question, lesson.article_id, lesson.voice))

    def _feedback(self, since: datetime) -> Iterator[Lesson]:
        rows = self._connection.execute(select(_READ_AS, decision.c.article_id, feedback.c.helpful, feedback.c.at).join(
            feedback, feedback.c.message_id == decision.c.message_id).where(
            feedback.c.at >= since, decision.c.kind == "answer", decision.c.article_id.is_not(None)))
        for row in rows:
            if row.question:
                yield Lesson(row.question, row.article_id, Voice.HELPFUL if row.helpful else Voice.UNHELPFUL, row.at)

    def _choices(self, since: datetime) -> Iterator[Lesson]:
        """The question that was asked back about, with the article that the client chose next."""
        talked = select(decision.c.conversation_id).where(decision.c.at >= since, decision.c.reason == _CHOSEN)
        rows = self._connection.execute(select(
            decision.c.conversation_id, decision.c.kind, decision.c.reason, decision.c.article_id, decision.c.at, _READ_AS,
        ).join(message, message.c.id == decision.c.message_id).where(decision.c.conversation_id.in_(talked)).order_by(
            decision.c.conversation_id, message.c.seq)).all()
        for before, row in pairwise(rows):
            if self._answers_choice(before, row) and row.at >= since and before.question and row.article_id:
                yield Lesson(before.question, row.article_id, Voice.CHOSEN, row.at)

    @staticmethod
    def _answers_choice(before: Row, row: Row) -> bool:
        same = before.conversation_id == row.conversation_id
        return same and before.kind == "clarify" and row.kind == "answer" and row.reason == _CHOSEN

    def _sent(self, since: datetime) -> Iterator[Lesson]:
        """The client's message that an agent answered by an article; where the assistant had answered by another, that one too."""
        asked, reply = message.alias("asked"), message.alias("reply")
        rows = self._connection.execute(select(
            asked.c.text, _READ_AS, suggestion.c.article_id, suggestion_use.c.edited, suggestion_use.c.at,
            decision.c.kind, decision.c.article_id.label("given"),
        ).select_from(suggestion_use).join(suggestion, suggestion.c.id == suggestion_use.c.suggestion_id).join(
            asked, asked.c.id == suggestion.c.message_id).outerjoin(reply, reply.c.in_reply_to == asked.c.id).outerjoin(
            decision, decision.c.message_id == reply.c.id).where(suggestion_use.c.at >= since))
        for row in rows:
            question = row.question or normalize(mask(row.text))
            if not question:
                continue
            yield Lesson(question, row.article_id, Voice.EDITED if row.edited else Voice.SENT, row.at)
            if row.kind == "answer" and row.given and row.given != row.article_id:
                yield Lesson(question, row.given, Voice.REPLACED, row.at)
