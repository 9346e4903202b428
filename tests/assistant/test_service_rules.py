"""Hours, and the promises that follow from them; what the firm's file may say."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import knowledge
from assistant.clock import CHINA
from assistant.errors import SettingsInvalid
from assistant.hours import Hours, Span, in_order, span_of, told
from assistant.service_rules import load_service_rules

RULES = load_service_rules(None)
FIRM = tomllib.loads((Path(knowledge.__file__).parent / "firm.toml").read_text(encoding="utf-8"))
THURSDAY = datetime(2026, 11, 26, tzinfo=CHINA)


def at(hour: float, *, days: int = 0) -> datetime:
    return THURSDAY + timedelta(days=days, hours=hour)


def test_the_shipped_hours_are_those_that_answers_quote() -> None:
    start, end = re.findall(r"\d{1,2}:\d{2}", FIRM["human_hours"])
    assert RULES.hours.on(THURSDAY.date()) == (span_of(f"{start}-{end}"),)
    assert "交易日" in FIRM["human_hours"] and RULES.hours.on(date(2026, 11, 28)) == ()


@pytest.mark.parametrize(("now", "is_open", "opens_at"), [
    (at(8.4), False, at(8.5)), (at(8.5), True, at(8.5, days=1)), (at(16.99), True, at(8.5, days=1)), (at(17), False, at(8.5, days=1)),
    (at(20, days=1), False, at(8.5, days=4)), (at(12, days=2), False, at(8.5, days=4)), (at(23.9).astimezone(UTC), False, at(8.5, days=1))])
def test_hours(now: datetime, is_open: bool, opens_at: datetime) -> None:
    assert (RULES.hours.is_open(now), RULES.hours.opens_at(now)) == (is_open, opens_at)


def test_the_calendar_goes_before_the_week() -> None:
    friday, saturday = at(0, days=1).date(), at(0, days=2).date()
    hours = Hours(RULES.hours.week, closed_on=frozenset({friday}), open_on={saturday: (Span(540, 720),)})
    assert not hours.is_open(at(10, days=1)) and hours.is_open(at(10, days=2))
    assert hours.opens_at(at(18)) == at(9, days=2)
    assert Hours(((),) * 7).opens_at(at(10)) is None and not Hours(((),) * 7).is_open(at(10))
    assert Hours(((Span(0, 1440),),) * 7).opens_at(at(10)) is None


@given(some.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=some.just(UTC)))
@settings(max_examples=100, deadline=None)
def test_what_opens_is_open_and_was_closed_before(now: datetime) -> None:
    opens_at = RULES.hours.opens_at(now)
    assert opens_at and opens_at > now
    assert RULES.hours.is_open(opens_at) and not RULES.hours.is_open(opens_at - timedelta(seconds=1))


@pytest.mark.parametrize(("moment", "zh", "en"), [
    (at(13), "今天 13:00", "today at 13:00"), (at(8.5, days=1), "明天 8:30", "tomorrow at 8:30"),
    (at(9, days=4), "11月30日（周一）9:00", "Monday 30 November at 9:00")])
def test_moments_as_people_say_them(moment: datetime, zh: str, en: str) -> None:
    assert told(moment, at(10)) == (zh, en)


@pytest.mark.parametrize(("place", "expected", "now", "kind", "words", "words_en"), [
    (1, 1, at(10), "soon", "预计约 1 分钟内由人工客服回复您", "A colleague replies within about 1 min"),
    (3, 6, at(10), "queue", "您排在第 3 位，预计约 6 分钟", "You are number 3"),
    (3, None, at(10), "absent", "暂时没有同事在线", "Nobody is online"),
    (3, 6, at(20), "away", "人工客服会从明天 8:30 开始", "a colleague replies from tomorrow at 8:30")])
def test_promises(place: int, expected: int | None, now: datetime, kind: str, words: str, words_en: str) -> None:
    wait = None if expected is None else timedelta(minutes=expected)
    standing = RULES.standing(place, 5, wait, now)
    assert (standing.promise.kind, words in standing.promise.text, words_en in standing.promise.text_en) == (kind, True, True)
    assert (standing.expected, standing.promise.opens_at) == ((None, at(8.5, days=1)) if kind == "away" else (wait, None))
    assert "您的客户经理张三" in RULES.standing(place, 5, wait, now, adviser="张三").promise.text


def test_the_firms_file_goes_over_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "service.toml"
    path.write_text('[hours]\nsaturday = ["09:00-12:00", "13:00-15:00"]\nclosed_on = [2027-01-01, "2027-01-02"]\n'
                    '[skills.bonds]\ntopics = ["products"]\n[assignment]\nautomatic = true\n', encoding="utf-8")
    rules = load_service_rules(path)
    assert rules.hours.is_open(at(9, days=2)) and rules.hours.is_open(at(9)) and not rules.hours.is_open(at(12.5, days=2))
    assert rules.hours.closed_on == {date(2027, 1, 1), date(2027, 1, 2)}
    assert (list(rules.plan.skills), rules.plan.skills["bonds"].title, rules.automatic) == (["bonds"], "bonds", True)
    assert rules.plan.most == 20 and rules.words == RULES.words


@pytest.mark.parametrize(("text", "complaint"), [
    ("[hourz]\n", "hourz"), ('[hours]\nmonday = ["9-5"]\n', "'9-5'"), ('[hours]\nmonday = ["10:00-09:00"]\n', "beginning before an end"),
    ('[hours]\nmonday = ["09:00-12:00", "11:00-13:00"]\n', "overlap"),
    ('[hours]\nmunday = []\n', "munday"), ("[load]\nmax_conversations = 0\n", "found 0"),
    ('[promise.soon]\nzh = "{name}马上来"\nen = "x"\n', "no blank"), ('[hours]\nclosed_on = ["soon"]\n', "soon"),
    ('[assignment]\nautomatic = 1\n', "true or false"),
    ('[promise]\nsoon = "x"\n', "service"), ("[skills]\nx = 1\n", "service"), ("a = ", "service"), ('[hours]\nmonday = 3\n', "service")])
def test_what_can_not_be_used_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "service.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid, match=complaint):
        load_service_rules(path)
    with pytest.raises(SettingsInvalid, match="can't be read"):
        load_service_rules(tmp_path / "none.toml")


def test_overlapping_spans_are_found_in_any_order() -> None:
    with pytest.raises(ValueError, match="overlap"):
        in_order([Span(600, 700), Span(500, 601)])
