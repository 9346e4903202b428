"""What goes over the wire to who looks at how well clients are served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from assistant.dashboard import ArticleTrouble, Behind, BehindPage, Board, FollowUpGroup, FollowUpSplit, Group, Own, Report
from assistant.measures import Dimension, Figure, Kind
from assistant.privacy import mask_name
from assistant.quality import Alarm, QualityRules
from assistant.score import Score
from assistant.storage import Account

__all__ = ["ArticlesView", "BehindView", "BoardView", "FollowUpsView", "MeasuresView", "OwnView", "TeamMember", "TeamSet", "TeamsView"]


class TeamSet(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    team: str | None = Field(max_length=200, description="1 to 32 characters on one line; null for no team.", examples=["两融组"])


class TeamMember(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str = Field(description="Of the account.")
    display_name: str
    team: str | None


class TeamsView(BaseModel):
    members: list[TeamMember]
    teams: list[str] = Field(description="Those that somebody is in, in order.")

    @classmethod
    def of(cls, accounts: Sequence[Account]) -> Self:
        return cls(members=[TeamMember.model_validate(account) for account in accounts],
                   teams=sorted({account.team for account in accounts if account.team}))


class GoalView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    at_least: float | None
    at_most: float | None


class FigureView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: Kind
    n: int = Field(description="Out of how many.")
    count: int = Field(description="How many count; of a time, how many keep the goal.")
    value: float | None = Field(description="A share from 0 to 1, a median in seconds, or a count; null without any.")
    p90: float | None = Field(description="Seconds that all but the slowest tenth keep; of times only.")
    mean: float | None = Field(description="Of satisfaction only, 1 to 5.")
    goal: GoalView | None
    met: bool | None = Field(description="Whether the goal is met; of a time, by p90.")


Figures = dict[str, FigureView]


class ScoreView(BaseModel):
    """0 to 100; `parts` are what is weighed, each from 0 to 1."""

    model_config = ConfigDict(from_attributes=True)

    total: float
    parts: dict[str, float]


class GroupView(BaseModel):
    key: str = Field(description="Team, account, category, channel, hour 00 to 23, day, Monday of a week, or `agents` and `assistant`; "
                                 "empty where there is none.")
    title: str | None = Field(description="Name of an agent.")
    figures: Figures
    score: ScoreView | None = Field(description="Of agents only.")

    @classmethod
    def of(cls, group: Group) -> Self:
        return cls(key=group.key, title=group.title, figures=_figures(group.figures), score=_score(group.score))


class Formula(BaseModel):
    """How an agent's score is made: 100 × the sum of weight × part; see docs/dashboard.md."""

    weights: dict[str, float]
    steady: float = Field(description="So many average conversations of the team are mixed into an agent's own shares.")

    @classmethod
    def of(cls, rules: QualityRules) -> Self:
        score = rules.score
        return cls(steady=score.steady, weights={
            "satisfaction": score.satisfaction, "resolved": score.resolved, "first_response": score.first_response, "volume": score.volume})


class MeasuresView(BaseModel):
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    by: Dimension | None
    total: Figures
    groups: list[GroupView]
    formula: Formula

    @classmethod
    def of(cls, report: Report, rules: QualityRules) -> Self:
        return cls(first=report.days.first, last=report.days.last, by=report.by, total=_figures(report.total),
                   groups=[GroupView.of(group) for group in report.groups], formula=Formula.of(rules))


