"""How well clients are served: one table of measures over contacts. Pure.

A share counts some of the contacts (or of the messages) it is of; a time is the median and the slowest tenth of those that have one. What
a figure counts is written once, here: the list behind a number asks the same table.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from math import ceil, sqrt
from types import MappingProxyType

from assistant.clock import CHINA
from assistant.contacts import Contact, came_back
from assistant.quality import Goal

__all__ = ["MEASURES", "Case", "Dimension", "Figure", "Kind", "Measure", "Share", "behind", "cases_of", "figures", "grouped", "hour_of",
           "percentile", "share", "start_of"]

# Standard deviations that leave one case in twenty outside.
_DEVIATIONS = 1.96


@dataclass(frozen=True, slots=True)
class Case:
    """A contact with what only other contacts, the audit trail and accounts tell: whether it is over, whether the client came back within
    a day, how often the outgoing check found something, and the team of the agent who had it last."""

    contact: Contact
    over: bool
    came_back: bool = False
    findings: int = 0
    team: str | None = None

    @property
    def resolved(self) -> bool:
        """At first contact: answered, over, and the client did not have to ask again."""
        answered = self.contact.solved or (self.contact.handed_over and self.contact.agent_messages > 0)
        return self.over and answered and not self.came_back


class Kind(StrEnum):
    SHARE = "share"
    TIME = "time"
    COUNT = "count"


Number = Callable[[Case], float | None]
NO_TEAMS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Measure:
    """`of`: how much of a case the figure is of; `counts`: how much of that counts. For a time, `counts` is seconds, or None."""

    kind: Kind
    counts: Number
    of: Callable[[Case], float] = lambda case: case.contact.asked


@dataclass(frozen=True, slots=True)
class Figure:
    """`n`: out of how many; `count`: how many count (of a time: how many keep the goal); `value`: the share, the median in seconds, or the
    count, None without any; `p90` of times; `mean` of satisfaction, 1 to 5. `met`: None without a goal or a value."""

    kind: Kind
    n: int
    count: int
    value: float | None
    p90: float | None = None
    mean: float | None = None
    goal: Goal | None = None
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A share of `n`, and the bounds between which the true one lies in 19 of 20 cases: of few they are far apart."""

    n: int
    value: float
    low: float
    high: float


class Dimension(StrEnum):
    """By what figures can be split."""

    SERVED_BY = "served_by"
    TEAM = "team"
    AGENT = "agent"
    CATEGORY = "category"
    CHANNEL = "channel"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


MEASURES: Mapping[str, Measure] = {
    "contacts": Measure(Kind.COUNT, lambda case: case.contact.asked),
    "satisfaction": Measure(
        Kind.SHARE, lambda case: (case.contact.satisfaction or 0) >= 4, lambda case: case.contact.satisfaction is not None),
    "resolved": Measure(Kind.SHARE, lambda case: case.resolved, lambda case: case.contact.asked and case.over),
    "first_response": Measure(Kind.TIME, lambda case: case.contact.first_response),
    "waiting": Measure(Kind.TIME, lambda case: case.contact.waited),
    "handling": Measure(Kind.TIME, lambda case: case.contact.handled),
    "solved_by_assistant": Measure(Kind.SHARE, lambda case: case.contact.solved, lambda case: case.contact.asked and case.over),
    "came_back": Measure(Kind.SHARE, lambda case: case.came_back, lambda case: case.contact.solved and case.over),
    "handed_over": Measure(Kind.SHARE, lambda case: case.contact.handed_over),
    "abandoned": Measure(Kind.SHARE, lambda case: case.contact.abandoned, lambda case: case.contact.handed_over),
    "suggestions_used": Measure(Kind.SHARE, lambda case: case.contact.suggestions_used, lambda case: case.contact.agent_messages),
    "suggestions_edited": Measure(Kind.SHARE, lambda case: case.contact.suggestions_edited, lambda case: case.contact.suggestions_used),
    "findings": Measure(Kind.COUNT, lambda case: case.findings),
    "complaints": Measure(Kind.SHARE, lambda case: case.contact.complaint),
}


def cases_of(contacts: Sequence[Contact], findings: Sequence[tuple[str, datetime]], now: datetime, *,
             teams: Mapping[str, str] = NO_TEAMS) -> list[Case]:
    """`findings`: conversation and moment of each message in which the outgoing check found something. `teams`: by account."""
    back = came_back(contacts, now)
    found: dict[tuple[str, int], int] = {}
    of: dict[str, list[Contact]] = {}
    for contact in sorted(contacts, key=lambda item: item.number):
        of.setdefault(contact.conversation_id, []).append(contact)
    for conversation_id, at in findings:
        begun = [contact for contact in of.get(conversation_id, ()) if contact.started_at <= at]
        if begun:
            key = (conversation_id, begun[-1].number)
            found[key] = found.get(key, 0) + 1
    return [Case(contact, contact.over(now) is not None, key in back, found.get(key, 0), teams.get(contact.agent or ""))
            for contact in contacts for key in [(contact.conversation_id, contact.number)]]


