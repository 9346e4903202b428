"""What helps an agent with a conversation besides moving it: knowledge, phrases, tags, colleagues, the past."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query

from api.dependencies import JsonBody, PerAddress, Running
from api.errors import problems
from api.routes.console import Id, Replying, Seeing, agent_of
from api.schemas_console import ConversationLine
from api.schemas_help import (
    FoundArticles,
    Guest,
    PastConversations,
    QuickReplies,
    QuickReplyView,
    QuickReplyWrite,
    TagList,
    TagsSet,
    TeamReplyWrite,
)
from api.security import Caller, requires
from assistant.roles import Permission

__all__ = ["router"]

router = APIRouter(prefix="/v1/agent", tags=["console"], dependencies=[PerAddress])
Words = Annotated[str, Query(min_length=1, max_length=200, description="As a client would ask.", examples=["怎么开户"])]
ForConversation = Annotated[str | None, Query(pattern=r"^[!-~]{1,64}$", description="Id of the conversation that it is for.")]
Beginning = Annotated[str, Query(max_length=24, pattern=r"^[^\x00]*$", description="How the tags begin.")]
QuickReplyId = Annotated[str, Path(pattern=r"^[0-9a-f]{1,40}$")]
WritingForTeam = Annotated[Caller, requires(Permission.TEAM_PHRASES)]
Colleague = Annotated[str, Path(min_length=1, max_length=128, description="Account of the guest.", examples=["agent2"])]
_STAFF = problems(401, 403, 422, 429, 503)
_ONE = {**_STAFF, **problems(404)}
_MOVE = {**_ONE, **problems(409)}
_BODY = problems(400, 413, 415)


@router.get("/knowledge", responses=_ONE)
async def search_knowledge(q: Words, caller: Replying, running: Running, conversation_id: ForConversation = None) -> FoundArticles:
    """What the assistant would find, in approved words, for the agent's own words."""
    search = partial(running.application.suggestions.search, q, agent_of(caller), conversation_id)
    return FoundArticles.of(await to_thread.run_sync(search, limiter=running.turns))


@router.get("/quick-replies", responses=_STAFF)
async def list_quick_replies(caller: Replying, running: Running) -> QuickReplies:
    """The caller's own phrases, by shortcut."""
    return QuickReplies.of(await to_thread.run_sync(running.application.phrases.own, agent_of(caller)))


@router.post("/quick-replies", status_code=201, dependencies=[JsonBody], responses={**_STAFF, **problems(409), **_BODY})
async def add_quick_reply(body: QuickReplyWrite, caller: Replying, running: Running) -> QuickReplyView:
    """Keep a phrase. 422 `outgoing_check` where it could never be sent."""
    return QuickReplyView.of(await to_thread.run_sync(running.application.phrases.add, body.phrase(), agent_of(caller)))


@router.put("/quick-replies/{reply_id}", dependencies=[JsonBody], responses={**_MOVE, **_BODY})
async def change_quick_reply(reply_id: QuickReplyId, body: QuickReplyWrite, caller: Replying, running: Running) -> QuickReplyView:
    """Write a phrase anew."""
    return QuickReplyView.of(await to_thread.run_sync(running.application.phrases.change, reply_id, body.phrase(), agent_of(caller)))


@router.delete("/quick-replies/{reply_id}", status_code=204, responses=_ONE)
async def remove_quick_reply(reply_id: QuickReplyId, caller: Replying, running: Running) -> None:
    """Forget a phrase."""
    await to_thread.run_sync(running.application.phrases.remove, reply_id, agent_of(caller))


@router.get("/quick-replies/team", responses=_STAFF)
async def list_team_replies(caller: Replying, running: Running) -> QuickReplies:
    """The team's phrases: the firm's own by shortcut, then those that were shipped."""
    return QuickReplies.of(await to_thread.run_sync(running.application.phrases.of_team))


@router.post("/quick-replies/team", status_code=201, dependencies=[JsonBody], responses={**_STAFF, **problems(409), **_BODY})
async def add_team_reply(body: TeamReplyWrite, caller: WritingForTeam, running: Running) -> QuickReplyView:
    """Give the team a phrase. 422 `outgoing_check` where it could never be sent."""
    add = partial(running.application.phrases.add, body.phrase(), agent_of(caller), team=True)
    return QuickReplyView.of(await to_thread.run_sync(add))


@router.put("/quick-replies/team/{reply_id}", dependencies=[JsonBody], responses={**_MOVE, **_BODY})
async def change_team_reply(reply_id: QuickReplyId, body: TeamReplyWrite, caller: WritingForTeam, running: Running) -> QuickReplyView:
    """Write a phrase of the team anew."""
    change = partial(running.application.phrases.change, reply_id, body.phrase(), agent_of(caller), team=True)
    return QuickReplyView.of(await to_thread.run_sync(change))


@router.delete("/quick-replies/team/{reply_id}", status_code=204, responses=_ONE)
async def remove_team_reply(reply_id: QuickReplyId, caller: WritingForTeam, running: Running) -> None:
    """Take a phrase from the team."""
    await to_thread.run_sync(partial(running.application.phrases.remove, reply_id, agent_of(caller), team=True))


@router.get("/tags", responses=_STAFF)
async def list_tags(caller: Seeing, running: Running, q: Beginning = "") -> TagList:
    """Tags in use, for suggestions and filters."""
    return TagList(tags=await to_thread.run_sync(running.application.labelling.known_tags, q))


@router.put("/conversations/{conversation_id}/tags", dependencies=[JsonBody], responses={**_ONE, **_BODY})
async def set_tags(conversation_id: Id, body: TagsSet, caller: Replying, running: Running) -> ConversationLine:
    """These tags and no others, whoever holds the conversation."""
    return ConversationLine.of(await to_thread.run_sync(running.application.labelling.tag, conversation_id, body.tags, agent_of(caller)))


@router.post("/conversations/{conversation_id}/guests", dependencies=[JsonBody], responses={**_MOVE, **_BODY})
async def invite_colleague(conversation_id: Id, body: Guest, caller: Replying, running: Running) -> ConversationLine:
    """Ask a colleague to read along and to whisper by notes. Only who holds the conversation invites and writes to the client."""
    invite = partial(running.application.labelling.invite, conversation_id, body.agent, agent_of(caller))
    return ConversationLine.of(await to_thread.run_sync(invite))


@router.delete("/conversations/{conversation_id}/guests/{agent}", responses=_MOVE)
async def remove_guest(conversation_id: Id, agent: Colleague, caller: Replying, running: Running) -> ConversationLine:
    """A guest goes, or is sent away by who holds the conversation."""
    return ConversationLine.of(await to_thread.run_sync(running.application.labelling.leave, conversation_id, agent, agent_of(caller)))


@router.get("/conversations/{conversation_id}/past", responses=_ONE)
async def list_past_conversations(conversation_id: Id, caller: Seeing, running: Running) -> PastConversations:
    """The same client's other conversations, on every channel; none where nobody knows who it is."""
    return PastConversations.of(await to_thread.run_sync(running.application.history.of_agent, conversation_id, agent_of(caller)))
