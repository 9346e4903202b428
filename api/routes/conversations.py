"""What a client's widget or app calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from api.dependencies import JsonBody, PerAddress, Running
from api.errors import problems
from api.following import client_follows, typing_for_agents
from api.live import of_agent, of_console
from api.schemas import (
    ConversationOpen,
    ConversationOpened,
    ConversationState,
    FeedbackGive,
    FeedbackKept,
    Messages,
    MessageSend,
    MessageSent,
    QueueState,
    ReplyFeedback,
)
from api.schemas_help import Identified, Identify, PastMessages
from api.security import Admitted, AdmittedId

__all__ = ["AfterEvent", "AfterMessage", "EventId", "event_stream", "router"]

MAX_EVENT_ID = 2**63 - 1
EventId = Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=MAX_EVENT_ID)]
AfterEvent = Annotated[int | None, Query(ge=0, le=MAX_EVENT_ID, description="As Last-Event-ID, for who can't set it.")]
AfterMessage = Annotated[str | None, Query(pattern=r"^[!-~]{1,64}$", description="Id of a message; later ones come.")]
BeforeMessage = Annotated[str | None, Query(pattern=r"^[!-~]{1,64}$", description="Id of an earlier message; older ones come.")]
HistoryLimit = Annotated[int, Query(ge=1, le=100)]

router = APIRouter(prefix="/v1/conversations", tags=["conversations"], dependencies=[PerAddress])
_BODY = problems(400, 413, 415, 422, 429, 503)
_ADMITTED = problems(401, 404, 422, 429, 503)


@router.post("", status_code=201, dependencies=[JsonBody], responses={**_BODY, **problems(401, 409)})
async def open_conversation(body: ConversationOpen, running: Running) -> ConversationOpened:
    """Open a conversation. The token is the bearer for every other call on it."""
    opened = await to_thread.run_sync(running.application.conversations.open, body.channel, body.client_token)
    return ConversationOpened.of(opened)


@router.post("/{conversation_id}/identity", dependencies=[JsonBody], responses={**_BODY, **_ADMITTED, **problems(409)})
async def identify_client(body: Identify, conversation: Admitted, running: Running) -> Identified:
    """Say who the client is, in a conversation that began without. Earlier and later conversations become one history."""
    running.messages.take(conversation.id)
    vouched = await to_thread.run_sync(running.application.conversations.identify, conversation, body.client_token)
    return Identified(vouched=vouched)


@router.get("/{conversation_id}/history", responses=_ADMITTED)
async def list_history(conversation: Admitted, running: Running, before: BeforeMessage = None, limit: HistoryLimit = 50) -> PastMessages:
    """What was said in the client's earlier conversations, the newest page first; empty unless the client was vouched for."""
    read = partial(running.application.history.of_client, conversation, before=before, limit=limit)
    return PastMessages.of(await to_thread.run_sync(read))


@router.post("/{conversation_id}/messages", dependencies=[JsonBody], responses={**_BODY, **_ADMITTED, **problems(409)})
async def send_message(body: MessageSend, conversation_id: AdmittedId, running: Running) -> MessageSent:
    """Send a message and get the reply. The same `client_message_id` again gives the first message and its reply."""
    running.messages.take(conversation_id)
    exchange = await to_thread.run_sync(
        running.application.inbox.receive, conversation_id, body.client_message_id, body.text, limiter=running.turns)
    sent = MessageSent.of(exchange)
    if sent.reply:
        running.metrics.replies.labels(sent.reply.kind).inc()
    return sent


@router.get("/{conversation_id}/messages", responses=_ADMITTED)
async def list_messages(conversation: Admitted, running: Running, after: AfterMessage = None) -> Messages:
    """Messages in order, at most 500; `after` the last id goes on."""

    def read() -> Messages:
        return Messages.of(running.application.conversations.transcript(conversation.id, after=after))

    return await to_thread.run_sync(read)


@router.get("/{conversation_id}/events", response_class=StreamingResponse, responses={
    200: {"description": "Server-sent events, each with an id.", "content": {"text/event-stream": {"schema": {
        "type": "string"}}}}, **_ADMITTED})
async def follow_events(conversation: Admitted, running: Running, after: AfterEvent = None,
                        last_event_id: EventId = None) -> StreamingResponse:
    """Follow the conversation. `Last-Event-ID` resumes with nothing lost and nothing twice; 0 is the beginning."""
    following = client_follows(running.application, conversation.id)
    running.live.check_room(following)
    start = last_event_id if last_event_id is not None else after or 0
    return event_stream(running.live.stream(following, start))


def event_stream(frames: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(frames, media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


@router.post("/{conversation_id}/typing", status_code=204, responses=_ADMITTED)
async def client_types(conversation: Admitted, running: Running) -> None:
    """Agents who follow the conversation see that the client types, for a moment."""
    running.typing.take(conversation.id)
    frame = typing_for_agents(conversation.id, "client")
    await running.live.tell(of_console(conversation.id), frame)
    if conversation.agent:
        await running.live.tell(of_agent(conversation.agent), frame)


@router.get("/{conversation_id}/queue", responses=_ADMITTED)
async def see_queue(conversation: Admitted, running: Running) -> QueueState:
    """Where the client stands while they wait, and what they are promised. Changes come as events `queue`."""
    return QueueState.of(await to_thread.run_sync(running.application.room.standing, conversation.id))


@router.post("/{conversation_id}/resume", responses={**_ADMITTED, **problems(409)})
async def resume_conversation(conversation: Admitted, running: Running) -> ConversationState:
    """Stop waiting for a human and go on with the assistant."""
    state = await to_thread.run_sync(running.application.conversations.resume, conversation.id)
    return ConversationState(state=state.value)


@router.post("/{conversation_id}/feedback", dependencies=[JsonBody], responses={**_BODY, **_ADMITTED})
async def give_feedback(body: FeedbackGive, conversation: Admitted, running: Running) -> FeedbackKept:
    """Judge a reply, or the conversation; the last word counts."""
    conversations = running.application.conversations

    def keep() -> None:
        if isinstance(body, ReplyFeedback):
            conversations.judge_reply(conversation.id, body.reply_id, helpful=body.helpful)
        if body.satisfaction is not None:
            conversations.judge_conversation(conversation.id, body.satisfaction, getattr(body, "words", None))

    await to_thread.run_sync(keep)
    return FeedbackKept(**body.model_dump())
