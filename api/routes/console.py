"""What the agents' console calls."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse

from api.dependencies import JsonBody, PerAddress, Running
from api.errors import problems
from api.following import agent_follows, agent_follows_one, typing_for_agents, typing_for_client
from api.live import Following, of_client, of_console
from api.routes.conversations import AfterEvent, AfterMessage, EventId, event_stream
from api.schemas_console import (
    AgentMessages,
    AgentMessageSend,
    AgentMessageSent,
    AgentMessageView,
    AgentTypes,
    Colleagues,
    ConversationLine,
    ConversationPage,
    NoteAdd,
    NoteView,
    ReadUpTo,
    Release,
    ServiceView,
    SuggestionList,
    Transfer,
    place_of,
)
from api.security import Caller, requires
from assistant.agent import Agent
from assistant.console import QUEUE
from assistant.conversation import State
from assistant.errors import CursorInvalid
from assistant.roles import Permission
from assistant.storage.queue import Wanted
from assistant.tags import clean_tag

__all__ = ["Id", "Replying", "Seeing", "agent_of", "router"]

router = APIRouter(prefix="/v1/agent", tags=["console"], dependencies=[PerAddress])
Seeing = Annotated[Caller, requires(Permission.SEE_CONVERSATIONS)]
Replying = Annotated[Caller, requires(Permission.REPLY)]
Transferring = Annotated[Caller, requires(Permission.TRANSFER)]
Id = Annotated[str, Path(pattern=r"^[!-~]{1,64}$", examples=["5f0c7d0e3a1b4c6e9d2f8a7b6c5d4e3f"])]
InState = Annotated[State | None, Query(description="Only this state.")]
Mine = Annotated[bool, Query(description="Only what the caller holds.")]
Order = Annotated[Literal["newest", "oldest"] | None, Query(
    description="Whose need comes first. Left out: those who wait in the order of service, all others the newest first.")]
Cursor = Annotated[str | None, Query(pattern=r"^([0-2]\.)?[0-9]{1,17}-[!-~]{1,64}$", description="`next` of the page before.")]
Tag = Annotated[str | None, Query(min_length=1, max_length=24, description="Only what has this tag.")]
Raised = Annotated[bool, Query(description="Only what anger or distress has raised, and is not closed.")]
Limit = Annotated[int, Query(ge=1, le=100)]
_STAFF = problems(401, 403, 422, 429, 503)
_ONE = {**_STAFF, **problems(404)}
_MOVE = {**_ONE, **problems(409)}
_BODY = problems(400, 413, 415)
_STREAM = {200: {"description": "Server-sent events, each with an id.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}}


def agent_of(caller: Caller) -> Agent:
    return Agent.of(caller.signed_in.account, caller.signed_in.permissions, caller.by)


@router.get("/conversations", responses=_STAFF)
async def list_agent_conversations(caller: Seeing, running: Running, state: InState = None, mine: Mine = False, order: Order = None,
                                   tag: Tag = None, raised: Raised = False, after: Cursor = None, limit: Limit = 50) -> ConversationPage:
    """Conversations by need: when the client last wrote, or came into the queue. With `state=waiting` and no `order`, in the
    order of service: raised ones, the caller's own clients, and the others by tier and waiting time."""
    agent, place = agent_of(caller), place_of(after) if after else None
    served = state is State.WAITING and order is None
    if place and (place.rank is not None) != served:
        raise CursorInvalid()
    wanted = Wanted(state, agent.name if mine else None, oldest_first=order == "oldest", served=served,
                    tag=clean_tag(tag) if tag else None, raised=raised)
    return ConversationPage.of(await to_thread.run_sync(partial(running.application.console.page, agent, wanted, after=place, limit=limit)))


@router.get("/service", responses=_STAFF)
async def see_service(caller: Seeing, running: Running) -> ServiceView:
    """Whether it is within hours, how many wait, what the caller holds, and from where a wait or an answer is late."""
    room, measured = running.application.room, running.application.dashboard.rules
    return ServiceView.of(await to_thread.run_sync(room.overview, agent_of(caller).name), room.rules, measured.reply)


@router.get("/conversations/{conversation_id}", responses=_ONE)
async def see_agent_conversation(conversation_id: Id, caller: Seeing, running: Running) -> ConversationLine:
    """One conversation, as the list has it."""
    return ConversationLine.of(await to_thread.run_sync(running.application.console.look, conversation_id, agent_of(caller)))


@router.get("/conversations/{conversation_id}/messages", responses=_ONE)
async def list_agent_messages(conversation_id: Id, caller: Seeing, running: Running, after: AfterMessage = None) -> AgentMessages:
    """Messages in order, at most 500, with what the assistant made of them; and the notes. `after` the last id goes on."""
    read = partial(running.application.console.story, conversation_id, agent_of(caller), after=after)
    return AgentMessages.of(await to_thread.run_sync(read))


@router.post("/conversations/{conversation_id}/claim", responses=_MOVE)
async def claim_conversation(conversation_id: Id, caller: Replying, running: Running) -> ConversationLine:
    """Take it, from the queue or from the assistant. 409 `already_claimed` names the colleague who was first in `agent`; 409
    `too_many_held` says that the caller holds as many as they may."""
    return ConversationLine.of(await to_thread.run_sync(running.application.console.claim, conversation_id, agent_of(caller)))


