"""What a client can do with a conversation besides writing: open it, read it, follow it, judge it, go on alone."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from uuid import uuid4

from cachetools import LRUCache

from assistant.bell import Bell
from assistant.clients import identified
from assistant.conversation import ASSISTANT, BY_CLIENT, Move, State, moved
from assistant.errors import ConversationNotFound, IdentityDiffers, ReplyNotFound, UnknownPosition
from assistant.events import (
    INTERNAL,
    ConversationIdentified,
    ConversationOpened,
    ConversationResumed,
    FeedbackGiven,
    Recorded,
    SatisfactionGiven,
)
from assistant.follow_up_opening import tell
from assistant.inbound import clean_text
from assistant.inbox import Said, utc_now, without_failures
from assistant.introducing import introduced
from assistant.privacy import mask
from assistant.storage import Conversation, KnowledgeGap, Message, Store, Work
from assistant.vouching import Vouching
from assistant.waiting_room import WaitingRoom

__all__ = ["MAX_WORDS", "Conversations", "Opened", "Told", "Transcript", "said", "said_by_id"]

# Of what a client says about their satisfaction, in characters.
MAX_WORDS = 500
# Conversations whose token is known by heart.
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A new conversation; `token` is shown once, only its digest is kept."""

    conversation: Conversation
    token: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """Messages in order, and the id of the last event that they include."""

    messages: Sequence[Said]
    last_event_id: int


@dataclass(frozen=True, slots=True)
class Told:
    """An event with the message that it names."""

    event: Recorded
    said: Said | None


