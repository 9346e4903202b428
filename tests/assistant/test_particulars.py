"""What an answer may say of a client: a level only while suitability counts it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assistant.client_record import ClientRecord, profile
from assistant.particulars import particulars
from assistant.suitability import FirmPolicy, InvestorType, Kind, Outcome, Product, ProductRisk, RiskLevel, TradingPermission, verdict
from knowledge.template import CLIENT_SLOTS

TODAY = date(2026, 11, 24)
FIRM = FirmPolicy()
AT = datetime(2026, 1, 1, tzinfo=UTC)
R1 = Product("P1", "现金宝", "cash", ProductRisk.R1, Kind.FIXED_INCOME)


def record(level: RiskLevel | None = RiskLevel.C3, first: date | None = None, last: date | None = None) -> ClientRecord:
    return ClientRecord("C1", AT, AT, risk_level=level, assessed_on=first, assessment_expires_on=last)


def test_everything_that_is_known_under_the_names_of_the_slots() -> None:
    known = ClientRecord("C1", AT, AT, risk_level=RiskLevel.C3, assessed_on=date(2026, 1, 5), assessment_expires_on=date(2027, 1, 5),
                         permissions=frozenset({TradingPermission.STAR, TradingPermission.HK_CONNECT}))
    said = particulars(known, TODAY, FIRM)
    assert said == {
        "risk_level": "C3", "assessed_on": "2026年1月5日", "assessment_expires_on": "2027年1月5日", "permissions": "港股通、科创板"}
    assert set(said) == set(CLIENT_SLOTS)
    assert particulars(record(None), TODAY, FIRM) == {}


@pytest.mark.parametrize(("first", "last", "months", "level", "until"), [
    # As on record, through the last day.
    (date(2026, 1, 5), TODAY, 12, "C3", "2026年11月24日"),
    (date(2026, 1, 5), TODAY - timedelta(days=1), 12, None, "2026年11月23日"),
    (None, TODAY, 12, "C3", "2026年11月24日"),
    # By the firm's own term where the record names no last day.
    (date(2025, 11, 24), None, 12, "C3", "2026年11月24日"),
    (date(2025, 11, 23), None, 12, None, "2026年11月23日"),
    (date(2025, 11, 23), None, 24, "C3", "2027年11月23日"),
    # Neither says; and one that has not begun.
    (date(2026, 11, 1), None, None, None, None),
    (None, None, 12, None, None),
    (TODAY + timedelta(days=1), date(2027, 11, 1), 12, None, "2027年11月1日")])
def test_a_level_is_told_while_its_assessment_counts(first: date | None, last: date | None, months: int | None, level: str | None,
                                                     until: str | None) -> None:
    said = particulars(record(first=first, last=last), TODAY, FirmPolicy(assessment_valid_months=months))
    assert (said.get("risk_level"), said.get("assessment_expires_on")) == (level, until)


days = some.none() | some.dates(date(2024, 1, 1), date(2028, 12, 31))


@given(level=some.none() | some.sampled_from(RiskLevel), first=days, last=days, today=some.dates(date(2026, 7, 1), date(2027, 12, 31)),
       months=some.none() | some.integers(1, 36))
def test_no_level_is_told_that_bars_every_offer(level: RiskLevel | None, first: date | None, last: date | None, today: date,
                                                months: int | None) -> None:
    """The safest product is offered to an ordinary investor exactly where a level is told."""
    known, firm = record(level, first, last), FirmPolicy(assessment_valid_months=months)
    assert known.investor_type is InvestorType.ORDINARY
    offered = verdict(profile(known), R1, today, firm=firm).outcome is not Outcome.MAY_NOT
    assert offered is ("risk_level" in particulars(known, today, firm))
