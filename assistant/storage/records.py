"""Rows as frozen values: what repositories take and give. All times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from assistant.conversation import Holding, State
from assistant.follow_up_task import Result, Standing, TaskState
from assistant.revision_life import FROM_FILES, RevisionEffect, RevisionState
from assistant.roles import Role

__all__ = ["Account", "AgentMessage", "Answering", "ArticleHead", "ArticleRevision", "Attachment", "Conversation", "Decision", "FollowUp",
           "HeardRefusal", "Judgement", "KnowledgeGap", "KnowledgeVersion", "Message", "Note", "QueueLine", "QuickReply", "RevisionComment",
           "ShownVerdict", "StaffSession", "Suggestion", "SuggestionUse"]


class Answering(StrEnum):
    """What became of a client's message; `none` for messages of others."""

    PENDING = "pending"
    ANSWERED = "answered"
    HELD = "held"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Conversation:
    """`context` is the assistant's, and `summary` for agents, both masked. `turn` counts changes, so that two processes
    never overwrite each other. `needed_at` is when the client last wrote or was put into the queue. `ranked_at`: since when
    the waiting counts, for the order of the queue; `raised_at`: since when anger or distress calls for somebody soon.
    `vouched`: the firm's back end has said that the client is who `client_ref` stands for. `last_agent`: who held it before;
    after a client has come back to the assistant, that agent is preferred where they wait for a human until `last_agent_until`."""

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
    ranked_at: datetime | None = None
    raised_at: datetime | None = None
    topic: str | None = None
    language: str | None = None
    satisfaction_words: str | None = None
    vouched: bool = False
    last_agent: str | None = None
    last_agent_until: datetime | None = None

    @property
    def holding(self) -> Holding:
        return Holding(self.state, self.agent)

    @property
    def awaits_again(self) -> str | None:
        """The agent who had the client before, where one who has come back waits for a human."""
        again = self.waiting_since and self.last_agent_until and self.waiting_since <= self.last_agent_until
        return self.last_agent if again else None


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
class Attachment:
    """A file that came with a message. `sha256` names its bytes under the folder of uploads; `width` and `height`, in pixels,
    are of pictures. `name` is as the sender called it, and restricted as their words are."""

    id: str
    conversation_id: str
    message_id: str
    sha256: str
    name: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A phrase of an agent's own, or of the team; `text` may have variables in braces. `initials` and `pinyin` are the title's.
    `instead_of`: rules of the outgoing check for whose finds it is offered. They are listed by `position`, then by shortcut."""

    id: str
    owner: str
    title: str
    shortcut: str
    text: str
    updated_at: datetime
    initials: str
    pinyin: str
    instead_of: tuple[str, ...] = ()
    position: int = 0


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
    agent who asks has not read. `for_me`: it waits, and that agent is one of those who should take it. `unanswered_since`: since when
    the client waits for an answer of the agent who has it."""

    conversation: Conversation
    client_id: str | None
    client_name: str | None
    tier: str | None
    unread: int
    adviser: str | None = None
    for_me: bool = False
    tags: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    unanswered_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article offered to agents as the reply to a client's message. `origin` says where the ranking comes from:
    `recorded` with the assistant's reply, `computed` for the agents, or `searched` by one. `text` is approved, as of then."""

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
class FollowUp:
    """A task for agents that a client's message opened. `subject` is whom it is about, as `follow_up_task.subjects_of` names
    them; `evidence` the client's own words and `note` the agent's, both masked. It is worked until `due_at`, and not after
    `expires_at`."""

    id: str
    subject: str
    client_id: str | None
    conversation_id: str
    message_id: str
    family: str
    evidence: str
    probability: float
    models: Mapping[str, str]
    opened_at: datetime
    due_at: datetime
    expires_at: datetime
    updated_at: datetime
    state: TaskState = TaskState.OPEN
    agent: str | None = None
    snoozed_until: datetime | None = None
    closed_at: datetime | None = None
    outcome: Result | None = None
    note: str = ""

    @property
    def standing(self) -> Standing:
        return Standing(self.state, self.expires_at, self.agent, self.snoozed_until, self.closed_at, self.outcome)


@dataclass(frozen=True, slots=True)
class HeardRefusal:
    """A client's message that says no to offers; it holds for `subject` until an agent confirms it or undoes it."""

    subject: str
    conversation_id: str
    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """A verdict on the offers of a follow-up as an agent saw it; `digest` stands for verdict and inputs."""

    follow_up_id: str
    digest: str
    outcome: str
    verdict: Mapping[str, Any]
    inputs: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdicts that an agent was shown together beside no follow-up, by codes. `inputs` is what they rest on: `client` (None:
    nobody knew who), `products`, `firm`, `place` where one was named, and `refusal` where the client wants no offers. `digest` is of
    verdict and inputs; `at` is when they were first shown."""

    digest: str
    verdict: Mapping[str, Any]
    inputs: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class KnowledgeGap:
    """A question, masked, that knowledge did not serve; `miss` is `fallback` or `unhelpful`."""

    question: str
    normalized: str
    miss: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ArticleHead:
    """An article as a whole: `version` counts all that happened to its revisions; `file_digest` is of the article as
    the files had it when they were last taken in, None for one that was written at the desk."""

    id: str
    version: int
    file_digest: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ArticleRevision:
    """One state of an article's words; `digest` is SHA-256 as hex of `article`.

    `version` counts what happened to this revision. `based_on` is the revision that it was started from.
    """

    article_id: str
    revision: int
    digest: str
    article: Mapping[str, Any]
    state: RevisionState
    created_at: datetime
    author: str = FROM_FILES
    version: int = 1
    based_on: int | None = None
    updated_at: datetime | None = None
    submitted_at: datetime | None = None
    approver: str | None = None
    approved_at: datetime | None = None
    effect: RevisionEffect = RevisionEffect.CHANGE

    @property
    def id(self) -> str:
        return f"{self.article_id}@{self.revision}"

    @property
    def retires(self) -> bool:
        """Whether publishing it takes the article away; `article` has the words that go then."""
        return self.effect is RevisionEffect.RETIRE


@dataclass(frozen=True, slots=True)
class RevisionComment:
    """What somebody said of a revision, for colleagues."""

    id: str
    article_id: str
    revision: int
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KnowledgeVersion:
    """The set of revisions that is live from `at`; `revisions` maps article id to revision. `publisher` is an account's
    name, None where it came with the files."""

    number: int
    digest: str
    revisions: Mapping[str, int]
    at: datetime
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff. `demo` marks the accounts of the demonstration, which only `zhike serve --demo` keeps active.
    `skills` (none: a generalist) and `max_conversations` (None: the firm's) are for the routing of the queue; `team` is for figures.
    Until `password_expires_at` a temporary password lets its owner choose one of their own; `failed_sign_ins` are those in a row."""

    id: str
    name: str
    display_name: str
    password_hash: str = field(repr=False)
    roles: tuple[Role, ...]
    active: bool
    demo: bool
    created_at: datetime
    updated_at: datetime
    skills: tuple[str, ...] = ()
    max_conversations: int | None = None
    team: str | None = None
    password_expires_at: datetime | None = None
    failed_sign_ins: int = 0


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A sign-in from `address`; only the SHA-256 of its token is kept, and `id` is what it is called by where others see it.
    `seen_at` may lag: see assistant/sessions.py."""

    token_hash: str = field(repr=False)
    staff_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    id: str = field(default_factory=lambda: uuid4().hex)
    address: str | None = None
