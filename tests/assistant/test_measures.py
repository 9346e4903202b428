"""Figures over contacts, computed by hand; the score and what it must never do; hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.contacts import Contact
from assistant.errors import SettingsInvalid
from assistant.hours import Hours, Span
from assistant.measures import MEASURES, Case, Dimension, Figure, Kind, behind, cases_of, figures, grouped, percentile, share, start_of
from assistant.quality import Alarm, Goal, load_quality_rules
from assistant.score import scores
from assistant.service_rules import load_service_rules
from assistant.service_time import seconds_within

START = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
NOW = START + timedelta(days=2)
RULES = load_quality_rules(None, load_service_rules(None).goals)


def contact(name: str, **given: object) -> Contact:
    base = Contact(
        conversation_id=name, number=1, channel="web", client_ref=None, started_at=START, last_at=START, ended_at=START, state="assistant",
        agent=None, category="account", asked=True, complaint=False, handed_over=False, abandoned=False, solved=True, waited=None,
        first_response=None, handled=None, agent_messages=0, suggestions_used=0, suggestions_edited=0, satisfaction=None,
        blamed_article=None, last_event_id=1)
    return replace(base, **given)  # type: ignore[arg-type]


def served(name: str, agent: str = "anna", **given: object) -> Contact:
    return contact(name, **{"agent": agent, "handed_over": True, "solved": False, "state": "closed", "waited": 30.0, "first_response": 45.0,
                            "handled": 300.0, "agent_messages": 4, "channel": "app", **given})


CONTACTS = [
    contact("c1"), contact("c2", solved=False), contact("c3", asked=False, solved=False, category=None),
    served("c4", satisfaction=5, suggestions_used=2, suggestions_edited=1),
    served("c5", satisfaction=2, waited=90.0, first_response=200.0, handled=1000.0, complaint=True),
    served("c6", "bert", satisfaction=4, waited=600.0, first_response=620.0, started_at=START + timedelta(hours=15)),
    served("c7", None, agent_messages=0, abandoned=True, waited=400.0, first_response=None, handled=None),
]
CASES = cases_of(CONTACTS, [("c5", START + timedelta(minutes=1)), ("c5", START + timedelta(minutes=2)), ("gone", START)], NOW)


def test_figures_are_what_a_hand_counts() -> None:
    found = figures(CASES, RULES.goals)
    assert found["contacts"] == Figure(Kind.COUNT, 6, 6, 6.0)
    satisfaction = found["satisfaction"]
    assert (satisfaction.n, satisfaction.count, satisfaction.value) == (3, 2, 2 / 3)
    assert satisfaction.mean == pytest.approx(11 / 3) and satisfaction.met is False
    assert (found["resolved"].n, found["resolved"].count) == (6, 4)
    assert (found["solved_by_assistant"].n, found["solved_by_assistant"].count) == (6, 1)
    waiting = found["waiting"]
    assert (waiting.n, waiting.value, waiting.p90, waiting.count, waiting.met) == (4, 245.0, 600.0, 2, False)
    assert (found["first_response"].value, found["first_response"].count) == (200.0, 1)
    assert (found["handling"].n, found["handling"].count, found["handling"].met) == (3, 2, False)
    assert (found["handed_over"].count, found["abandoned"].count, found["abandoned"].n) == (4, 1, 4)
    assert (found["suggestions_used"].n, found["suggestions_used"].count, found["suggestions_edited"].count) == (12, 2, 1)
    assert (found["findings"].value, found["complaints"].value) == (2.0, 1 / 6)
    assert set(found) == set(MEASURES) and set(RULES.goals) <= set(MEASURES)


def test_nothing_makes_no_figures() -> None:
    for name, figure in figures([], RULES.goals).items():
        assert figure.n == figure.count == 0 and figure.met is None
        assert figure.value == (0.0 if MEASURES[name].kind is Kind.COUNT else None)


def test_groups_are_by_china_s_clock_and_the_unknown_come_last() -> None:
    assert list(grouped(CASES, Dimension.AGENT)) == ["anna", "bert", ""]
    # 01:30 UTC is 9:30 in China, and fifteen hours later it is half past midnight.
    assert list(grouped(CASES, Dimension.HOUR)) == ["00", "09"]
    assert list(grouped(CASES, Dimension.DAY)) == ["2026-11-24", "2026-11-25"]
    assert list(grouped(CASES, Dimension.WEEK)) == ["2026-11-23"]
    assert {key: len(group) for key, group in grouped(CASES, Dimension.SERVED_BY).items()} == {"agents": 4, "assistant": 3}
    assert list(grouped(CASES, Dimension.CATEGORY)) == ["account", ""] and list(grouped(CASES, Dimension.CHANNEL)) == ["app", "web"]
    assert start_of(date(2026, 11, 24)) == datetime(2026, 11, 23, 16, tzinfo=UTC)


@pytest.mark.parametrize(("name", "counted", "found"), [
    ("satisfaction", None, {"c4", "c5", "c6"}), ("satisfaction", False, {"c5"}), ("resolved", False, {"c2", "c7"}),
    ("waiting", True, {"c4", "c5"}), ("waiting", False, {"c6", "c7"}), ("complaints", True, {"c5"}), ("findings", None, {"c5"}),
    ("abandoned", True, {"c7"}), ("contacts", None, {"c1", "c2", "c4", "c5", "c6", "c7"}), ("suggestions_used", True, {"c4"}),
])
def test_the_list_behind_a_number_is_what_it_counted(name: str, counted: bool | None, found: set[str]) -> None:
    assert {case.contact.conversation_id for case in behind(CASES, name, counted=counted, goal=RULES.goals.get(name))} == found


RANDOM = st.builds(
    lambda **given: Case(served("x", **given), over=True),
    satisfaction=st.none() | st.integers(1, 5), waited=st.none() | st.floats(0, 1e5), agent_messages=st.integers(0, 9),
    complaint=st.booleans(), abandoned=st.booleans(), asked=st.just(True))


@settings(max_examples=50, deadline=None)
@given(st.lists(RANDOM, max_size=20))
def test_every_share_is_the_length_of_the_lists_behind_it(cases: list[Case]) -> None:
    found = figures(cases, RULES.goals)
    for name in ("satisfaction", "resolved", "handed_over", "abandoned", "complaints", "waiting"):
        goal = RULES.goals.get(name)
        kept, rest = (len(behind(cases, name, counted=counted, goal=goal)) for counted in (True, False))
        assert (found[name].count, found[name].n) == (kept, kept + rest), name


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.floats(0.01, 1))
def test_a_percentile_is_one_of_the_values_and_covers_its_part(values: list[float], part: float) -> None:
    found = percentile(values, part)
    assert found in values and sum(value <= found for value in values) >= part * len(values) - 1e-6
    assert sum(value < found for value in values) < part * len(values)


def own(n: int, satisfied: int, resolved: int, quick: int) -> dict[str, Figure]:
    def share(count: int) -> Figure:
        return Figure(Kind.SHARE, n, count, count / n)

    return {"contacts": Figure(Kind.COUNT, n, n, float(n)), "satisfaction": share(satisfied), "resolved": share(resolved),
            "first_response": share(quick)}


def test_a_score_is_the_formula_on_the_page() -> None:
    team = own(200, 160, 140, 180)
    found = scores({"anna": own(90, 81, 63, 90), "bert": own(30, 27, 21, 30)}, team, RULES.score)["anna"]
    satisfaction, resolved, quick = (81 + 8) / 100, (63 + 7) / 100, (90 + 9) / 100
    assert found.parts == pytest.approx({"satisfaction": satisfaction, "resolved": resolved, "first_response": quick, "volume": 1.0})
    assert found.total == pytest.approx(100 * (0.4 * satisfaction + 0.3 * resolved + 0.2 * quick + 0.1))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.data())
def test_a_score_is_bounded_and_better_service_never_lowers_it(n: int, data: st.DataObject) -> None:
    satisfied, resolved, quick = (data.draw(st.integers(0, n)) for _ in range(3))
    team = own(100, 80, 70, 90)
    before = scores({"anna": own(n, satisfied, resolved, quick)}, team, RULES.score)["anna"].total
    after = scores({"anna": own(n, min(n, satisfied + 1), resolved, quick)}, team, RULES.score)["anna"].total
    assert 0 <= before <= after <= 100


def test_many_badly_served_clients_are_no_match_for_few_that_were_served_well() -> None:
    found = scores({"quick": own(400, 240, 220, 360), "good": own(100, 95, 85, 90)}, own(500, 335, 305, 450), RULES.score)
    assert found["good"].total > found["quick"].total


@pytest.mark.parametrize(("text", "says"), [
    ("[score]\nvolume = 0.5", "add up"),
    ("[score]\nsatisfaction = 0.1\nvolume = 0.4", "weigh more than volume"), ("[sales]\nx = 1", "sales"),
    ("[goals]\nsales = { at_least = 1 }", "sales"), ("[score]\nsales = 0.1", "sales"), ("[goals]\nresolved = { }", "at_least"),
    ("x", "measures"),
    ("[reply]\nsoon = 300", "no more"), ("[handling]\nsoon = 1.1", "no more"), ("[handling]\nlate = 1", "late"),
    ("[goals]\nhandling = { at_least = 9 }", "at_most"), ("[goals]\nresolved = { at_least = \"a\" }", "number"), ("score = 3", "measures")])
def test_rules_that_would_judge_by_something_else_are_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "measures.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid, match=says):
        load_quality_rules(path, load_service_rules(None).goals)


def test_a_firm_s_own_goals_go_before_the_shipped_ones(tmp_path: Path) -> None:
    path = tmp_path / "measures.toml"
    path.write_text("[goals]\nresolved = { at_least = 0.5 }", encoding="utf-8")
    rules = load_quality_rules(path, load_service_rules(None).goals)
    assert rules.goals["resolved"] == Goal(at_least=0.5) and rules.goals["satisfaction"] == RULES.goals["satisfaction"]
    assert RULES.handling.alarm(629) is Alarm.FINE and RULES.handling.alarm(630) is Alarm.SOON and RULES.handling.alarm(900) is Alarm.LATE
    assert rules.waiting.alarm(59) is Alarm.FINE and rules.waiting.alarm(60) is Alarm.SOON and rules.waiting.alarm(180) is Alarm.LATE


def test_the_alarm_for_handling_goes_with_the_goal(tmp_path: Path) -> None:
    path = tmp_path / "measures.toml"
    path.write_text("[goals]\nhandling = { at_most = 300 }\n[handling]\nsoon = 0.5", encoding="utf-8")
    handling = load_quality_rules(path, load_service_rules(None).goals).handling
    assert (handling.soon, handling.late) == (150, 300)


def test_one_of_one_is_not_a_hundred_of_a_hundred() -> None:
    one, many = share(1.0, 1), share(1.0, 100)
    assert (one.low, one.high) == (pytest.approx(0.2065, abs=1e-4), 1.0) and (many.low, many.high) == (pytest.approx(0.963, abs=1e-4), 1.0)
    half = share(0.5, 10)
    assert (half.low, half.high) == (pytest.approx(0.2366, abs=1e-4), pytest.approx(0.7634, abs=1e-4))


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 200), st.data())
def test_a_share_lies_within_its_bounds_which_close_in_with_more(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    few, more = share(count / n, n), share(count / n, n * 4)
    assert 0 <= few.low <= few.value <= few.high <= 1
    assert more.high - more.low < few.high - few.low


def test_waiting_counts_within_hours_only() -> None:
    morning = (Span(8 * 60 + 30, 17 * 60),)
    hours = Hours((morning,) * 5 + ((), ()))
    friday = datetime(2026, 11, 27, 8, 50, tzinfo=UTC)  # 16:50 in China
    monday = datetime(2026, 11, 30, 0, 40, tzinfo=UTC)
    assert seconds_within(hours, friday, monday) == 20 * 60
    assert seconds_within(hours, friday + timedelta(hours=1), friday + timedelta(hours=9)) == 0
    assert seconds_within(hours, monday, friday) == 0
