"""How well clients are served, for who answers for it, and for who is judged by it."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response
from pydantic.json_schema import SkipJsonSchema

from api.dependencies import JsonBody, PerAddress, Running
from api.errors import problems
from api.schemas_dashboard import (
    ArticlesView,
    BehindView,
    BoardView,
    FollowUpsView,
    MeasuresView,
    OwnView,
    TeamMember,
    TeamSet,
    TeamsView,
)
from api.security import Caller, requires
from api.spreadsheet import MEDIA_TYPE, csv_text
from assistant.agent import Agent
from assistant.dashboard import Days, FollowUpGroup, FollowUpSplit, Number, Only, Report
from assistant.follow_up_task import Result
from assistant.measures import MEASURES, Dimension, Kind, Share
from assistant.roles import Permission

__all__ = ["router"]

router = APIRouter(prefix="/v1/dashboard", tags=["dashboard"], dependencies=[PerAddress])
Seeing = Annotated[Caller, requires(Permission.SEE_DASHBOARD)]
Arranging = Annotated[Caller, requires(Permission.ARRANGE_TEAMS)]
SeeingOwn = Annotated[Caller, requires(Permission.SEE_OWN_MEASURES)]
_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)
First = Annotated[date | None, Query(alias="from", ge=_EARLIEST, le=_LATEST, description="First day, in China; six before the last.")]
Last = Annotated[date | None, Query(alias="to", ge=_EARLIEST, le=_LATEST, description="Last day, in China; today.")]
By = Annotated[Dimension | None, Query(description="Split the figures.")]
# In an address there is no null, so the document names none.
OptionalText = str | SkipJsonSchema[None]
Key = Annotated[OptionalText, Query(max_length=64, pattern=r"^[^\x00]*$", description="Only this one; empty where there is none.")]
MeasureName = Annotated[str, Query(pattern=f"^({'|'.join(MEASURES)})$", examples=["resolved"])]
Counted = Annotated[bool | None, Query(description="Only contacts that count (of a time: that keep the goal), or only the others.")]
Article = Annotated[OptionalText, Query(max_length=80, pattern=r"^[^\x00]*$", description="Only where it was the last answer before.")]
AccountName = Annotated[str, Path(min_length=1, max_length=128, examples=["agent1"])]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=100)]
_STAFF = problems(401, 403, 422, 429, 503)
_CSV = {200: {"description": "The same figures, a line for each group.", "content": {"text/csv": {"schema": {"type": "string"}}}}}


async def _days(running: Running, first: First = None, last: Last = None) -> Days:
    return running.application.dashboard.days(first, last)


async def _only(agent: Key = None, channel: Key = None, category: Key = None, hour: Key = None, team: Key = None,
                served_by: Key = None) -> Only:
    given = {Dimension.AGENT: agent, Dimension.CHANNEL: channel, Dimension.CATEGORY: category, Dimension.HOUR: hour, Dimension.TEAM: team,
             Dimension.SERVED_BY: served_by}
    return Only({dimension: key for dimension, key in given.items() if key is not None})


Range = Annotated[Days, Depends(_days)]
Which = Annotated[Only, Depends(_only)]


@router.get("/measures", responses=_STAFF)
async def see_measures(caller: Seeing, running: Running, days: Range, only: Which, by: By = None) -> MeasuresView:
    """Figures over all contacts that began in the range, and of each group of them."""
    dashboard = running.application.dashboard
    report = await to_thread.run_sync(partial(dashboard.report, days, caller.by, split=by, only=only))
    return MeasuresView.of(report, dashboard.rules)


@router.get("/export.csv", response_class=Response, responses={**_CSV, **_STAFF})
async def export_measures(caller: Seeing, running: Running, days: Range, only: Which, by: By = None) -> Response:
    """The figures as CSV, for a spreadsheet."""
    dashboard = running.application.dashboard
    report = await to_thread.run_sync(partial(dashboard.report, days, caller.by, split=by, only=only, export=True))
    return _table(_rows(report), f"{report.days.first}-{report.days.last}")


@router.get("/conversations", responses=_STAFF)
async def list_behind(caller: Seeing, running: Running, days: Range, only: Which, measure: MeasureName = "contacts",
                      counted: Counted = None, article: Article = None, offset: Offset = 0, limit: Limit = 50) -> BehindView:
    """The contacts behind a number."""
    number = Number(measure, counted, only, article)
    find = partial(running.application.dashboard.behind, days, number, caller.by, offset=offset, limit=limit)
    return BehindView.of(await to_thread.run_sync(find))


@router.get("/articles", responses=_STAFF)
async def list_article_troubles(caller: Seeing, running: Running, days: Range, limit: Limit = 50) -> ArticlesView:
    """Knowledge after which clients called for a human, or that they called unhelpful."""
    return ArticlesView.of(await to_thread.run_sync(partial(running.application.dashboard.articles, days, caller.by, limit=limit)))


@router.get("/follow-ups", responses=_STAFF)
async def see_follow_up_outcomes(caller: Seeing, running: Running, days: Range,
                                 by: FollowUpSplit = FollowUpSplit.FAMILY) -> FollowUpsView:
    """What came of follow-ups, beside the complaints of the same days."""
    find = partial(running.application.dashboard.follow_ups, days, caller.by, split=by)
    return FollowUpsView.of(by, *await to_thread.run_sync(find))


@router.get("/follow-ups.csv", response_class=Response, responses={**_CSV, **_STAFF})
async def export_follow_up_outcomes(caller: Seeing, running: Running, days: Range,
                                    by: FollowUpSplit = FollowUpSplit.FAMILY) -> Response:
    """The outcomes of follow-ups as CSV, for a spreadsheet."""
    find = partial(running.application.dashboard.follow_ups, days, caller.by, split=by, export=True)
    groups, _ = await to_thread.run_sync(find)
    return _table(_follow_up_rows(by, groups), f"follow-ups-{days.first}-{days.last}")


@router.get("/teams", responses=_STAFF)
async def list_teams(caller: Seeing, running: Running) -> TeamsView:
    """Everybody who may answer clients, and the team of each."""
    return TeamsView.of(await to_thread.run_sync(running.application.dashboard.teams))


@router.put("/teams/{account}", dependencies=[JsonBody], responses={**_STAFF, **problems(400, 404, 413, 415)})
async def set_team(account: AccountName, body: TeamSet, caller: Arranging, running: Running) -> TeamMember:
    """Put an account into a team, or (null) out of it. Figures of the past go with it."""
    join = partial(running.application.accounts.join_team, account, body.team, by=caller.by)
    return TeamMember.model_validate(await to_thread.run_sync(join))


@router.get("/wallboard", responses=_STAFF)
async def see_wallboard(caller: Seeing, running: Running) -> BoardView:
    """Now: who is upset, who waits, who is on duty, and what is about to be late."""
    return BoardView.of(await to_thread.run_sync(running.application.dashboard.board, caller.by))


@router.get("/own", responses=_STAFF)
async def see_own_measures(caller: SeeingOwn, running: Running, days: Range) -> OwnView:
    """How well the caller serves, and by which formula that is judged."""
    dashboard = running.application.dashboard
    return OwnView.of(await to_thread.run_sync(dashboard.own, days, _agent(caller)), dashboard.rules)


@router.get("/own/conversations", responses=_STAFF)
async def list_behind_own(caller: SeeingOwn, running: Running, days: Range, measure: MeasureName = "contacts", counted: Counted = None,
                          offset: Offset = 0, limit: Limit = 50) -> BehindView:
    """The contacts behind a number of the caller's own."""
    number = Number(measure, counted, Only({Dimension.AGENT: _agent(caller).name}))
    find = partial(running.application.dashboard.behind, days, number, caller.by, offset=offset, limit=limit)
    return BehindView.of(await to_thread.run_sync(find))


