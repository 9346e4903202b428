"""Where a follow-up goes: a table of cases, and whatever agents and the clock do in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assistant.errors import AlreadyClaimed, AssistantError, FollowUpClosed, FollowUpNotClaimed, SnoozeInvalid
from assistant.follow_up_task import LIVE, Move, Result, Standing, TaskState, as_of, closed, may_open, moved, subjects_of

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
QUIET = timedelta(days=30)
OPEN = Standing(TaskState.OPEN, NOW + timedelta(days=14))
ANNAS = moved(OPEN, Move.CLAIM, "anna", NOW)
PUT_OFF = moved(ANNAS, Move.SNOOZE, "anna", NOW, until=NOW + timedelta(hours=2))
DONE = moved(ANNAS, Move.CLOSE, "anna", NOW, result=Result.DONE)
EXPIRED, WITHDRAWN = closed(OPEN, Move.EXPIRE, NOW), closed(ANNAS, Move.WITHDRAW, NOW)


@pytest.mark.parametrize(("standing", "move", "agent", "after"), [
    (OPEN, Move.CLAIM, "anna", (TaskState.CLAIMED, "anna")), (ANNAS, Move.CLAIM, "anna", (TaskState.CLAIMED, "anna")),
    (ANNAS, Move.CLAIM, "bert", AlreadyClaimed), (PUT_OFF, Move.CLAIM, "bert", AlreadyClaimed),
    (PUT_OFF, Move.CLAIM, "anna", (TaskState.CLAIMED, "anna")), (DONE, Move.CLAIM, "anna", FollowUpClosed),
    (EXPIRED, Move.CLAIM, "anna", FollowUpClosed), (WITHDRAWN, Move.CLAIM, "anna", FollowUpClosed),
    (OPEN, Move.RELEASE, "anna", FollowUpNotClaimed), (ANNAS, Move.RELEASE, "anna", (TaskState.OPEN, None)),
    (ANNAS, Move.RELEASE, "bert", AlreadyClaimed), (PUT_OFF, Move.RELEASE, "anna", (TaskState.OPEN, None)),
    (OPEN, Move.SNOOZE, "anna", (TaskState.SNOOZED, "anna")), (ANNAS, Move.SNOOZE, "bert", AlreadyClaimed),
    (OPEN, Move.CLOSE, "anna", (TaskState.DISMISSED, "anna")), (ANNAS, Move.CLOSE, "bert", AlreadyClaimed),
    (DONE, Move.CLOSE, "anna", (TaskState.DISMISSED, "anna")), (DONE, Move.CLOSE, "bert", FollowUpClosed),
    (EXPIRED, Move.CLOSE, "anna", FollowUpClosed)])
def test_the_table(standing: Standing, move: Move, agent: str, after: tuple[TaskState, str | None] | type[Exception]) -> None:
    given = {"until": NOW + timedelta(hours=1)} if move is Move.SNOOZE else {"result": Result.NOT_WANTED} if move is Move.CLOSE else {}
    if isinstance(after, type):
        with pytest.raises(after):
            moved(standing, move, agent, NOW, **given)
    else:
        result = moved(standing, move, agent, NOW, **given)
        assert (result.state, result.agent) == after


def test_who_supervises_gives_back_what_a_colleague_has_and_takes_nothing_away() -> None:
    assert moved(ANNAS, Move.RELEASE, "boss", NOW, supervises=True).state is TaskState.OPEN
    with pytest.raises(AlreadyClaimed) as refused:
        moved(ANNAS, Move.CLAIM, "boss", NOW, supervises=True)
    assert refused.value.agent == "anna" and "follow-up" in str(refused.value)


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(days=1), OPEN.expires_at, None])
def test_it_is_put_off_to_a_moment_at_which_it_can_be_worked(until: datetime | None) -> None:
    with pytest.raises(SnoozeInvalid):
        moved(OPEN, Move.SNOOZE, "anna", NOW, until=until)


def test_the_clock_wakes_and_ends() -> None:
    assert as_of(PUT_OFF, NOW + timedelta(hours=2)) == ANNAS
    assert as_of(ANNAS, OPEN.expires_at).state is TaskState.EXPIRED and as_of(DONE, OPEN.expires_at) == DONE
    with pytest.raises(FollowUpClosed):
        moved(OPEN, Move.CLAIM, "anna", OPEN.expires_at)


def test_a_need_is_not_flagged_twice_and_stays_quiet_after_an_outcome() -> None:
    later = NOW + QUIET
    assert may_open([], QUIET, NOW) and may_open([EXPIRED, WITHDRAWN], QUIET, NOW)
    for standing in (OPEN, ANNAS, PUT_OFF):
        assert not may_open([EXPIRED, standing], QUIET, NOW)
    assert not may_open([DONE], QUIET, later - timedelta(seconds=1)) and may_open([DONE], QUIET, later)
    assert may_open([OPEN], QUIET, OPEN.expires_at), "its time is up, whether or not somebody has noticed"


def test_whom_it_is_about() -> None:
    assert subjects_of(client_id="C1", channel="web", client_ref="sha256:1", conversation_id="c") == (
        "client:C1", "visitor:web:sha256:1", "conversation:c")
    assert subjects_of(client_id=None, channel="web", client_ref=None, conversation_id="c") == ("conversation:c",)


STEPS = some.lists(some.tuples(some.sampled_from(list(Move)), some.sampled_from(["anna", "bert", "boss"]), some.sampled_from(list(Result)),
                               some.integers(0, 60 * 24 * 20)), max_size=12)


@given(STEPS)
@settings(max_examples=200, deadline=None, database=None)
def test_whatever_happens_it_stands_somewhere_sound(steps: list[tuple[Move, str, Result, int]]) -> None:
    standing, now = OPEN, NOW
    for move, agent, result, minutes in steps:
        before = standing = as_of(standing, now)
        try:
            if move in (Move.EXPIRE, Move.WITHDRAW):
                standing = closed(standing, move, now)
            else:
                until = now + timedelta(minutes=minutes)
                standing = moved(standing, move, agent, now, supervises=agent == "boss", until=until, result=result)
        except AssistantError:
            assert standing == before
        assert (standing.state in (TaskState.CLAIMED, TaskState.SNOOZED)) <= (standing.agent is not None)
        assert (standing.state is TaskState.OPEN) <= (standing.agent is None)
        assert (standing.state is TaskState.SNOOZED) == (standing.snoozed_until is not None)
        assert (standing.state in LIVE) == (standing.closed_at is None)
        assert (standing.state in (TaskState.DONE, TaskState.DISMISSED)) == (standing.result is not None)
        assert not standing.result or standing.result.state is standing.state
        if before.state not in LIVE:
            # What is closed never comes back, and only its own agent corrects it.
            assert standing.state not in LIVE and (standing == before or standing.agent == before.agent or agent == "boss")
            assert replace(standing, result=before.result, state=before.state, agent=before.agent) == before
        now += timedelta(minutes=minutes)
