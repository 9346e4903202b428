"""What an agent can do with conversations besides writing: find them, read them, take them and give them on.

Each look and each move has its entry in the audit trail, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.accounts import account_name
from assistant.agent import Agent, subject_of
from assistant.audit import Action
from assistant.bell import Bell
from assistant.conversation import ASSISTANT, CLOSED, WAITING, Holding, Move, State, held_by, moved
from assistant.duty import Duty, may_answer
from assistant.errors import ConversationNotFound, RecipientInvalid, TooManyHeld, UnknownPosition
from assistant.events import (
    ConversationClaimed,
    ConversationEnded,
    ConversationReleased,
    ConversationTransferred,
    Event,
)
from assistant.inbox import Said, summarised, utc_now, without_failures
from assistant.service import said
from assistant.service_rules import load_service_rules
from assistant.storage import Account, Answering, Conversation, Note, QueueLine, Store, Work
from assistant.storage.queue import Place, Wanted, place_of
from assistant.waiting_room import WaitingRoom

__all__ = ["QUEUE", "Colleague", "Console", "QueuePage", "Story", "change_of", "hand_over", "recipient"]

# What `to` says for nobody in particular.
QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Conversations, the id of the last event that they include, and the place behind which the next page begins, if any."""

    lines: Sequence[QueueLine]
    last_event_id: int
    next: Place | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Messages in order, the notes of agents, and the id of the last event that they include."""

    messages: Sequence[Said]
    notes: Sequence[Note]
    last_event_id: int


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can be given a conversation."""

    account: Account
    on_duty: bool


