"""What the firm wants of its service, and the formula of an agent's score: from measures.toml and the goals of the queue."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.errors import SettingsInvalid
from assistant.service_rules import Goals

__all__ = ["Alarm", "Goal", "Limits", "QualityRules", "Weights", "load_quality_rules"]

_SHIPPED = Path(__file__).with_name("measures.toml")


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that a figure keeps: at least it, or at most it. Shares are from 0 to 1, times in seconds."""

    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        given = [bound for bound in (self.at_least, self.at_most) if bound is not None]
        if len(given) != 1 or isinstance(given[0], bool) or not isinstance(given[0], int | float) or given[0] < 0:
            raise ValueError("a goal has one of at_least and at_most, which is a number and not negative")

    def met(self, value: float) -> bool:
        return value >= self.at_least if self.at_least is not None else value <= (self.at_most or 0)


class Alarm(StrEnum):
    """How a wait, or what an agent handles, stands: within its goal, about to miss it, or beyond it."""

    FINE = "fine"
    SOON = "soon"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds from where a wait raises the alarm, and from where it is late."""

    soon: float
    late: float

    def __post_init__(self) -> None:
        if not 0 < self.soon <= self.late:
            raise ValueError("soon is positive, and no more than late")

    def alarm(self, seconds: float) -> Alarm:
        return Alarm.LATE if seconds >= self.late else Alarm.SOON if seconds >= self.soon else Alarm.FINE


@dataclass(frozen=True, slots=True)
class Weights:
    """Of an agent's score; they add up to 1. `steady`: how many average conversations are mixed in."""

    satisfaction: float
    resolved: float
    first_response: float
    volume: float
    steady: float

    def __post_init__(self) -> None:
        parts = (self.satisfaction, self.resolved, self.first_response, self.volume)
        if min(parts) < 0 or self.steady < 0 or abs(sum(parts) - 1) > 1e-9:
            raise ValueError("the weights of a score are not negative and add up to 1")
        if self.volume >= min(self.satisfaction, self.resolved):
            raise ValueError("satisfaction and resolution each weigh more than volume")


@dataclass(frozen=True, slots=True)
class QualityRules:
    """`goals` by the name of the measure; a measure without one has none. `waiting`, `reply` and `handling` are for alarms."""

    goals: Mapping[str, Goal]
    waiting: Limits
    reply: Limits
    handling: Limits
    score: Weights


def load_quality_rules(path: Path | None, queue: Goals) -> QualityRules:
    """The shipped rules (None), with what the file gives in place of theirs, table by table. Raises SettingsInvalid."""
    shipped = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
        if unknown := sorted(given.keys() - shipped.keys()) + sorted(given.get("goals", {}).keys() - shipped["goals"].keys()):
            raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(shipped)}, and goals {', '.join(shipped['goals'])}")
        return _read({name: {**table, **given.get(name, {})} for name, table in shipped.items()}, queue)
    except OSError as error:
        raise SettingsInvalid(f"ZHIKE_MEASURES names {path}, which can't be read: {error.strerror}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise SettingsInvalid(f"ZHIKE_MEASURES, {path}: {error}") from error


def _read(given: Mapping[str, Any], queue: Goals) -> QualityRules:
    goals = {name: Goal(**goal) for name, goal in given["goals"].items()}
    goals["waiting"] = Goal(at_most=queue.late)
    return QualityRules(goals, Limits(queue.wait, queue.late), Limits(**given["reply"]),
                        _within(goals["handling"], **given["handling"]), Weights(**given["score"]))


def _within(goal: Goal, *, soon: float) -> Limits:
    """The alarm of a time with a goal, from this part of it on."""
    if goal.at_most is None:
        raise ValueError("the goal of handling has at_most, for its alarm")
    return Limits(soon * goal.at_most, goal.at_most)