class Conversations:
    """The client's side of the store. Callers have admitted the client with `admit` first."""

    def __init__(self, store: Store, bell: Bell, *, vouching: Vouching | None = None, clock: Callable[[], datetime] = utc_now,
                 room: WaitingRoom | None = None) -> None:
        self._store = store
        self._bell = bell
        self._room = room
        self._vouching = vouching or Vouching()
        self._clock = clock
        self._admitted: LRUCache[str, str] = LRUCache(_REMEMBERED)
        self._admitted_lock = Lock()

    def open(self, channel: str, client_token: str | None = None) -> Opened:
        """`client_token` says who the client is, as `Vouching` reads it. Raises ClientTokenInvalid and its like, or IdentityTaken."""
        token, now = secrets.token_urlsafe(32), self._clock()
        said = self._vouching.read(client_token, channel) if client_token else None
        conversation = Conversation(
            id=uuid4().hex, channel=channel, client_ref=None,
            token_hash=_digest(token), state=ASSISTANT.state, context=None, satisfaction=None, turn=0,
            created_at=now, updated_at=now, needed_at=now, vouched=said is not None and said.vouched)
        with self._store.write() as work:
            ref, touched, written = introduced(work, said, channel, now) if said else (None, [], [])
            conversation = replace(conversation, client_ref=ref)
            work.conversations.add(conversation)
            work.outbox.append(conversation.id, now, ConversationOpened(channel))
            tell(work, touched, now, clients=written)
        self._bell.ring(conversation.id)
        return Opened(conversation, token)

    def identify(self, conversation: Conversation, client_token: str) -> bool:
        """Somebody who wrote unknown is known now; whether a key vouches for it. Their histories are one from here on.

        Raises ClientTokenInvalid and its like, IdentityDiffers where the conversation is another client's, or IdentityTaken.
        """
        said, channel = self._vouching.read(client_token, conversation.channel), conversation.channel
        with self._store.write() as work:
            held, now = work.conversations.hold(conversation.id), self._clock()
            ref, touched, written = introduced(work, said, channel, now)
            if held.vouched and ref != held.client_ref:
                raise IdentityDiffers()
            if (ref, said.vouched) != (held.client_ref, held.vouched):
                work.conversations.identify(held, ref, now, vouched=said.vouched)
                theirs, refusing = identified(work, replace(held, client_ref=ref), now)
                touched, written = [*touched, *theirs], [*written, *refusing]
                if self._room:
                    self._room.rank(work, held)
                known = work.clients.by_identity(channel, ref)
                work.outbox.append(held.id, now, ConversationIdentified(known and known.id), holding=held.holding)
            tell(work, touched, now, clients=written)
        self._bell.ring(conversation.id)
        return said.vouched

    def admit(self, conversation_id: str, token: str) -> Conversation:
        """The conversation that the token opens. A wrong token and a wrong id raise the same ConversationNotFound."""
        with self._store.read() as work:
            # What no id can be is not looked for: PostgreSQL takes no NUL.
            conversation = work.conversations.get(conversation_id) if conversation_id.isprintable() else None
        expected = conversation.token_hash if conversation else "0" * 64
        if not hmac.compare_digest(_digest(token), expected) or conversation is None:
            raise ConversationNotFound()
        with self._admitted_lock:
            self._admitted[conversation_id] = expected
        return conversation

    def has_admitted(self, conversation_id: str, token: str) -> bool:
        """Whether the token has opened the conversation here before, without asking the store: a conversation keeps its token for good."""
        with self._admitted_lock:
            expected = self._admitted.get(conversation_id, "0" * 64)
        return hmac.compare_digest(_digest(token), expected)

    def resume(self, conversation_id: str) -> State:
        """The client stops waiting for a human. Raises IllegalMove in other states than `waiting`."""
        with self._store.write() as work:
            conversation = work.conversations.hold(conversation_id)
            now, holding = self._clock(), moved(conversation.holding, Move.RESUME, BY_CLIENT)
            work.conversations.change(conversation, now, holding=holding, context=without_failures(conversation.context))
            work.outbox.append(conversation_id, now, ConversationResumed(holding.state.value), holding=holding)
        self._bell.ring(conversation_id)
        return holding.state

    def judge_reply(self, conversation_id: str, reply_id: str, *, helpful: bool) -> None:
        """Keep the client's verdict on a reply; the last one counts. Raises ReplyNotFound."""
        now = self._clock()
        with self._store.write() as work:
            held = work.conversations.hold(conversation_id)
            reply = work.conversations.message(reply_id)
            if reply is None or reply.conversation_id != conversation_id or reply.sender != "assistant":
                raise ReplyNotFound()
            if not work.decisions.set_feedback(reply_id, conversation_id, helpful=helpful, at=now):
                return
            if not helpful:
                _add_gap(work, reply, now)
            work.outbox.append(conversation_id, now, FeedbackGiven(reply_id, helpful), holding=held.holding)
        self._bell.ring(conversation_id)

    def judge_conversation(self, conversation_id: str, satisfaction: int, words: str | None = None) -> None:
        """Keep the client's satisfaction, 1 to 5, and why, masked; the last one counts. Raises InvalidInput."""
        now, said = self._clock(), mask(clean_text(words, max_length=MAX_WORDS)) if words and words.strip() else None
        with self._store.write() as work:
            conversation = work.conversations.hold(conversation_id)
            if conversation.satisfaction == satisfaction and said in (None, conversation.satisfaction_words):
                return
            work.conversations.change(conversation, now, satisfaction=satisfaction, satisfaction_words=said)
            work.outbox.append(conversation_id, now, SatisfactionGiven(satisfaction), holding=conversation.holding)
        self._bell.ring(conversation_id)

    def transcript(self, conversation_id: str, *, after: str | None = None) -> Transcript:
        """Messages after the one with id `after`, at most 500. Raises UnknownPosition."""
        with self._store.read() as work:
            position = 0
            if after is not None:
                start = work.conversations.message(after)
                if start is None or start.conversation_id != conversation_id:
                    raise UnknownPosition()
                position = start.seq
            messages = work.conversations.messages(conversation_id, after_seq=position)
            return Transcript(said(work, messages), work.outbox.last_id())

    def events_after(self, conversation_id: str, event_id: int) -> list[Told]:
        """Events with greater ids that the client may see, in order, at most AT_ONCE."""
        with self._store.read() as work:
            events = work.outbox.after(event_id, conversation_id=conversation_id, without=INTERNAL)
            named = said_by_id(work, events)
            return [Told(event, named.get(event.payload.get("message_id", ""))) for event in events]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def said(work: Work, messages: Sequence[Message]) -> list[Said]:
    """Messages with what is known of each."""
    replies = [message.id for message in messages if message.sender == "assistant"]
    decisions, verdicts = work.decisions.by_message(replies), work.decisions.feedback(replies)
    authors = work.agents.authorships([message.id for message in messages if message.sender == "agent"])
    files = work.attachments.of_messages([message.id for message in messages if message.sender in ("client", "agent")])
    return [Said(message, decisions.get(message.id), verdicts.get(message.id), authors.get(message.id), files.get(message.id))
            for message in messages]


def said_by_id(work: Work, events: Sequence[Recorded]) -> dict[str, Said]:
    """The messages that events name, by their ids."""
    ids = [event.payload["message_id"] for event in events if "message_id" in event.payload]
    return {item.message.id: item for item in said(work, list(work.conversations.messages_by_id(ids).values()))}


def _add_gap(work: Work, reply: Message, at: datetime) -> None:
    question = reply.in_reply_to and work.conversations.message(reply.in_reply_to)
    decision = work.decisions.get(reply.id)
    if question and decision:
        normalized = decision.outcome["understanding"]["normalized"]
        work.decisions.add_gap(KnowledgeGap(mask(question.text), normalized, "unhelpful", at))
