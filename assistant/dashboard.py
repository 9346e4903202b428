"""What managers see of how well clients are served, and agents of their own part in it.

The figures are made of contacts, which follow the events; whoever asks brings them up to date first. Looks are in the audit trail.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from cachetools import TTLCache

from assistant.agent import Agent
from assistant.audit import Action, Actor
from assistant.clock import china_day
from assistant.contacts import QUIET, RETURNS_WITHIN, handled_by
from assistant.duty import Duty
from assistant.errors import RangeInvalid
from assistant.follow_up_task import Result
from assistant.follow_ups import Precision
from assistant.inbox import utc_now
from assistant.measures import Case, Dimension, Figure, Share, behind, cases_of, figures, grouped, hour_of, share, start_of
from assistant.privacy import mask
from assistant.quality import Alarm, QualityRules
from assistant.score import Score, scores
from assistant.service_rules import ServiceRules
from assistant.service_time import seconds_within
from assistant.storage import Account, Store, Work
from assistant.storage.follow_ups import FollowUpEnd
from assistant.storage.measures import ArticleCount, Held, Raised, Waiting

__all__ = ["LONGEST", "AgentNow", "ArticleTrouble", "Behind", "BehindPage", "Board", "Dashboard", "Days", "FollowUpGroup",
           "FollowUpSplit", "Group", "HandlingNow", "Number", "Only", "Own", "RaisedNow", "Report", "WaitingNow"]

# Days of a range, at most.
LONGEST = 400
# A board that stays open is one look in so many seconds, not one each time it is drawn anew.
_LOOK = 600
# Of those who wait, and of those who are raised.
_SHOWN = 50
_FIRST_WORDS = 60
Figures = Mapping[str, Figure]
Staff = Mapping[str, Account]


@dataclass(frozen=True, slots=True)
class Days:
    """Days in China, both included. Raises RangeInvalid."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days < LONGEST:
            raise RangeInvalid(LONGEST)

    @property
    def since(self) -> datetime:
        return start_of(self.first)

    @property
    def until(self) -> datetime:
        return start_of(self.last + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Only:
    """Which contacts: each dimension with the key that `grouped` has for it."""

    keys: Mapping[Dimension, str] = field(default_factory=dict)

    def of(self, cases: list[Case]) -> list[Case]:
        for dimension, key in self.keys.items():
            cases = grouped(cases, dimension).get(key, [])
        return cases


@dataclass(frozen=True, slots=True)
class Number:
    """A measure, and what of it: `counted` only the contacts that count (of a time: that keep the goal), or only the others; `article`
    only those that it was the last answer of before a human was called."""

    measure: str
    counted: bool | None = None
    only: Only = Only()
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one agent, channel, hour …; `title` is an agent's name. `score` is of agents only."""

    key: str
    title: str | None
    figures: Figures
    score: Score | None


@dataclass(frozen=True, slots=True)
class Report:
    days: Days
    by: Dimension | None
    total: Figures
    groups: Sequence[Group]


@dataclass(frozen=True, slots=True)
class Own:
    """An agent's own figures beside those of all agents together; `weeks` has their own by the Monday of each."""

    days: Days
    own: Figures
    team: Figures
    score: Score | None
    weeks: Mapping[str, Figures]


@dataclass(frozen=True, slots=True)
class Behind:
    """A contact behind a number, with the client's first words, masked and cut."""

    case: Case
    words: str


@dataclass(frozen=True, slots=True)
class BehindPage:
    """`total`: how many there are in all."""

    lines: Sequence[Behind]
    total: int


@dataclass(frozen=True, slots=True)
class ArticleTrouble:
    """An article as an answer: how often, how often called unhelpful, and how often it was the last before a human was called."""

    article_id: str
    title: str | None
    answers: int
    unhelpful: int
    handed_over: int


class FollowUpSplit(StrEnum):
    """By what follow-ups are told apart; all but the family of needs split contacts too."""

    FAMILY = "family"
    AGENT = "agent"
    TEAM = "team"
    CATEGORY = "category"
    CHANNEL = "channel"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class FollowUpGroup:
    """Follow-ups of one family, agent, team, category, channel or hour of opening: how many were opened, and how many stand where, by
    outcome, or by state without one. `complaints` of the contacts of the same group; None by family, which contacts have none of.
    `precision` of families only. `title` is an agent's name."""

    key: str
    title: str | None
    opened: int
    outcomes: Mapping[str, int]
    complaints: Figure | None
    precision: Precision | None

    @property
    def right(self) -> Share | None:
        """Of those that agents judged, which were no wrong flags."""
        found = self.precision
        return share(found.right, found.judged) if found and found.right is not None else None

    @property
    def interested(self) -> Share | None:
        """Of those that agents judged, which the client took up."""
        found = self.precision
        return share(found.interested, found.judged) if found and found.interested is not None else None


@dataclass(frozen=True, slots=True)
class WaitingNow:
    """A client in the queue; `seconds` of waiting, and how that stands, within service hours."""

    waiting: Waiting
    seconds: float
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class HandlingNow:
    """A conversation that an agent has; `seconds` with agents so far, and how they stand to the goal."""

    conversation_id: str
    seconds: float
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class RaisedNow:
    """A conversation that anger or distress has raised, `seconds` ago, and that nobody has closed yet."""

    raised: Raised
    seconds: float


@dataclass(frozen=True, slots=True)
class AgentNow:
    """An agent now; `unanswered`: how many of their clients wait for an answer, the longest for `seconds`. `longest` is what they have had
    for longest, None without any, and `pressing` how many are near the goal for handling or beyond it."""

    account: Account
    on_duty: bool
    holds: int
    unanswered: int
    seconds: float
    alarm: Alarm
    longest: HandlingNow | None
    pressing: int


@dataclass(frozen=True, slots=True)
class Board:
    """Now. `in_hours`: whether people are meant to be there; `states`: conversations that are not over, by state; `closed_today` since
    midnight in China; `raised_count`: how many are raised in all."""

    at: datetime
    in_hours: bool
    states: Mapping[str, int]
    closed_today: int
    raised_count: int
    raised: Sequence[RaisedNow]
    waiting: Sequence[WaitingNow]
    agents: Sequence[AgentNow]


class Dashboard:
    """Safe to share between threads. Callers have seen to it that the roles allow the call."""

    def __init__(self, store: Store, rules: QualityRules, service: ServiceRules, duty: Duty, *,
                 clock: Callable[[], datetime] = utc_now) -> None:
        self.rules = rules
        self._store = store
        self._hours = service.hours
        self._duty = duty
        self._clock = clock
        self._looks: TTLCache[str | None, bool] = TTLCache(1000, _LOOK)
        self._looking = threading.Lock()

    def days(self, first: date | None, last: date | None) -> Days:
        """The range; left out, it ends today, and has seven days. Raises RangeInvalid."""
        end = last or china_day(self._clock())
        return Days(first or end - timedelta(days=6), end)

    def report(self, days: Days, by: Actor, *, split: Dimension | None = None, only: Only = Only(),
               export: bool = False) -> Report:
        """The figures of all contacts that began in the range, and of each group of them."""
        details = {**_dates(days), "by": split.value if split else None,
                   "only": {name.value: key for name, key in only.keys.items()}}
        self._record(Action.DASHBOARD_EXPORTED if export else Action.DASHBOARD_SEEN, by, {"what": "measures", **details})
        cases, staff = self._cases(days)
        cases = only.of(cases)
        return Report(days, split, self._figures(cases), self._groups(cases, split, staff) if split else [])

    def own(self, days: Days, agent: Agent) -> Own:
        """The agent's own figures, what the team's are, and the score."""
        self._record(Action.DASHBOARD_SEEN, agent.by, {"what": "own", **_dates(days)})
        cases, staff = self._cases(days)
        of_agents = [case for case in cases if case.contact.agent]
        mine = [case for case in of_agents if case.contact.agent == agent.name]
        found = next((group for group in self._groups(of_agents, Dimension.AGENT, staff) if group.key == agent.name), None)
        weeks = {week: self._figures(group) for week, group in grouped(mine, Dimension.WEEK).items()}
        return Own(days, self._figures(mine), self._figures(of_agents), found and found.score, weeks)

    def behind(self, days: Days, number: Number, by: Actor, *, offset: int = 0, limit: int = 50) -> BehindPage:
        """The contacts behind a number, the newest first."""
        cases, _ = self._cases(days)
        cases = behind(number.only.of(cases), number.measure, counted=number.counted, goal=self.rules.goals.get(number.measure))
        if number.article is not None:
            cases = [case for case in cases if case.contact.blamed_article == number.article]
        shown = cases[::-1][offset:offset + limit]
        with self._store.write() as work:
            words = work.measures.first_words([case.contact for case in shown])
            work.audit.record(Action.DASHBOARD_SEEN, by, self._clock(), details={
                "what": "conversations", "measure": number.measure, "conversations": [case.contact.conversation_id for case in shown]})
        lines = [Behind(case, _cut(words.get((case.contact.conversation_id, case.contact.number), ""))) for case in shown]
        return BehindPage(lines, len(cases))

    def articles(self, days: Days, by: Actor, *, limit: int = 50) -> list[ArticleTrouble]:
        """The articles after which clients called for a human, or that they called unhelpful; the worst first."""
        self._record(Action.DASHBOARD_SEEN, by, {"what": "articles", **_dates(days)})
        cases, _ = self._cases(days)
        with self._store.read() as work:
            counts = {item.article_id: item for item in work.measures.articles(days.since, days.until)}
        blamed: dict[str, int] = {}
        for case in cases:
            if case.contact.blamed_article:
                blamed[case.contact.blamed_article] = blamed.get(case.contact.blamed_article, 0) + 1
        found = [_trouble(name, counts.get(name), blamed.get(name, 0)) for name in counts.keys() | blamed.keys()]
        worst = sorted((item for item in found if item.unhelpful or item.handed_over),
                       key=lambda item: (-item.unhelpful - item.handed_over, item.article_id))
        return worst[:limit]

    def follow_ups(self, days: Days, by: Actor, *, split: FollowUpSplit = FollowUpSplit.FAMILY,
                   export: bool = False) -> tuple[list[FollowUpGroup], Figure]:
        """What came of the follow-ups that were opened in the range, and beside them the complaints of the same days."""
        self._record(Action.DASHBOARD_EXPORTED if export else Action.DASHBOARD_SEEN, by,
                     {"what": "follow_ups", **_dates(days), "by": split.value})
        cases, staff = self._cases(days)
        with self._store.read() as work:
            ends = work.follow_ups.ends(days.since, days.until)
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for item in ends:
            found[_key_of(item, split, staff)][item.end] += 1
        complaints: dict[str, Figure] = {}
        if split is not FollowUpSplit.FAMILY:
            complaints = {key: self._figures(group)["complaints"] for key, group in grouped(cases, Dimension(split.value)).items()}
        named = sorted({*found, *(key for key, figure in complaints.items() if figure.count)}, key=lambda key: (key == "", key))
        groups = [FollowUpGroup(key, _title(key, staff) if split is FollowUpSplit.AGENT else None, found[key].total(), dict(found[key]),
                                complaints.get(key), _precision(key, found[key]) if split is FollowUpSplit.FAMILY else None)
                  for key in named]
        return groups, self._figures(cases)["complaints"]

    def teams(self) -> list[Account]:
        """Everybody who may answer clients, with their teams, by name."""
        with self._store.read() as work:
            return [account for account, _ in self._duty.agents(work, self._clock())]

    def board(self, by: Actor) -> Board:
        """How it stands now. Its client is no name and no word, and who leaves it open looks once in ten minutes."""
        now = self._clock()
        with self._looking:
            looked = by.name in self._looks
            self._looks[by.name] = True
        if not looked:
            self._record(Action.DASHBOARD_SEEN, by, {"what": "board"})
        with self._store.read() as work:
            return Board(
                now, self._hours.is_open(now), work.measures.states(now - QUIET), work.measures.closed_since(start_of(china_day(now))),
                work.measures.count_raised(), [_raised(item, now) for item in work.measures.raised(_SHOWN)],
                [self._waits(item, now) for item in work.measures.waiting(_SHOWN)], self._agents(work, now))

    def _cases(self, days: Days) -> tuple[list[Case], Staff]:
        """What began in the range, and the accounts by name."""
        self._catch_up()
        with self._store.read() as work:
            # Who came back a day later tells of who came before.
            contacts = work.measures.contacts(days.since, days.until + RETURNS_WITHIN * 2)
            findings = work.measures.findings(days.since, days.until + RETURNS_WITHIN)
            accounts = work.staff.all()
        # As teams are now: whoever changes theirs takes along what they did.
        teams = {account.name: account.team for account in accounts if account.team}
        cases = cases_of(contacts, findings, self._clock(), teams=teams)
        return [case for case in cases if case.contact.started_at < days.until], {account.name: account for account in accounts}

    def _catch_up(self) -> None:
        with self._store.read() as work:
            more = work.measures.is_behind()
        while more:
            # A piece at a time, so that nobody who writes waits for long.
            with self._store.write() as work:
                more = work.measures.catch_up(lambda start, end: seconds_within(self._hours, start, end))

    def _figures(self, cases: Sequence[Case]) -> Figures:
        return figures(cases, self.rules.goals)

    def _groups(self, cases: list[Case], split: Dimension, staff: Staff) -> list[Group]:
        groups = {key: self._figures(group) for key, group in grouped(cases, split).items()}
        if split is not Dimension.AGENT:
            return [Group(key, None, found, None) for key, found in groups.items()]
        team = self._figures([case for case in cases if case.contact.agent])
        judged = scores({key: found for key, found in groups.items() if key}, team, self.rules.score)
        return [Group(key, _title(key, staff), found, judged.get(key)) for key, found in groups.items()]

    def _waits(self, item: Waiting, now: datetime) -> WaitingNow:
        alarm = self.rules.waiting.alarm(seconds_within(self._hours, item.since, now))
        return WaitingNow(item, max(0.0, (now - item.since).total_seconds()), alarm)

    def _agents(self, work: Work, now: datetime) -> list[AgentNow]:
        held: dict[str, list[Held]] = {}
        for item in work.measures.held():
            held.setdefault(item.agent, []).append(item)
        found = [self._agent(account, on_duty, held.get(account.name, []), now) for account, on_duty in self._duty.agents(work, now)]
        return [item for item in found if item.on_duty or item.holds]

    def _agent(self, account: Account, on_duty: bool, held: Sequence[Held], now: datetime) -> AgentNow:
        open_since = [item.unanswered_since for item in held if item.unanswered_since]
        first = min(open_since, default=None)
        seconds, counted = ((now - first).total_seconds(), seconds_within(self._hours, first, now)) if first else (0.0, 0.0)
        handled = sorted((self._handles(item, now) for item in held), key=lambda item: -item.seconds)
        pressing = sum(item.alarm is not Alarm.FINE for item in handled)
        return AgentNow(account, on_duty, len(held), len(open_since), max(0.0, seconds), self.rules.reply.alarm(counted),
                        next(iter(handled), None), pressing)

    def _handles(self, item: Held, now: datetime) -> HandlingNow:
        seconds = handled_by(now, item.moves)
        return HandlingNow(item.conversation_id, seconds, self.rules.handling.alarm(seconds))

    def _record(self, action: Action, by: Actor, details: Mapping[str, object]) -> None:
        with self._store.write() as work:
            work.audit.record(action, by, self._clock(), details=details)


def _dates(days: Days) -> dict[str, str]:
    return {"from": days.first.isoformat(), "to": days.last.isoformat()}


def _raised(item: Raised, now: datetime) -> RaisedNow:
    return RaisedNow(item, max(0.0, (now - item.since).total_seconds()))


def _title(name: str, staff: Staff) -> str | None:
    return staff[name].display_name if name in staff else None


def _key_of(item: FollowUpEnd, split: FollowUpSplit, staff: Staff) -> str:
    """The group of a follow-up, under the key that `grouped` has for contacts; empty where nobody has had it yet."""
    agent = item.agent or ""
    match split:
        case FollowUpSplit.FAMILY:
            return item.family
        case FollowUpSplit.AGENT:
            return agent
        case FollowUpSplit.TEAM:
            return (staff[agent].team or "") if agent in staff else ""
        case FollowUpSplit.CATEGORY:
            return item.category or ""
        case FollowUpSplit.CHANNEL:
            return item.channel
        case FollowUpSplit.HOUR:
            return hour_of(item.opened_at)


def _precision(family: str, ends: Counter[str]) -> Precision:
    return Precision(family, ends.total(), {result.value: ends[result] for result in Result if ends[result]})


def _trouble(article_id: str, count: ArticleCount | None, handed_over: int) -> ArticleTrouble:
    title, answers, unhelpful = (count.title, count.answers, count.unhelpful) if count else (None, 0, 0)
    return ArticleTrouble(article_id, title, answers, unhelpful, handed_over)


def _cut(text: str) -> str:
    words = " ".join(mask(text).split())
    return words if len(words) <= _FIRST_WORDS else f"{words[:_FIRST_WORDS]}…"
