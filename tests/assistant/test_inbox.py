"""From receipt to reply: stored first, answered once, in order, whatever crashes or races."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.bell import Bell
from assistant.conversation import State
from assistant.errors import ConversationNotFound, EmptyMessage, IllegalMove, ReplyNotFound, UnknownPosition
from assistant.inbox import Inbox
from assistant.service import Conversations
from assistant.storage import Store
from tests.fakes import ANSWER, FakeResponder


class Crash(BaseException):
    """The process dies."""


class Desk:
    """An inbox and conversations on one store, with a conversation open."""

    def __init__(self, store: Store, before: Callable[[str], None] | None = None) -> None:
        self.store, self.bell, self.responder = store, Bell(), FakeResponder(before)
        self.inbox = self.another_process()
        self.conversations = Conversations(store, self.bell)
        self.opened = self.conversations.open("web")
        self.id = self.opened.conversation.id

    def another_process(self) -> Inbox:
        """Locks of its own, as another process has."""
        return Inbox(self.store, self.responder, self.bell)

    def texts(self) -> list[tuple[str, str]]:
        return [(said.message.sender, said.message.text) for said in self.conversations.transcript(self.id).messages]

    def event_types(self) -> list[str]:
        return [told.event.type for told in self.conversations.events_after(self.id, 0)]

    def state(self) -> State:
        return self.conversations.admit(self.id, self.opened.token).state


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_a_message_gets_its_reply(desk: Desk) -> None:
    exchange = desk.inbox.receive(desk.id, "1", "怎么开户")
    assert exchange.reply and exchange.reply.decision
    assert (exchange.reply.message.text, exchange.reply.decision.kind) == (ANSWER, "answer")
    assert exchange.reply.decision.article_revision == 3
    assert desk.texts() == [("client", "怎么开户"), ("assistant", ANSWER)]
    assert desk.event_types() == ["conversation.opened", "message.received", "reply.sent"]


def test_the_message_is_stored_before_it_is_answered(store: Store) -> None:
    seen: list[list[tuple[str, str]]] = []
    desk = Desk(store, lambda _: seen.append(desk.texts()))
    desk.inbox.receive(desk.id, "1", "怎么开户")
    assert seen == [[("client", "怎么开户")]]


def test_the_same_id_again_gives_the_same_and_stores_nothing(desk: Desk) -> None:
    first = desk.inbox.receive(desk.id, "1", "怎么开户")
    assert desk.inbox.receive(desk.id, "1", "怎么开户") == first
    assert desk.inbox.receive(desk.id, "1", "别的话") == first
    assert len(desk.texts()) == 2 and len(desk.responder.seen) == 1 and len(desk.event_types()) == 3


def test_a_message_costs_two_transactions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    for way in ("read", "write"):
        whole = getattr(Store, way)
        monkeypatch.setattr(Store, way, lambda self, way=way, whole=whole: begun.append(way) or whole(self))
    desk.inbox.receive(desk.id, "1", "怎么开户")
    assert begun == ["write", "write"]


def test_the_same_id_in_another_conversation_is_another_message(desk: Desk) -> None:
    other = desk.conversations.open("app").conversation.id
    assert len({desk.inbox.receive(name, "1", "怎么开户").message.id for name in (desk.id, other)}) == 2


@pytest.mark.parametrize("processes", [1, 4])
def test_one_message_that_races_with_itself_is_stored_and_answered_once(desk: Desk, processes: int) -> None:
    inboxes = [desk.another_process() for _ in range(processes)]
    with ThreadPoolExecutor(8) as pool:
        exchanges = list(pool.map(lambda place: inboxes[place % processes].receive(desk.id, "1", "怎么开户"), range(8)))
    assert len({exchange.message.id for exchange in exchanges}) == 1
    assert len({exchange.reply and exchange.reply.message.id for exchange in exchanges}) == 1
    assert desk.texts() == [("client", "怎么开户"), ("assistant", ANSWER)]
    assert desk.event_types() == ["conversation.opened", "message.received", "reply.sent"]


@pytest.mark.parametrize("processes", [1, 3])
def test_messages_that_come_at_once_are_answered_one_at_a_time(desk: Desk, processes: int) -> None:
    inboxes = [desk.another_process() for _ in range(processes)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: inboxes[n % processes].receive(desk.id, str(n), f"开户 {n}"), range(12)))
    with desk.store.read() as work:
        messages = work.conversations.messages(desk.id)
        conversation = work.conversations.get(desk.id)
    assert [message.seq for message in messages] == list(range(1, 25))
    asked = [message.id for message in messages if message.sender == "client"]
    answered = [message.in_reply_to for message in messages if message.sender == "assistant"]
    assert answered == asked
    assert conversation and conversation.context and conversation.context["turns"] == 12


def test_the_context_goes_from_turn_to_turn_masked(desk: Desk) -> None:
    desk.inbox.receive(desk.id, "1", "我的手机13800138000怎么开户")
    desk.inbox.receive(desk.id, "2", "转钱")
    assert desk.responder.seen[1][1].turns == 1
    assert desk.responder.seen[1][1].question == "我的手机〈手机号〉怎么开户"


def crash_once() -> Callable[[str], None]:
    left = [True]

    def before(_: str) -> None:
        if left:
            left.clear()
            raise Crash

    return before


def test_after_a_crash_the_retry_computes_the_reply(store: Store) -> None:
    desk = Desk(store, crash_once())
    with pytest.raises(Crash):
        desk.inbox.receive(desk.id, "1", "怎么开户")
    assert desk.texts() == [("client", "怎么开户")]
    exchange = desk.another_process().receive(desk.id, "1", "怎么开户")
    assert exchange.reply and exchange.reply.message.text == ANSWER
    assert desk.texts() == [("client", "怎么开户"), ("assistant", ANSWER)]
    assert desk.event_types() == ["conversation.opened", "message.received", "reply.sent"]


def test_after_a_crash_the_next_message_has_the_owed_reply_sent_first(store: Store) -> None:
    desk = Desk(store, crash_once())
    with pytest.raises(Crash):
        desk.inbox.receive(desk.id, "1", "怎么开户")
    desk.inbox.receive(desk.id, "2", "你好")
    assert desk.texts() == [
        ("client", "怎么开户"), ("client", "你好"), ("assistant", ANSWER), ("assistant", "（smalltalk）")]
    retried = desk.inbox.receive(desk.id, "1", "怎么开户")
    assert retried.reply and retried.reply.message.text == ANSWER and len(desk.texts()) == 4


def test_a_message_that_can_not_be_answered_silences_none_after_it(store: Store) -> None:
    def before(text: str) -> None:
        if text == "坏":
            raise RuntimeError

    desk = Desk(store, before)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            desk.inbox.receive(desk.id, "1", "坏")
    exchange = desk.inbox.receive(desk.id, "2", "你好")
    assert exchange.reply and exchange.reply.message.text == "（smalltalk）"


def test_a_hand_over_is_said_once_and_then_the_assistant_is_silent(desk: Desk) -> None:
    first = desk.inbox.receive(desk.id, "1", "转人工")
    assert first.reply and first.reply.decision and first.reply.decision.kind == "handover"
    assert desk.state() is State.WAITING
    assert desk.inbox.receive(desk.id, "2", "怎么开户").reply is None
    assert desk.inbox.receive(desk.id, "2", "怎么开户").reply is None
    assert desk.texts() == [("client", "转人工"), ("assistant", "（handover）"), ("client", "怎么开户")]
    assert desk.event_types() == ["conversation.opened", "message.received", "reply.sent", "conversation.handed_over",
                                  "message.received"]


def test_who_gives_up_waiting_goes_on_with_the_assistant(desk: Desk) -> None:
    desk.inbox.receive(desk.id, "1", "转人工")
    assert desk.conversations.resume(desk.id) is State.ASSISTANT
    assert desk.inbox.receive(desk.id, "2", "怎么开户").reply
    assert "conversation.resumed" in desk.event_types()
    with pytest.raises(IllegalMove):
        desk.conversations.resume(desk.id)


def test_only_the_message_holds_the_client_s_own_words(desk: Desk) -> None:
    text = "我叫王小明，身份证11010519491231002X，手机13800138000，怎么开户"
    desk.inbox.receive(desk.id, "1", text)
    desk.inbox.receive(desk.id, "2", "13800138000 是我的号码，月亮多远")
    assert desk.texts()[0] == ("client", text)
    with desk.store.read() as work:
        replies = [message.id for message in work.conversations.messages(desk.id) if message.sender == "assistant"]
        kept = [*work.decisions.by_message(replies).values(), *work.decisions.gaps(), work.conversations.get(desk.id),
                *work.outbox.after(0, conversation_id=desk.id)]
    for secret in ("王小明", "11010519491231002", "13800138000"):
        assert secret not in repr(kept)


def test_a_fallback_and_an_unhelpful_reply_are_knowledge_gaps(desk: Desk) -> None:
    desk.inbox.receive(desk.id, "1", "月亮多远")
    reply = desk.inbox.receive(desk.id, "2", "怎么开户").reply
    assert reply
    for _ in range(2):
        desk.conversations.judge_reply(desk.id, reply.message.id, helpful=False)
    with desk.store.read() as work:
        assert [(gap.question, gap.miss) for gap in work.decisions.gaps()] == [
            ("怎么开户", "unhelpful"), ("月亮多远", "fallback")]
    assert desk.conversations.transcript(desk.id).messages[-1].helpful is False


def test_satisfaction_is_kept_and_told_once(desk: Desk) -> None:
    for _ in range(2):
        desk.conversations.judge_conversation(desk.id, 4)
    assert desk.event_types().count("satisfaction.given") == 1
    assert desk.conversations.admit(desk.id, desk.opened.token).satisfaction == 4


def test_a_verdict_is_only_for_a_reply_of_this_conversation(desk: Desk) -> None:
    exchange = desk.inbox.receive(desk.id, "1", "怎么开户")
    other = desk.conversations.open("web").conversation.id
    assert exchange.reply
    for conversation, reply in ((other, exchange.reply.message.id), (desk.id, exchange.message.id), (desk.id, "none")):
        with pytest.raises(ReplyNotFound):
            desk.conversations.judge_reply(conversation, reply, helpful=True)


def test_a_transcript_goes_on_after_a_message(desk: Desk) -> None:
    first = desk.inbox.receive(desk.id, "1", "怎么开户")
    rest = desk.conversations.transcript(desk.id, after=first.message.id).messages
    assert [said.message.sender for said in rest] == ["assistant"]
    with pytest.raises(UnknownPosition):
        desk.conversations.transcript(desk.id, after="none")


def test_a_wrong_token_and_a_wrong_id_are_the_same(desk: Desk) -> None:
    for conversation, token in ((desk.id, "wrong"), ("none", desk.opened.token), (desk.id, ""), (desk.id, "🙂\ud800")):
        with pytest.raises(ConversationNotFound):
            desk.conversations.admit(conversation, token)


def test_an_empty_message_is_not_stored(desk: Desk) -> None:
    with pytest.raises(EmptyMessage):
        desk.inbox.receive(desk.id, "1", " \n\u200b")
    assert desk.texts() == []


def test_the_bell_rings_after_commit(desk: Desk) -> None:
    heard: list[list[str]] = []
    stop = desk.bell.listen(lambda conversation: heard.append([conversation, desk.event_types()[-1]]))
    desk.inbox.receive(desk.id, "1", "怎么开户")
    stop()
    desk.inbox.receive(desk.id, "2", "怎么开户")
    assert heard == [[desk.id, "message.received"], [desk.id, "reply.sent"]]


def test_conversations_do_not_wait_for_each_other(store: Store) -> None:
    together = threading.Barrier(2, timeout=10)
    desk = Desk(store, lambda _: together.wait() and None)
    other = desk.conversations.open("web").conversation.id
    inboxes = [(desk.another_process(), desk.id), (desk.another_process(), other)]
    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(lambda item: item[0].receive(item[1], "1", "怎么开户").reply, inboxes))
