"""Legal moves, by whom and where to, all of them, and no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assistant.conversation import (
    ASSISTANT,
    BY_ASSISTANT,
    BY_CLIENT,
    CLOSED,
    REOPENS_TO_AGENT,
    WAITING,
    Holding,
    Move,
    Party,
    State,
    Who,
    held_by,
    known_to,
    moved,
    reopens_with,
)
from assistant.errors import AlreadyClaimed, ConversationClosed, IllegalMove, NotClaimed

ANNA, BERT, BOSS = Who(Party.AGENT, "anna"), Who(Party.AGENT, "bert"), Who(Party.AGENT, "boss", supervises=True)
ANNAS = held_by("anna")
EVERYBODY = [BY_ASSISTANT, BY_CLIENT, ANNA, BERT, BOSS]
HOLDINGS = [ASSISTANT, WAITING, ANNAS, CLOSED]

# Without a choice of where to. What is not here is refused.
LEGAL: dict[tuple[Holding, Move, Who], Holding] = {
    (ASSISTANT, Move.HAND_OVER, BY_ASSISTANT): WAITING,
    (ASSISTANT, Move.CLAIM, ANNA): ANNAS, (ASSISTANT, Move.CLAIM, BERT): held_by("bert"), (ASSISTANT, Move.CLAIM, BOSS): held_by("boss"),
    (ASSISTANT, Move.CLOSE, ANNA): CLOSED, (ASSISTANT, Move.CLOSE, BERT): CLOSED, (ASSISTANT, Move.CLOSE, BOSS): CLOSED,
    (WAITING, Move.CLAIM, ANNA): ANNAS, (WAITING, Move.CLAIM, BERT): held_by("bert"), (WAITING, Move.CLAIM, BOSS): held_by("boss"),
    (WAITING, Move.CLOSE, ANNA): CLOSED, (WAITING, Move.CLOSE, BERT): CLOSED, (WAITING, Move.CLOSE, BOSS): CLOSED,
    (WAITING, Move.RESUME, BY_CLIENT): ASSISTANT,
    (ANNAS, Move.CLAIM, ANNA): ANNAS, (ANNAS, Move.SEND, ANNA): ANNAS,
    (ANNAS, Move.TRANSFER, ANNA): WAITING, (ANNAS, Move.TRANSFER, BOSS): WAITING,
    (ANNAS, Move.RELEASE, ANNA): ASSISTANT, (ANNAS, Move.RELEASE, BOSS): ASSISTANT,
    (ANNAS, Move.CLOSE, ANNA): CLOSED, (ANNAS, Move.CLOSE, BOSS): CLOSED,
    (CLOSED, Move.REOPEN, BY_CLIENT): ASSISTANT,
}


@pytest.mark.parametrize(("holding", "move", "who"), list(product(HOLDINGS, Move, EVERYBODY)))
def test_each_move_from_each_state_by_each(holding: Holding, move: Move, who: Who) -> None:
    expected = LEGAL.get((holding, move, who))
    if expected:
        assert moved(holding, move, who) == expected
        return
    with pytest.raises((AlreadyClaimed, ConversationClosed, IllegalMove, NotClaimed)) as refused:
        moved(holding, move, who)
    of_agents = move in (Move.CLAIM, Move.SEND, Move.TRANSFER, Move.RELEASE, Move.CLOSE)
    if holding is CLOSED:
        assert refused.type is ConversationClosed
    elif holding is ANNAS and who.party is Party.AGENT and of_agents:
        assert refused.type is AlreadyClaimed and refused.value.agent == "anna" and "anna" in str(refused.value)
    elif move is Move.SEND:
        assert refused.type is NotClaimed or who.party is not Party.AGENT
    else:
        assert refused.type is IllegalMove and holding.state in str(refused.value)


@pytest.mark.parametrize(("move", "to", "allowed"), [
    (Move.TRANSFER, held_by("bert"), True), (Move.TRANSFER, WAITING, True), (Move.TRANSFER, ANNAS, False),
    (Move.TRANSFER, ASSISTANT, False),
    (Move.TRANSFER, CLOSED, False), (Move.TRANSFER, Holding(State.AGENT), False), (Move.TRANSFER, Holding(State.WAITING, "bert"), False),
    (Move.RELEASE, ASSISTANT, True), (Move.RELEASE, WAITING, True), (Move.RELEASE, held_by("bert"), False), (Move.RELEASE, CLOSED, False),
    (Move.CLOSE, CLOSED, True), (Move.CLOSE, WAITING, False)])
def test_where_a_move_may_lead(move: Move, to: Holding, allowed: bool) -> None:
    if allowed:
        assert moved(ANNAS, move, ANNA, to=to) == to
    else:
        with pytest.raises(IllegalMove):
            moved(ANNAS, move, ANNA, to=to)


def test_a_manager_takes_over_by_transfer() -> None:
    assert moved(ANNAS, Move.TRANSFER, BOSS, to=held_by("boss")) == held_by("boss")


some_holdings = some.sampled_from([*HOLDINGS, held_by("bert")])


@given(some.lists(some.tuples(some.sampled_from(Move), some.sampled_from(EVERYBODY), some.none() | some_holdings), max_size=40))
def test_whatever_is_tried_somebody_holds_it_or_nobody(tries: list[tuple[Move, Who, Holding | None]]) -> None:
    holding = ASSISTANT
    for move, who, to in tries:
        before = holding
        try:
            holding = moved(holding, move, who, to=to)
        except (AlreadyClaimed, ConversationClosed, IllegalMove, NotClaimed):
            continue
        assert (holding.state is State.AGENT) == (holding.agent is not None)
        if before.state is State.AGENT and holding != before:
            assert who.name == before.agent or who.supervises, "only the holder, or who supervises, gives it on"
        if who.party is Party.CLIENT:
            assert (before.state, move) in ((State.WAITING, Move.RESUME), (State.CLOSED, Move.REOPEN))
        if before.state is State.CLOSED and holding != before:
            assert move is Move.REOPEN


NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(("ago", "last_agent", "on_duty", "expected"), [
    (timedelta(minutes=1), "anna", True, ANNAS), (REOPENS_TO_AGENT, "anna", True, ANNAS),
    (REOPENS_TO_AGENT + timedelta(seconds=1), "anna", True, ASSISTANT), (timedelta(minutes=1), "anna", False, ASSISTANT),
    (timedelta(minutes=1), None, False, ASSISTANT), (None, "anna", True, ASSISTANT)])
def test_who_gets_a_client_who_comes_back(ago: timedelta | None, last_agent: str | None, on_duty: bool, expected: Holding) -> None:
    closed_at = NOW - ago if ago is not None else None
    assert reopens_with(closed_at=closed_at, last_agent=last_agent, now=NOW, on_duty=on_duty) == expected
    known = last_agent if ago is not None and ago <= REOPENS_TO_AGENT else None
    assert known_to(closed_at=closed_at, last_agent=last_agent, now=NOW) == known
