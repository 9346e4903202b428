"""Facts about conversations, in the past tense. The outbox keeps them in the order in which they were committed.

An event names messages by id and never holds a client's words, so it may be kept and sent on more freely than they.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

__all__ = [
    "ConversationHandedOver", "ConversationOpened", "ConversationResumed", "Event", "FeedbackGiven", "MessageReceived",
    "Recorded", "ReplySent", "SatisfactionGiven",
]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `type` is its stable name."""

    type: ClassVar[str]


@dataclass(frozen=True, slots=True)
class ConversationOpened(Event):
    type = "conversation.opened"

    channel: str


@dataclass(frozen=True, slots=True)
class MessageReceived(Event):
    """The client wrote."""

    type = "message.received"

    message_id: str


@dataclass(frozen=True, slots=True)
class ReplySent(Event):
    """The assistant replied."""

    type = "reply.sent"

    message_id: str
    kind: str
    in_reply_to: str


@dataclass(frozen=True, slots=True)
class ConversationHandedOver(Event):
    """The assistant asked for a human."""

    type = "conversation.handed_over"

    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConversationResumed(Event):
    """The client stopped waiting and went on with the assistant."""

    type = "conversation.resumed"

    state: str


@dataclass(frozen=True, slots=True)
class FeedbackGiven(Event):
    type = "feedback.given"

    reply_id: str
    helpful: bool


@dataclass(frozen=True, slots=True)
class SatisfactionGiven(Event):
    """1 (worst) to 5."""

    type = "satisfaction.given"

    satisfaction: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the outbox holds it; a later event has a greater `id`."""

    id: int
    conversation_id: str
    type: str
    payload: dict[str, Any]
    at: datetime
