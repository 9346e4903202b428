"""How many an agent may hold, and what is true of conversations, however many people move them at the same time."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from assistant.accounts import Accounts
from assistant.agent import Agent
from assistant.audit import SYSTEM
from assistant.conversation import TABLE, Move, State
from assistant.errors import AlreadyClaimed, Conflict, TooManyHeld
from assistant.roles import Role
from assistant.storage import Store
from tests.assistant.office import Office

MOST = 2
# Which move an event of it tells.
MOVES = {"conversation.handed_over": Move.HAND_OVER, "conversation.claimed": Move.CLAIM, "conversation.resumed": Move.RESUME,
         "conversation.transferred": Move.TRANSFER, "conversation.released": Move.RELEASE, "conversation.closed": Move.CLOSE,
         "conversation.reopened": Move.REOPEN}


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def limit(office: Office, agent: Agent, most: int) -> None:
    Accounts(office.store, clock=office.clock).serve_as(agent.name, [], most, by=SYSTEM)


def test_who_holds_as_many_as_they_may_claims_no_more(office: Office) -> None:
    limit(office, office.anna, MOST)
    held = [office.claimed(office.anna) for _ in range(MOST)]
    another = office.waiting()
    with pytest.raises(TooManyHeld, match=f"{MOST} conversations") as refused:
        office.console.claim(another, office.anna)
    assert refused.value.code == "too_many_held" and office.get(another).agent is None
    assert "conversation.claimed" not in office.event_types(another)
    assert office.console.claim(held[0], office.anna).conversation.agent == "anna", "what one holds may be claimed again"
    assert office.console.claim(another, office.bert).conversation.agent == "bert", "others have limits of their own"
    with pytest.raises(AlreadyClaimed):
        office.console.claim(another, office.anna)
    office.console.close(held[0], office.anna)
    assert office.console.claim(office.waiting(), office.anna).conversation.agent == "anna"


def test_without_a_limit_of_their_own_the_firm_s_holds(office: Office) -> None:
    most = office.room.rules.plan.most
    for _ in range(most):
        office.claimed(office.anna)
    with pytest.raises(TooManyHeld, match=str(most)):
        office.console.claim(office.open("怎么开户"), office.anna)


def test_a_colleague_and_a_client_who_comes_back_are_not_refused(office: Office) -> None:
    limit(office, office.anna, 1)
    office.sign_in(office.anna)
    mine, other = office.claimed(office.anna), office.claimed(office.bert)
    assert office.console.transfer(other, "anna", office.bert).conversation.agent == "anna"
    office.console.close(mine, office.boss)
    office.say(mine, "还有一件事")
    assert office.get(mine).agent == "anna" and office.room.overview("anna").load == 2


def test_many_claims_of_one_agent_at_once_stay_within_the_limit(office: Office) -> None:
    limit(office, office.anna, MOST)
    names = [office.waiting() for _ in range(8)]
    together = threading.Barrier(len(names))

    def claim(name: str) -> bool:
        together.wait(10)
        try:
            office.console.claim(name, office.anna)
        except TooManyHeld:
            return False
        return True

    with ThreadPoolExecutor(len(names)) as pool:
        won = list(pool.map(claim, names))
    assert sum(won) == MOST == sum(office.get(name).agent == "anna" for name in names)


ACTS = some.tuples(some.sampled_from(["claim", "claim", "transfer", "release", "to_queue", "close", "send", "write", "resume"]),
                   some.integers(0, 2), some.integers(0, 3))


def test_whatever_happens_at_once_the_events_tell_one_legal_story(store: Store) -> None:
    """Some order of all that was done explains the result, it is the order of the events, and no claim goes over a limit."""
    office = Office(store)
    agents = [office.anna, office.bert, office.boss, office._hire("cleo", Role.AGENT)]
    for agent in agents:
        limit(office, agent, MOST)
    holding: Counter[str] = Counter()

    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(some.lists(some.lists(ACTS, min_size=1, max_size=5), min_size=2, max_size=5))
    def race(scripts: list[list[tuple[str, int, int]]]) -> None:
        names = [office.waiting() for _ in range(3)]
        with store.read() as work:
            before = work.outbox.last_id()
        together = threading.Barrier(len(scripts))

        def act(what: str, name: str, agent: Agent, number: int) -> None:
            to = agents[(number + 1) % len(agents)].name
            {"claim": lambda: office.console.claim(name, agent), "transfer": lambda: office.console.transfer(name, to, agent),
             "release": lambda: office.console.release(name, agent),
             "to_queue": lambda: office.console.release(name, agent, to_queue=True), "close": lambda: office.console.close(name, agent),
             "send": lambda: office.send(name, "您好", agent), "write": lambda: office.say(name, "转人工"),
             "resume": lambda: office.conversations.resume(name)}[what]()

        def play(script: list[tuple[str, int, int]]) -> None:
            together.wait(10)
            for what, place, number in script:
                try:
                    act(what, names[place], agents[number], number)
                except Conflict as refused:
                    # What a state or a limit forbids; a refusal that names somebody names who it may be.
                    assert not isinstance(refused, AlreadyClaimed) or refused.agent in {agent.name for agent in agents}

        with ThreadPoolExecutor(len(scripts)) as pool:
            list(pool.map(play, scripts))
        _tell_again(office, names, before, holding)
        # The next example begins with nobody holding anything.
        for name in names:
            if office.get(name).state is State.AGENT:
                office.console.close(name, office.boss)
        holding.clear()

    race()


def _tell_again(office: Office, names: list[str], before: int, holding: Counter[str]) -> None:
    """Follow the events as one story by the table of moves."""
    told = sorted((item.event for name in names for item in office.feed.of_conversation(name, before)), key=lambda event: event.id)
    stand: dict[str, tuple[State, str | None]] = {name: (State.WAITING, None) for name in names}
    came: dict[str, Move] = {}
    for event in told:
        move = MOVES.get(event.type)
        if move is None:
            continue
        state, agent = stand[event.conversation_id]
        after = State(event.payload["state"])
        assert after in TABLE[state, move].leads_to, f"{event.type} out of {state}"
        if agent:
            holding[agent] -= 1
        now_with = event.payload.get("agent")
        assert (after is State.AGENT) == bool(now_with)
        if now_with:
            holding[now_with] += 1
            # A client who comes back is not waited for while a claim is counted.
            in_turn = came.get(now_with) in (None, Move.CLAIM, Move.TRANSFER)
            assert move is not Move.CLAIM or holding[now_with] <= MOST or not in_turn
            came[now_with] = move
        stand[event.conversation_id] = (after, now_with)
    assert stand == {name: (office.get(name).state, office.get(name).agent) for name in names}
    assert {name: count for name, count in holding.items() if count} == Counter(agent for _, agent in stand.values() if agent)
