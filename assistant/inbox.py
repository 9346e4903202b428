"""A client's message from receipt to reply: kept first, answered then, each exactly once.

The message is committed before the reply is computed, so a crash loses no client's words; the same
client_message_id again finds the message, and computes the reply if it is still owed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from assistant.attaching import TakenFile, attach, words_beside
from assistant.bell import Bell
from assistant.clock import CHINA
from assistant.conversation import BY_ASSISTANT, BY_CLIENT, Holding, Move, State, moved, reopens_with
from assistant.duty import Duty
from assistant.errors import ConversationBusy, ConversationNotFound
from assistant.events import ConversationHandedOver, ConversationReopened, Event, MessageReceived, ReplySent
from assistant.follow_up_opening import change_of, hear_refusal, open_follow_ups, tell
from assistant.follow_up_policy import FollowUpPolicy, load_follow_up_policy
from assistant.inbound import DEFAULT_MAX_LENGTH
from assistant.overheard import Overheard, Overhears, nothing_overheard
from assistant.privacy import mask, mask_all
from assistant.reply import Context, Outcome
from assistant.service_rules import load_service_rules
from assistant.storage import AgentMessage, Answering, Attachment, Conversation, Decision, KnowledgeGap, Message, Store, Work
from assistant.summary import LOOKS_BACK, summarise
from assistant.tone_watch import hears
from assistant.waiting_room import WaitingRoom

__all__ = ["Exchange", "Inbox", "Responds", "Said", "summarised", "utc_now", "without_failures"]

_STRIPES = 256
_ROUNDS = 20
_DUTY = Duty(timedelta(minutes=30))
# Intents that say nothing of what somebody is about.
_NO_TOPIC = frozenset({"unknown", "guard", "courtesy"})


class Responds(Protocol):
    """Decides one message; safe to call from several threads."""

    def respond(self, text: str, context: Context = ..., at: datetime | None = None) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Said:
    """A message, with the decision behind it where the assistant wrote it and the client's verdict on it, or with its
    author where an agent did; and the file that came with it."""

    message: Message
    decision: Decision | None = None
    helpful: bool | None = None
    author: AgentMessage | None = None
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A client's message and the reply; None while a human holds the conversation."""

    message: Message
    reply: Said | None
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """A conversation, and its messages that wait for the assistant, oldest first, in one view."""

    conversation: Conversation
    pending: Sequence[Message]

    def owed(self, own: Message) -> Message | None:
        """What to answer next until `own` is answered; None once it is. What failed before is passed over."""
        if all(message.id != own.id for message in self.pending):
            return None
        return next(message for message in self.pending if message.id == own.id or not message.attempts)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Inbox:
    """Receives clients' messages. One conversation's messages are answered one at a time, in order."""

    def __init__(self, store: Store, responder: Responds, bell: Bell, *, clock: Callable[[], datetime] = utc_now,
                 max_length: int = DEFAULT_MAX_LENGTH, duty: Duty = _DUTY, room: WaitingRoom | None = None,
                 overhears: Overhears = nothing_overheard, follow_ups: FollowUpPolicy | None = None) -> None:
        self._store = store
        self._responder = responder
        self._bell = bell
        self._duty = duty
        self._follow_ups = follow_ups or load_follow_up_policy()
        self._room = room or WaitingRoom(store, duty, load_service_rules(None), clock=clock)
        self._overhears = overhears
        self._clock = clock
        self._max_length = max_length
        self._locks = tuple(threading.Lock() for _ in range(_STRIPES))

    def receive(self, conversation_id: str, client_message_id: str, text: str, *, file: TakenFile | None = None) -> Exchange:
        """Keep a message and reply to it; the same `client_message_id` again gives the first message and its reply.

        With a file there may be no text, and then no reply: the assistant does not look into files. A closed conversation opens
        again by it. Raises InvalidInput, AttachmentsFull, ConversationNotFound or ConversationBusy.
        """
        cleaned = words_beside(file, text, max_length=self._max_length)
        with self._locks[hash(conversation_id) % _STRIPES]:
            message, seen = self._keep(conversation_id, client_message_id, cleaned, file)
            if message.answering is Answering.PENDING:
                message, reply = self._answer_up_to(message, seen)
            else:
                # What a human holds has no reply, and needs no look for one.
                reply = None if message.answering is Answering.HELD else self._reply_to(message)
            if message.answering is Answering.HELD and message.text:
                self._listen(message)
        return Exchange(message, reply, self._attachment_of(message) if file else None)

    def _keep(self, conversation_id: str, client_message_id: str, text: str, file: TakenFile | None) -> tuple[Message, _Seen | None]:
        """The message as it stands, and what it was written into where nothing but it has changed. A no to offers in it holds with it."""
        refuses = bool(text and self._follow_ups.refuses(text))
        with self._store.write() as work:
            conversation = work.conversations.hold(conversation_id)
            known = work.conversations.sent_as(conversation_id, client_message_id)
            if known:
                return known, None
            now, holding, events = self._clock(), conversation.holding, []
            if conversation.state is State.CLOSED:
                holding, reopened = self._reopen(work, conversation, now)
                events.append(reopened)
            owed = Answering.PENDING if text else Answering.NONE
            answering = owed if holding.state is State.ASSISTANT else Answering.HELD
            message = work.conversations.add_message(
                conversation_id, id=uuid4().hex, sender="client", text=text, at=now,
                client_message_id=client_message_id, answering=answering)
            if file:
                attach(work, file, conversation_id, message.id, of_client=True)
            if answering is Answering.HELD and not events:
                work.conversations.change(conversation, now, needed=True)
            else:
                work.conversations.need(conversation_id, now)
            seen = None if events or answering is not Answering.PENDING else _Seen(
                conversation, work.conversations.pending(conversation_id))
            held_back, record = hear_refusal(work, conversation, message, now) if refuses else ([], None)
            work.outbox.append(conversation_id, now, *events, MessageReceived(message.id), holding=holding)
            if refuses:
                tell(work, held_back, now, clients=[record.id] if record else [])
        self._bell.ring(conversation_id)
        return message, seen

    def _reopen(self, work: Work, conversation: Conversation, now: datetime) -> tuple[Holding, Event]:
        agent = self._duty.agent(work, conversation.last_agent, now)
        to = reopens_with(closed_at=conversation.closed_at, last_agent=conversation.last_agent, now=now, on_duty=agent is not None)
        holding = moved(conversation.holding, Move.REOPEN, BY_CLIENT, to=to)
        work.conversations.change(conversation, now, holding=holding, context=without_failures(conversation.context))
        name = agent.display_name if agent and holding.agent else None
        return holding, ConversationReopened(holding.state.value, holding.agent, name)

    def _answer_up_to(self, own: Message, seen: _Seen | None) -> tuple[Message, Said | None]:
        """Answer what is owed in the conversation, oldest first, until `own` is; `seen` as it stands, where that is known."""
        for _ in range(_ROUNDS):
            standing, seen = seen or self._see(own), None
            conversation, owed = standing.conversation, standing.owed(own)
            if owed is None:
                return self._again(own)
            if conversation.state is not State.ASSISTANT:
                self._hold(conversation, owed)
                continue
            said = self._settle(conversation, owed, self._respond(conversation, owed))
            if said is None:
                continue
            self._bell.ring(conversation.id)
            if owed.id == own.id:
                return replace(owed, answering=Answering.ANSWERED), said
        raise ConversationBusy()

    def _listen(self, message: Message) -> None:
        """What nobody answers at once is read for its tone, so that anger and distress are seen, and for needs. Most messages show
        nothing new, and cost no transaction."""
        overheard = self._overhears(message.text)
        if overheard is None:
            return
        tone, needs = overheard.reading.tone.name, self._follow_ups.worth(overheard)
        with self._store.read() as work:
            known = work.conversations.get(message.conversation_id)
        if known is None or (known.tone == tone and not needs):
            return
        with self._store.write() as work:
            held, now = work.conversations.hold(message.conversation_id), self._clock()
            events = hears(work, held, tone, now) if held.tone != tone else []
            events += map(change_of, open_follow_ups(work, held, message, overheard, self._follow_ups, now) if needs else [])
            if events:
                work.outbox.append(held.id, now, *events, holding=held.holding)
        if events:
            self._bell.ring(held.id)

    def _see(self, own: Message) -> _Seen:
        with self._store.read() as work:
            conversation = work.conversations.get(own.conversation_id)
            pending = work.conversations.pending(own.conversation_id)
        if conversation is None:
            raise ConversationNotFound()
        return _Seen(conversation, pending)

    def _again(self, message: Message) -> tuple[Message, Said | None]:
        """As it stands, after somebody else has answered it or taken it over."""
        with self._store.read() as work:
            message = work.conversations.message(message.id) or message
        return message, None if message.answering is Answering.HELD else self._reply_to(message)

    def _respond(self, conversation: Conversation, message: Message) -> Outcome:
        context = Context.from_dict(conversation.context)
        try:
            return self._responder.respond(message.text, context, self._clock().astimezone(CHINA))
        except Exception:
            # Counted and raised on: a message that can't be answered must not silence those after it.
            with self._store.write() as work:
                work.conversations.count_attempt(message.id)
            raise

    def _hold(self, conversation: Conversation, message: Message) -> None:
        with self._store.write() as work:
            if work.conversations.hold(conversation.id).turn == conversation.turn:
                work.conversations.mark(message.id, Answering.HELD)

    def _settle(self, seen: Conversation, message: Message, outcome: Outcome) -> Said | None:
        """Keep reply, decision, context and events together; None where the conversation has changed since `seen`."""
        now = self._clock()
        reply_id = uuid4().hex
        decision = _decision(reply_id, seen.id, outcome, now)
        with self._store.write() as work:
            conversation = work.conversations.hold(seen.id)
            if conversation.turn != seen.turn:
                return None
            events: list[Event] = [ReplySent(reply_id, outcome.reply.kind, message.id)]
            holding = conversation.holding
            if outcome.reply.kind == "handover":
                holding = moved(holding, Move.HAND_OVER, BY_ASSISTANT)
            work.conversations.mark(message.id, Answering.ANSWERED)
            reply = work.conversations.add_message(seen.id, id=reply_id, sender="assistant", text=outcome.reply.text, at=now,
                                                   in_reply_to=message.id)
            work.decisions.add(decision)
            if outcome.reply.kind == "fallback":
                work.decisions.add_gap(
                    KnowledgeGap(mask(message.text), mask(outcome.reading.normalized), "fallback", now))
            context = replace(outcome.context, question=mask(outcome.context.question))
            work.conversations.change(conversation, now, holding=holding, context=context.to_dict())
            work.conversations.describe(seen.id, topic=_topic(outcome))
            raised = hears(work, conversation, outcome.reading.tone.name, now)
            if outcome.reply.kind == "handover":
                work.conversations.describe(seen.id, summary=summarised(work, seen.id))
                promise = self._room.enter(work, seen.id, now).to_dict()
                events.append(ConversationHandedOver(holding.state.value, outcome.reply.reason, promise))
            events += raised
            needs = open_follow_ups(work, conversation, message, Overheard.of(outcome), self._follow_ups, now)
            work.outbox.append(seen.id, now, *events, *map(change_of, needs), holding=holding)
        return Said(reply, decision)

    def _attachment_of(self, message: Message) -> Attachment | None:
        with self._store.read() as work:
            return work.attachments.of_messages([message.id]).get(message.id)

    def _reply_to(self, message: Message) -> Said | None:
        with self._store.read() as work:
            reply = work.conversations.reply_to(message.id)
            return reply and Said(reply, work.decisions.get(reply.id))


