"""Follow-ups: what agents may speak of with a client, in the order in which it is due."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query

from api.dependencies import JsonBody, PerAddress, Running
from api.errors import problems
from api.schemas_follow_ups import (
    BatchClaim,
    BatchDone,
    BatchOutcome,
    ConversationFollowUps,
    FollowUpList,
    FollowUpView,
    Moment,
    OptOutUndo,
    OutcomeGive,
    PrecisionList,
    Snooze,
    position_of,
)
from api.security import Caller, requires
from assistant.agent import Agent
from assistant.follow_up_task import LIVE, TaskState
from assistant.roles import Permission
from assistant.storage.follow_ups import Sought
from intents.catalogue import FAMILIES

__all__ = ["router"]

router = APIRouter(prefix="/v1/agent", tags=["follow-ups"], dependencies=[PerAddress])
Working = Annotated[Caller, requires(Permission.FOLLOW_UP)]
Id = Annotated[str, Path(pattern=r"^[!-~]{1,64}$", examples=["5f0c7d0e3a1b4c6e9d2f8a7b6c5d4e3f"])]
States = Annotated[list[TaskState], Query(description="Only these; left out: what may still be worked (open, claimed, snoozed).")]
Families = Annotated[list[Literal[FAMILIES]], Query(max_length=len(FAMILIES), description="Only these.")]  # type: ignore[valid-type]
Mine = Annotated[bool, Query(description="Only what the caller has.")]
Order = Annotated[Literal["due", "newest"], Query(description="By when they are due, or by their last change.")]
Cursor = Annotated[str | None, Query(pattern=r"^[0-9]{1,17}-[!-~]{1,64}$", description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=100)]
Since = Annotated[Moment | None, Query(description="Opened from this moment on.")]
Until = Annotated[Moment | None, Query(description="Opened before this moment.")]
_STAFF = problems(401, 403, 422, 429, 503)
_ONE = {**_STAFF, **problems(404)}
_MOVE = {**_ONE, **problems(409)}
_BODY = problems(400, 413, 415)


def _agent(caller: Caller) -> Agent:
    return Agent.of(caller.signed_in.account, caller.signed_in.permissions, caller.by)


@router.get("/follow-ups", responses=_STAFF)
async def list_follow_ups(caller: Working, running: Running, state: States = [], family: Families = [], mine: Mine = False,  # noqa: B006
                          order: Order = "due", after: Cursor = None, limit: Limit = 50) -> FollowUpList:
    """Follow-ups, each with the verdict of suitability and the products that may be offered today."""
    agent, newest = _agent(caller), order == "newest"
    sought = Sought(frozenset(state) or LIVE, frozenset(family), agent.name if mine else None, newest_first=newest)
    read = partial(running.application.follow_ups.page, agent, sought, after=position_of(after) if after else None, limit=limit)
    return FollowUpList.of(await to_thread.run_sync(read), limit=limit, newest_first=newest)


@router.get("/follow-ups/precision", dependencies=[requires(Permission.SEE_DASHBOARD)], responses=_STAFF)
async def see_precision(running: Running, since: Since = None, until: Until = None) -> PrecisionList:
    """How right the flags were, by family, as agents judged them."""
    return PrecisionList.of(await to_thread.run_sync(partial(running.application.follow_ups.precision, since=since, until=until)))


@router.post("/follow-ups/claim", dependencies=[JsonBody], responses={**_STAFF, **_BODY})
async def claim_follow_ups(body: BatchClaim, caller: Working, running: Running) -> BatchDone:
    """Take several, each by itself: what a colleague has comes back with its code, and the others are taken."""
    return BatchDone.of(await to_thread.run_sync(running.application.follow_ups.claim_all, body.ids, _agent(caller)))


@router.post("/follow-ups/outcome", dependencies=[JsonBody], responses={**_STAFF, **_BODY})
async def close_follow_ups(body: BatchOutcome, caller: Working, running: Running) -> BatchDone:
    """Say of several what came of them, each by itself."""
    close = partial(running.application.follow_ups.close_all, body.ids, body.outcome, body.note, _agent(caller))
    return BatchDone.of(await to_thread.run_sync(close))


@router.get("/follow-ups/{follow_up_id}", responses=_ONE)
async def see_follow_up(follow_up_id: Id, caller: Working, running: Running) -> FollowUpView:
    """One of them, whatever became of it."""
    return FollowUpView.of(await to_thread.run_sync(running.application.follow_ups.look, follow_up_id, _agent(caller)))


@router.post("/follow-ups/{follow_up_id}/claim", responses=_MOVE)
async def claim_follow_up(follow_up_id: Id, caller: Working, running: Running) -> FollowUpView:
    """Take it. 409 `already_claimed` names the colleague who was first in `agent`."""
    return FollowUpView.of(await to_thread.run_sync(running.application.follow_ups.claim, follow_up_id, _agent(caller)))


@router.post("/follow-ups/{follow_up_id}/release", responses=_MOVE)
async def release_follow_up(follow_up_id: Id, caller: Working, running: Running) -> FollowUpView:
    """Give it back to all."""
    return FollowUpView.of(await to_thread.run_sync(running.application.follow_ups.release, follow_up_id, _agent(caller)))


@router.post("/follow-ups/{follow_up_id}/snooze", dependencies=[JsonBody], responses={**_MOVE, **_BODY})
async def snooze_follow_up(follow_up_id: Id, body: Snooze, caller: Working, running: Running) -> FollowUpView:
    """Put it off until a moment; then it is the caller's again."""
    snooze = partial(running.application.follow_ups.snooze, follow_up_id, body.until, _agent(caller))
    return FollowUpView.of(await to_thread.run_sync(snooze))


@router.post("/follow-ups/{follow_up_id}/outcome", dependencies=[JsonBody], responses={**_MOVE, **_BODY})
async def close_follow_up(follow_up_id: Id, body: OutcomeGive, caller: Working, running: Running) -> FollowUpView:
    """Say what came of it; who said so may correct it. One that nobody has is taken with it."""
    close = partial(running.application.follow_ups.close, follow_up_id, body.outcome, body.note, _agent(caller))
    return FollowUpView.of(await to_thread.run_sync(close))


@router.get("/conversations/{conversation_id}/follow-ups", responses=_ONE)
async def list_conversation_follow_ups(conversation_id: Id, caller: Working, running: Running) -> ConversationFollowUps:
    """What may be worked for whoever is in the conversation, and whether they want it."""
    of = running.application.follow_ups.of_conversation
    return ConversationFollowUps.of(await to_thread.run_sync(of, conversation_id, _agent(caller)))


@router.post("/conversations/{conversation_id}/opt-out", responses=_ONE)
async def opt_out(conversation_id: Id, caller: Working, running: Running) -> ConversationFollowUps:
    """The client said that they want no follow-ups: all are withdrawn, and none opens any more, on no channel."""
    out = running.application.follow_ups.opt_out
    return ConversationFollowUps.of(await to_thread.run_sync(out, conversation_id, _agent(caller)))


@router.post("/conversations/{conversation_id}/opt-out/undo", responses={**_MOVE, **problems(400, 413)})
async def undo_heard_opt_out(conversation_id: Id, caller: Working, running: Running,
                             body: OptOutUndo | None = None) -> ConversationFollowUps:
    """The client did not mean the no that was heard: what it held back can be worked again. What is on record stays. 409 `opt_out_changed`
    where the client has said another than the one of `message_id`."""
    undo = partial(running.application.follow_ups.undo_heard, conversation_id, _agent(caller), message_id=body and body.message_id)
    return ConversationFollowUps.of(await to_thread.run_sync(undo))
