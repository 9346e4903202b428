"""The knowledge desk: articles, their revisions, and what is live."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import JsonBody, PerAddress, Running
from api.errors import problems
from api.etags import Conditional, etag
from api.schemas_knowledge import (
    REVISION_ID,
    Approval,
    ArticlePage,
    ArticleView,
    Ask,
    AskOutcome,
    CommentAdd,
    CommentList,
    CommentView,
    Difference,
    FactList,
    Findings,
    Judgement,
    Moment,
    PendingView,
    Publish,
    Published,
    RevisionStart,
    RevisionView,
    SuggestedList,
    VersionList,
    revision_key,
)
from api.security import Caller, call_of, requires
from assistant.drafts import ARTICLE_ID, ArticleDraft
from assistant.inbound import clean_text
from assistant.revision_life import RevisionState
from assistant.roles import Permission
from assistant.storage import ArticleRevision

__all__ = ["router"]

router = APIRouter(prefix="/v1/knowledge", tags=["knowledge"], dependencies=[PerAddress])
Seeing = Annotated[Caller, requires(Permission.SEE_KNOWLEDGE)]
Editing = Annotated[Caller, requires(Permission.EDIT_KNOWLEDGE)]
Publishing = Annotated[Caller, requires(Permission.PUBLISH)]
ArticleId = Annotated[str, Path(pattern=ARTICLE_ID, max_length=80, examples=["stamp-duty-rate"])]
RevisionId = Annotated[str, Path(pattern=REVISION_ID, max_length=90, examples=["stamp-duty-rate@3"])]
Words = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="Searched for as a client's question is.")]
Category = Annotated[str | None, Query(max_length=40, pattern=r"^[a-z0-9-]*$")]
InState = Annotated[RevisionState | None, Query(description="`published`: what is live; others: with a revision in that state.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=500)]
AsOf = Annotated[Moment | None, Query(description="As it was at that moment; China's time unless it says.")]
Against = Annotated[int | None, Query(ge=1, le=999_999_999, description="Number of the other; what it was started from otherwise.")]
Before = Annotated[int | None, Query(ge=1, le=999_999_999, description="Only versions before this one.")]
_STAFF = problems(401, 403, 422, 429, 503)
_ONE = {**_STAFF, **problems(404)}
_STEP = {**_ONE, **problems(400, 409, 412, 413)}
_BODY = problems(400, 413, 415)
_MADE: dict[int | str, dict[str, Any]] = {201: {"description": "A draft."}}


@router.get("/articles", responses=_STAFF)
async def list_articles(caller: Seeing, running: Running, q: Words = "", category: Category = None, state: InState = None,
                        offset: Offset = 0, limit: Limit = 50, as_of: AsOf = None) -> ArticlePage:
    """Articles that are live or on their way; with `q`, what the assistant finds for it comes first. With `as_of`, what was live
    then, found as it was then; `state` counts for nothing there."""
    listing = running.application.desk_list
    lines = await to_thread.run_sync(partial(listing.articles, caller.by, words=q, category=category, state=state, as_of=as_of))
    return ArticlePage.of(lines, offset=offset, limit=limit)


@router.post("/articles", status_code=201, dependencies=[JsonBody], responses={**_MADE, **_STAFF, **_BODY, **problems(409)})
async def create_article(body: ArticleDraft, caller: Editing, running: Running, response: Response) -> ArticleView:
    """A new article, as a draft; fields as in the front matter of the files. What is not written yet may be left out."""
    story = await to_thread.run_sync(running.application.desk.create, body, caller.by)
    response.headers["ETag"] = etag(story.head.version)
    response.headers["Location"] = f"/v1/knowledge/articles/{story.head.id}"
    return ArticleView.of(story)


@router.get("/articles/{article_id}", responses=_ONE)
async def see_article(article_id: ArticleId, caller: Seeing, running: Running, response: Response, as_of: AsOf = None) -> ArticleView:
    """What is live, what is being worked on, and the history."""
    story = await to_thread.run_sync(partial(running.application.desk.article, article_id, caller.by, as_of=as_of))
    response.headers["ETag"] = etag(story.head.version)
    return ArticleView.of(story)


@router.post("/articles/{article_id}/revisions", status_code=201, dependencies=[JsonBody],
             responses={**_MADE, **_ONE, **_BODY, **problems(409, 412, 428)})
async def start_revision(article_id: ArticleId, body: RevisionStart, caller: Editing, running: Running, condition: Conditional,
                         response: Response) -> RevisionView:
    """A new draft; an old revision is restored with `based_on` alone. `If-Match` takes the article's ETag; it is needed where
    a draft is open already, which this one replaces (428 without it). What was replaced stays in the history."""
    start = partial(running.application.desk.start, article_id, body.changes(), caller.by, based_on=body.based_on, condition=condition)
    return _view(await to_thread.run_sync(start), running, response)


@router.get("/revisions/{revision_id}", responses=_ONE)
async def see_revision(revision_id: RevisionId, caller: Seeing, running: Running, response: Response) -> RevisionView:
    """One revision in full."""
    return _view(await _of(running.application.desk.revision, revision_id, caller), running, response)


@router.put("/revisions/{revision_id}", dependencies=[JsonBody], responses={**_STEP, **_BODY, **problems(428)})
async def save_draft(revision_id: RevisionId, body: ArticleDraft, caller: Editing, running: Running, condition: Conditional,
                     response: Response) -> RevisionView:
    """Write a draft anew, by its author. Needs `If-Match` with the revision's ETag (428), the current one (412)."""
    article_id, revision = revision_key(revision_id)
    draft = body.model_copy(update={"id": article_id})
    save = partial(running.application.desk.save, article_id, revision, draft, caller.by, condition=condition)
    return _view(await to_thread.run_sync(save), running, response)