class OwnView(BaseModel):
    """The caller's own figures, beside those of all agents together."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    own: Figures
    team: Figures
    score: ScoreView | None
    weeks: dict[str, Figures] = Field(description="The caller's own, by the Monday of the week.")
    formula: Formula

    @classmethod
    def of(cls, own: Own, rules: QualityRules) -> Self:
        return cls(first=own.days.first, last=own.days.last, own=_figures(own.own), team=_figures(own.team), score=_score(own.score),
                   weeks={week: _figures(found) for week, found in own.weeks.items()}, formula=Formula.of(rules))


class BehindLine(BaseModel):
    """One contact: a time at which a client came with a question."""

    conversation_id: str
    started_at: datetime
    channel: str
    category: str | None
    agent: str | None
    state: str
    words: str = Field(description="The client's first words, masked.")
    satisfaction: int | None
    waited: float | None = Field(description="Seconds in the queue, within service hours.")
    first_response: float | None
    handled: float | None
    resolved: bool
    complaint: bool
    findings: int = Field(description="How often the outgoing check found something.")

    @classmethod
    def of(cls, line: Behind) -> Self:
        contact = line.case.contact
        return cls(
            conversation_id=contact.conversation_id, started_at=contact.started_at, channel=contact.channel, category=contact.category,
            agent=contact.agent, state=contact.state, words=line.words, satisfaction=contact.satisfaction, waited=contact.waited,
            first_response=contact.first_response, handled=contact.handled, resolved=line.case.resolved, complaint=contact.complaint,
            findings=line.case.findings)


class BehindView(BaseModel):
    conversations: list[BehindLine] = Field(description="The newest first.")
    total: int

    @classmethod
    def of(cls, page: BehindPage) -> Self:
        return cls(conversations=[BehindLine.of(line) for line in page.lines], total=page.total)


class ArticleView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    article_id: str
    title: str | None
    answers: int
    unhelpful: int = Field(description="How often a client called it unhelpful.")
    handed_over: int = Field(description="How often it was the last answer before a human was called.")


class ArticlesView(BaseModel):
    articles: list[ArticleView] = Field(description="The worst first.")

    @classmethod
    def of(cls, found: list[ArticleTrouble]) -> Self:
        return cls(articles=[ArticleView.model_validate(item) for item in found])


class ShareView(BaseModel):
    """A share from 0 to 1, and the bounds between which the true one lies in 19 of 20 cases (Wilson)."""

    model_config = ConfigDict(from_attributes=True)

    n: int = Field(description="Out of how many.")
    value: float
    low: float
    high: float


class FollowUpGroupView(BaseModel):
    key: str = Field(description="Family of needs, account, team, category, channel, or hour of opening 00 to 23; empty where none.")
    title: str | None = Field(description="Name of an agent.")
    opened: int
    outcomes: dict[str, int] = Field(description="How many ended with each outcome, or stand in each state.")
    complaints: FigureView | None = Field(description="Of the contacts of the same group; null by family.")
    right: ShareView | None = Field(description="By family: of those that agents judged, no wrong flags; null where none was judged.")
    interested: ShareView | None = Field(description="By family: of those that agents judged, taken up by the client.")

    @classmethod
    def of(cls, group: FollowUpGroup) -> Self:
        complaints = FigureView.model_validate(group.complaints) if group.complaints else None
        right, interested = (item and ShareView.model_validate(item) for item in (group.right, group.interested))
        return cls(key=group.key, title=group.title, opened=group.opened, outcomes=dict(group.outcomes), complaints=complaints,
                   right=right, interested=interested)


class FollowUpsView(BaseModel):
    """What came of follow-ups that were opened in the range, and the complaints of the same days."""

    by: FollowUpSplit
    groups: list[FollowUpGroupView]
    complaints: FigureView

    @classmethod
    def of(cls, by: FollowUpSplit, groups: list[FollowUpGroup], complaints: Figure) -> Self:
        return cls(by=by, groups=[FollowUpGroupView.of(group) for group in groups], complaints=FigureView.model_validate(complaints))


class WaitingView(BaseModel):
    conversation_id: str
    since: datetime
    seconds: float
    alarm: Alarm
    channel: str
    tone: str | None
    client: str | None = Field(description="Masked.", examples=["谷**"])
    tier: str | None


class RaisedView(BaseModel):
    """A conversation that the client's anger or distress has raised; it stays until somebody closes it."""

    conversation_id: str
    since: datetime
    seconds: float
    state: Literal["assistant", "waiting", "agent"] = Field(description="Who holds it.")
    agent: str | None
    agent_name: str | None
    channel: str
    tone: str | None = Field(description="Of the client's last words; it may have calmed down.")
    client: str | None = Field(description="Masked.", examples=["谷**"])
    tier: str | None


class HandlingView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    conversation_id: str
    seconds: float = Field(description="With agents so far, at any hour, as the measure counts them.")
    alarm: Alarm


class AgentNowView(BaseModel):
    name: str
    display_name: str
    on_duty: bool
    holds: int
    unanswered: int
    seconds: float = Field(description="How long the first of these clients has waited for an answer.")
    alarm: Alarm
    longest: HandlingView | None = Field(description="What they have had for longest.")
    pressing: int = Field(description="How many they hold that are near the goal for handling, or beyond it.")


class BoardView(BaseModel):
    at: datetime
    in_hours: bool = Field(description="Whether it is within service hours; alarms for clients who wait count those only.")
    states: dict[Literal["assistant", "waiting", "agent"], int]
    closed_today: int
    longest_wait: float
    raised_count: int
    raised: list[RaisedView] = Field(description="The longest first, at most 50.")
    waiting: list[WaitingView] = Field(description="The longest first, at most 50.")
    agents: list[AgentNowView]

    @classmethod
    def of(cls, board: Board) -> Self:
        waiting = [WaitingView(
            conversation_id=item.waiting.conversation_id, since=item.waiting.since, seconds=item.seconds, alarm=item.alarm,
            channel=item.waiting.channel, tone=item.waiting.tone, tier=item.waiting.tier,
            client=item.waiting.client_name and mask_name(item.waiting.client_name)) for item in board.waiting]
        raised = [RaisedView(
            conversation_id=item.raised.conversation_id, since=item.raised.since, seconds=item.seconds, state=item.raised.state.value,
            agent=item.raised.agent, agent_name=item.raised.agent_name, channel=item.raised.channel, tone=item.raised.tone,
            client=item.raised.client_name and mask_name(item.raised.client_name), tier=item.raised.tier) for item in board.raised]
        agents = [AgentNowView(
            name=item.account.name, display_name=item.account.display_name, on_duty=item.on_duty, holds=item.holds,
            unanswered=item.unanswered, seconds=item.seconds, alarm=item.alarm, pressing=item.pressing,
            longest=item.longest and HandlingView.model_validate(item.longest)) for item in board.agents]
        states = {name: board.states.get(name, 0) for name in ("assistant", "waiting", "agent")}
        return cls(at=board.at, in_hours=board.in_hours, states=states,
                   closed_today=board.closed_today, longest_wait=max((item.seconds for item in waiting), default=0.0),
                   raised_count=board.raised_count, raised=raised, waiting=waiting, agents=agents)


def _figures(found: Mapping[str, Figure]) -> Figures:
    return {name: FigureView.model_validate(figure) for name, figure in found.items()}


def _score(score: Score | None) -> ScoreView | None:
    return score and ScoreView.model_validate(score)
