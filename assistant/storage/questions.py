"""What clients asked, as the assistant read and masked it, how it went, and the vectors of such questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np
from sqlalchemy import Connection, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from assistant.review_records import Miss, Missed, PastQuestion
from assistant.storage.rows import in_parts
from assistant.storage.tables import decision, feedback, question_vector

__all__ = ["Asked", "Questions"]

_READ_AS = decision.c.outcome["understanding"]["normalized"].as_string().label("question")
# Asked back in general terms: no answer was sure enough.
_ASKED_BACK = "clarify-generic"
_GAVE_UP = "handover-repeated-failure"
# Other hand-overs (a complaint, a fraud) are for humans whatever knowledge there is.
_ASKED_FOR_A_HUMAN = ("handover-human", "handover-human-out-of-hours")


@dataclass(frozen=True, slots=True)
class Asked:
    """How often an article was the reply since a moment, and what clients said of it."""

    article_id: str
    replies: int
    helpful: int
    unhelpful: int


class Questions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def past(self, limit: int) -> list[PastQuestion]:
        """The different ones among the latest `limit`, newest first."""
        rows = self._connection.execute(select(_READ_AS, decision.c.article_id).order_by(
            decision.c.at.desc(), decision.c.message_id).limit(limit))
        found: dict[str, PastQuestion] = {}
        for text, article_id in rows:
            if text and text in found:
                known = found[text]
                found[text] = PastQuestion(text, known.asked + 1, known.article_id)
            elif text:
                found[text] = PastQuestion(text, 1, article_id)
        return list(found.values())

    def missed(self, since: datetime, *, sure: float, limit: int) -> list[Missed]:
        """Questions since a moment that ended without an answer that served, newest first, at most `limit` replies looked at.

        `sure` is the confidence below which an answer was a narrow thing. What a client asked before calling for a human
        counts as missed, not the call.
        """
        rows = self._connection.execute(select(
            decision.c.conversation_id, decision.c.kind, decision.c.confidence, decision.c.article_id, decision.c.at, _READ_AS,
            feedback.c.helpful,
        ).outerjoin(feedback, feedback.c.message_id == decision.c.message_id).where(decision.c.at >= since).order_by(
            decision.c.at.desc(), decision.c.message_id).limit(limit)).all()
        found: list[Missed] = []
        last: dict[str, Any] = {}
        for row in reversed(rows):
            miss = _miss(row, sure)
            before = last.get(row.conversation_id)
            if row.article_id in _ASKED_FOR_A_HUMAN:
                if before is not None and before.question and _miss(before, sure) is None:
                    found.append(Missed(before.question, Miss.HANDOVER, row.at))
            elif miss is not None and row.question:
                found.append(Missed(row.question, miss, row.at))
            if row.kind in ("answer", "clarify", "fallback"):
                last[row.conversation_id] = row
            elif row.kind == "handover":
                last.pop(row.conversation_id, None)
        return found[::-1]

    def replies_by_article(self, since: datetime) -> dict[str, Asked]:
        """Article id → how it did since a moment."""
        helpful = func.coalesce(func.sum(case((feedback.c.helpful.is_(True), 1), else_=0)), 0)
        unhelpful = func.coalesce(func.sum(case((feedback.c.helpful.is_(False), 1), else_=0)), 0)
        rows = self._connection.execute(select(decision.c.article_id, func.count(), helpful, unhelpful).outerjoin(
            feedback, feedback.c.message_id == decision.c.message_id).where(
            decision.c.at >= since, decision.c.article_id.is_not(None)).group_by(decision.c.article_id))
        return {row[0]: Asked(row[0], row[1], int(row[2]), int(row[3])) for row in rows}

    def vectors(self, fingerprint: str, texts: Iterable[str]) -> dict[str, np.ndarray]:
        """Text → vector (d,), for those of the texts that are known under the encoder."""
        by_digest = {_digest(text): text for text in texts}
        found: dict[str, np.ndarray] = {}
        for digests in in_parts(by_digest):
            rows = self._connection.execute(select(question_vector.c.digest, question_vector.c.vector).where(
                question_vector.c.fingerprint == fingerprint, question_vector.c.digest.in_(digests)))
            found.update({by_digest[row.digest]: np.frombuffer(row.vector, "<f4") for row in rows})
        return found

    def keep_vectors(self, fingerprint: str, vectors: Mapping[str, np.ndarray]) -> None:
        """Those that are there already stay as they are."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        rows = [{"fingerprint": fingerprint, "digest": _digest(text), "vector": vector.astype("<f4").tobytes()}
                for text, vector in vectors.items()]
        for some in in_parts(rows):
            self._connection.execute(dialect.insert(question_vector).on_conflict_do_nothing(), some)


def _miss(row: Any, sure: float) -> Miss | None:
    if row.kind == "fallback":
        return Miss.FALLBACK
    if row.helpful is False:
        return Miss.UNHELPFUL
    if row.article_id == _GAVE_UP:
        return Miss.HANDOVER
    if row.article_id == _ASKED_BACK or (row.kind == "answer" and row.confidence < sure):
        return Miss.UNSURE
    return None


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
