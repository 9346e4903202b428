"""Who is served when and by whom: cases, and what must hold for all queues."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assistant.routing import Case, Plan, Server, Skill, assigned, expected_wait, in_order, language_of, ranked_from, suits

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PLAN = Plan(
    skills={"margin": Skill("margin", "融资融券", "Margin", topics=frozenset({"margin"})),
            "english": Skill("english", "英语", "English", languages=frozenset({"en"}))},
    head_starts={"diamond": timedelta(minutes=20), "gold": timedelta(minutes=10)}, one_to_one=frozenset({"diamond"}),
    adviser_first=timedelta(minutes=3), most=2)
TOPICS, TIERS = ("margin", "account", None), ("diamond", "gold", "standard", None)


def case(name: str, *, waited: float = 0, tier: str | None = None, **more: object) -> Case:
    since = NOW - timedelta(minutes=waited)
    return Case(name, since, ranked_from(since, tier, PLAN), tier=tier, **more)  # type: ignore[arg-type]


@some.composite
def floors(draw: some.DrawFn) -> tuple[list[Case], list[Server]]:
    cases = [case(f"c{index}", waited=draw(some.integers(0, 60)), tier=draw(some.sampled_from(TIERS)), raised=draw(some.booleans()),
                  topic=draw(some.sampled_from(TOPICS)), language=draw(some.sampled_from(("zh", "en", None))),
                  adviser=draw(some.sampled_from(("s0", "s1", "gone", None))),
                  last_agent=draw(some.sampled_from(("s1", "s2", "gone", None)))) for index in range(draw(some.integers(0, 8)))]
    servers = []
    for index in range(draw(some.integers(0, 4))):
        most = draw(some.integers(1, 3))
        skills = draw(some.frozensets(some.sampled_from(("margin", "english", "other"))))
        servers.append(Server(f"s{index}", skills, draw(some.integers(0, 4)), most))
    return cases, servers


@given(floors())
@settings(max_examples=200, deadline=None)
def test_never_two_agents_never_too_many_and_nobody_left_out(floor: tuple[list[Case], list[Server]]) -> None:
    cases, servers = floor
    given_out = assigned(cases, servers, PLAN, NOW)
    names = [name for name, _ in given_out]
    assert len(names) == len(set(names)) and set(names) <= {item.id for item in cases}
    after = {server.name: replace(server, load=server.load + [to for _, to in given_out].count(server.name)) for server in servers}
    for server in servers:
        assert after[server.name].load <= max(server.load, server.most)
    # Who is left waits for nobody but their own adviser's few minutes: else no agent has room any more.
    for item in cases:
        if item.id not in names:
            assert not any(suits(item, server, list(after.values()), PLAN, NOW + PLAN.adviser_first) for server in after.values())


@given(floors(), some.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_nobody_starves(floor: tuple[list[Case], list[Server]], minutes: int) -> None:
    """Whoever has waited longer than the longest head start is passed by nobody who comes now, unless by one who is raised."""
    cases, _ = floor
    patient, longest = case("patient", waited=longest_head_start() + minutes), max(PLAN.head_starts.values())
    order = in_order([*cases, patient])
    ahead = order[:order.index(patient)]
    assert all(item.raised or item.waiting_since <= patient.waiting_since + longest for item in ahead)
    # Where one agent takes one after the other, everybody is served in as many rounds as there are clients.
    waiting, rounds = [*cases, patient], 0
    while waiting:
        (served, _), *_ = assigned(waiting, [Server("only", frozenset({"other"}), 0, 1)], PLAN, NOW + timedelta(hours=1))
        waiting, rounds = [item for item in waiting if item.id != served], rounds + 1
    assert rounds == len(cases) + 1


def longest_head_start() -> float:
    return max(PLAN.head_starts.values()).total_seconds() / 60


def test_the_order_is_raised_then_waiting_with_a_head_start_by_tier() -> None:
    order = in_order([case("fresh"), case("old", waited=15), case("gold", waited=6, tier="gold"), case("diamond", tier="diamond"),
                      case("angry", raised=True)])
    assert [item.id for item in order] == ["angry", "diamond", "gold", "old", "fresh"]


@pytest.mark.parametrize(("item", "skills", "others", "expected"), [
    (case("c", topic="margin"), {"margin"}, [], True),
    (case("c", topic="margin"), set(), [], True),  # a generalist
    (case("c", topic="margin"), {"english"}, [Server("x", frozenset({"margin"}))], False),
    (case("c", topic="margin"), {"english"}, [], True),  # nobody else has it either
    (case("c", topic="margin"), {"english"}, [Server("x", frozenset({"margin"}), 2, 2)], True),  # who has it has no room
    (case("c", topic="margin", language="en"), {"margin"}, [Server("x", frozenset({"margin", "english"}))], False),
    (case("c", topic="account"), {"margin"}, [Server("x")], True),  # calls for no skill
    (case("c", topic="margin", last_agent="me"), {"english"}, [Server("x", frozenset({"margin"}))], True),  # had the client before
    (case("c", topic="margin", last_agent="x"), {"margin"}, [Server("x")], True),  # others had
    (case("c", tier="diamond", adviser="x", last_agent="me"), set(), [Server("x")], False),
    (case("c", tier="diamond", adviser="x"), set(), [Server("x")], False),  # left to the adviser for a while
    (case("c", tier="diamond", adviser="x", waited=4), set(), [Server("x")], True),
    (case("c", tier="diamond", adviser="x"), set(), [Server("y")], True),
    (case("c", tier="standard", adviser="x"), set(), [Server("x")], True),  # by the network first
])
def test_who_should_take_it(item: Case, skills: set[str], others: list[Server], expected: bool) -> None:
    me = Server("me", frozenset(skills))
    assert suits(item, me, [me, *others], PLAN, NOW) is expected
    assert not suits(item, replace(me, load=20), [me, *others], PLAN, NOW)


def test_the_own_adviser_goes_first_then_whoever_has_least_to_do() -> None:
    busy, free = Server("busy", load=1, most=2), Server("free", load=0, most=2)
    assert assigned([case("c")], [busy, free], PLAN, NOW) == [("c", "free")]
    assert assigned([case("c", tier="gold", adviser="busy")], [busy, free], PLAN, NOW) == [("c", "busy")]
    # So does the agent who had a client who came back, though not before the adviser, and not without room.
    assert assigned([case("c", last_agent="busy")], [busy, free], PLAN, NOW) == [("c", "busy")]
    assert assigned([case("c", last_agent="busy")], [replace(busy, load=2), free], PLAN, NOW) == [("c", "free")]
    for tier in ("gold", "diamond"):
        assert assigned([case("c", tier=tier, adviser="free", last_agent="busy")], [busy, free], PLAN, NOW) == [("c", "free")]


@pytest.mark.parametrize(("place", "servers", "minutes"), [
    (1, [], None), (1, [Server("a")], 1), (3, [Server("a"), Server("b")], 2), (1, [Server("a", load=2, most=2)], 5),
    (4, [Server("a", load=1, most=2), Server("b", load=2, most=2)], 11)])
def test_the_expected_wait(place: int, servers: list[Server], minutes: int | None) -> None:
    assert expected_wait(place, servers, PLAN) == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(("texts", "language"), [
    (["转人工"], "zh"), (["rengong"], "zh"), (["agent"], "zh"), (["I want to open a margin account", "human please"], "en"),
    (["我的 APP 登录不了 help me"], "zh"), ([], "zh"), (["123"], "zh")])
def test_in_which_language_a_client_writes(texts: list[str], language: str) -> None:
    assert language_of(texts) == language