@router.post("/revisions/{revision_id}/submit", responses=_STEP)
async def submit_revision(revision_id: RevisionId, caller: Editing, running: Running, condition: Conditional,
                          response: Response) -> RevisionView:
    """Ask for review; from now on the words stand. 422 `draft_refused` where they could not answer a client, or never may."""
    return _view(await _of(partial(running.application.desk.submit, condition=condition), revision_id, caller), running, response)


@router.post("/revisions/{revision_id}/approve", responses=_STEP)
async def approve_revision(revision_id: RevisionId, caller: Seeing, running: Running, request: Request, condition: Conditional,
                           response: Response, body: Approval | None = None) -> RevisionView:
    """Let it go live with the next publication. 403 `own_revision` for its author; needs `knowledge.review` besides. 409
    `golden_broken` where golden questions would not get what they must get and `because` does not say why."""
    await _check_judge(revision_id, caller, running, request)
    given = body or Approval()
    checked = partial(running.application.review.of_approval, *revision_key(revision_id), caller.by, impact=given.impact,
                      because=given.because)
    also = await to_thread.run_sync(checked, limiter=running.turns)
    approve = partial(running.application.desk.approve, condition=condition, note=given.note, also=also)
    return _view(await _of(approve, revision_id, caller), running, response)


@router.post("/revisions/{revision_id}/reject", responses=_STEP)
async def reject_revision(revision_id: RevisionId, caller: Seeing, running: Running, request: Request, condition: Conditional,
                          response: Response, body: Judgement | None = None) -> RevisionView:
    """Back to its author, as a draft. 403 `own_revision` for its author; needs `knowledge.review` besides."""
    await _check_judge(revision_id, caller, running, request)
    reject = partial(running.application.desk.reject, condition=condition, note=body.note if body else "")
    return _view(await _of(reject, revision_id, caller), running, response)


@router.post("/revisions/{revision_id}/retire", responses=_STEP)
async def retire_revision(revision_id: RevisionId, caller: Publishing, running: Running, condition: Conditional,
                          response: Response) -> RevisionView:
    """What is not published goes out of use. To take away what is published is a change like any other: the answer is a revision
    in review with `effect` `retire`, which somebody else approves, and the article goes with the next publication."""
    return _view(await _of(partial(running.application.desk.retire, condition=condition), revision_id, caller), running, response)


@router.get("/revisions/{revision_id}/comments", responses=_ONE)
async def list_comments(revision_id: RevisionId, caller: Seeing, running: Running) -> CommentList:
    """In order."""
    return CommentList.of(await _of(running.application.desk.comments, revision_id, caller))


@router.post("/revisions/{revision_id}/comments", status_code=201, dependencies=[JsonBody], responses={**_ONE, **_BODY})
async def add_comment(revision_id: RevisionId, body: CommentAdd, caller: Seeing, running: Running) -> CommentView:
    """Say something of a revision, for colleagues."""
    said = partial(running.application.desk.comment, *revision_key(revision_id), body.text, caller.by)
    return CommentView.model_validate(await to_thread.run_sync(said))


