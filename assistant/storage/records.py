"""Rows as frozen values: what repositories take and give. All times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from assistant.conversation import State

__all__ = ["Answering", "ArticleRevision", "Conversation", "Decision", "KnowledgeGap", "KnowledgeVersion", "Message"]


class Answering(StrEnum):
    """What became of a client's message; `none` for messages of others."""

    PENDING = "pending"
    ANSWERED = "answered"
    HELD = "held"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Conversation:
    """`context` is the assistant's, masked. `turn` counts changes, so that two processes never overwrite each other."""

    id: str
    channel: str
    client_ref: str | None
    token_hash: str
    state: State
    context: Mapping[str, Any] | None
    satisfaction: int | None
    turn: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """`text` is raw: restricted, for the client and the people who serve them only. `seq` counts from 1."""

    id: str
    conversation_id: str
    seq: int
    sender: str
    text: str
    client_message_id: str | None
    in_reply_to: str | None
    answering: Answering
    attempts: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """Why the assistant replied as it did: `outcome` is the agents' view, with the client's words masked."""

    message_id: str
    conversation_id: str
    kind: str
    confidence: float
    reason: str
    article_id: str | None
    article_revision: int | None
    knowledge_version: int
    models: Mapping[str, str]
    outcome: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class KnowledgeGap:
    """A question, masked, that knowledge did not serve; `miss` is `fallback` or `unhelpful`."""

    question: str
    normalized: str
    miss: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ArticleRevision:
    """One immutable state of an article; `digest` is SHA-256 as hex of `article`."""

    article_id: str
    revision: int
    digest: str
    article: Mapping[str, Any]
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KnowledgeVersion:
    """The set of revisions that is live from `at`; `revisions` maps article id to revision."""

    number: int
    digest: str
    revisions: Mapping[str, int]
    at: datetime