class Console:
    """Safe to share between threads. Callers have seen to it that the agent's roles allow the call."""

    def __init__(self, store: Store, bell: Bell, duty: Duty, *, clock: Callable[[], datetime] = utc_now,
                 room: WaitingRoom | None = None) -> None:
        self._store = store
        self._bell = bell
        self._duty = duty
        self._room = room or WaitingRoom(store, duty, load_service_rules(None), clock=clock)
        self._clock = clock

    def page(self, agent: Agent, wanted: Wanted, *, after: Place | None = None, limit: int = 50) -> QueuePage:
        """Conversations behind the place `after`. One entry in the trail names all of them."""
        with self._store.write() as work:
            lines = self._room.marked(work, work.queue.page(agent.name, wanted, after=after, limit=limit), agent.name, self._clock())
            if lines:
                work.audit.record(Action.CONVERSATION_SEEN, agent.by, self._clock(), details={
                    "why": "list", "conversations": [line.conversation.id for line in lines]})
            more = place_of(lines[-1], agent.name, served=wanted.served) if len(lines) == limit else None
            return QueuePage(lines, work.outbox.last_id(), more)

    def look(self, conversation_id: str, agent: Agent) -> QueueLine:
        """One conversation, as the list has it. Raises ConversationNotFound."""
        with self._store.write() as work:
            line = self._room.line(work, conversation_id, agent.name, self._clock())
            self._seen(work, conversation_id, agent, "conversation")
            return line

    def story(self, conversation_id: str, agent: Agent, *, after: str | None = None) -> Story:
        """Messages after the one with id `after`, at most 500, and all notes. Raises ConversationNotFound or UnknownPosition."""
        with self._store.write() as work:
            self._room.line(work, conversation_id, agent.name, self._clock())
            start = work.conversations.message(after) if after is not None else None
            if after is not None and (start is None or start.conversation_id != conversation_id):
                raise UnknownPosition()
            messages = work.conversations.messages(conversation_id, after_seq=start.seq if start else 0)
            self._seen(work, conversation_id, agent, "messages")
            return Story(said(work, messages), work.agents.notes(conversation_id), work.outbox.last_id())

    def follow(self, agent: Agent, conversation_id: str | None = None) -> None:
        """An agent begins to follow events, of one conversation or of all that are theirs. Raises ConversationNotFound."""
        with self._store.write() as work:
            if conversation_id is None:
                work.audit.record(Action.CONVERSATION_SEEN, agent.by, self._clock(), details={"why": "events"})
                return
            self._room.line(work, conversation_id, agent.name, self._clock())
            self._seen(work, conversation_id, agent, "events")

    def mark_read(self, conversation_id: str, seq: int, agent: Agent) -> QueueLine:
        """The agent has read the messages up to `seq`; a marker never goes back. Raises ConversationNotFound."""
        now = self._clock()
        with self._store.write() as work:
            work.conversations.hold(conversation_id)
            newest = work.conversations.last_messages(conversation_id, 1)
            seq = min(seq, newest[0].seq if newest else 0)
            if work.agents.mark_read(conversation_id, agent.name, seq, now):
                self._seen(work, conversation_id, agent, "read", seq=seq)
            return self._room.line(work, conversation_id, agent.name, self._clock())

    def check_holds(self, conversation_id: str, agent: Agent) -> None:
        """Raises ConversationNotFound, AlreadyClaimed, NotClaimed or ConversationClosed unless the agent may write now."""
        with self._store.read() as work:
            conversation = work.conversations.get(conversation_id)
        if conversation is None:
            raise ConversationNotFound()
        moved(conversation.holding, Move.SEND, agent.who)

    def colleagues(self) -> list[Colleague]:
        """Everybody who may answer clients, by name."""
        with self._store.read() as work:
            return [Colleague(account, on_duty) for account, on_duty in self._duty.agents(work, self._clock())]

    def claim(self, conversation_id: str, agent: Agent) -> QueueLine:
        """Take it, from the queue or from the assistant; again changes nothing.

        Raises AlreadyClaimed, ConversationClosed, or TooManyHeld where the agent holds as many as they may.
        """

        def event(holding: Holding) -> Event:
            return ConversationClaimed(holding.state.value, agent.name, agent.display_name)

        return self._move(conversation_id, agent, Move.CLAIM, Action.CONVERSATION_CLAIMED, event)

    def transfer(self, conversation_id: str, to: str | None, agent: Agent) -> QueueLine:
        """Give it to the account `to`, or to the queue (None).

        Raises RecipientInvalid, AlreadyClaimed, IllegalMove or ConversationClosed.
        """
        given = None
        if to is not None:
            with self._store.read() as work:
                given = recipient(work, to)

        def event(holding: Holding) -> Event:
            return ConversationTransferred(holding.state.value, holding.agent, given and given.display_name, agent.name)

        return self._move(conversation_id, agent, Move.TRANSFER, Action.CONVERSATION_TRANSFERRED, event,
                          to=held_by(given.name) if given else WAITING)

    def release(self, conversation_id: str, agent: Agent, *, to_queue: bool = False) -> QueueLine:
        """Give it back to the assistant, or to the queue. Raises AlreadyClaimed, IllegalMove or ConversationClosed."""

        def event(holding: Holding) -> Event:
            return ConversationReleased(holding.state.value, agent.name)

        return self._move(conversation_id, agent, Move.RELEASE, Action.CONVERSATION_RELEASED, event,
                          to=WAITING if to_queue else ASSISTANT)

    def close(self, conversation_id: str, agent: Agent) -> QueueLine:
        """End it; the client may open it again by writing. Raises AlreadyClaimed or ConversationClosed."""

        def event(holding: Holding) -> Event:
            return ConversationEnded(holding.state.value, agent.name)

        return self._move(conversation_id, agent, Move.CLOSE, Action.CONVERSATION_CLOSED, event, to=CLOSED)

    def _move(self, conversation_id: str, agent: Agent, move: Move, action: Action, event: Callable[[Holding], Event], *,
              to: Holding | None = None) -> QueueLine:
        with self._store.write() as work:
            # The account before the conversation, as the assigner does: several claims of one agent are counted one after the other,
            # and none while a colleague gives them something.
            room = self._room.most_of(work.staff.hold(agent.name)) if move is Move.CLAIM else None
            if move is Move.TRANSFER and to is not None and to.agent:
                work.staff.hold(to.agent)
            held, now = work.conversations.hold(conversation_id), self._clock()
            holding = moved(held.holding, move, agent.who, to=to)
            if holding != held.holding:
                if room is not None and work.queue.load(agent.name) >= room:
                    raise TooManyHeld(room)
                hand_over(work, self._room, held, holding, now, closed_by=agent.name)
                work.audit.record(action, agent.by, now, subject=subject_of(conversation_id), details=change_of(held, holding))
                work.outbox.append(conversation_id, now, event(holding), holding=holding)
            line = self._room.line(work, conversation_id, agent.name, now)
        self._bell.ring(conversation_id)
        return line

    def _seen(self, work: Work, conversation_id: str, agent: Agent, why: str, **details: Any) -> None:
        work.audit.record(Action.CONVERSATION_SEEN, agent.by, self._clock(), subject=subject_of(conversation_id),
                          details={"why": why, **details})


def recipient(work: Work, name: str) -> Account:
    """The account to which a conversation may be given. Raises RecipientInvalid."""
    account = work.staff.get(account_name(name) or "")
    if account is None or not may_answer(account):
        raise RecipientInvalid()
    return account


def hand_over(work: Work, room: WaitingRoom, held: Conversation, holding: Holding, now: datetime, *, closed_by: str | None = None) -> None:
    """What changes with the hand that has a conversation."""
    context = without_failures(held.context) if holding == ASSISTANT else None
    work.conversations.change(held, now, holding=holding, context=context, closed_by=closed_by)
    if holding.state in (State.AGENT, State.WAITING):
        work.conversations.describe(held.id, summary=summarised(work, held.id))
    if holding.state is State.WAITING:
        room.enter(work, held.id, now)
    if holding.state is State.AGENT and held.state is State.AGENT:
        # A colleague is called, as by a client.
        work.conversations.need(held.id, now)
    # Who has it reads along anyway, and of what is over nobody does.
    work.labels.remove_guest(held.id, None if holding == CLOSED else holding.agent or "")
    for message in work.conversations.pending(held.id):
        # Whoever has it now answers what the assistant still owed.
        work.conversations.mark(message.id, Answering.HELD)


def change_of(held: Conversation, holding: Holding) -> dict[str, Any]:
    return {"from": held.state.value, "to": holding.state.value,
            **({"from_agent": held.agent} if held.agent else {}), **({"to_agent": holding.agent} if holding.agent else {})}
