"""Facts about conversations, in the past tense. The outbox keeps them in the order in which they were committed.

An event names messages by id and never holds a client's words, so it may be kept and sent on more freely than they.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

__all__ = [
    "AT_ONCE", "INTERNAL", "AgentReplied", "ClientChanged", "ColleagueInvited", "ColleagueLeft", "ConversationClaimed", "ConversationEnded",
    "ConversationHandedOver", "ConversationIdentified", "ConversationOpened", "ConversationRaised", "ConversationReleased",
    "ConversationReopened", "ConversationResumed", "ConversationTagged", "ConversationTransferred", "Event", "FeedbackGiven",
    "FollowUpChanged", "MessageReceived", "NoteAdded", "Recorded", "ReplySent", "SatisfactionGiven",
]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `type` is its stable name. `changes_hands`: it is of the queue, which all agents see."""

    type: ClassVar[str]
    changes_hands: ClassVar[bool] = False


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
    """The assistant asked for a human. `promise` is what the client was told of when somebody comes: see service_rules.py."""

    type = "conversation.handed_over"
    changes_hands = True

    state: str
    reason: str
    promise: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ConversationClaimed(Event):
    """An agent took it: from the queue, or stepping in for the assistant. `agent_name` is what the client sees; `by` is
    `system` where it was given to the agent."""

    type = "conversation.claimed"
    changes_hands = True

    state: str
    agent: str
    agent_name: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class ConversationRaised(Event):
    """The client's tone turned to anger or distress: all agents and managers are told."""

    type = "conversation.raised"
    changes_hands = True

    tone: str


@dataclass(frozen=True, slots=True)
class ConversationTransferred(Event):
    """`by` gave it to a colleague, or (without an agent) to the queue."""

    type = "conversation.transferred"
    changes_hands = True

    state: str
    agent: str | None
    agent_name: str | None
    by: str


@dataclass(frozen=True, slots=True)
class ConversationReleased(Event):
    """`by` gave it back to the assistant, or to the queue."""

    type = "conversation.released"
    changes_hands = True

    state: str
    by: str


@dataclass(frozen=True, slots=True)
class ConversationEnded(Event):
    """`by` closed it."""

    type = "conversation.closed"
    changes_hands = True

    state: str
    by: str


@dataclass(frozen=True, slots=True)
class ConversationReopened(Event):
    """The client wrote again after it was closed."""

    type = "conversation.reopened"
    changes_hands = True

    state: str
    agent: str | None
    agent_name: str | None


@dataclass(frozen=True, slots=True)
class AgentReplied(Event):
    """An agent wrote to the client."""

    type = "message.sent"

    message_id: str


@dataclass(frozen=True, slots=True)
class NoteAdded(Event):
    """An agent left a note for colleagues."""

    type = "note.added"

    note_id: str


@dataclass(frozen=True, slots=True)
class ConversationResumed(Event):
    """The client stopped waiting and went on with the assistant."""

    type = "conversation.resumed"
    changes_hands = True

    state: str


@dataclass(frozen=True, slots=True)
class FollowUpChanged(Event):
    """A follow-up was opened, or stands elsewhere than before; for agents only."""

    type = "follow_up.changed"
    changes_hands = True

    follow_up_id: str
    family: str
    follow_up_state: str


@dataclass(frozen=True, slots=True)
class ClientChanged(Event):
    """The client's record was written; what may be offered to them may be another. For agents only."""

    type = "client.changed"
    changes_hands = True

    client_id: str


@dataclass(frozen=True, slots=True)
class ConversationIdentified(Event):
    """The firm's back end vouched for who the client is; `client_id` where there is a record of them. For agents only."""

    type = "conversation.identified"
    changes_hands = True

    client_id: str | None


@dataclass(frozen=True, slots=True)
class ConversationTagged(Event):
    """Its tags are these now; for agents only."""

    type = "conversation.tagged"
    changes_hands = True

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColleagueInvited(Event):
    """`by` asked a colleague to read along and to help by notes; for agents only."""

    type = "colleague.invited"
    changes_hands = True

    guest: str
    by: str


@dataclass(frozen=True, slots=True)
class ColleagueLeft(Event):
    """A guest reads along no more; `by` is the guest or who sent them away. For agents only."""

    type = "colleague.left"
    changes_hands = True

    guest: str
    by: str


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
    """An event as the outbox holds it; a later event has a greater `id`. `agent` held the conversation when it happened, and it concerns
    all agents where it is `queued`."""

    id: int
    conversation_id: str
    type: str
    payload: dict[str, Any]
    at: datetime
    agent: str | None = None
    queued: bool = False


# So many events are read together; where there are fewer, there are no more.
AT_ONCE = 200
# What a client's stream leaves out.
INTERNAL = frozenset({NoteAdded.type, FollowUpChanged.type, ClientChanged.type, ConversationRaised.type,
                      ConversationIdentified.type, ConversationTagged.type, ColleagueInvited.type, ColleagueLeft.type})