def _topic(outcome: Outcome) -> str | None:
    """The first level of what the client is about, where the words say it."""
    topic = outcome.reading.intent.name.partition(".")[0]
    return None if topic in _NO_TOPIC else topic


def without_failures(context: Mapping[str, Any] | None) -> dict[str, Any]:
    """For an assistant that begins anew: failures of the past must not hand over again at the first new one."""
    return {**(context or {}), "failures": 0}


def summarised(work: Work, conversation_id: str) -> dict[str, Any]:
    """What the next human needs to know of a conversation that is held."""
    messages = work.conversations.last_messages(conversation_id, LOOKS_BACK)
    replies = [message.id for message in messages if message.sender == "assistant"]
    return summarise(messages, work.decisions.by_message(replies), work.decisions.feedback(replies)).to_dict()


def _decision(reply_id: str, conversation_id: str, outcome: Outcome, at: datetime) -> Decision:
    view = outcome.to_dict()
    view["understanding"] = mask_all(view["understanding"])
    article = outcome.reply.article
    return Decision(
        message_id=reply_id, conversation_id=conversation_id, kind=outcome.reply.kind,
        confidence=outcome.reply.confidence, reason=outcome.reply.reason, article_id=article and article.id,
        article_revision=article and article.revision, knowledge_version=outcome.knowledge_version,
        models=dict(outcome.models), outcome=view, at=at)
