"""Agents take conversations, give them on and close them: atomically, told to all, and with an entry in the trail."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from assistant.conversation import ASSISTANT, CLOSED, WAITING, State, held_by
from assistant.errors import (
    AlreadyClaimed,
    ConversationClosed,
    ConversationNotFound,
    IllegalMove,
    RecipientInvalid,
    UnknownPosition,
)
from assistant.identity import client_ref
from assistant.roles import Role
from assistant.storage import Store
from assistant.storage.queue import Place, Wanted
from tests.assistant.office import Office, overheard


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def test_a_client_in_the_queue_is_claimed_by_one_agent(office: Office) -> None:
    name = office.waiting()
    line = office.console.claim(name, office.anna)
    assert (line.conversation.holding, line.conversation.waiting_since) == (held_by("anna"), None)
    with pytest.raises(AlreadyClaimed, match="anna") as refused:
        office.console.claim(name, office.bert)
    assert refused.value.agent == "anna"
    assert office.event_types(name)[-1] == "conversation.claimed"
    (entry,) = [entry for entry in office.trail(name) if entry.action == "conversation.claimed"]
    assert (entry.actor, entry.details) == ("anna", {"from": "waiting", "to": "agent", "to_agent": "anna"})


def test_a_claim_may_be_repeated(office: Office) -> None:
    name = office.claimed(office.anna)
    told, trail = office.event_types(name), office.trail(name)
    assert office.console.claim(name, office.anna).conversation.agent == "anna"
    assert (office.event_types(name), office.trail(name)) == (told, trail)


def test_an_agent_steps_in_for_the_assistant(office: Office) -> None:
    name = office.open("怎么开户")
    office.console.claim(name, office.anna)
    assert office.say(name, "还有问题").reply is None
    assert office.texts(name)[-1] == ("client", "还有问题")


def test_a_reply_in_the_making_is_dropped_when_an_agent_steps_in(store: Store) -> None:
    office = Office(store)
    name = office.open()
    office.responder.before = lambda _: office.console.claim(name, office.anna) and None
    assert office.say(name, "怎么开户").reply is None
    assert office.texts(name) == [("client", "怎么开户")]


def test_what_the_assistant_owed_is_the_agent_s_to_answer(store: Store) -> None:
    office = Office(store)
    name = office.open()

    def crash(_: str) -> None:
        raise KeyboardInterrupt

    office.responder.before = crash
    with pytest.raises(KeyboardInterrupt):
        office.say(name, "怎么开户")
    office.responder.before = None
    office.console.claim(name, office.anna)
    office.console.release(name, office.anna)
    office.say(name, "你好")
    assert office.texts(name) == [("client", "怎么开户"), ("client", "你好"), ("assistant", "（smalltalk）")]


def test_it_goes_to_a_colleague_and_to_the_queue(office: Office) -> None:
    name = office.claimed(office.anna)
    office.clock.go(minutes=1)
    assert office.console.transfer(name, "Bert ", office.anna).conversation.holding == held_by("bert")
    with pytest.raises(AlreadyClaimed, match="bert"):
        office.console.transfer(name, None, office.anna)
    office.clock.go(minutes=1)
    line = office.console.transfer(name, None, office.bert)
    assert (line.conversation.holding, line.conversation.waiting_since, line.conversation.needed_at) == (
        WAITING, office.clock.now, office.clock.now)
    told = [item.event.payload for item in office.feed.of_conversation(name, 0) if item.event.type == "conversation.transferred"]
    assert told == [{"state": "agent", "agent": "bert", "agent_name": "坐席bert", "by": "anna"},
                    {"state": "waiting", "agent": None, "agent_name": None, "by": "bert"}]


@pytest.mark.parametrize("to", ["nobody", "anna", "", "queue", "a b", "\x00", "编辑"])
def test_it_goes_to_nobody_who_can_not_have_it(office: Office, to: str) -> None:
    name = office.claimed(office.anna)
    with pytest.raises((RecipientInvalid, IllegalMove)):
        office.console.transfer(name, to, office.anna)
    assert office.get(name).agent == "anna"


def test_it_goes_to_nobody_who_may_not_answer_clients(office: Office) -> None:
    name = office.claimed(office.anna)
    office._hire("editor", Role.EDITOR)
    with office.store.write() as work:
        work.staff.change(work.staff.hold("bert"), office.clock.now, active=False)
    for to in ("editor", "bert"):
        with pytest.raises(RecipientInvalid):
            office.console.transfer(name, to, office.anna)


def test_it_is_released_to_the_assistant_or_to_the_queue(office: Office) -> None:
    name = office.claimed(office.anna)
    assert office.console.release(name, office.anna).conversation.holding == ASSISTANT
    assert office.say(name, "怎么开户").reply
    office.console.claim(name, office.anna)
    assert office.console.release(name, office.anna, to_queue=True).conversation.holding == WAITING


def test_after_a_release_old_failures_count_no_more(office: Office) -> None:
    name = office.open("月亮多远", "太阳多远")
    office.console.claim(name, office.anna)
    office.console.release(name, office.anna)
    context = office.get(name).context
    assert context and context["failures"] == 0


def test_only_who_holds_it_or_supervises_gives_it_on(office: Office) -> None:
    name = office.claimed(office.anna)
    for move in (office.console.release, office.console.close):
        with pytest.raises(AlreadyClaimed):
            move(name, office.bert)
    with pytest.raises(AlreadyClaimed):
        office.console.claim(name, office.boss)
    assert office.console.transfer(name, "boss", office.boss).conversation.agent == "boss"
    assert office.console.close(name, office.boss).conversation.state is State.CLOSED


@pytest.mark.parametrize("hold", [False, True])
def test_a_closed_conversation_takes_no_move(office: Office, hold: bool) -> None:
    name = office.claimed(office.anna) if hold else office.waiting()
    line = office.console.close(name, office.anna)
    assert (line.conversation.holding, line.conversation.closed_by, line.conversation.closed_at) == (CLOSED, "anna", office.clock.now)
    for move in (office.console.claim, office.console.release, office.console.close):
        with pytest.raises(ConversationClosed):
            move(name, office.anna)


@pytest.mark.parametrize(("hours", "duty", "state"), [
    (0, True, "agent"), (23.9, True, "agent"), (24.1, True, "assistant"), (0, False, "assistant")])
def test_who_writes_again_comes_back_to_the_agent_or_to_the_assistant(office: Office, hours: float, duty: bool, state: str) -> None:
    name = office.claimed(office.anna)
    office.console.close(name, office.anna)
    office.clock.go(hours=hours)
    if duty:
        office.sign_in(office.anna)
    exchange = office.say(name, "怎么开户")
    assert office.get(name).state == state and office.get(name).agent == ("anna" if state == "agent" else None)
    assert bool(exchange.reply) == (state == "assistant")
    kinds = ["conversation.reopened", "message.received"] + (["reply.sent"] if state == "assistant" else [])
    assert office.event_types(name)[-len(kinds):] == kinds
    assert office.get(name).closed_at is None and office.get(name).closed_by is None


def test_a_manager_s_close_sends_the_client_back_to_the_agent_who_talked_to_them(office: Office) -> None:
    for agent in (office.anna, office.bert, office.boss):
        office.sign_in(agent)
    name = office.claimed(office.anna)
    office.send(name, "您好", office.anna)
    office.console.close(name, office.boss)
    office.clock.go(minutes=5)
    office.say(name, "还有一件事")
    assert office.get(name).holding == held_by("anna")
    (told,) = [told.event for told in office.feed.of_conversation(name, 0) if told.event.type == "conversation.reopened"]
    assert told.payload == {"state": "agent", "agent": "anna", "agent_name": "坐席anna"}
    # Who had it last counts, also where it went back to the queue before it was closed.
    office.console.transfer(name, "bert", office.anna)
    office.console.release(name, office.bert, to_queue=True)
    office.console.close(name, office.boss)
    office.say(name, "在吗")
    assert office.get(name).holding == held_by("bert")


def test_what_the_assistant_had_alone_stays_with_it(office: Office) -> None:
    office.sign_in(office.anna)
    name = office.open("怎么开户")
    office.console.close(name, office.anna)
    assert office.say(name, "怎么开户").reply and office.get(name).holding == ASSISTANT
    # After more than a day the agent is a stranger again, whoever closes it then.
    office.console.claim(name, office.anna)
    office.console.close(name, office.anna)
    office.clock.go(hours=25)
    office.say(name, "怎么开户")
    office.sign_in(office.anna)
    office.console.close(name, office.anna)
    assert office.say(name, "怎么开户").reply and office.get(name).holding == ASSISTANT


def test_who_has_gone_home_or_may_no_longer_answer_gets_nobody_back(office: Office) -> None:
    office.sign_in(office.anna)
    name = office.claimed(office.anna)
    office.console.close(name, office.anna)
    office.clock.go(minutes=31)
    office.say(name, "在吗")
    assert office.get(name).holding == ASSISTANT, "without a call for 30 minutes the session has ended"
    office.sign_in(office.anna)
    office.console.claim(name, office.anna)
    office.console.close(name, office.anna)
    with office.store.write() as work:
        work.staff.change(work.staff.hold("anna"), office.clock.now, roles=(Role.EDITOR,))
    office.say(name, "在吗")
    assert office.get(name).holding == ASSISTANT


def test_a_message_sent_again_after_the_close_opens_nothing(office: Office) -> None:
    name = office.claimed(office.anna)
    office.inbox.receive(name, "same", "在吗")
    office.console.close(name, office.anna)
    office.inbox.receive(name, "same", "在吗")
    assert office.get(name).state is State.CLOSED


def test_the_queue_is_listed_by_need(office: Office) -> None:
    first = office.waiting()
    office.clock.go(minutes=1)
    second = office.waiting()
    office.clock.go(minutes=1)
    third = office.open("怎么开户")

    def listed(**wanted: object) -> list[str]:
        return [line.conversation.id for line in office.console.page(office.anna, Wanted(**wanted)).lines]  # type: ignore[arg-type]

    assert listed() == [third, second, first]
    assert listed(state=State.WAITING) == [second, first] and listed(state=State.WAITING, oldest_first=True) == [first, second]
    office.clock.go(minutes=1)
    office.say(first, "在吗")
    assert listed(state=State.WAITING) == [first, second], "who writes again needs somebody now"
    assert office.get(first).waiting_since == office.clock.now - timedelta(minutes=3)
    office.console.claim(first, office.anna)
    assert listed(agent="anna") == [first] and listed(state=State.WAITING) == [second]
    office.send(first, "您好", office.anna)
    assert listed()[:2] == [first, third]
    assert listed(state=State.CLOSED) == []


def test_the_list_is_paged_without_gaps_or_repeats(office: Office) -> None:
    names = [office.waiting() for _ in range(7)]
    for oldest_first in (False, True):
        wanted, seen, after = Wanted(State.WAITING, oldest_first=oldest_first), [], None
        while True:
            lines = office.console.page(office.anna, wanted, after=after, limit=3).lines
            seen += [line.conversation.id for line in lines]
            if len(lines) < 3:
                break
            after = Place(lines[-1].conversation.needed_at, lines[-1].conversation.id)
        assert sorted(seen) == sorted(names) and seen == sorted(names, reverse=not oldest_first)


def test_a_client_waits_since_the_first_word_that_nobody_answered(office: Office) -> None:
    def since(name: str) -> datetime | None:
        (listed,) = [line for line in office.console.page(office.anna, Wanted(State.AGENT)).lines if line.conversation.id == name]
        assert office.console.look(name, office.anna).unanswered_since == listed.unanswered_since
        return listed.unanswered_since

    called = office.clock.now
    name = office.waiting()
    assert office.console.look(name, office.anna).unanswered_since is None, "in the queue the wait is another"
    office.clock.go(minutes=1)
    office.console.claim(name, office.anna)
    assert since(name) == called, "the reply that calls a human is no answer"
    office.send(name, "您好", office.anna)
    assert since(name) is None
    office.clock.go(minutes=1)
    first = office.clock.now
    office.say(name, "在吗")
    office.clock.go(minutes=2)
    office.say(name, "人呢")
    assert since(name) == first, "who asks again waits no shorter"
    office.clock.go(minutes=1)
    office.send(name, "在的", office.anna)
    assert since(name) is None
    office.clock.go(minutes=1)
    office.console.transfer(name, "bert", office.anna)
    assert since(name) == office.clock.now, "a colleague is called"


def test_who_was_answered_by_the_assistant_waits_for_no_agent(office: Office) -> None:
    office.responder.before = lambda _: office.clock.go(seconds=1)
    name = office.open("怎么开户")
    office.console.claim(name, office.anna)
    assert office.console.look(name, office.anna).unanswered_since is None
    asked = office.clock.now
    office.say(name, "还有问题")
    office.clock.go(minutes=1)
    assert office.console.look(name, office.anna).unanswered_since == asked


def test_what_is_raised_is_listed_whoever_has_it(store: Store) -> None:
    office = Office(store, overhears=lambda text: overheard(text, "angry" if "骗子" in text else "neutral"))
    held, calm, waiting = office.claimed(office.anna), office.claimed(office.anna), office.waiting()
    for name in (held, waiting):
        office.clock.go(minutes=1)
        office.say(name, "你们是骗子")
    raised = [line.conversation.id for line in office.console.page(office.boss, Wanted(raised=True)).lines]
    assert raised == [waiting, held] and calm not in raised
    assert [line.conversation.id for line in office.console.page(office.boss, Wanted(State.AGENT, raised=True)).lines] == [held]
    office.console.close(held, office.boss)
    assert [line.conversation.id for line in office.console.page(office.boss, Wanted(raised=True)).lines] == [waiting]


def test_unread_counts_what_the_client_wrote_and_this_agent_has_not_read(office: Office) -> None:
    name = office.open("怎么开户", "转人工")
    assert office.console.look(name, office.anna).unread == 2
    assert office.console.mark_read(name, 2, office.anna).unread == 1
    assert office.console.mark_read(name, 1, office.anna).unread == 1, "a marker never goes back"
    assert office.console.mark_read(name, 99999, office.anna).unread == 0
    assert office.console.look(name, office.bert).unread == 2
    office.say(name, "在吗")
    assert office.console.look(name, office.anna).unread == 1
    office.console.claim(name, office.anna)
    office.send(name, "您好", office.anna)
    assert office.console.look(name, office.anna).unread == 0, "who answers has read"


def test_the_list_says_who_the_client_is_where_that_is_known(office: Office) -> None:
    from assistant.client_record import ClientFields
    from assistant.clients import Clients

    Clients(office.store).put("C-1", ClientFields(display_name="谷大明", identities={"app": "token-1"}), office.anna.by)
    known = office.open("转人工", channel="app", client_token="token-1")
    other = office.open("转人工", channel="web", client_token="token-1")
    lines = {line.conversation.id: line for line in office.console.page(office.anna, Wanted()).lines}
    assert (lines[known].client_id, lines[known].client_name) == ("C-1", "谷大明")
    assert lines[other].client_id is None and lines[other].conversation.client_ref == client_ref("token-1")


def test_each_look_is_in_the_trail(office: Office) -> None:
    name = office.waiting()
    office.console.page(office.anna, Wanted())
    office.console.page(office.anna, Wanted(State.CLOSED))
    office.console.look(name, office.anna)
    office.console.story(name, office.anna)
    office.console.follow(office.anna, name)
    office.console.follow(office.anna)
    office.console.mark_read(name, 1, office.anna)
    office.console.mark_read(name, 1, office.anna)
    looks = [(entry.subject, entry.details) for entry in office.trail() if entry.action == "conversation.seen"]
    mine = f"conversation:{name}"
    assert looks == [
        (None, {"why": "list", "conversations": [name]}), (mine, {"why": "conversation"}), (mine, {"why": "messages"}),
        (mine, {"why": "events"}), (None, {"why": "events"}), (mine, {"why": "read", "seq": 1})]


def test_a_conversation_that_is_not_there(office: Office) -> None:
    for call in (office.console.look, office.console.story, office.console.claim, office.console.release, office.console.close):
        with pytest.raises(ConversationNotFound):
            call("none", office.anna)
    for call in (lambda: office.console.transfer("none", "bert", office.anna), lambda: office.console.mark_read("none", 1, office.anna),
                 lambda: office.console.follow(office.anna, "none"), lambda: office.console.check_holds("none", office.anna)):
        with pytest.raises(ConversationNotFound):
            call()
    assert office.trail() == []


def test_the_story_goes_on_after_a_message(office: Office) -> None:
    name, other = office.open("怎么开户", "转钱"), office.open("你好")
    story = office.console.story(name, office.anna)
    rest = office.console.story(name, office.anna, after=story.messages[1].message.id)
    assert [said.message.id for said in rest.messages] == [said.message.id for said in story.messages[2:]]
    for after in ("none", office.console.story(other, office.anna).messages[0].message.id):
        with pytest.raises(UnknownPosition):
            office.console.story(name, office.anna, after=after)


def test_colleagues_are_those_who_may_answer(office: Office) -> None:
    office._hire("editor", Role.EDITOR)
    office.sign_in(office.bert)
    assert [(item.account.name, item.on_duty) for item in office.console.colleagues()] == [
        ("anna", False), ("bert", True), ("boss", False)]


def test_an_agent_hears_of_the_queue_and_of_what_they_hold(office: Office) -> None:
    mine, other = office.waiting(), office.open("转人工")
    office.say(mine, "在吗")
    office.console.claim(mine, office.anna)
    office.say(mine, "我的手机没了")
    office.console.claim(other, office.bert)
    office.say(other, "悄悄话")
    office.send(other, "您好", office.bert)
    office.console.transfer(mine, "bert", office.anna)
    office.say(mine, "还在吗")
    told = office.feed.of_agent("anna", 0)
    kinds = [(item.event.type, item.event.conversation_id == mine) for item in told]
    assert kinds == [
        ("reply.sent", True), ("conversation.handed_over", True), ("reply.sent", False), ("conversation.handed_over", False),
        ("message.received", True), ("conversation.claimed", True), ("message.received", True), ("conversation.claimed", False),
        ("conversation.transferred", True)]
    assert [item.said and item.said.message.text for item in told] == [None] * 6 + ["我的手机没了", None, None]
    assert "悄悄话" in [item.said.message.text for item in office.feed.of_agent("bert", 0) if item.said]


def test_following_in_steps_loses_and_repeats_nothing(office: Office) -> None:
    for _ in range(3):
        name = office.claimed(office.anna)
        office.say(name, "在吗")
    whole = [item.event.id for item in office.feed.of_agent("anna", 0)]
    for place in whole:
        assert [item.event.id for item in office.feed.of_agent("anna", place)] == whole[whole.index(place) + 1:]
    with office.store.read() as work:
        steps: list[int] = []
        while page := work.outbox.for_agent(steps[-1] if steps else 0, "anna", limit=2):
            steps += [event.id for event in page]
    assert steps == whole


def test_the_summary_tells_in_the_client_s_words_what_was_tried(office: Office) -> None:
    name = office.open("怎么开户", "月亮多远", "我的手机13800138000收不到短信，转人工")
    summary = office.get(name).summary
    assert summary == {
        "asked": ["怎么开户", "月亮多远", "我的手机〈手机号〉收不到短信，转人工"], "answered": ["怎么在网上开户？"], "failed": ["月亮多远"],
        "tone": "neutral", "reason": "keyword"}
    assert office.get(name).tone == "neutral"
    office.console.claim(name, office.anna)
    office.say(name, "还是不行")
    office.console.transfer(name, "bert", office.anna)
    renewed = office.get(name).summary
    assert renewed and renewed["asked"][-1] == "还是不行"


def test_of_many_agents_at_once_one_claims(office: Office) -> None:
    agents = [office._hire(f"agent{number}", Role.AGENT) for number in range(8)]

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(some.lists(some.integers(0, 7), min_size=2, max_size=8), some.booleans())
    def race(who: list[int], waits: bool) -> None:
        name = office.waiting() if waits else office.open("怎么开户")
        together = threading.Barrier(len(who))

        def claim(number: int) -> str | None:
            together.wait(10)
            try:
                return office.console.claim(name, agents[number]).conversation.agent
            except AlreadyClaimed as refused:
                assert refused.agent != agents[number].name
                return refused.agent

        with ThreadPoolExecutor(len(who)) as pool:
            answers = set(pool.map(claim, who))
        assert answers == {office.get(name).agent}, "whoever is refused is told who has it"
        assert office.event_types(name).count("conversation.claimed") == 1
        assert [entry.action for entry in office.trail(name)].count("conversation.claimed") == 1

    race()


def _claims(url: str, names: list[str], agent: str, start: object, answers: object) -> None:
    store = Store.open(url)
    office = Office(store)
    start.wait(60)  # type: ignore[attr-defined]
    won = []
    for name in names:
        try:
            office.console.claim(name, getattr(office, agent))
            won.append(name)
        except AlreadyClaimed as refused:
            assert refused.agent not in (None, agent)
    store.close()
    answers.put((agent, won))  # type: ignore[attr-defined]


def test_two_processes_never_claim_the_same(office: Office, database_url: str) -> None:
    names = [office.waiting() for _ in range(20)]
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(2), context.Queue()
    agents = [context.Process(target=_claims, args=(database_url, names, agent, start, answers)) for agent in ("anna", "bert")]
    for process in agents:
        process.start()
    won = dict(answers.get(timeout=120) for _ in agents)
    for process in agents:
        process.join(30)
    assert sorted(won["anna"] + won["bert"]) == sorted(names)
    assert {name: office.get(name).agent for name in names} == {name: agent for agent, mine in won.items() for name in mine}
