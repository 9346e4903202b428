"""Events as agents follow them: of one conversation, or of the queue and of all that they hold."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.events import Recorded
from assistant.inbox import Said
from assistant.service import said_by_id
from assistant.storage import Note, Store, Work

__all__ = ["AgentFeed", "AgentTold"]


@dataclass(frozen=True, slots=True)
class AgentTold:
    """An event, with the message or the note that it names where the agent may read along."""

    event: Recorded
    said: Said | None = None
    note: Note | None = None


class AgentFeed:
    """Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_conversation(self, conversation_id: str, event_id: int) -> list[AgentTold]:
        """All events of the conversation with greater ids, in order, at most AT_ONCE."""
        with self._store.read() as work:
            return _told(work, work.outbox.after(event_id, conversation_id=conversation_id))

    def of_agent(self, agent: str, event_id: int) -> list[AgentTold]:
        """Events with greater ids that change the queue, of what the account held when they happened, or where they are a guest;
        at most AT_ONCE.

        What clients write while they wait is told to all, without their words.
        """
        with self._store.read() as work:
            events = work.outbox.for_agent(event_id, agent)
            guests = work.labels.guests({event.conversation_id for event in events})
            read = [event for event in events if event.agent == agent or agent in guests.get(event.conversation_id, ())]
            own = {told.event.id: told for told in _told(work, read)}
            return [own.get(event.id) or AgentTold(event) for event in events]


def _told(work: Work, events: list[Recorded]) -> list[AgentTold]:
    messages = said_by_id(work, events)
    notes = work.agents.notes_by_id([event.payload["note_id"] for event in events if "note_id" in event.payload])
    return [AgentTold(event, messages.get(event.payload.get("message_id", "")), notes.get(event.payload.get("note_id", "")))
            for event in events]
