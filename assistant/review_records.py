"""What guards and guides a change of knowledge, as frozen values: golden questions, replays, values of rules, gaps. Pure.

All texts of clients in here are masked. All times are UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

__all__ = ["FactChange", "FactState", "GapOutcome", "GoldenQuestion", "Impact", "Miss", "Missed", "PastQuestion", "Told", "Waiver",
           "article_subject", "fact_subject"]


def article_subject(article_id: str, revision: int | None = None) -> str:
    """How impacts, waivers and the audit trail name an article, or a revision of it."""
    return f"article:{article_id}" if revision is None else f"revision:{article_id}@{revision}"


def fact_subject(change_id: str) -> str:
    """How they name a change of a rule's value."""
    return f"fact-change:{change_id}"


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """A question as the assistant read it, how often it was asked, and the article that was the last reply to it."""

    text: str
    asked: int = 1
    article_id: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A reply as far as a replay compares it; `choices` are ids of articles."""

    kind: str
    article_id: str | None
    title: str
    confidence: float
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question that must get its article, or where `article_id` is None a reply of its kind."""

    id: str
    question: str
    normalized: str
    kind: str
    article_id: str | None
    origin: str
    added_by: str
    added_at: datetime
    removed_by: str | None = None
    removed_at: datetime | None = None

    def holds(self, told: Told) -> bool:
        return told.kind == self.kind and self.article_id in (None, told.article_id)


@dataclass(frozen=True, slots=True)
class Waiver:
    """Why a subject may be published although it breaks a golden question."""

    subject: str
    golden_id: str
    because: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Impact:
    """A replay that was finished: of what, against which version, and what came of it (`impact.Replayed` as JSON).

    `basis` stands for all that the result depends on: both bases, the models, the golden questions.
    """

    id: str
    subject: str
    knowledge_version: int
    basis: str
    models: Mapping[str, str]
    result: Mapping[str, Any]
    computed_for: str
    at: datetime


class FactState(StrEnum):
    """Where a change of a rule's value stands; the values are stable."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class FactChange:
    """A new value of a rule from the day `starts` on; part of the base from knowledge version `version` on."""

    id: str
    fact: str
    value: str
    starts: date
    sources: tuple[str, ...]
    because: str
    state: FactState
    author: str
    proposed_at: datetime
    approver: str | None = None
    decided_at: datetime | None = None
    version: int | None = None

    def to_row(self) -> dict[str, Any]:
        return {**asdict(self), "sources": list(self.sources), "state": self.state.value}


class Miss(StrEnum):
    """How knowledge failed a client; the values are stable."""

    FALLBACK = "fallback"
    UNSURE = "unsure"
    UNHELPFUL = "unhelpful"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class Missed:
    """One question that knowledge did not serve, as the assistant read it."""

    question: str
    miss: Miss
    at: datetime


@dataclass(frozen=True, slots=True)
class GapOutcome:
    """What became of the group of missed questions that `question` stands for: `dismissed`, `drafted` or `added`."""

    id: str
    question: str
    outcome: str
    by: str
    at: datetime
    article_id: str | None = None
    because: str = field(default="")
