"""The delay after failures: it grows, has an end, and forgets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assistant.lockout import (
    ACCOUNT,
    ADDRESS,
    FORGET,
    Attempt,
    Failures,
    Rule,
    account_key,
    address_key,
    failed,
    forgiven,
    seconds_left,
)

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
RULES = some.sampled_from([ACCOUNT, ADDRESS])


def after(count: int, rule: Rule = ACCOUNT) -> Failures:
    return failed(Failures(count - 1, NOW, NOW) if count > 1 else None, rule, NOW)


def test_the_first_failures_cost_nothing_and_then_each_costs_twice_as_much() -> None:
    waits = [seconds_left(after(count), NOW) for count in range(1, 15)]
    assert waits == [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_an_address_may_fail_more_often() -> None:
    assert [seconds_left(after(count, ADDRESS), NOW) for count in (20, 21, 22)] == [0, 5, 10]


def test_the_wait_passes() -> None:
    failures = after(6)
    assert [seconds_left(failures, NOW + timedelta(seconds=second)) for second in (0, 4, 10, 99)] == [10, 6, 0, 0]
    assert seconds_left(None, NOW) == 0


def test_who_tries_as_often_as_possible_gets_few_attempts_an_hour() -> None:
    """OWASP ASVS 4.0 2.2.1: no more than 100 failures an hour."""
    now, failures, tries = NOW, None, []
    while now < NOW + timedelta(hours=12):
        tries.append(now)
        failures = failed(failures, ACCOUNT, now)
        now = max(now, failures.locked_until)
    by_hour = [sum(hour <= (at - NOW) / timedelta(hours=1) < hour + 1 for at in tries) for hour in range(12)]
    assert by_hour[0] == 15 and max(by_hour[1:]) == 4


def test_after_a_day_the_past_is_forgotten() -> None:
    old = Failures(50, NOW, NOW)
    assert failed(old, ACCOUNT, NOW + FORGET).count == 1
    assert failed(old, ACCOUNT, NOW + FORGET - timedelta(seconds=1)).count == 51


@given(count=some.integers(1, 10**9), rule=RULES)
def test_more_failures_never_wait_less_and_never_for_ever(count: int, rule: Rule) -> None:
    less, more = (seconds_left(failed(Failures(known, NOW, NOW), rule, NOW), NOW) for known in (count - 1, count))
    assert 0 <= less <= more <= 900


@given(count=some.integers(0, 100), rule=RULES, seconds=some.integers(0, 3600))
def test_a_forgiven_attempt_leaves_what_was_before(count: int, rule: Rule, seconds: int) -> None:
    known = Failures(count, NOW, NOW)
    attempt = Attempt(rule, known, failed(known, rule, NOW + timedelta(seconds=seconds)))
    assert forgiven(attempt.counted, attempt) == known


@given(count=some.integers(0, 100), rule=RULES)
def test_what_others_failed_meanwhile_stays(count: int, rule: Rule) -> None:
    known, later = Failures(count, NOW, NOW), NOW + timedelta(seconds=1)
    attempt = Attempt(rule, known, failed(known, rule, NOW))
    assert forgiven(failed(attempt.counted, rule, later), attempt) == failed(known, rule, later)


@pytest.mark.parametrize(("one", "other", "same"), [
    ("203.0.113.7", "203.0.113.7", True), ("203.0.113.7", "203.0.113.8", False), ("2001:db8::1", "2001:db8::ffff", True),
    ("2001:db8::1", "2001:db8:0:1::1", False), ("::ffff:203.0.113.7", "203.0.113.7", True)])
def test_addresses_are_told_apart_as_their_owners_are(one: str, other: str, same: bool) -> None:
    assert (address_key(one) == address_key(other)) is same


@pytest.mark.parametrize("address", [None, "", "testclient", "unknown", "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "x" * 999])
def test_who_can_not_be_told_apart_has_no_key(address: str | None) -> None:
    assert address_key(address) is None


@given(some.text())
def test_any_name_has_a_key_of_one_length(name: str) -> None:
    assert len(account_key(name)) == 64


def test_a_key_of_a_name_that_is_no_text() -> None:
    assert account_key("\ud800")