def figures(cases: Sequence[Case], goals: Mapping[str, Goal]) -> dict[str, Figure]:
    """Every measure over the cases."""
    return {name: _figure(name, measure, cases, goals.get(name)) for name, measure in MEASURES.items()}


def grouped(cases: Iterable[Case], by: Dimension) -> dict[str, list[Case]]:
    """The cases by a key: a team, an account, a category, a channel, an hour (00 to 23), a day, a week's Monday, or who served, `agents` or
    `assistant`. What has no agent, team or category is under an empty key. Keys come in order, the empty one last."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(_KEYS[by](case), []).append(case)
    return dict(sorted(groups.items(), key=lambda item: (item[0] == "", item[0])))


def behind(cases: Iterable[Case], name: str, *, counted: bool | None, goal: Goal | None = None) -> list[Case]:
    """The cases that a figure is made of; `counted` only those that count (of a time: that keep the goal), or only the others."""
    measure = MEASURES[name]
    return [case for case in cases if _is_of(measure, case) and (counted is None or _counts(measure, case, goal) is counted)]


def percentile(values: Sequence[float], part: float) -> float:
    """The least of the values that at least this part of them does not exceed (nearest rank); `values` is not empty."""
    ordered = sorted(values)
    return ordered[max(1, ceil(part * len(ordered) - 1e-9)) - 1]


def share(value: float, n: int) -> Share:
    """A share of `n`, which is not 0, with its Wilson score interval (Wilson 1927)."""
    spread = _DEVIATIONS**2 / n
    middle, width = value + spread / 2, _DEVIATIONS * sqrt(value * (1 - value) / n + spread / (4 * n))
    # A rounding beyond the share itself would put it outside its own bounds.
    return Share(n, value, min(value, max(0.0, (middle - width) / (1 + spread))), max(value, min(1.0, (middle + width) / (1 + spread))))


def start_of(day: date) -> datetime:
    """When a day begins in China, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC)


def _is_of(measure: Measure, case: Case) -> bool:
    if measure.kind is Kind.SHARE:
        return bool(measure.of(case))
    value = measure.counts(case)
    return value is not None if measure.kind is Kind.TIME else bool(value)


def _counts(measure: Measure, case: Case, goal: Goal | None) -> bool:
    value = measure.counts(case)
    return goal is None or goal.met(value or 0.0) if measure.kind is Kind.TIME else bool(value)


def _figure(name: str, measure: Measure, cases: Sequence[Case], goal: Goal | None) -> Figure:
    if measure.kind is Kind.TIME:
        return _time([value for case in cases if (value := measure.counts(case)) is not None], goal)
    members = [case for case in cases if measure.of(case)]
    n, count = int(sum(measure.of(case) for case in members)), int(sum(measure.counts(case) or 0 for case in members))
    if measure.kind is Kind.COUNT:
        return Figure(measure.kind, n, count, float(count))
    value = count / n if n else None
    mean = statistics.fmean(case.contact.satisfaction or 0 for case in members) if name == "satisfaction" and members else None
    return Figure(measure.kind, n, count, value, mean=mean, goal=goal, met=goal.met(value) if goal and value is not None else None)


def _time(values: Sequence[float], goal: Goal | None) -> Figure:
    if not values:
        return Figure(Kind.TIME, 0, 0, None, goal=goal)
    slowest = percentile(values, 0.9)
    kept = sum(1 for value in values if goal is None or goal.met(value))
    return Figure(Kind.TIME, len(values), kept, statistics.median(values), slowest, goal=goal, met=goal.met(slowest) if goal else None)


def _local(at: datetime) -> datetime:
    return at.astimezone(CHINA)


def hour_of(at: datetime) -> str:
    """The hour in China in which a moment lies, 00 to 23."""
    return f"{_local(at).hour:02}"


def _week(at: datetime) -> str:
    day = _local(at).date()
    return (day - timedelta(days=day.weekday())).isoformat()


_KEYS: Mapping[Dimension, Callable[[Case], str]] = {
    Dimension.TEAM: lambda case: case.team or "",
    Dimension.SERVED_BY: lambda case: "agents" if case.contact.handed_over else "assistant",
    Dimension.AGENT: lambda case: case.contact.agent or "",
    Dimension.CATEGORY: lambda case: case.contact.category or "",
    Dimension.CHANNEL: lambda case: case.contact.channel,
    Dimension.HOUR: lambda case: hour_of(case.contact.started_at),
    Dimension.DAY: lambda case: _local(case.contact.started_at).date().isoformat(),
    Dimension.WEEK: lambda case: _week(case.contact.started_at),
}
