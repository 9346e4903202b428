"""When people are there: days, hours and the exceptions of the calendar, all on China's clock. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

from assistant.clock import CHINA

__all__ = ["Hours", "Span", "in_order", "span_of", "told"]

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_WHOLE_DAY = 24 * 60
# Longer than any holiday: who is not there for so long has no hours at all.
_LOOKS_AHEAD = 60
_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` on and before `end`, in minutes of a day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """`week` has the spans of each day from Monday on; `open_on` and then `closed_on` go before it, by day in China."""

    week: tuple[tuple[Span, ...], ...]
    closed_on: frozenset[date] = frozenset()
    open_on: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def on(self, day: date) -> tuple[Span, ...]:
        """The spans of a day, in order."""
        if day in self.open_on:
            return self.open_on[day]
        return () if day in self.closed_on else self.week[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        now = at.astimezone(CHINA)
        minute = now.hour * 60 + now.minute
        return any(span.start <= minute < span.end for span in self.on(now.date()))

    def opens_at(self, at: datetime) -> datetime | None:
        """The next moment after `at` at which a span begins, in China's time; None where none does within two months."""
        now = at.astimezone(CHINA)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        days = (midnight + timedelta(days=days) for days in range(_LOOKS_AHEAD + 1))
        starts = (day + timedelta(minutes=span.start) for day in days for span in self.on(day.date()))
        # A span that begins where another ends, as at midnight, opens nothing.
        return next((start for start in starts if start > now and not self.is_open(start - timedelta(minutes=1))), None)


def span_of(text: str) -> Span:
    """`08:30-17:00`; `24:00` is the end of the day. Raises ValueError."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"expected hours such as 08:30-17:00, found {text!r}")
    hour, minute, last_hour, last_minute = map(int, found.groups())
    span = Span(hour * 60 + minute, last_hour * 60 + last_minute)
    if max(minute, last_minute) > 59 or not 0 <= span.start < span.end <= _WHOLE_DAY:
        raise ValueError(f"expected a beginning before an end within one day, found {text!r}")
    return span


def in_order(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans of one day, sorted. Raises ValueError where two overlap."""
    ordered = tuple(sorted(spans))
    if any(one.end > other.start for one, other in pairwise(ordered)):
        raise ValueError("expected hours of one day that do not overlap")
    return ordered


def told(moment: datetime, now: datetime) -> tuple[str, str]:
    """The moment as people say it at `now`, in Chinese and in English: 明天 9:00, tomorrow at 9:00."""
    at, today = moment.astimezone(CHINA), now.astimezone(CHINA).date()
    clock = f"{at.hour}:{at.minute:02}"
    days = (at.date() - today).days
    if days in (0, 1):
        return f"{('今天', '明天')[days]} {clock}", f"{('today', 'tomorrow')[days]} at {clock}"
    return (f"{at.month}月{at.day}日（{_WEEKDAYS[at.weekday()]}）{clock}", f"{at:%A} {at.day} {at:%B} at {clock}")
