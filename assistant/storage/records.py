"""Rows as frozen values: what repositories take and give. All times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from assistant.conversation import Holding, State
from assistant.roles import Role

__all__ = ["Account", "AgentMessage", "Answering", "ArticleRevision", "Conversation", "Decision", "KnowledgeGap", "KnowledgeVersion",
           "Message", "Note", "QueueLine", "StaffSession", "Suggestion", "SuggestionUse"]


class Answering(StrEnum):
    """What became of a client's message; `none` for messages of others."""

    PENDING = "pending"
    ANSWERED = "answered"
    HELD = "held"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Conversation:
    """`context` is the assistant's, and `summary` for agents, both masked. `turn` counts changes, so that two processes
    never overwrite each other. `needed_at` is when the client last wrote or was put into the queue."""

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
    needed_at: datetime
    agent: str | None = None
    waiting_since: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    tone: str | None = None
    summary: Mapping[str, Any] | None = None

    @property
    def holding(self) -> Holding:
        return Holding(self.state, self.agent)


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
class AgentMessage:
    """Who wrote a message of sender `agent`, under which name the client saw it, and which warnings they overrode."""

    message_id: str
    conversation_id: str
    author: str
    author_name: str
    client_message_id: str
    acknowledged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What an agent wrote for colleagues. Restricted as messages are, and never for the client."""

    id: str
    conversation_id: str
    author: str
    author_name: str
    client_message_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A conversation as agents list it, with what is known of the client, and how many of the client's messages the
    agent who asks has not read."""

    conversation: Conversation
    client_id: str | None
    client_name: str | None
    tier: str | None
    unread: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article offered to agents as the reply to a client's message. `origin` says where the ranking comes from:
    `recorded` with the assistant's reply, or `computed` for the agents. `text` is approved, as of then."""

    id: str
    conversation_id: str
    message_id: str
    place: int
    article_id: str
    revision: int
    title: str
    text: str
    sources: list[dict[str, Any]]
    confidence: float
    origin: str
    knowledge_version: int
    models: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class SuggestionUse:
    """A suggestion that an agent sent; `sent_text` is what went out, masked."""

    message_id: str
    suggestion_id: str
    agent: str
    edited: bool
    sent_text: str
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


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff. `demo` marks the accounts of the demonstration, which only `zhike serve --demo` keeps active."""

    id: str
    name: str
    display_name: str
    password_hash: str = field(repr=False)
    roles: tuple[Role, ...]
    active: bool
    demo: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A sign-in; only the SHA-256 of its token is kept. `seen_at` may lag: see assistant/sessions.py."""

    token_hash: str = field(repr=False)
    staff_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
