"""Who follows which events: a client their conversation, an agent one conversation, or all that is theirs to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel

from api.live import QUEUE, Following, of_agent, of_client, of_console, of_conversation
from api.schemas import PublicEvent, Queued, QueueState, Typing
from api.schemas_console import AgentEvent, AgentTyping
from api.security import Caller
from assistant.agent_feed import AgentTold
from assistant.bootstrap import Application
from assistant.errors import Forbidden
from assistant.events import INTERNAL
from assistant.roles import Permission
from assistant.service import Told

__all__ = ["agent_follows", "agent_follows_one", "client_follows", "queue_for_client", "typing_for_agents", "typing_for_client"]

Frames = list[tuple[int, str]]


def client_follows(application: Application, conversation_id: str) -> Following:
    def read(after: int) -> Frames:
        told = application.conversations.events_after(conversation_id, after)
        return [(item.event.id, _frame(item.event.id, item.event.type, PublicEvent.of(item))) for item in told]

    topics = frozenset({of_conversation(conversation_id), of_client(conversation_id)})
    return Following(topics, _for_client, read, of_client(conversation_id), application.settings.streams_per_conversation)


def agent_follows_one(application: Application, caller: Caller, conversation_id: str) -> Following:
    def read(after: int) -> Frames:
        return _frames(application.agent_feed.of_conversation(conversation_id, after))

    topics = frozenset({of_conversation(conversation_id), of_console(conversation_id)})
    return _following(application, caller, topics, _for_agents, read)


def agent_follows(application: Application, caller: Caller) -> Following:
    name = caller.signed_in.account.name

    def read(after: int) -> Frames:
        return _frames(application.agent_feed.of_agent(name, after))

    def frame(told: AgentTold) -> str:
        return _for_agents(told) if name == told.event.agent or name in told.guests else _for_queue(told)

    return _following(application, caller, frozenset({QUEUE, of_agent(name)}), frame, read)


def typing_for_client(name: str) -> str:
    """The frame by which a client hears that an agent types; without id, so that nobody resumes after it."""
    return _frame(None, "typing", Typing(at=datetime.now(UTC), sender="agent", name=name))


def queue_for_client(standing: QueueState) -> str:
    """The frame by which a client hears where they stand now; without id too."""
    return _frame(None, "queue", Queued(at=datetime.now(UTC), **dict(standing)))


def typing_for_agents(conversation_id: str, sender: Literal["client", "agent"], agent: str | None = None) -> str:
    return _frame(None, "typing", AgentTyping(at=datetime.now(UTC), sender=sender, conversation_id=conversation_id, agent=agent))


def _following(application: Application, caller: Caller, topics: frozenset[str], frame: Callable[[AgentTold], str | None],
               read: Callable[[int], Frames]) -> Following:
    def admit() -> None:
        """A stream lives longer than the call that opened it: the session may have ended, and the roles may have changed."""
        signed_in = application.sessions.admit(caller.signed_in.token, use=False)
        if Permission.SEE_CONVERSATIONS not in signed_in.permissions:
            raise Forbidden()

    return Following(topics, frame, read, of_agent(caller.signed_in.account.name), application.settings.streams_per_agent, admit)


# All who follow an event are told in the same words, one right after the other.
@lru_cache(maxsize=1)
def _for_client(told: AgentTold) -> str | None:
    return None if told.event.type in INTERNAL else _frame(told.event.id, told.event.type, PublicEvent.of(Told(told.event, told.said)))


@lru_cache(maxsize=1)
def _for_agents(told: AgentTold) -> str:
    return _agents_frame(told)


@lru_cache(maxsize=1)
def _for_queue(told: AgentTold) -> str:
    """Without words: what clients write while they wait, agents read once they took it."""
    return _agents_frame(AgentTold(told.event))


def _frames(told: Iterable[AgentTold]) -> Frames:
    return [(item.event.id, _agents_frame(item)) for item in told]


def _agents_frame(told: AgentTold) -> str:
    return _frame(told.event.id, told.event.type, AgentEvent.of(told))


def _frame(event_id: int | None, name: str, data: BaseModel) -> str:
    head = "" if event_id is None else f"id: {event_id}\n"
    return f"{head}event: {name}\ndata: {data.model_dump_json(exclude_none=True)}\n\n"
