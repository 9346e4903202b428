"""Contacts: a conversation may last for years, and a client comes back to it. Each time is a contact of its own. Pure.

A contact begins when the conversation is opened or opened again, or when the client writes to the assistant after `QUIET`. Whatever
happens then belongs to it until the next begins, a late satisfaction too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assistant.conversation import State
from assistant.events import (
    AgentReplied,
    ConversationClaimed,
    ConversationEnded,
    ConversationHandedOver,
    ConversationReleased,
    ConversationReopened,
    ConversationResumed,
    ConversationTransferred,
    FeedbackGiven,
    MessageReceived,
    Recorded,
    ReplySent,
    SatisfactionGiven,
)

__all__ = ["MOVES", "QUIET", "RETURNS_WITHIN", "Contact", "Evidence", "Replied", "Talk", "came_back", "contacts_of", "handled_by",
           "seconds_between"]

# After so long without a word, what the assistant was asked is over.
QUIET = timedelta(hours=1)
# Who asks again so soon was not helped.
RETURNS_WITHIN = timedelta(hours=24)
# Categories of intents that say nothing of what a client is after.
_NO_TOPIC = frozenset({"courtesy", "guard"})
Elapsed = Callable[[datetime, datetime], float]
_STATES = frozenset(state.value for state in State)
_WORDS = frozenset({MessageReceived.type, ReplySent.type, AgentReplied.type})
# The events that say who has the conversation from then on.
MOVES = frozenset(kind.type for kind in (ConversationHandedOver, ConversationClaimed, ConversationTransferred, ConversationReleased,
                                         ConversationResumed, ConversationEnded, ConversationReopened))
_COMPLAINT = ("handover-complaint", "guard.complaint")


@dataclass(frozen=True, slots=True)
class Talk:
    """What of a conversation does not change."""

    id: str
    channel: str
    client_ref: str | None


@dataclass(frozen=True, slots=True)
class Replied:
    """What the assistant decided for one message: kind, full intent, and the article."""

    kind: str
    intent: str | None
    article_id: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What events only name: the assistant's replies, and agents' messages out of a suggestion (whether edited), by id of the message."""

    replies: Mapping[str, Replied] = field(default_factory=dict)
    suggested: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """Times are UTC, durations in seconds and None where there was none that ended.

    `agent` held it last. `ended_at` is None while it may go on; see `over`. `asked`: the client wanted more than a courtesy.
    `solved`: the assistant alone answered what was asked last, and the client did not call it unhelpful. `waited` is in the queue,
    `first_response` from the call for a human to an agent's first words, `handled` with agents. `blamed_article` was the last one
    said before a human was called. `last_event_id` is of the newest event of the conversation that was read.
    """

    conversation_id: str
    number: int
    channel: str
    client_ref: str | None
    started_at: datetime
    last_at: datetime
    ended_at: datetime | None
    state: str
    agent: str | None
    category: str | None
    asked: bool
    complaint: bool
    handed_over: bool
    abandoned: bool
    solved: bool
    waited: float | None
    first_response: float | None
    handled: float | None
    agent_messages: int
    suggestions_used: int
    suggestions_edited: int
    satisfaction: int | None
    blamed_article: str | None
    last_event_id: int

    def over(self, now: datetime) -> datetime | None:
        """When it ended, as far as can be said by now."""
        quiet = self.state == State.ASSISTANT and now - self.last_at > QUIET
        return self.ended_at or (self.last_at if quiet else None)


def seconds_between(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())


def contacts_of(talk: Talk, events: Sequence[Recorded], evidence: Evidence, *, waits: Elapsed = seconds_between) -> list[Contact]:
    """The contacts that the events of a conversation make, oldest first; at least one where there is an event.

    `waits` says how many seconds of a span a client's waiting counts: outside of service hours nobody was promised.
    """
    found: list[_Contact] = []
    for event in events:
        if not found or _begins(found[-1], event):
            if found:
                found[-1].give_way()
            found.append(_Contact(event.at, State.ASSISTANT, waits))
        found[-1].take(event, evidence)
    last = events[-1].id if events else 0
    return [contact.result(talk, number, evidence, last) for number, contact in enumerate(found, start=1)]


def came_back(contacts: Iterable[Contact], now: datetime) -> set[tuple[str, int]]:
    """Which contacts (conversation and number) were followed by another of the same client about the same within `RETURNS_WITHIN`.

    A client is known by the conversation and by `client_ref`; a category that nobody knows is taken as the same.
    """
    back: set[tuple[str, int]] = set()
    latest: dict[str, Contact] = {}
    for contact in sorted(contacts, key=lambda item: (item.started_at, item.conversation_id, item.number)):
        if not contact.asked:
            continue
        names = [contact.conversation_id, *([contact.client_ref] if contact.client_ref else [])]
        for before in (latest[name] for name in names if name in latest):
            ended = before.over(now) or before.last_at
            same = None in (before.category, contact.category) or before.category == contact.category
            if same and contact.started_at - ended <= RETURNS_WITHIN:
                back.add((before.conversation_id, before.number))
        latest.update(dict.fromkeys(names, contact))
    return back


