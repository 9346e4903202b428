"""What agents do with a conversation without moving it: tag it, and have a colleague read along."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from assistant.accounts import account_name
from assistant.agent import Agent, subject_of
from assistant.audit import Action
from assistant.bell import Bell
from assistant.console import recipient
from assistant.conversation import Move, State, moved
from assistant.errors import RecipientInvalid
from assistant.events import ColleagueInvited, ColleagueLeft, ConversationTagged
from assistant.inbox import utc_now
from assistant.storage import Conversation, QueueLine, Store
from assistant.tags import clean_tags
from assistant.waiting_room import WaitingRoom

__all__ = ["Labelling"]

_SUGGESTED = 20


class Labelling:
    """Safe to share between threads. Callers have seen to it that the agent's roles allow the call."""

    def __init__(self, store: Store, bell: Bell, room: WaitingRoom, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._bell = bell
        self._room = room
        self._clock = clock

    def tag(self, conversation_id: str, tags: Iterable[str], agent: Agent) -> QueueLine:
        """These tags and no others, whoever holds the conversation. Raises TagInvalid or ConversationNotFound."""
        wanted = clean_tags(tags)
        with self._store.write() as work:
            held, now = work.conversations.hold(conversation_id), self._clock()
            before = work.labels.tags([conversation_id]).get(conversation_id, ())
            if before != wanted:
                work.labels.set_tags(conversation_id, wanted, agent.name, now)
                work.audit.record(Action.CONVERSATION_TAGGED, agent.by, now, subject=subject_of(conversation_id), details={
                    "added": sorted(set(wanted) - set(before)), "removed": sorted(set(before) - set(wanted))})
                work.outbox.append(conversation_id, now, ConversationTagged(wanted), holding=held.holding)
            line = self._room.line(work, conversation_id, agent.name, now)
        self._bell.ring(conversation_id)
        return line

    def known_tags(self, beginning: str = "") -> list[str]:
        """Tags that begin so, the most used first."""
        with self._store.read() as work:
            return work.labels.most_used(beginning.casefold().strip(), limit=_SUGGESTED)

    def invite(self, conversation_id: str, guest: str, agent: Agent) -> QueueLine:
        """Ask a colleague to read along and to help by notes; only who holds the conversation writes to the client.

        Raises RecipientInvalid, ConversationNotFound, NotClaimed, AlreadyClaimed or ConversationClosed.
        """
        with self._store.write() as work:
            held, now = work.conversations.hold(conversation_id), self._clock()
            _check_may_invite(held, agent)
            account = recipient(work, guest)
            if account.name == held.agent:
                raise RecipientInvalid()
            if work.labels.add_guest(conversation_id, account.name, agent.name, now):
                work.audit.record(Action.COLLEAGUE_INVITED, agent.by, now, subject=subject_of(conversation_id), details={
                    "guest": account.name})
                work.outbox.append(conversation_id, now, ColleagueInvited(account.name, agent.name), holding=held.holding)
            line = self._room.line(work, conversation_id, agent.name, now)
        self._bell.ring(conversation_id)
        return line

    def leave(self, conversation_id: str, guest: str, agent: Agent) -> QueueLine:
        """A guest goes, or is sent away by who holds the conversation. Again changes nothing. Raises as `invite`."""
        name = account_name(guest) or ""
        with self._store.write() as work:
            held, now = work.conversations.hold(conversation_id), self._clock()
            if name != agent.name:
                _check_may_invite(held, agent)
            if work.labels.remove_guest(conversation_id, name):
                work.audit.record(Action.COLLEAGUE_LEFT, agent.by, now, subject=subject_of(conversation_id), details={"guest": name})
                work.outbox.append(conversation_id, now, ColleagueLeft(name, agent.name), holding=held.holding)
            line = self._room.line(work, conversation_id, agent.name, now)
        self._bell.ring(conversation_id)
        return line


def _check_may_invite(held: Conversation, agent: Agent) -> None:
    """Whoever may write to the client, or supervises who may."""
    if held.state is State.AGENT and agent.supervises:
        return
    moved(held.holding, Move.SEND, agent.who)