def _agent(caller: Caller) -> Agent:
    return Agent.of(caller.signed_in.account, caller.signed_in.permissions, caller.by)


def _table(rows: list[list[object]], name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="zhike-{name}.csv"'}
    return Response(csv_text(rows), media_type=MEDIA_TYPE, headers=headers)


def _rows(report: Report) -> list[list[object]]:
    columns = [(name, part) for name, measure in MEASURES.items() for part in _PARTS[measure.kind]]
    head: list[object] = [report.by.value if report.by else "", "name", "score", *(name if part == "value" else f"{name}_{part}"
                                                                                    for name, part in columns)]
    lines = [(group.key, group.title, group.score and round(group.score.total, 1), group.figures) for group in report.groups]
    return [head, *([key, title, score, *(_rounded(getattr(figures[name], part)) for name, part in columns)]
                    for key, title, score, figures in [*lines, ("total", None, None, report.total)])]


def _follow_up_rows(by: FollowUpSplit, groups: list[FollowUpGroup]) -> list[list[object]]:
    shares = [f"{name}_share{bound}" for name in ("right", "interested") for bound in ("", "_low", "_high")]
    return [[by.value, "name", "opened", *_ENDS, "judged", *shares, "complaints", "contacts"],
            *([group.key, group.title, group.opened, *(group.outcomes.get(end, 0) for end in _ENDS),
               group.precision and group.precision.judged, *_bounded(group.right), *_bounded(group.interested),
               group.complaints and group.complaints.count, group.complaints and group.complaints.n] for group in groups)]


def _bounded(found: Share | None) -> list[object]:
    return [_rounded(value) for value in (found.value, found.low, found.high)] if found else [None] * 3


# Where follow-ups stand, as the dashboard names it: by outcome, or by state without one.
_ENDS = ("open", "claimed", "snoozed", *(result.value for result in Result), "expired", "withdrawn")
_PARTS = {Kind.SHARE: ("value", "count", "n"), Kind.TIME: ("value", "p90", "n"), Kind.COUNT: ("value",)}


def _rounded(value: float | int | None) -> float | int | None:
    return round(value, 4) if isinstance(value, float) else value
