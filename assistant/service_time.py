"""How much of a span of time lies within service hours. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from assistant.clock import CHINA
from assistant.hours import Hours

__all__ = ["seconds_within"]

# A wait over more days than this is counted as it stands; nobody looks at hours any more.
_DAYS = 31


def seconds_within(hours: Hours, start: datetime, end: datetime) -> float:
    """Seconds from `start` to `end` in which people are there; 0 where the end is not after the start."""
    begins, ends = start.astimezone(CHINA), end.astimezone(CHINA)
    if ends - begins > timedelta(days=_DAYS):
        return (ends - begins).total_seconds()
    midnight = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    total = 0.0
    while midnight < ends:
        for span in hours.on(midnight.date()):
            opens, closes = midnight + timedelta(minutes=span.start), midnight + timedelta(minutes=span.end)
            total += max(0.0, (min(closes, ends) - max(opens, begins)).total_seconds())
        midnight += timedelta(days=1)
    return total