@router.get("/revisions/{revision_id}/findings", responses=_ONE)
async def check_revision(revision_id: RevisionId, caller: Seeing, running: Running) -> Findings:
    """What would be wrong with it in the live base: as `zhike kb check`, questions that other articles have or nearly have or would
    lose to it, and how it reads. Of one that is not whole yet, on what there is."""
    return Findings.model_validate(await _of(running.application.desk.check, revision_id, caller, running))


@router.get("/revisions/{revision_id}/similar", responses=_ONE)
async def suggest_similar(revision_id: RevisionId, caller: Seeing, running: Running) -> SuggestedList:
    """Ways to ask that no article lists yet: what agents answered by the article, and what clients asked that came near it."""
    return SuggestedList.of(await _of(running.application.similar.of, revision_id, caller, running))


@router.get("/revisions/{revision_id}/difference", responses=_ONE)
async def compare_revision(revision_id: RevisionId, caller: Seeing, running: Running, against: Against = None) -> Difference:
    """Field by field from another revision of the article; texts word by word."""
    compare = partial(running.application.desk.difference, *revision_key(revision_id), against, caller.by)
    return Difference.of(await to_thread.run_sync(compare))


@router.post("/publish", responses={**_STAFF, **problems(400, 409, 413)})
async def publish(caller: Publishing, running: Running, request: Request, body: Publish | None = None) -> Published:
    """Make live what is approved and whose day has come, and take out what is retired: at once and whole.

    409 `golden_broken` where golden questions would not get what they must get; with `because` a reviewer says why they may.
    """
    if body and body.because:
        check = partial(running.application.sessions.check, caller.signed_in, Permission.REVIEW_KNOWLEDGE, caller.by, call_of(request))
        await to_thread.run_sync(check)
        await to_thread.run_sync(running.application.review.override, body.because, caller.by)
    return Published(knowledge_version=await to_thread.run_sync(running.application.publishing.publish, caller.by))


@router.get("/publish", responses=_STAFF)
async def preview_publication(caller: Seeing, running: Running) -> PendingView:
    """What a publication would make live now."""
    publishing = running.application.publishing
    return await to_thread.run_sync(lambda: PendingView.of(publishing.pending(), publishing.later()))


@router.get("/versions", responses=_STAFF)
async def list_versions(caller: Seeing, running: Running, before: Before = None,
                        limit: Annotated[int, Query(ge=1, le=100)] = 50) -> VersionList:
    """Knowledge versions, newest first."""
    read = partial(running.application.publishing.history, before=before, limit=limit)
    return VersionList.of(await to_thread.run_sync(read))


@router.get("/facts", responses=_STAFF)
async def list_facts(caller: Seeing, running: Running, as_of: AsOf = None) -> FactList:
    """The numbers that rules set, with their values by day, the live articles that quote each, and the sources there are."""
    found = await to_thread.run_sync(partial(running.application.desk.facts, caller.by, as_of=as_of))
    return FactList.of(found)


@router.post("/try", dependencies=[JsonBody], responses={**_ONE, **_BODY})
async def try_question(body: Ask, caller: Seeing, running: Running) -> AskOutcome:
    """Ask as a client would, and see all that agents see. Nothing of it is kept but that it was asked."""
    text = clean_text(body.text, max_length=running.application.settings.max_message_length)
    key = revision_key(body.revision) if body.revision else None
    attempt = partial(running.application.desk.attempt, text, caller.by, revision=key, as_of=body.as_of)
    return AskOutcome.model_validate((await to_thread.run_sync(attempt, limiter=running.turns)).to_dict())


async def _of(call: Callable[..., Any], revision_id: str, caller: Caller, running: Running | None = None) -> Any:
    """`call(article id, revision, actor)` in a thread; where `running` is given, in one of those that compute replies."""
    work = partial(call, *revision_key(revision_id), caller.by)
    return await to_thread.run_sync(work, limiter=running.turns if running else None)


async def _check_judge(revision_id: str, caller: Caller, running: Running, request: Request) -> None:
    """Authors hear that the revision is theirs whatever their roles; others need the permission to review."""
    application = running.application
    await _of(application.desk.check_others, revision_id, caller)
    check = partial(application.sessions.check, caller.signed_in, Permission.REVIEW_KNOWLEDGE, caller.by, call_of(request))
    await to_thread.run_sync(check)


def _view(item: ArticleRevision, running: Running, response: Response) -> RevisionView:
    response.headers["ETag"] = etag(item.version)
    return RevisionView.of(item, running.application.desk.is_live(item))
