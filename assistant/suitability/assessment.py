"""Whether a client's risk assessment counts on a day: one idea of it for verdicts, for the record, and for what clients are told."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assistant.suitability.policy import FirmPolicy
from assistant.suitability.terms import Client

__all__ = ["Assessment", "Standing", "assessment"]


class Standing(StrEnum):
    """Only what is `valid` counts. `undated`: neither the record nor the firm's term says until when."""

    VALID = "valid"
    MISSING = "missing"
    UNDATED = "undated"
    NOT_YET = "not_yet"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Assessment:
    """`expires_on` is the last day on which it counts: on record, or by the firm's own term; None where neither says."""

    standing: Standing
    expires_on: date | None


def assessment(client: Client, day: date, firm: FirmPolicy) -> Assessment:
    """How the client's assessment stands on the day."""
    expires_on = _expires_on(client, firm.assessment_valid_months)
    return Assessment(_standing(client, day, expires_on), expires_on)


def _expires_on(client: Client, months: int | None) -> date | None:
    if client.assessment_expires_on or client.assessed_on is None or months is None:
        return client.assessment_expires_on
    return _months_later(client.assessed_on, months)


def _standing(client: Client, day: date, expires_on: date | None) -> Standing:
    if client.risk_level is None:
        return Standing.MISSING
    if expires_on is None:
        return Standing.UNDATED
    if client.assessed_on is not None and client.assessed_on > day:
        return Standing.NOT_YET
    return Standing.EXPIRED if expires_on < day else Standing.VALID


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last one; the end of time where there is no such year."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
