"""Events as they are followed: of one conversation, of the queue and of all that an agent holds, or of the whole house."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from assistant.events import Recorded
from assistant.inbox import Said
from assistant.service import said_by_id
from assistant.storage import Note, Store, Work

__all__ = ["AgentFeed", "AgentTold"]


@dataclass(frozen=True, slots=True, eq=False)
class AgentTold:
    """An event, with the message or the note that it names where the agent may read along, and, where all is told, the `guests` of its
    conversation."""

    event: Recorded
    said: Said | None = None
    note: Note | None = None
    guests: tuple[str, ...] = ()


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

    def of_all(self, event_id: int, follows: Callable[[AgentTold], bool]) -> list[AgentTold]:
        """Events of all conversations with greater ids, in order, at most AT_ONCE. What they name is read where somebody `follows`."""
        with self._store.read() as work:
            events = work.outbox.of_all(event_id)
            guests = work.labels.guests({event.conversation_id for event in events})
            bare = [AgentTold(event, guests=guests.get(event.conversation_id, ())) for event in events]
            whole = {told.event.id: told for told in _told(work, [told.event for told in bare if follows(told)])}
            return [replace(whole.get(told.event.id, told), guests=told.guests) for told in bare]

    def last_id(self) -> int:
        """Id of the newest event."""
        with self._store.read() as work:
            return work.outbox.last_id()


def _told(work: Work, events: list[Recorded]) -> list[AgentTold]:
    messages = said_by_id(work, events)
    notes = work.agents.notes_by_id([event.payload["note_id"] for event in events if "note_id" in event.payload])
    return [AgentTold(event, messages.get(event.payload.get("message_id", "")), notes.get(event.payload.get("note_id", "")))
            for event in events]
