"""Follow-ups on the store: opened with the reply, once, joined to their client, withdrawn at a no, worked by one agent."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from assistant.agent import Agent
from assistant.catalogue import Catalogue, read_products
from assistant.client_record import ClientFields
from assistant.clients import Clients
from assistant.demo_data import _PRODUCTS, fill_demo
from assistant.demo_follow_ups import fill_follow_ups
from assistant.errors import AlreadyClaimed, ConversationNotFound, FollowUpClosed, FollowUpHeldBack, FollowUpNotFound, OptOutChanged
from assistant.follow_up_policy import load_follow_up_policy
from assistant.follow_up_task import LIVE, Result, TaskState, visitor
from assistant.follow_ups import FollowUps, Shown
from assistant.identity import client_ref
from assistant.overheard import Overheard, Overhears, nothing_overheard
from assistant.refusal import Refusal
from assistant.reply import Context, Outcome
from assistant.review_records import GoldenQuestion
from assistant.service import Conversations
from assistant.storage import Store
from assistant.storage.follow_ups import Position, Sought
from assistant.suitability import FirmPolicy
from assistant.suitability import Outcome as Verdict
from assistant.trail import AuditTrail
from assistant.vouching import Vouching
from intents.reading import Need
from knowledge.text import normalize
from tests.assistant.office import Office, overheard
from tests.fakes import FakeResponder

POLICY = load_follow_up_policy()
IDLE = "账上的钱一直放着有利息吗"
FITS = {"risk_level": "C3", "assessed_on": "2026-01-05", "assessment_expires_on": "2027-01-05", "permissions": ["fund", "repo"],
        "wishes": {"term": "up_to_5_years", "kinds": ["fixed_income", "equity"], "losses": "some"}, "identities": {"web": "token-1"}}
EXPIRED = {**FITS, "assessed_on": "2025-01-05", "assessment_expires_on": "2026-01-05"}


class Reads(FakeResponder):
    """Flags the families that a message names in latin letters, and idle cash as the fake does."""

    def respond(self, text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        outcome = super().respond(text, context, at)
        named = tuple(Need(family, 0.9, text) for family in POLICY.families if family in text)
        return replace(outcome, reading=replace(outcome.reading, needs=outcome.reading.needs + named))


class Floor(Office):
    def __init__(self, store: Store, overhears: Overhears = nothing_overheard) -> None:
        super().__init__(store, responder=Reads(), overhears=overhears)
        self.work = FollowUps(store, self.bell, POLICY, FirmPolicy(), clock=self.clock)
        self.clients = Clients(store, clock=self.clock)

    def put(self, given: dict[str, object], client_id: str = "C1") -> None:
        self.clients.put(client_id, ClientFields.model_validate(given), self.anna.by)

    def all(self, **sought: object) -> list[Shown]:
        return list(self.work.page(self.anna, Sought(**{"states": frozenset(TaskState), **sought}), limit=100).shown)  # type: ignore[arg-type]

    def live(self) -> list[str]:
        return [shown.item.family for shown in self.all(states=LIVE)]

    def one(self) -> Shown:
        (shown,) = self.all()
        return shown


@pytest.fixture
def floor(store: Store) -> Floor:
    with store.write() as work:
        for item in read_products(_PRODUCTS):
            work.products.add(item)
    return Floor(store)


def test_a_need_becomes_a_task_with_evidence_verdict_and_words(floor: Floor) -> None:
    floor.put(FITS)
    talk = floor.open(f"我叫王小明，手机13800138000，{IDLE}", client_token="token-1")
    shown = floor.one()
    item = shown.item
    assert (item.family, item.state, item.probability, item.client_id) == ("cash", TaskState.OPEN, 0.8, "C1")
    assert "利息" in item.evidence and "13800138000" not in item.evidence and "王小明" not in item.evidence
    assert item.conversation_id == talk and item.due_at - item.opened_at == POLICY.families["cash"].due
    assert shown.offer.verdict.outcome is Verdict.MAY_OFFER and shown.line == POLICY.families["cash"].opening
    assert {judged.product.family for judged in shown.offer.products} == {"cash"} and shown.client and shown.client.id == "C1"
    assert "follow_up.changed" in floor.event_types(talk)
    assert not any("follow_up" in told.event.type for told in floor.conversations.events_after(talk, 0)), "never on the client's stream"
    actions = [(entry.action, entry.actor) for entry in floor.trail() if entry.action.startswith("follow_up")]
    assert actions == [("follow_up.opened", "system"), ("follow_up.seen", "anna")]
    with floor.store.read() as work:
        (kept,) = work.follow_ups.verdicts(item.id)
    assert kept.outcome == "may_offer" and kept.inputs["client"]["risk_level"] == "C3" and kept.verdict["products"]


def test_nothing_is_kept_where_the_reply_is_not(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = floor.open()

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("the power is out")

    monkeypatch.setattr("assistant.storage.outbox.Outbox.append", breaks)
    with pytest.raises(RuntimeError):
        floor.say(talk, IDLE)
    monkeypatch.undo()
    assert floor.all() == []


def test_one_need_is_flagged_once_on_whatever_channel_and_is_quiet_after_an_outcome(floor: Floor) -> None:
    floor.put({**FITS, "identities": {"web": "token-1", "wechat": "wx"}})
    floor.open(IDLE, f"再问一次：{IDLE}", "hk 怎么开通", client_token="token-1")
    floor.open(IDLE, channel="wechat", client_token="wx")
    assert floor.live() == ["cash", "hk"]
    cash = floor.all(families=frozenset({"cash"}))[0].item
    floor.work.close(cash.id, Result.NOT_WANTED, "", floor.anna)
    floor.clock.go(days=29)
    floor.open(IDLE, client_token="token-1")
    assert floor.live() == ["hk"]
    floor.clock.go(days=1)
    floor.open(IDLE, client_token="token-1")
    assert sorted(floor.live()) == ["cash"], "hk has expired meanwhile"
    floor.clock.go(days=15)
    floor.open(IDLE, client_token="token-1")
    assert [(shown.item.family, shown.item.state.value) for shown in floor.all()].count(("cash", "expired")) == 1
    assert floor.live() == ["cash"]


def test_an_expired_assessment_blocks_the_offer_and_a_new_one_opens_it(floor: Floor) -> None:
    floor.put(EXPIRED)
    talk = floor.open(IDLE, client_token="token-1")
    blocked = floor.one()
    assert blocked.offer.verdict.outcome is Verdict.MAY_NOT and blocked.offer.products == () and blocked.offer.withheld
    assert [reason.code for reason in blocked.offer.verdict.reasons] == ["assessment_expired"]
    assert blocked.line == POLICY.first["assessment_expired"]
    floor.put({"assessed_on": "2026-11-24", "assessment_expires_on": "2027-11-23"})
    assert "client.changed" in floor.event_types(talk)
    opened = floor.one()
    assert opened.offer.verdict.outcome is Verdict.MAY_OFFER and opened.offer.products
    with floor.store.read() as work:
        kept = work.follow_ups.verdicts(opened.item.id)
    assert sorted(item.outcome for item in kept) == ["may_not", "may_offer"] and len({item.digest for item in kept}) == 2


@pytest.mark.parametrize(("given", "family", "code"), [
    ({"identities": {"web": "token-1"}}, "cash", "assessment_missing"), (None, "cash", "client_unknown"),
    ({**FITS, "risk_level": "C1", "permissions": []}, "hk", "permission_missing")])
def test_what_stands_in_the_way_is_said(floor: Floor, given: dict[str, object] | None, family: str, code: str) -> None:
    if given:
        floor.put(given)
    floor.open(family, client_token="token-1")
    shown = floor.one()
    assert not shown.offer.allowed and code in [reason.code for reason in shown.offer.verdict.reasons]
    assert shown.line == POLICY.first.get(code)


def test_to_listen_to_who_wants_to_leave_needs_no_product(floor: Floor) -> None:
    floor.open("retention")
    shown = floor.one()
    assert not shown.offer.allowed and shown.line == POLICY.families["retention"].opening


def test_who_wants_none_gets_none_and_what_was_open_is_withdrawn(floor: Floor) -> None:
    floor.put(FITS)
    floor.open(IDLE, "hk", client_token="token-1")
    held = floor.all(families=frozenset({"hk"}))[0].item
    floor.work.claim(held.id, floor.anna)
    floor.put({"opted_out": True})
    assert [shown.item.state for shown in floor.all()] == [TaskState.WITHDRAWN] * 2
    floor.open(IDLE, "gold", client_token="token-1")
    assert floor.live() == []
    with pytest.raises(FollowUpClosed):
        floor.work.close(held.id, Result.DONE, "", floor.anna)
    floor.put({"opted_out": False})
    floor.open(IDLE, client_token="token-1")
    assert floor.live() == ["cash"]


def test_a_no_in_conversation_takes_one_click_and_holds_for_a_visitor_who_is_known_later(floor: Floor) -> None:
    talk = floor.open(IDLE, "别再给我推荐了，13800138000", client_token="token-1")
    seen = floor.work.of_conversation(talk, floor.anna)
    assert not seen.shown and not seen.opted_out and seen.heard and seen.heard.words == "别再给我推荐"
    assert floor.work.opt_out(talk, floor.anna).opted_out and floor.work.opt_out(talk, floor.anna).opted_out
    assert floor.live() == [] and floor.work.of_conversation(talk, floor.anna).opted_out
    floor.open("gold", client_token="token-1")
    assert floor.live() == []
    floor.put(FITS)
    record = floor.clients.look("C1", floor.anna.by)
    assert record.opted_out, "what the visitor said holds for the client"
    assert [entry.action for entry in floor.trail()].count("client.opted_out") == 1
    known = floor.open(IDLE, client_token="token-1")
    floor.put({"opted_out": False})
    floor.say(known, IDLE)
    assert floor.live() == ["cash"]
    floor.work.opt_out(known, floor.anna)
    assert floor.clients.look("C1", floor.anna.by).opted_out and floor.live() == []
    with pytest.raises(ConversationNotFound):
        floor.work.opt_out("none", floor.anna)


def heard(floor: Floor, talk: str) -> str | None:
    found = floor.work.of_conversation(talk, floor.anna).heard
    return found and found.words


def test_a_no_that_is_heard_holds_at_once_whatever_is_said_after_it(floor: Floor) -> None:
    floor.put({**FITS, "identities": {"web": "token-1", "wechat": "wx"}})
    talk = floor.open(IDLE, "hk", client_token="token-1")
    names = [shown.item.id for shown in floor.all()]
    floor.work.claim(names[1], floor.anna)
    told = floor.event_types(talk).count("follow_up.changed")
    floor.say(talk, "别再给我推荐了，13800138000")
    floor.say(talk, "谢谢")
    assert floor.event_types(talk).count("follow_up.changed") == told + 2 and "client.changed" in floor.event_types(talk)
    floor.say(talk, IDLE)
    other = floor.open("gold", channel="wechat", client_token="wx")
    assert floor.live() == [] and heard(floor, talk) == heard(floor, other) == "别再给我推荐"
    counts = floor.work.page(floor.anna, Sought()).counts
    assert (counts.open, counts.mine) == (0, 0)
    held = floor.work.look(names[0], floor.anna)
    assert held.held_back and held.line is None and held.offer.verdict.outcome is Verdict.MAY_NOT and not held.offer.products
    assert [reason.code for reason in held.offer.verdict.reasons] == ["opt_out_heard"]
    for refused in (lambda: floor.work.claim(names[0], floor.bert),
                    lambda: floor.work.snooze(names[1], floor.clock.now + timedelta(hours=1), floor.anna)):
        with pytest.raises(FollowUpHeldBack):
            refused()
    assert floor.work.close(names[1], Result.REACHED, "", floor.anna).item.outcome is Result.REACHED, "what was is still told"
    (entry,) = [entry for entry in floor.trail() if entry.action == "client.opt_out_heard"]
    assert entry.actor == "system" and entry.details["about"] == "client:C1" and set(entry.details["held_back"]) == set(names)
    assert "别再" not in str(entry.details)


@pytest.mark.parametrize("held", [False, True])
def test_what_was_not_meant_is_undone_and_what_was_meant_confirmed(floor: Floor, held: bool) -> None:
    """Whoever holds the conversation, and whoever is in it."""
    talk = floor.open(IDLE, *(["转人工"] if held else []))
    floor.say(talk, "别再推荐了")
    floor.say(talk, "hk")
    assert floor.live() == [] and heard(floor, talk) == "别再推荐"
    again = floor.work.undo_heard(talk, floor.bert)
    assert [shown.item.family for shown in again.shown] == ["cash"] and not again.heard and not again.opted_out
    assert floor.work.undo_heard(talk, floor.bert) == again and floor.live() == ["cash"]
    assert [entry.actor for entry in floor.trail(talk) if entry.action == "client.opt_out_undone"] == ["bert"]
    floor.say(talk, "我是说真的，取消推送")
    assert floor.work.opt_out(talk, floor.anna).opted_out
    seen = floor.work.undo_heard(talk, floor.anna)
    assert seen.opted_out and not seen.heard and not seen.shown, "what is on record stays"
    assert [shown.item.state for shown in floor.all()] == [TaskState.WITHDRAWN]
    floor.say(talk, "不用推荐")
    assert not floor.work.of_conversation(talk, floor.anna).heard, "nothing is left to confirm"
    assert floor.work.look(floor.one().item.id, floor.anna).line is None
    with pytest.raises(ConversationNotFound):
        floor.work.undo_heard("none", floor.anna)


def test_a_later_no_stands_when_an_earlier_one_was_not_meant(floor: Floor) -> None:
    floor.put({**FITS, "identities": {"web": "token-1", "wechat": "wx"}})
    talk = floor.open(IDLE, "不用给我打电话，在这里说就行", client_token="token-1")
    alarm = floor.work.of_conversation(talk, floor.anna).heard
    floor.clock.go(minutes=1)
    elsewhere = floor.open("别再推荐了", channel="wechat", client_token="wx")
    meant = floor.work.of_conversation(talk, floor.anna).heard
    assert alarm and meant and meant.words == "别再推荐" and meant.conversation_id == elsewhere and meant.at > alarm.at
    with pytest.raises(OptOutChanged):
        floor.work.undo_heard(talk, floor.anna, message_id=alarm.message_id)
    assert floor.live() == [] and heard(floor, talk) == "别再推荐"
    entries = [entry.details["message"] for entry in floor.trail() if entry.action == "client.opt_out_heard"]
    assert entries == [alarm.message_id, meant.message_id], "each has its own entry"
    floor.work.undo_heard(talk, floor.anna, message_id=meant.message_id)
    assert floor.live() == ["cash"]
    assert not floor.work.undo_heard(talk, floor.anna, message_id=meant.message_id).heard, "again changes nothing"


def test_what_is_said_while_a_no_is_undone_stays(floor: Floor) -> None:
    talk = floor.open("别再推荐了", client_token="token-1")
    with floor.store.write() as work:
        seen = work.follow_ups.heard_refusals([visitor("web", client_ref("token-1"))])
    floor.say(talk, "取消推送")
    with floor.store.write() as work:
        work.follow_ups.unhear_refusals(seen)
    assert heard(floor, talk) == "取消推送"


def test_of_several_that_were_heard_the_newest_stays(floor: Floor) -> None:
    known = floor.open("不用给我打电话", client_token="token-1")
    floor.clock.go(minutes=1)
    unknown = floor.open("别再推荐了")
    floor.conversations.identify(floor.get(unknown), "token-1")
    assert heard(floor, known) == heard(floor, unknown) == "别再推荐"


def test_who_refused_on_their_channel_is_offered_nothing_where_they_wrote_unknown(floor: Floor) -> None:
    floor.work.opt_out(floor.open(client_token="token-1"), floor.anna)
    unknown = floor.open(f"{IDLE} hk")
    (cash, _) = floor.all()
    told = floor.event_types(unknown).count("follow_up.changed")
    floor.conversations.identify(floor.get(unknown), "token-1")
    assert [shown.item.state for shown in floor.all()] == [TaskState.WITHDRAWN] * 2
    assert floor.event_types(unknown).count("follow_up.changed") == told + 2, "each is told once"
    # One that is still there all the same can't be worked.
    with floor.store.write() as work:
        work.follow_ups.add(replace(cash.item, id="late", subject=visitor("web", client_ref("token-1")), state=TaskState.OPEN))
    assert floor.live() == [] and floor.work.page(floor.anna, Sought()).counts.open == 0
    late = floor.work.look("late", floor.anna)
    assert late.held_back and late.line is None
    for refused in (lambda: floor.work.claim("late", floor.anna),
                    lambda: floor.work.snooze("late", floor.clock.now + timedelta(hours=1), floor.anna)):
        with pytest.raises(FollowUpHeldBack):
            refused()


def test_a_no_on_record_holds_back_what_is_about_the_client(floor: Floor) -> None:
    floor.put(FITS)
    floor.open(IDLE, client_token="token-1")
    item = floor.one().item
    floor.put({"opted_out": True})
    with floor.store.write() as work:
        work.follow_ups.hold([item.id])
        work.follow_ups.change(item)
    assert floor.live() == [] and floor.work.look(item.id, floor.anna).held_back
    with pytest.raises(FollowUpHeldBack):
        floor.work.claim(item.id, floor.anna)


def test_a_record_that_comes_to_refuse_by_joining_is_told(floor: Floor) -> None:
    floor.put(FITS)
    unknown = floor.open("别再推荐了", IDLE)
    floor.work.opt_out(unknown, floor.anna)
    assert "client.changed" not in floor.event_types(unknown)
    floor.conversations.identify(floor.get(unknown), "token-1")
    assert floor.clients.look("C1", floor.anna.by).opted_out and "client.changed" in floor.event_types(unknown)


def test_what_was_joined_and_what_was_withdrawn_is_told_once_each(floor: Floor) -> None:
    floor.put({**FITS, "identities": {"wechat": "wx"}})
    talks = [floor.open(f"{IDLE} hk", channel="wechat", client_token="wx"), floor.open(f"{IDLE} gold", client_token="token-1")]
    before = [floor.event_types(talk).count("follow_up.changed") for talk in talks]
    floor.put({"identities": {"web": "token-1"}, "opted_out": True})
    assert {shown.item.state for shown in floor.all()} == {TaskState.WITHDRAWN} and len(floor.all()) == 4
    assert [floor.event_types(talk).count("follow_up.changed") for talk in talks] == [count + 2 for count in before]


def test_a_no_that_was_heard_goes_along_when_histories_join(floor: Floor) -> None:
    floor.put({**FITS, "identities": {"wechat": "wx"}})
    floor.open(IDLE, channel="wechat", client_token="wx")
    unknown = floor.open("别再推荐了")
    assert floor.live() == ["cash"], "nobody knows yet who said it"
    floor.conversations.identify(floor.get(unknown), "token-1")
    visitors = floor.open("hk", client_token="token-1")
    assert floor.live() == ["cash"] and heard(floor, visitors) == "别再推荐", "it holds for the visitor"
    floor.put({"identities": {"web": "token-1"}})
    elsewhere = floor.open("gold", channel="wechat", client_token="wx")
    assert floor.live() == [] and heard(floor, elsewhere) == "别再推荐"
    assert not floor.clients.look("C1", floor.anna.by).opted_out, "nobody confirmed it"
    floor.work.undo_heard(elsewhere, floor.anna)
    assert floor.live() == ["cash"]
    # Who has said no on record brings nothing along that can be worked.
    floor.put({"opted_out": True})
    anew = floor.open(IDLE, "取消推送")
    floor.conversations.identify(floor.get(anew), "token-1")
    seen = floor.work.of_conversation(anew, floor.anna)
    assert floor.live() == [] and seen.opted_out and not seen.heard


def test_who_writes_with_a_signed_token_is_the_client_who_said_no(floor: Floor) -> None:
    floor.put({**FITS, "identities": {}})
    floor.open(IDLE, "别再推荐了", client_token="C1")
    secret = "x" * 32
    vouching = Vouching.open(secret, None, "zhike")
    signed = Conversations(floor.store, floor.bell, clock=floor.clock, vouching=vouching)
    talk = signed.open("web", vouching.issue("C1", now=datetime.now(UTC))).conversation.id
    assert {shown.item.client_id for shown in floor.all()} <= {"C1"} and heard(floor, talk) == "别再推荐"
    with floor.store.read() as work:
        assert list(work.follow_ups.refusals(["client:C1"]).values()) == [Refusal.HEARD]


def test_products_are_not_offered_to_who_wants_none(floor: Floor) -> None:
    catalogue = Catalogue(floor.store, FirmPolicy(), clock=floor.clock)
    floor.put(FITS)

    def told() -> set[tuple[str, tuple[str, ...]]]:
        judged = [item.verdict for item in catalogue.page_for("C1", floor.anna.by, family="cash") if item.verdict]
        return {(verdict.outcome.value, tuple(reason.code for reason in verdict.reasons)) for verdict in judged}

    before = told()
    assert ("may_offer", ()) in before
    talk = floor.open("别再推荐了", client_token="token-1")
    assert told() == {("may_not", ("opt_out_heard", *reasons)) for _, reasons in before}
    floor.work.opt_out(talk, floor.anna)
    assert told() == {("may_not", ("opted_out", *reasons)) for _, reasons in before}
    floor.put({"opted_out": False})
    assert told() == before


def test_needs_told_to_a_human_open_follow_ups_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def reads(text: str) -> Overheard:
        return overheard(text, "angry" if "骗子" in text else "neutral", *(["cash", "retention"] if "利息" in text else []))

    floor = Floor(store, overhears=reads)
    floor.put(FITS)
    talk = floor.open("转人工", client_token="token-1")
    floor.say(talk, "在吗")
    written, write = list[int](), store.write
    monkeypatch.setattr(store, "write", lambda: (written.append(1), write())[1])
    floor.say(talk, "好的")
    assert len(written) == 1, "the message is kept, and nothing else is written"
    floor.console.claim(talk, floor.anna)
    said = floor.say(talk, f"{IDLE}，我电话13800138000").message
    cash, leaves = sorted(floor.all(), key=lambda shown: shown.item.family)
    assert (cash.item.family, cash.item.message_id, cash.item.client_id, cash.item.models) == ("cash", said.id, "C1", {"encoder": "fake"})
    assert "利息" in cash.item.evidence and "13800138000" not in cash.item.evidence and leaves.item.family == "retention"
    assert floor.event_types(talk).count("follow_up.changed") == 2 and floor.responder.seen == [("转人工", Context())]
    floor.say(talk, IDLE)
    assert len(floor.all()) == 2, "once, as by the assistant"
    floor.work.close(cash.item.id, Result.DONE, "", floor.anna)
    floor.clock.go(days=31)
    floor.inbox.receive(talk, said.client_message_id or "", said.text)
    assert [shown.item.family for shown in floor.all()].count("cash") == 1, "the same message again opens nothing"
    floor.say(talk, f"骗子，{IDLE}")
    assert floor.live() == ["retention"], "who is angry is offered nothing"


def test_the_rules_silence_what_is_told_to_a_human() -> None:
    grief = replace(overheard(IDLE, "neutral", "cash"), guards=frozenset({"bereavement"}))
    assert POLICY.worth(grief) == [] and [need.family for need in POLICY.worth(replace(grief, guards=frozenset({"advice"})))] == ["cash"]


def test_a_visitors_follow_ups_become_the_clients(floor: Floor) -> None:
    floor.put({**FITS, "identities": {"wechat": "wx"}})
    floor.open(IDLE, channel="wechat", client_token="wx")
    talk = floor.open(IDLE, "hk", client_token="token-1")
    assert sorted(floor.live()) == ["cash", "cash", "hk"], "nobody knows yet that it is one person"
    floor.put({"identities": {"web": "token-1"}})
    assert sorted(floor.live()) == ["cash", "hk"]
    assert {shown.item.client_id for shown in floor.all()} == {"C1"}
    assert {shown.item.family for shown in floor.work.of_conversation(talk, floor.anna).shown} == {"cash", "hk"}
    floor.open(IDLE, client_token="token-1")
    assert sorted(floor.live()) == ["cash", "hk"]


def test_one_agent_works_it_and_says_what_came_of_it(floor: Floor) -> None:
    floor.open(IDLE)
    name = floor.one().item.id
    assert floor.work.claim(name, floor.anna).item.agent == floor.work.claim(name, floor.anna).item.agent == "anna"
    with pytest.raises(AlreadyClaimed) as refused:
        floor.work.claim(name, floor.bert)
    assert refused.value.agent == "anna"
    until = floor.clock.now + timedelta(hours=2)
    assert floor.work.snooze(name, until, floor.anna).item.state is TaskState.SNOOZED
    floor.clock.go(hours=2)
    assert [shown.item.state for shown in floor.all(agent="anna")] == [TaskState.CLAIMED]
    assert floor.work.release(name, floor.boss).item.state is TaskState.OPEN
    closed = floor.work.close(name, Result.INTERESTED, "电话 13800138000 已联系", floor.bert).item
    assert (closed.state, closed.agent, closed.note) == (TaskState.DONE, "bert", "电话 〈手机号〉 已联系")
    corrected = floor.work.close(name, Result.WRONG_FLAG, "看错了", floor.bert).item
    assert (corrected.state, corrected.outcome, corrected.closed_at) == (TaskState.DISMISSED, Result.WRONG_FLAG, closed.closed_at)
    with pytest.raises(FollowUpClosed):
        floor.work.close(name, Result.DONE, "", floor.anna)
    with pytest.raises(FollowUpNotFound):
        floor.work.claim("none", floor.anna)
    moves = [entry.action for entry in floor.trail() if entry.subject == f"follow_up:{name}"]
    assert moves == [f"follow_up.{move}" for move in ("opened", "claimed", "snoozed", "released", "closed", "closed")]
    assert AuditTrail(floor.store).verify().broken is None


def test_two_who_claim_at_once_are_told_apart(floor: Floor) -> None:
    floor.open(IDLE)
    name = floor.one().item.id

    def claim(agent: Agent) -> str:
        try:
            return floor.work.claim(name, agent).item.agent or ""
        except AlreadyClaimed as refused:
            return f"not: {refused.agent}"

    with ThreadPoolExecutor(3) as pool:
        told = sorted(pool.map(claim, [floor.anna, floor.bert, floor.boss]))
    (winner,) = [who for who in told if not who.startswith("not: ")]
    assert told.count(f"not: {winner}") == 2


def test_the_same_need_in_two_conversations_at_once_opens_one(floor: Floor) -> None:
    floor.put(FITS)
    talks = [floor.open(client_token="token-1") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda talk: floor.say(talk, f"{IDLE} hk"), talks))
    assert sorted(floor.live()) == ["cash", "hk"]


def test_several_at_once_each_by_itself(floor: Floor) -> None:
    ids = []
    for _ in range(3):
        floor.open(IDLE)
    ids = [shown.item.id for shown in floor.all()]
    floor.work.claim(ids[1], floor.bert)
    done = {one.id: one.error and one.error.code for one in floor.work.claim_all([*ids, "none", ids[0]], floor.anna)}
    assert done == {ids[0]: None, ids[1]: "already_claimed", ids[2]: None, "none": "follow_up_not_found"}
    done = {one.id: one.error and one.error.code for one in floor.work.close_all(ids, Result.REACHED, "", floor.anna)}
    assert done == {ids[0]: None, ids[1]: "already_claimed", ids[2]: None}


def test_the_list_goes_by_due_time_in_pages(floor: Floor) -> None:
    for family in ("pension", "retention", "cash", "ipo"):
        floor.open(family)
    page = floor.work.page(floor.anna, Sought(), limit=3)
    assert [shown.item.family for shown in page.shown] == ["retention", "ipo", "cash"]
    last = page.shown[-1].item
    rest = floor.work.page(floor.anna, Sought(), after=Position(last.due_at, last.id))
    assert [shown.item.family for shown in rest.shown] == ["pension"]
    floor.clock.go(minutes=20)
    counts = floor.work.page(floor.anna, Sought()).counts
    assert (counts.open, counts.mine, counts.late) == (4, 0, 1)


def test_what_agents_say_is_counted_and_exported_for_training(floor: Floor) -> None:
    for result in (Result.DONE, Result.INTERESTED, Result.WRONG_FLAG, Result.REACHED, None):
        floor.open(f"{IDLE} 13800138000")
        (shown,) = floor.all(states=LIVE)
        if result:
            floor.work.close(shown.item.id, result, "", floor.anna)
    (cash,) = floor.work.precision()
    assert (cash.family, cash.flagged, cash.judged, cash.right, cash.interested) == ("cash", 5, 4, 0.75, 0.5)
    assert floor.work.precision(since=floor.clock.now + timedelta(days=1)) == []
    lines = list(floor.work.export(floor.boss.by))
    assert sorted(str(line["label"]) for line in lines) == ["False", "None", "True", "True"]
    assert all("利息" in line["text"] and "〈手机号〉" in line["text"] and line["family"] == "cash" for line in lines)
    assert floor.trail()[-1].action == "follow_up.exported"


def test_an_export_has_the_form_of_training_data_and_nothing_that_may_not_train(floor: Floor) -> None:
    floor.open(f"hk gold {IDLE}")
    floor.open("黄金 gold 还能买吗")
    results = {"cash": Result.DONE, "hk": Result.WRONG_FLAG}
    for shown in floor.all():
        if shown.item.family in results:
            floor.work.close(shown.item.id, results[shown.item.family], "", floor.anna)
    lines = list(floor.work.export(floor.boss.by))
    assert [(line["family"], line["labels"], line["perhaps"]) for line in sorted(lines, key=lambda line: line["family"])] == [
        ("cash", ["cash"], ["gold"]), ("hk", ["cash"], ["gold"])], "of the message, whichever follow-up the line is of"
    with floor.store.write() as work:
        work.golden.add(GoldenQuestion("g", lines[0]["text"], lines[0]["text"], "answer", None, "desk", "cara", floor.clock.now))
    assert list(floor.work.export(floor.boss.by)) == []
    asked = f"我电话13800138000，{IDLE}"
    floor.open(asked)
    floor.work.close(floor.all(states=LIVE, families=frozenset({"cash"}))[0].item.id, Result.DONE, "", floor.anna)
    assert [line["text"] for line in floor.work.export(floor.boss.by)] == [f"我电话〈手机号〉，{IDLE}"]
    with floor.store.write() as work:
        work.golden.add(GoldenQuestion("h", asked, normalize(asked), "answer", None, "desk", "cara", floor.clock.now))
    assert list(floor.work.export(floor.boss.by)) == [], "what is golden is masked in an export"
    bare, one = floor.say(floor.open(), "13800138000").message, floor.all()[0].item
    with floor.store.write() as work:
        work.follow_ups.add(replace(one, id="bare", subject="x", message_id=bare.id, conversation_id=bare.conversation_id,
                                    state=TaskState.DONE, outcome=Result.DONE))
    assert list(floor.work.export(floor.boss.by)) == []


SAID = some.lists(some.tuples(some.integers(0, 2), some.sampled_from(["cash", "hk", "retention", "cash gold", "别再推荐 cash", "undo"]),
                              some.sampled_from([0, 1, 20, 50]), some.sampled_from([None, None, *Result])), min_size=1, max_size=10)


def test_never_two_at_once_and_never_in_the_quiet() -> None:
    """Three visitors in any order, who say no and did not mean it, while agents close what they find, against a model that keeps only
    the last of each."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{Path(folder) / 'zhike.db'}")
        floor, runs = Floor(store), count()

        @given(SAID)
        @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def check(said: list[tuple[int, str, int, Result | None]]) -> None:
            names = [f"run-{next(runs)}-{number}" for number in range(3)]
            theirs = {"subjects": tuple(visitor("web", client_ref(name)) for name in names)}
            opened: dict[tuple[int, str], datetime] = {}
            closed: dict[tuple[int, str], datetime] = {}
            expected: list[str] = []
            refusing: set[int] = set()
            for who, text, days, result in said:
                floor.clock.go(days=days)
                now = floor.clock.now
                talk = floor.open(text, client_token=names[who])
                if "别再" in text:
                    refusing.add(who)
                elif text == "undo":
                    floor.work.undo_heard(talk, floor.anna)
                    refusing.discard(who)
                for family in ([] if who in refusing else [name for name in POLICY.families if name in text]):
                    key, policy = (who, family), POLICY.families[family]
                    is_live = key in opened and opened[key] + policy.valid > now
                    if not is_live and not (key in closed and now < closed[key] + policy.quiet):
                        opened[key] = now
                        expected.append(family)
                for shown in floor.all(states=LIVE, **theirs) if result else ():
                    key = next(key for key, at in opened.items() if at == shown.item.opened_at and key[1] == shown.item.family)
                    floor.work.close(shown.item.id, result, "", floor.anna)
                    closed[key] = now
                    del opened[key]
            for who in refusing:
                floor.work.undo_heard(floor.open(client_token=names[who]), floor.anna)
            assert sorted(shown.item.family for shown in floor.all(**theirs)) == sorted(expected)

        check()
        store.close()


