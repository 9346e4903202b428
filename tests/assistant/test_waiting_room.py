"""Waiting for a human on a store: places, promises, whom agents should take, what is given out, and what raises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.accounts import Accounts
from assistant.agent import Agent
from assistant.assigner import Assigner
from assistant.audit import SYSTEM, Actor
from assistant.client_record import ClientFields
from assistant.clients import Clients
from assistant.conversation import State
from assistant.duty import Duty
from assistant.errors import AccountNotFound, MessageTooLong
from assistant.service_rules import load_service_rules
from assistant.storage import Store
from assistant.storage.queue import Place, Wanted
from assistant.waiting_room import WaitingRoom
from tests.assistant.office import IDLE, Office, overheard
from tests.fakes import FakeResponder

SERVED = Wanted(State.WAITING, served=True)


@pytest.fixture
def office(store: Store) -> Office:
    # 9:30 in UTC is 17:30 in China: after hours. The tests begin at ten in the morning of that day.
    office = Office(store, overhears=lambda text: overheard(text, "angry" if "骗子" in text else "neutral"))
    office.clock.go(hours=-7.5)
    return office


def known(office: Office, name: str, tier: str, adviser: str | None = None) -> None:
    Clients(office.store, clock=office.clock).put(
        name, ClientFields.model_validate({"tier": tier, "adviser": adviser, "identities": {"web": name}}), Actor("boss"))


def waits(office: Office, said: str = "转人工", client: str | None = None) -> str:
    name = office.open(said, client_token=client)
    office.clock.go(seconds=1)
    return name


def order(office: Office, agent: Agent) -> list[str]:
    return [line.conversation.id for line in office.console.page(agent, SERVED).lines]


def test_places_follow_tier_waiting_and_tone_and_move_up(office: Office) -> None:
    known(office, "rich", "diamond")
    first, second, rich = waits(office), waits(office), waits(office, client="rich")
    office.sign_in(office.anna)
    assert order(office, office.anna) == [rich, first, second]
    assert [office.room.standing(name).place for name in (rich, first, second)] == [1, 2, 3]  # type: ignore[union-attr]
    office.say(second, "你们是骗子")
    assert order(office, office.anna) == [second, rich, first]
    office.console.claim(second, office.anna)
    standing = office.room.standing(first)
    assert standing and (standing.place, standing.waiting, standing.promise.kind) == (2, 2, "queue")
    assert office.room.standing(second) is None and set(office.room.standings()) == {rich, first}
    # What stays in the queue for long passes everybody who comes, whatever their tier.
    office.clock.go(minutes=21)
    known(office, "late", "diamond")
    late = waits(office, client="late")
    assert order(office, office.anna) == [rich, first, late]


def test_who_is_known_only_while_they_wait_gets_their_tier_s_place(office: Office) -> None:
    known(office, "rich", "diamond")
    first, second = waits(office), waits(office)
    office.conversations.identify(office.get(second), "rich")
    assert order(office, office.anna) == [second, first]


def test_pages_in_the_order_of_service_end_nowhere_else(office: Office) -> None:
    known(office, "own", "standard", adviser="anna")
    names = [waits(office) for _ in range(4)] + [waits(office, client="own")]
    office.say(names[2], "骗子")
    assert order(office, office.anna) == [names[2], names[4], names[0], names[1], names[3]]
    assert order(office, office.bert) == [names[2], names[0], names[1], names[3], names[4]]
    for agent in (office.anna, office.bert):
        seen, after = [], None
        while True:
            page = office.console.page(agent, SERVED, after=after, limit=2)
            seen += [line.conversation.id for line in page.lines]
            after = page.next
            if after is None:
                break
            assert isinstance(after, Place) and after.rank in (0, 1, 2)
        assert seen == order(office, agent)


def test_a_promise_by_the_queue_inside_hours_and_of_tomorrow_outside(office: Office) -> None:
    def promised(name: str) -> tuple[str, str]:
        (event,) = [told.event for told in office.conversations.events_after(name, 0) if told.event.type == "conversation.handed_over"]
        return event.payload["promise"]["kind"], event.payload["promise"]["text"]

    assert promised(waits(office))[0] == "absent"
    office.sign_in(office.anna)
    assert promised(waits(office)) == ("queue", "您排在第 2 位，预计约 2 分钟内由人工客服回复您。")
    office.clock.go(hours=12)
    late = waits(office)
    kind, text = promised(late)
    assert kind == "away" and text.startswith("现在不是人工服务时间") and "人工客服会从明天 8:30 开始依次回复" in text
    known(office, "rich", "diamond", adviser="bert")
    assert "您的客户经理坐席bert会从明天" in promised(waits(office, client="rich"))[1]
    # In the morning they are still there, first come first.
    office.clock.go(hours=12)
    office.sign_in(office.anna)
    standing = office.room.standing(late)
    assert standing and standing.promise.kind == "queue" and standing.place > 1


def test_who_should_take_it_by_skill_adviser_and_room(office: Office) -> None:
    accounts = Accounts(office.store, clock=office.clock)
    accounts.serve_as("anna", ["account"], None, by=SYSTEM)
    accounts.serve_as("bert", ["margin"], 1, by=SYSTEM)
    for agent in (office.anna, office.bert):
        office.sign_in(agent)

    def for_me(name: str) -> tuple[bool, bool]:
        return office.console.look(name, office.anna).for_me, office.console.look(name, office.bert).for_me

    account = waits(office, "怎么开户？转人工")
    assert office.get(account).topic == "account" and for_me(account) == (True, False)
    known(office, "rich", "diamond", adviser="bert")
    own = waits(office, client="rich")
    assert for_me(own) == (False, True)
    office.clock.go(minutes=4)
    assert for_me(own) == (True, True)
    office.console.claim(own, office.bert)
    assert for_me(account) == (True, False) and for_me(own) == (False, False)
    overview = office.room.overview("bert")
    assert (overview.waiting, overview.load, overview.most, overview.skills, overview.is_open) == (1, 1, 1, ("margin",), True)
    entry = [entry for entry in office.trail() if entry.action == "account.service_changed"][-1]
    assert entry.details == {"skills": ["margin"], "max_conversations": 1} and entry.subject == "account:bert"
    with pytest.raises(AccountNotFound):
        accounts.serve_as("nobody", [], None, by=SYSTEM)


def returned(office: Office, *, hours: float = 1) -> str:
    """Anna served the client, and was away when they came back so much later and asked for a human."""
    name = office.claimed(office.anna)
    office.console.close(name, office.boss)
    office.sign_out(office.anna)
    office.clock.go(hours=hours)
    assert office.say(name, "还是不行").reply
    office.say(name, "转人工")
    office.clock.go(seconds=1)
    for agent in (office.anna, office.bert):
        office.sign_in(agent)
    return name


def test_who_comes_back_while_their_agent_is_away_is_the_agent_s_rather_than_others(office: Office) -> None:
    accounts = Accounts(office.store, clock=office.clock)
    accounts.serve_as("anna", ["margin"], 3, by=SYSTEM)
    busy = office.claimed(office.anna)
    first, name = waits(office), returned(office)
    assert (order(office, office.anna), order(office, office.bert)) == ([name, first], [first, name])
    assert office.console.look(name, office.anna).for_me
    page = office.console.page(office.anna, SERVED, limit=1)
    assert page.next and page.next.rank == 1
    assert [line.conversation.id for line in office.console.page(office.anna, SERVED, after=page.next).lines] == [first]
    assigner = Assigner(office.store, office.bell, office.room, clock=office.clock)
    assert dict(assigner.assign()) == {name: "anna", first: "bert"}
    (claimed,) = [told.event for told in office.feed.of_conversation(name, 0) if told.event.type == "conversation.claimed"][1:]
    assert claimed.payload == {"state": "agent", "agent": "anna", "agent_name": "坐席anna", "by": "system"}
    # Who gave it up to the queue is not called again.
    office.console.release(name, office.anna, to_queue=True)
    office.console.close(busy, office.anna)
    assert office.get(name).awaits_again is None and order(office, office.anna) == [name]


def test_without_room_and_after_a_day_they_are_anybody_s(office: Office) -> None:
    accounts, assigner = Accounts(office.store, clock=office.clock), Assigner(office.store, office.bell, office.room, clock=office.clock)
    full = office.claimed(office.anna)
    name = returned(office)
    accounts.serve_as("anna", [], 1, by=SYSTEM)
    assert not office.console.look(name, office.anna).for_me and assigner.assign() == [(name, "bert")]
    office.console.close(full, office.anna)
    office.console.close(name, office.bert)
    office.sign_out(office.bert)
    old = returned(office, hours=24.1)
    assert office.get(old).awaits_again is None and office.get(old).last_agent is None


def test_their_own_adviser_goes_before_who_had_them_last(office: Office) -> None:
    known(office, "rich", "diamond", adviser="bert")
    name = waits(office, client="rich")
    office.console.claim(name, office.anna)
    office.console.close(name, office.anna)
    for text in ("还是不行", "转人工"):
        office.say(name, text)
    for agent in (office.anna, office.bert):
        office.sign_in(agent)
    look = office.console.look
    assert (look(name, office.anna).for_me, look(name, office.bert).for_me) == (False, True)
    assert order(office, office.anna) == order(office, office.bert) == [name]
    assert Assigner(office.store, office.bell, office.room, clock=office.clock).assign() == [(name, "bert")]


def test_given_out_once_by_two_processes_at_the_same_time(office: Office) -> None:
    Accounts(office.store, clock=office.clock).serve_as("anna", [], 2, by=SYSTEM)
    Accounts(office.store, clock=office.clock).serve_as("bert", [], 2, by=SYSTEM)
    for agent in (office.anna, office.bert, office.boss):
        office.sign_in(agent)
    names = [waits(office) for _ in range(6)]
    two = [Assigner(office.store, office.bell, office.room, clock=office.clock) for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        given = [pair for pairs in pool.map(lambda assigner: assigner.assign(), two) for pair in pairs]
    assert sorted(name for name, _ in given) == sorted(names[:4])
    assert sorted(to for _, to in given) == ["anna", "anna", "bert", "bert"]
    for name, to in given:
        assert (office.get(name).state, office.get(name).agent) == (State.AGENT, to)
        claims = [told.event for told in office.feed.of_conversation(name, 0) if told.event.type == "conversation.claimed"]
        assert [claim.payload for claim in claims] == [{"state": "agent", "agent": to, "agent_name": f"坐席{to}", "by": "system"}]
        (entry,) = [entry for entry in office.trail(name) if entry.action == "conversation.claimed"]
        assert (entry.actor, entry.details["to_agent"]) == ("system", to)
    assert two[0].assign() == []
    office.console.close(given[0][0], office.boss)
    assert [name for name, _ in two[0].assign()] == [names[4]]


def test_anger_raises_whoever_holds_it_once_and_until_it_is_closed(office: Office) -> None:
    held = office.claimed(office.anna)
    office.say(held, "好的")
    assert office.get(held).tone == "neutral" and office.get(held).raised_at is None
    before = office.clock.now
    office.say(held, "你们是骗子")
    office.clock.go(minutes=1)
    office.say(held, "骗子骗子")
    office.say(held, "算了")
    assert (office.get(held).tone, office.get(held).raised_at) == ("neutral", before)
    raised = [told.event for told in office.feed.of_agent("boss", 0) if told.event.type == "conversation.raised"]
    assert [event.payload for event in raised] == [{"tone": "angry"}]
    assert "conversation.raised" not in [told.event.type for told in office.conversations.events_after(held, 0)]
    office.console.close(held, office.anna)
    assert office.get(held).raised_at is None


def test_satisfaction_comes_with_words_that_are_kept_masked(office: Office) -> None:
    name = office.claimed(office.anna)
    office.console.close(name, office.anna)
    office.conversations.judge_conversation(name, 2)
    office.conversations.judge_conversation(name, 2, "等太久，打我电话 13800138000")
    line = office.console.look(name, office.anna)
    assert line.conversation.satisfaction == 2 and line.conversation.satisfaction_words
    assert "等太久" in line.conversation.satisfaction_words and "13800138000" not in line.conversation.satisfaction_words
    assert all("words" not in told.event.payload for told in office.conversations.events_after(name, 0))
    office.conversations.judge_conversation(name, 5, "   ")
    assert office.get(name).satisfaction == 5
    with pytest.raises(MessageTooLong):
        office.conversations.judge_conversation(name, 5, "长" * 501)


def test_the_rules_of_the_firm_reach_the_room(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "service.toml"
    path.write_text("[head_start_minutes]\nvip = 60\n[load]\nmax_conversations = 1\n", encoding="utf-8")
    office = Office(store, responder=FakeResponder())
    rules = load_service_rules(path)
    room = WaitingRoom(store, Duty(IDLE), rules, clock=office.clock)
    assert rules.plan.head_starts == {"vip": timedelta(minutes=60)} and room.overview("anna").most == 1