def handled_by(now: datetime, moves: Iterable[tuple[State, datetime]]) -> float:
    """Seconds that agents have had a conversation which one of them holds, as the contact will count them if it ends now.

    `moves`: the state from when on, oldest first. After it was closed, or `QUIET` with the assistant, another contact has begun.
    """
    state, since, seconds = State.ASSISTANT, None, 0.0
    for after, at in (*moves, (State.CLOSED, now)):
        if since and state is State.AGENT:
            seconds += seconds_between(since, at)
        elif since and (state is State.CLOSED or (state is State.ASSISTANT and at - since > QUIET)):
            seconds = 0.0
        state, since = after, at
    return seconds


def _begins(current: _Contact, event: Recorded) -> bool:
    if event.type == ConversationReopened.type:
        return True
    return (event.type == MessageReceived.type and current.state is State.ASSISTANT and current.has_messages
            and event.at - current.last_at > QUIET)


class _Contact:
    """A contact in the making."""

    def __init__(self, at: datetime, state: State, waits: Elapsed) -> None:
        self._elapsed: dict[State, Elapsed] = {State.WAITING: waits, State.AGENT: seconds_between}
        self.started_at = self.last_at = self.entered_at = at
        self.state = state
        self.has_messages = False
        self.ended_at: datetime | None = None
        self.agent: str | None = None
        self.called_at: datetime | None = None
        self.answered_at: datetime | None = None
        self.spent: dict[State, float] = {}
        self.replies: list[tuple[str, Replied]] = []
        self.unhelpful: set[str] = set()
        self.blamed_article: str | None = None
        self.abandoned = False
        self.agent_messages: list[str] = []
        self.satisfaction: int | None = None

    def take(self, event: Recorded, evidence: Evidence) -> None:
        payload = event.payload
        if event.type == SatisfactionGiven.type:
            self.satisfaction = payload["satisfaction"]
            return
        if event.type == FeedbackGiven.type:
            (self.unhelpful.discard if payload["helpful"] else self.unhelpful.add)(payload["reply_id"])
            return
        if event.type in _WORDS or payload.get("state") in _STATES:
            self.last_at = event.at
        if event.type == MessageReceived.type:
            self.has_messages = True
        elif event.type == ReplySent.type:
            replied = evidence.replies.get(payload["message_id"], Replied(payload["kind"], None, None))
            self.replies.append((payload["message_id"], replied))
        elif event.type == AgentReplied.type:
            self.agent_messages.append(payload["message_id"])
            self.answered_at = self.answered_at or event.at
        if payload.get("state") in _STATES:
            self._move(State(payload["state"]), payload.get("agent") or event.agent, event.at)

    def give_way(self) -> None:
        """Another contact begins."""
        self.ended_at = self.ended_at or self.last_at

    def _move(self, state: State, agent: str | None, at: datetime) -> None:
        if state is not self.state:
            if self.state in self._elapsed:
                self.spent[self.state] = self.spent.get(self.state, 0.0) + self._elapsed[self.state](self.entered_at, at)
            self.abandoned |= self.state is State.WAITING and state is not State.AGENT and not self.agent_messages
            self.entered_at = at
        if state in (State.WAITING, State.AGENT) and self.called_at is None:
            self.called_at = at
            answered = [said.article_id for _, said in self.replies if said.kind == "answer" and said.article_id]
            self.blamed_article = answered[-1] if answered else None
        self.state = state
        self.agent = agent if state is State.AGENT and agent else self.agent
        self.ended_at = at if state is State.CLOSED else None

    def result(self, talk: Talk, number: int, evidence: Evidence, last_event_id: int) -> Contact:
        said = [replied for _, replied in self.replies]
        meant = [(name, replied) for name, replied in self.replies if replied.kind != "smalltalk"]
        edited = [evidence.suggested[name] for name in self.agent_messages if name in evidence.suggested]
        called, answered = self.called_at, self.answered_at
        return Contact(
            talk.id, number, talk.channel, talk.client_ref, self.started_at, self.last_at, self.ended_at, self.state.value, self.agent,
            category=next((category for item in said if (category := _category(item.intent))), None),
            asked=bool(meant or called), complaint=any({item.intent, item.article_id} & set(_COMPLAINT) for item in said),
            handed_over=called is not None, abandoned=self.abandoned,
            solved=called is None and bool(meant) and meant[-1][1].kind in ("answer", "decline") and meant[-1][0] not in self.unhelpful,
            waited=self.spent.get(State.WAITING), handled=self.spent.get(State.AGENT),
            first_response=self._elapsed[State.WAITING](called, answered) if called and answered else None,
            agent_messages=len(self.agent_messages), suggestions_used=len(edited), suggestions_edited=sum(edited),
            satisfaction=self.satisfaction, blamed_article=self.blamed_article, last_event_id=last_event_id)


def _category(intent: str | None) -> str | None:
    category = intent.partition(".")[0] if intent else None
    return None if category in _NO_TOPIC else category

