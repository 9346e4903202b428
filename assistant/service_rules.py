"""Reads how the firm serves (hours, skills, tiers, goals, promises) from its TOML file, over the shipped one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any

from assistant.errors import SettingsInvalid
from assistant.hours import Hours, in_order, span_of, told
from assistant.routing import Plan, Skill

__all__ = ["Goals", "Promise", "ServiceRules", "Standing", "load_service_rules"]

_SHIPPED = Path(__file__).with_name("service.toml")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BLANKS = {"soon": {"minutes", "who"}, "queue": {"place", "minutes", "who"}, "absent": {"who"}, "away": {"when", "who"},
           "who": set(), "adviser": {"name"}}
# From this place on a client is told the place; before it, only how soon.
_TELLS_PLACE = 2


@dataclass(frozen=True, slots=True)
class Goals:
    """In seconds: from where a wait is worth a look, and from where it is late."""

    wait: int
    late: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What a client who waits is told, in approved words. `kind` is `soon`, `queue`, `absent` (nobody is on duty) or `away`
    (outside hours); `opens_at` where it is `away`."""

    kind: str
    text: str
    text_en: str
    opens_at: datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text, "text_en": self.text_en,
                "opens_at": self.opens_at.isoformat() if self.opens_at else None}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client who waits stands: the `place` from 1, how long it may take (None: nobody knows), and what to say of it."""

    place: int
    waiting: int
    expected: timedelta | None
    promise: Promise


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """`words`: kind of promise → language (`zh`, `en`) → wording. `automatic`: whoever waits is given to an agent."""

    hours: Hours
    plan: Plan
    goals: Goals
    automatic: bool = False
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def standing(self, place: int, waiting: int, expected: timedelta | None, now: datetime, *, adviser: str | None = None) -> Standing:
        """`adviser` is how the client's own adviser is called, where they are the one who will answer."""
        minutes = expected and max(1, -(-int(expected.total_seconds()) // 60))
        opens_at = None if self.hours.is_open(now) else self.hours.opens_at(now)
        # Whoever is signed in outside hours may help, but nobody is promised to.
        kind = "away" if opens_at else "absent" if minutes is None else "queue" if place >= _TELLS_PLACE else "soon"
        when = told(opens_at, now) if opens_at else ("", "")
        texts = [self._say(kind, language, adviser, place=place, minutes=minutes, when=when[index])
                 for index, language in enumerate(("zh", "en"))]
        return Standing(place, waiting, None if opens_at else expected, Promise(kind, *texts, opens_at))

    def _say(self, kind: str, language: str, adviser: str | None, **blanks: object) -> str:
        who = self.words["adviser"][language].format(name=adviser) if adviser else self.words["who"][language]
        text = self.words[kind][language].format(who=who, **blanks)
        return text[:1].upper() + text[1:]


def load_service_rules(path: Path | None) -> ServiceRules:
    """The shipped rules (None), with what the file gives in place of theirs, table by table.

    Raises SettingsInvalid, which names what was found.
    """
    shipped = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    if path is None:
        return _read(shipped)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := sorted(given.keys() - shipped.keys()):
            raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(shipped)}")
        # Skills and tiers are the firm's own list; of the other tables what is left out stays.
        whole = ("skills", "head_start_minutes")
        return _read({name: given.get(name, table) if name in whole else {**table, **given.get(name, {})}
                      for name, table in shipped.items()})
    except OSError as error:
        raise SettingsInvalid(f"ZHIKE_SERVICE names {path}, which can't be read: {error.strerror}") from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise SettingsInvalid(f"ZHIKE_SERVICE, {path}: {error}") from error


def _read(given: dict[str, Any]) -> ServiceRules:
    one_to_one, load, goals = given["one_to_one"], given["load"], given["goals"]
    plan = Plan(
        skills={name: _skill(name, dict(value)) for name, value in given["skills"].items()},
        head_starts={tier: timedelta(minutes=_number(value)) for tier, value in given["head_start_minutes"].items()},
        one_to_one=frozenset(one_to_one["tiers"]), adviser_first=timedelta(minutes=_number(one_to_one["minutes"])),
        most=_number(load["max_conversations"], least=1), takes=timedelta(minutes=_number(load["minutes_per_conversation"], least=1)))
    return ServiceRules(
        hours=_hours(given["hours"]), plan=plan, goals=Goals(*(_number(goals[name], least=1) for name in ("wait", "late"))),
        automatic=_flag(given["assignment"]["automatic"]), words=_words(given["promise"]))


def _hours(given: Mapping[str, Any]) -> Hours:
    if unknown := sorted(given.keys() - {*_DAYS, "closed_on", "open_on"}):
        raise ValueError(f"hours: unknown: {', '.join(unknown)}; known: {', '.join(_DAYS)}, closed_on, open_on")
    week = tuple(in_order([span_of(text) for text in given.get(day, ())]) for day in _DAYS)
    opened = {_day(day): in_order([span_of(text) for text in spans]) for day, spans in given.get("open_on", {}).items()}
    return Hours(week, frozenset(map(_day, given.get("closed_on", ()))), opened)


def _skill(name: str, given: Mapping[str, Any]) -> Skill:
    if unknown := sorted(given.keys() - {"title", "title_en", "topics", "languages"}):
        raise ValueError(f"skills.{name}: unknown: {', '.join(unknown)}")
    title = str(given.get("title", name))
    return Skill(name, title, str(given.get("title_en", title)), frozenset(given.get("topics", ())), frozenset(given.get("languages", ())))


def _words(given: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
    for kind, blanks in _BLANKS.items():
        for language in ("zh", "en"):
            found = {name for _, name, _, _ in Formatter().parse(given[kind][language]) if name is not None}
            if not found <= blanks:
                raise ValueError(f"promise.{kind}.{language}: {{{', '.join(sorted(found - blanks))}}} is no blank of it; "
                                 f"it may have {', '.join(sorted(blanks)) or 'none'}")
    return given


def _day(value: Any) -> date:
    return value if type(value) is date else date.fromisoformat(str(value))


def _number(value: Any, *, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 100_000:
        raise ValueError(f"expected a whole number from {least}, found {value!r}")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, found {value!r}")
    return value
