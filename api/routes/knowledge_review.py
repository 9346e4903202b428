"""Before knowledge changes: its impact, golden questions and new values of rules; and what to write next."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Path, Query, Response

from api.dependencies import JsonBody, PerAddress, Running
from api.errors import problems
from api.schemas_knowledge import REVISION_ID, RevisionLine, revision_key
from api.schemas_review import (
    FactApproval,
    FactChangeList,
    FactChangePreview,
    FactChangeView,
    FactValueAdd,
    GapAdd,
    GapDismissal,
    GapPage,
    GoldenAdd,
    GoldenList,
    GoldenView,
    ImpactRunning,
    ImpactView,
    UpkeepView,
)
from api.security import Caller, requires
from assistant.impact import Running as Computing
from assistant.review_records import Impact
from assistant.roles import Permission

__all__ = ["router"]

router = APIRouter(prefix="/v1/knowledge", tags=["knowledge"], dependencies=[PerAddress])
Seeing = Annotated[Caller, requires(Permission.SEE_KNOWLEDGE)]
Editing = Annotated[Caller, requires(Permission.EDIT_KNOWLEDGE)]
Proposing = Annotated[Caller, requires(Permission.PROPOSE_KNOWLEDGE)]
Reviewing = Annotated[Caller, requires(Permission.REVIEW_KNOWLEDGE)]
RevisionId = Annotated[str, Path(pattern=REVISION_ID, max_length=90, examples=["stamp-duty-rate@3"])]
ChangeId = Annotated[str, Path(pattern=r"^[0-9a-f]{1,40}$")]
GapId = Annotated[str, Path(pattern=r"^[0-9a-f]{1,16}$")]
FactName = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,80}$", examples=["stamp_duty_rate"])]
OfFact = Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,80}$", description="Only changes of this fact.")]
Wait = Annotated[float, Query(ge=0, le=30, description="Seconds to wait for the result before 202 tells how far it is.")]
Asking = Annotated[bool, Query(description="With what each gets now: seconds, the first time after a publication.")]
Limit = Annotated[int, Query(ge=1, le=200)]
_STAFF = problems(401, 403, 422, 429, 503)
_ONE = {**_STAFF, **problems(404)}
_BODY = problems(400, 413, 415)
_RUNNING: dict[int | str, dict[str, Any]] = {202: {"description": "It is being computed.", "model": ImpactRunning}}
# Who waits for a replay takes none of the threads that serve others.
_waiting = CapacityLimiter(64)


@router.get("/revisions/{revision_id}/impact", response_model=ImpactView, responses={**_RUNNING, **_ONE})
async def see_impact(revision_id: RevisionId, caller: Seeing, running: Running, wait: Wait = 25) -> ImpactView | Response:
    """Whose reply would change if it were published now: the last 10,000 questions of clients and all golden ones.

    Computed when it is first asked for, and again when the draft, the knowledge or the models have changed since. 202 with
    `Retry-After` while it is not done within `wait` seconds.
    """
    read = partial(running.application.impacts.of_revision, *revision_key(revision_id), caller.by, wait=wait)
    return _impact(await to_thread.run_sync(read, limiter=_waiting))


@router.get("/golden", responses=_STAFF)
async def list_golden(caller: Seeing, running: Running, ask: Asking = False) -> GoldenList:
    """Questions that must get their article, or their kind of reply, whatever is published."""
    read = partial(running.application.golden.page, caller.by, ask=ask)
    return GoldenList.of(await to_thread.run_sync(read, limiter=running.turns if ask else None))


@router.post("/golden", status_code=201, dependencies=[JsonBody], responses={**_STAFF, **_BODY, **problems(409)})
async def add_golden(body: GoldenAdd, caller: Proposing, running: Running) -> GoldenView:
    """One more; of an article that is live, or of a kind."""
    add = partial(running.application.golden.add, body.question, caller.by, article_id=body.article_id, kind=body.kind)
    return GoldenView.of(await to_thread.run_sync(add))


@router.put("/golden/{golden_id}", dependencies=[JsonBody], responses={**_ONE, **_BODY, **problems(409)})
async def change_golden(golden_id: ChangeId, body: GoldenAdd, caller: Reviewing, running: Running) -> GoldenView:
    """Another one in its place, under an id of its own: what guarded until now stays in the trail."""
    change = partial(running.application.golden.change, golden_id, body.question, caller.by, article_id=body.article_id, kind=body.kind)
    return GoldenView.of(await to_thread.run_sync(change))


@router.delete("/golden/{golden_id}", status_code=204, responses=_ONE)
async def remove_golden(golden_id: ChangeId, caller: Reviewing, running: Running) -> None:
    """It guards nothing any more."""
    await to_thread.run_sync(running.application.golden.remove, golden_id, caller.by)


@router.post("/facts/{name}/values", status_code=201, dependencies=[JsonBody], responses={**_ONE, **_BODY, **problems(409)})
async def propose_value(name: FactName, body: FactValueAdd, caller: Proposing, running: Running) -> FactChangePreview:
    """A new value of a rule from a day on, with every answer that quotes it as it will read on that day.

    Somebody else approves it, the next publication takes it up, and on its day all these answers change over by themselves.
    """
    propose = partial(running.application.fact_changes.propose, name, body.new(), caller.by)
    return FactChangePreview.of_preview(await to_thread.run_sync(propose))


@router.get("/fact-changes", responses=_STAFF)
async def list_fact_changes(caller: Seeing, running: Running, fact: OfFact = None) -> FactChangeList:
    """New values of rules, whatever became of them."""
    return FactChangeList.of(await to_thread.run_sync(partial(running.application.fact_changes.page, caller.by, fact=fact)))


@router.get("/fact-changes/{change_id}", responses=_ONE)
async def see_fact_change(change_id: ChangeId, caller: Seeing, running: Running) -> FactChangePreview:
    """One of them, with every answer that quotes the fact, before and after."""
    read = partial(running.application.fact_changes.preview, change_id, caller.by)
    return FactChangePreview.of_preview(await to_thread.run_sync(read))


@router.get("/fact-changes/{change_id}/impact", response_model=ImpactView, responses={**_RUNNING, **_ONE})
async def see_fact_impact(change_id: ChangeId, caller: Seeing, running: Running, wait: Wait = 25) -> ImpactView | Response:
    """As for a revision."""
    read = partial(running.application.fact_changes.impact, change_id, caller.by, wait=wait)
    return _impact(await to_thread.run_sync(read, limiter=_waiting))


@router.post("/fact-changes/{change_id}/approve", responses={**_ONE, **problems(400, 409, 413)})
async def approve_fact_change(change_id: ChangeId, caller: Reviewing, running: Running, body: FactApproval | None = None) -> FactChangeView:
    """Let it go live with the next publication. 403 `own_revision` for who proposed it; 409 `golden_broken` without `because`."""
    given = body or FactApproval()
    approve = partial(running.application.fact_changes.approve, change_id, caller.by, impact=given.impact, because=given.because)
    return FactChangeView.of(await to_thread.run_sync(approve, limiter=running.turns))


@router.post("/fact-changes/{change_id}/reject", responses={**_ONE, **problems(409)})
async def reject_fact_change(change_id: ChangeId, caller: Proposing, running: Running) -> FactChangeView:
    """It is not wanted, or taken back; only before it is published."""
    return FactChangeView.of(await to_thread.run_sync(running.application.fact_changes.reject, change_id, caller.by))


@router.get("/gaps", responses=_STAFF)
async def list_gaps(caller: Seeing, running: Running, limit: Limit = 50) -> GapPage:
    """What clients asked in vain in the last four weeks, grouped by meaning."""
    read = partial(running.application.gaps.page, caller.by, limit=limit)
    return GapPage.of(await to_thread.run_sync(read, limiter=running.turns))


@router.post("/gaps/{gap_id}/draft", status_code=201, dependencies=[JsonBody],
             responses={**_ONE, **_BODY, **problems(409, 412, 428)})
async def draft_gap(gap_id: GapId, body: GapAdd, caller: Editing, running: Running) -> RevisionLine:
    """A draft that asks what the group asks: of a new article, or of one that is there. Until it is asked in vain again, the
    group is told no more."""
    item = await to_thread.run_sync(running.application.gaps.draft, gap_id, body.article_id, caller.by, limiter=running.turns)
    return RevisionLine.of(item, live=False)


@router.post("/gaps/{gap_id}/dismiss", status_code=204, responses={**_ONE, **problems(400, 413)})
async def dismiss_gap(gap_id: GapId, caller: Editing, running: Running, body: GapDismissal | None = None) -> None:
    """Nothing will be written for it; it and what is like it is told no more."""
    dismiss = partial(running.application.gaps.dismiss, gap_id, body.because if body else "", caller.by)
    await to_thread.run_sync(dismiss, limiter=running.turns)


@router.post("/gaps/{gap_id}/restore", status_code=204, responses=_ONE)
async def restore_gap(gap_id: GapId, caller: Editing, running: Running) -> None:
    """A group that was dismissed is told again."""
    await to_thread.run_sync(running.application.gaps.restore, gap_id, caller.by)


@router.get("/upkeep", responses=_STAFF)
async def see_upkeep(caller: Seeing, running: Running) -> UpkeepView:
    """Articles that nobody asks for or that clients call unhelpful, those to be looked at again, and what is about to change."""
    return UpkeepView.of(await to_thread.run_sync(running.application.upkeep.page, caller.by))


def _impact(found: Impact | Computing) -> ImpactView | Response:
    if isinstance(found, Impact):
        return ImpactView.of(found)
    return Response(ImpactRunning.of(found).model_dump_json(), 202, {"Retry-After": "1"}, media_type="application/json")
