"""What was said before: a client's conversations on every channel, for who serves them and for the client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.agent import Agent, subject_of
from assistant.audit import Action
from assistant.errors import ConversationNotFound, UnknownPosition
from assistant.inbox import Said, utc_now
from assistant.service import said
from assistant.storage import Conversation, QueueLine, Store

__all__ = ["History", "Past"]


@dataclass(frozen=True, slots=True)
class Past:
    """A page of older messages, in order, each with the channel of its conversation; whether there are more before them."""

    messages: Sequence[tuple[Said, str]]
    has_more: bool


class History:
    """Safe to share between threads."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def of_client(self, conversation: Conversation, *, before: str | None = None, limit: int = 50) -> Past:
        """Messages of the client's earlier conversations, older than the one with id `before`. Raises UnknownPosition.

        Only where a key vouches for the client, then and now: a word that anybody could say shows nobody's history.
        """
        if not conversation.vouched:
            return Past((), has_more=False)
        with self._store.read() as work:
            start = work.conversations.message(before) if before is not None else None
            if before is not None and (start is None or not work.histories.joins(conversation, start.conversation_id)):
                raise UnknownPosition()
            found = work.histories.messages(conversation, start, limit=limit + 1)
            shown = said(work, found[-limit:])
            channels = {name: held.channel for name in {item.message.conversation_id for item in shown}
                        if (held := work.conversations.get(name))}
            return Past([(item, channels[item.message.conversation_id]) for item in shown], has_more=len(found) > limit)

    def of_agent(self, conversation_id: str, agent: Agent) -> list[QueueLine]:
        """The client's other conversations, the newest first. Raises ConversationNotFound."""
        with self._store.write() as work:
            conversation = work.conversations.get(conversation_id)
            if conversation is None:
                raise ConversationNotFound()
            found = work.histories.others(conversation)
            lines = (work.queue.line(agent.name, item.id) for item in found)
            work.audit.record(Action.CONVERSATION_SEEN, agent.by, self._clock(), subject=subject_of(conversation_id), details={
                "why": "history", "conversations": [item.id for item in found]})
            return [line for line in lines if line]