@router.post("/conversations/{conversation_id}/transfer", dependencies=[JsonBody], responses={**_MOVE, **_BODY})
async def transfer_conversation(conversation_id: Id, body: Transfer, caller: Transferring, running: Running) -> ConversationLine:
    """Give it to another agent, or to the queue."""
    to = None if body.to in (None, QUEUE) else body.to
    return ConversationLine.of(await to_thread.run_sync(running.application.console.transfer, conversation_id, to, agent_of(caller)))


@router.post("/conversations/{conversation_id}/release", responses={**_MOVE, **problems(400, 413)})
async def release_conversation(conversation_id: Id, caller: Replying, running: Running, body: Release | None = None) -> ConversationLine:
    """Give it back to the assistant, or to the queue."""
    to_queue = body is not None and body.to == QUEUE
    release = partial(running.application.console.release, conversation_id, agent_of(caller), to_queue=to_queue)
    return ConversationLine.of(await to_thread.run_sync(release))


@router.post("/conversations/{conversation_id}/close", responses=_MOVE)
async def close_conversation(conversation_id: Id, caller: Replying, running: Running) -> ConversationLine:
    """End it. When the client writes again it opens again."""
    return ConversationLine.of(await to_thread.run_sync(running.application.console.close, conversation_id, agent_of(caller)))


@router.post("/conversations/{conversation_id}/messages", dependencies=[JsonBody], responses={**_MOVE, **_BODY})
async def send_agent_message(conversation_id: Id, body: AgentMessageSend, caller: Replying, running: Running) -> AgentMessageSent:
    """Write to the client. 422 `outgoing_check` with `findings` where the text may not go out as it is."""
    sent = await to_thread.run_sync(running.application.agent_messages.send, conversation_id, body.draft(), agent_of(caller))
    return AgentMessageSent(message=AgentMessageView.of(sent))


@router.post("/conversations/{conversation_id}/notes", dependencies=[JsonBody], responses={**_ONE, **_BODY})
async def add_note(conversation_id: Id, body: NoteAdd, caller: Replying, running: Running) -> NoteView:
    """Leave a note for colleagues, which the client never sees."""
    note = partial(running.application.agent_messages.note, conversation_id, body.client_message_id, body.text, agent_of(caller))
    return NoteView.of(await to_thread.run_sync(note))


@router.post("/conversations/{conversation_id}/read", dependencies=[JsonBody], responses={**_ONE, **_BODY})
async def mark_read(conversation_id: Id, body: ReadUpTo, caller: Seeing, running: Running) -> ConversationLine:
    """The caller has read the messages up to `seq`; a marker never goes back."""
    mark = partial(running.application.console.mark_read, conversation_id, body.seq, agent_of(caller))
    return ConversationLine.of(await to_thread.run_sync(mark))


@router.post("/conversations/{conversation_id}/typing", status_code=204, responses={**_MOVE, **problems(400, 413)})
async def agent_types(conversation_id: Id, caller: Replying, running: Running, body: AgentTypes | None = None) -> None:
    """The client sees that the agent types, for a moment, if the agent holds the conversation; with `to: colleagues` only they."""
    running.typing.take(f"{caller.signed_in.account.name} {conversation_id}")
    account = caller.signed_in.account
    if body is None or body.to == "client":
        await to_thread.run_sync(running.application.console.check_holds, conversation_id, agent_of(caller))
        await running.live.tell(of_client(conversation_id), typing_for_client(account.display_name))
    await running.live.tell(of_console(conversation_id), typing_for_agents(conversation_id, "agent", account.name))


@router.get("/conversations/{conversation_id}/suggestions", responses=_ONE)
async def list_suggestions(conversation_id: Id, caller: Replying, running: Running) -> SuggestionList:
    """What may be sent as the reply to the client's last message, in approved words."""
    of = running.application.suggestions.of
    return SuggestionList.of(await to_thread.run_sync(of, conversation_id, agent_of(caller), limiter=running.turns))


@router.get("/conversations/{conversation_id}/events", response_class=StreamingResponse, responses={**_STREAM, **_ONE})
async def follow_conversation(conversation_id: Id, caller: Seeing, running: Running, after: AfterEvent = None,
                              last_event_id: EventId = None) -> StreamingResponse:
    """Follow a conversation. `Last-Event-ID` resumes with nothing lost and nothing twice; ends with the session."""
    following = agent_follows_one(running.application, caller, conversation_id)
    return await _follow(following, caller, running, conversation_id, last_event_id if last_event_id is not None else after)


@router.get("/events", response_class=StreamingResponse, responses={**_STREAM, **_STAFF})
async def follow_all(caller: Seeing, running: Running, after: AfterEvent = None, last_event_id: EventId = None) -> StreamingResponse:
    """Follow the queue, and all in the conversations that the caller holds. Resumes and ends as the stream of one does."""
    following = agent_follows(running.application, caller)
    return await _follow(following, caller, running, None, last_event_id if last_event_id is not None else after)


async def _follow(following: Following, caller: Caller, running: Running, conversation_id: str | None,
                  after: int | None) -> StreamingResponse:
    running.live.check_room(following)
    await to_thread.run_sync(running.application.console.follow, agent_of(caller), conversation_id)
    return event_stream(running.live.stream(following, after or 0))


@router.get("/colleagues", responses=_STAFF)
async def list_colleagues(caller: Seeing, running: Running) -> Colleagues:
    """Everybody who may be given a conversation."""
    return Colleagues.of(await to_thread.run_sync(running.application.console.colleagues))
