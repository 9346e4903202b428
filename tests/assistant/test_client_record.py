"""Client records as values: what may be written, what a record keeps to, what the trail says of a change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from assistant.client_record import ClientFields, ClientRecord, blank, changed, merged, profile
from assistant.condition import ALWAYS, Condition
from assistant.errors import ClientRecordInvalid
from assistant.privacy import mask_name
from assistant.suitability import InvestorType, Kind, Losses, RiskLevel, Term, TradingPermission, Wishes

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
TODAY = date(2026, 11, 26)
WHOLE: dict[str, Any] = {
    "display_name": "谷雨 017", "tier": "gold", "risk_level": "C3", "assessed_on": "2026-03-01", "assessment_expires_on": "2027-02-28",
    "lowest_class": False, "investor_type": "ordinary", "qualified_until": "2027-01-01", "birth_year": 1980,
    "permissions": ["star", "fund", "star"], "notes": "下午联系。", "opted_out": True, "identities": {"web": "token", "wechat": None},
    "holdings": {"as_of": "2026-11-25", "total_assets": "352000.50", "cash": "1000", "by_kind": {"equity": "-1.5"}, "positions": 3},
    "wishes": {"term": "up_to_5_years", "kinds": ["equity", "fixed_income"], "losses": "some"}}

LEAST = {"as_of": "2026-01-01", "total_assets": "1"}


def record(**given: Any) -> ClientRecord:
    return merged(blank("C1", NOW), ClientFields.model_validate(given), today=TODAY)


def test_a_whole_record() -> None:
    made = record(**WHOLE)
    assert (made.id, made.tier, made.risk_level, made.assessed_on) == ("C1", "gold", RiskLevel.C3, date(2026, 3, 1))
    assert made.permissions == {TradingPermission.STAR, TradingPermission.FUND}
    assert made.wishes == Wishes(Term.FIVE_YEARS, frozenset({Kind.EQUITY, Kind.FIXED_INCOME}), Losses.SOME)
    assert made.holdings == WHOLE["holdings"]
    who = profile(made)
    assert (who.assets, who.birth_year, who.investor, who.qualified_until) == (
        Decimal("352000.50"), 1980, InvestorType.ORDINARY, date(2027, 1, 1))


def test_a_record_shows_nothing_personal_when_it_is_printed() -> None:
    shown = repr(record(**WHOLE))
    assert not any(word in shown for word in ("谷雨", "1980", "352000", "下午"))


def test_what_is_left_out_stays_and_null_takes_away() -> None:
    made = record(**WHOLE)
    assert merged(made, ClientFields.model_validate({}), today=TODAY) == made
    after = merged(made, ClientFields.model_validate({"birth_year": None, "holdings": None, "wishes": None, "tier": "silver"}), today=TODAY)
    assert (after.birth_year, after.holdings, after.wishes, after.tier, after.notes) == (None, None, Wishes(), "silver", "下午联系。")


@pytest.mark.parametrize(("given", "days"), [
    ({"risk_level": "C4"}, (None, None)), ({"risk_level": "C3"}, ("2026-03-01", "2027-02-28")), ({"risk_level": None}, (None, None)),
    ({"risk_level": "C4", "assessed_on": "2026-11-26"}, ("2026-11-26", None)),
    ({"risk_level": "C4", "assessment_expires_on": "2027-06-01"}, (None, "2027-06-01"))])
def test_another_level_takes_the_days_of_the_old_assessment_away(given: dict[str, Any], days: tuple[str | None, str | None]) -> None:
    after = merged(record(**WHOLE), ClientFields.model_validate(given), today=TODAY)
    assert tuple(day and day.isoformat() for day in (after.assessed_on, after.assessment_expires_on)) == days


@pytest.mark.parametrize(("given", "complaint"), [
    ({"assessed_on": "2026-01-01"}, "no risk_level"), ({"assessment_expires_on": "2027-01-01"}, "no risk_level"),
    ({"risk_level": "C2", "assessed_on": "2026-02-01", "assessment_expires_on": "2026-01-31"}, "before assessed_on"),
    ({"risk_level": "C2", "assessed_on": "2026-11-27"}, "future"), ({"lowest_class": True, "risk_level": "C2"}, "within C1"),
    ({"lowest_class": True, "investor_type": "professional_b"}, "ordinary"), ({"birth_year": 2027}, "future")])
def test_a_record_that_contradicts_itself_is_refused(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ClientRecordInvalid, match=complaint):
        record(**given)


def test_the_lowest_class_may_be_known_without_a_level() -> None:
    assert record(lowest_class=True).lowest_class and record(lowest_class=True, risk_level="C1").lowest_class


@pytest.mark.parametrize("given", [
    {"tier": ""}, {"tier": "a b"}, {"tier": None}, {"tier": "x" * 33}, {"risk_level": "C6"}, {"risk_level": 3}, {"risk_level": "c3"},
    {"assessed_on": "2026-13-01"}, {"assessed_on": "2026-02-30"}, {"assessed_on": 0}, {"assessed_on": "2026-03-01T00:00:00"},
    {"assessed_on": "20260301"}, {"assessed_on": True}, {"lowest_class": 1}, {"lowest_class": "true"}, {"lowest_class": None},
    {"investor_type": "professional_e"}, {"birth_year": 1899}, {"birth_year": "1980"}, {"birth_year": 1980.0}, {"birth_year": True},
    {"permissions": "star"}, {"permissions": ["moon"]}, {"permissions": None}, {"permissions": ["star"] * 51}, {"notes": "x" * 4001},
    {"notes": None}, {"notes": "\ud800"}, {"display_name": 5}, {"display_name": "x" * 129}, {"holdings": {}}, {"holdings": []},
    {"holdings": {"as_of": "2026-01-01", "total_assets": 1.5}}, {"holdings": {"as_of": "2026-01-01", "total_assets": "1.234"}},
    {"holdings": {"as_of": "2026-01-01", "total_assets": "1e5"}}, {"holdings": {"as_of": "2026-01-01", "total_assets": "١"}},
    {"holdings": {"as_of": "2026-01-01", "total_assets": "NaN"}}, {"holdings": {**LEAST, "positions": -1}},
    {"holdings": {**LEAST, "by_kind": {"gold": "1"}}}, {"wishes": {"term": "long"}},
    {"wishes": {"kinds": ["gold"]}}, {"wishes": {"losses": "all"}}, {"identities": {"Web": "x"}}, {"identities": {"web": ""}},
    {"identities": {"web": 5}}, {"identities": ["web"]}, {"identities": {f"c{number}": "x" for number in range(17)}}])
def test_what_can_not_be_a_value_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ClientFields.model_validate(given)


@pytest.mark.parametrize(("given", "kept"), [
    ({"display_name": " 谷雨\t017\n"}, "谷雨 017"), ({"display_name": "a\x00b"}, "ab"), ({"display_name": ""}, None),
    ({"display_name": None}, None)])
def test_names_are_made_tidy(given: dict[str, Any], kept: str | None) -> None:
    assert record(**given).display_name == kept


def test_notes_keep_their_lines() -> None:
    assert record(notes=" 一\r\n二\x00\n ").notes == "一\n二"


def test_the_trail_hears_what_changed_and_of_personal_things_only_that() -> None:
    before = record(**WHOLE)
    after = merged(before, ClientFields.model_validate(
        {"notes": "别的", "display_name": "白露", "birth_year": 1981, "permissions": ["star"], "opted_out": False}), today=TODAY)
    assert changed(before, after) == {
        "changed": ["display_name", "birth_year", "permissions", "notes", "opted_out"],
        "before": {"permissions": ["fund", "star"], "opted_out": True}, "after": {"permissions": ["star"], "opted_out": False}}
    assert changed(before, before) == {}


@pytest.mark.parametrize(("name", "masked"), [
    ("谷雨017", "谷***"), ("张三", "张*"), ("张", "张"), ("", ""), ("欧阳上官", "欧***"), ("某某贸易有限公司", "某***")])
def test_names_are_masked_for_lists(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(("condition", "on_none", "on_1", "on_2"), [
    (ALWAYS, True, True, True), (Condition(versions=frozenset({1})), False, True, False),
    (Condition(versions=frozenset({1, 2})), False, True, True), (Condition(versions=frozenset()), False, False, False),
    (Condition(exists=True), False, True, True), (Condition(exists=False), True, False, False),
    (Condition(versions=frozenset({1}), exists=False), False, False, False)])
def test_conditions(condition: Condition, on_none: bool, on_1: bool, on_2: bool) -> None:
    assert (condition.holds(None), condition.holds(1), condition.holds(2)) == (on_none, on_1, on_2)
