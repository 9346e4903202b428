"""The assistant reads along: a client's tone that turns to anger or distress raises the conversation, whoever holds it."""

from __future__ import annotations

from datetime import datetime

from assistant.events import ConversationRaised, Event
from assistant.storage import Conversation, Work

__all__ = ["hears"]

_RAISING = frozenset({"angry", "distressed"})


def hears(work: Work, held: Conversation, tone: str, now: datetime) -> list[Event]:
    """Keep the tone of the client's last words in a conversation that is held; the events that follow from it.

    Raised once: it stays so until the conversation is closed.
    """
    raises = tone in _RAISING and held.raised_at is None
    work.conversations.describe(held.id, tone=tone, raised_at=now if raises else None)
    return [ConversationRaised(tone)] if raises else []