def test_no_path_shows_a_product_that_may_not_be_offered(floor: Floor) -> None:
    """Every family, for clients of every kind of the demonstration."""
    fill_demo(floor.store, clock=floor.clock)
    for number in range(1, 30):
        floor.open(" ".join(POLICY.families), client_token=f"demo-{number:03}")
    shown = floor.all(states=LIVE)
    assert len(shown) == 100, "a page of them"
    for item in shown:
        assert item.client and not item.client.opted_out
        outcomes = {judged.verdict.outcome for judged in item.offer.products if judged.verdict}
        assert Verdict.MAY_NOT not in outcomes and bool(outcomes) == item.offer.allowed
        expires = item.client.assessment_expires_on
        if expires and expires < date(2026, 11, 24) and item.client.investor_type == "ordinary":
            assert not item.offer.products


def test_who_is_known_later_brings_their_follow_ups_and_their_no(floor: Floor) -> None:
    floor.put(FITS)
    talks = [floor.open(f"{IDLE} hk"), floor.open("别再推荐了")]
    floor.work.opt_out(talks[1], floor.anna)
    assert sorted(floor.live()) == ["cash", "hk"]
    said = [floor.conversations.identify(floor.get(talks[0]), "token-1"), {shown.item.client_id for shown in floor.all()}]
    assert said == [False, {"C1"}]
    floor.conversations.identify(floor.get(talks[1]), "token-1")
    assert floor.live() == [] and floor.clients.look("C1", floor.anna.by).opted_out
    unknown = floor.open("别再推荐了")
    floor.work.opt_out(unknown, floor.anna)
    floor.conversations.identify(floor.get(unknown), "token-2")
    floor.open(IDLE, client_token="token-2")
    assert floor.live() == []


def test_the_demonstration_goes_through_the_same_doors_and_once(floor: Floor) -> None:
    fill_demo(floor.store)
    given = {"responder": Reads(), "policy": POLICY, "firm": FirmPolicy(), "clock": floor.clock}
    assert fill_follow_ups(floor.store, **given) == 3 and fill_follow_ups(floor.store, **given) == 0  # type: ignore[arg-type]
    assert sorted(shown.item.state.value for shown in floor.all()) == ["dismissed", "done", "open"]
