"""What agents write: kept before it is acknowledged, once, read before it goes out, and notes that no client sees."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from assistant.errors import (
    AlreadyClaimed,
    ConversationClosed,
    ConversationNotFound,
    EmptyMessage,
    MessageTooLong,
    NotClaimed,
    OutgoingRefused,
    UnknownSuggestion,
)
from assistant.storage import Store
from tests.assistant.office import Office
from tests.fakes import ANSWER, FakeWords

PROMISE, RUDE = "这个稳赚不赔", "您怎么这么笨"


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def test_a_message_goes_to_the_client_under_the_agent_s_name(office: Office) -> None:
    name = office.claimed(office.anna)
    sent = office.send(name, " 您好\r\n请讲\x00 ", office.anna, "a1")
    assert sent.author and (sent.message.sender, sent.message.text, sent.author.author_name) == ("agent", "您好\n请讲", "坐席anna")
    assert office.texts(name)[-1] == ("agent", "您好\n请讲")
    told = office.conversations.events_after(name, 0)[-1]
    assert told.event.type == "message.sent" and told.said and told.said.author and told.said.author.author == "anna"
    assert [entry.details for entry in office.trail(name) if entry.action == "conversation.replied"] == [{"message": sent.message.id}]


def test_the_same_id_again_gives_the_same_and_sends_nothing(office: Office) -> None:
    name = office.claimed(office.anna)
    first = office.send(name, "您好", office.anna, "same")
    told, trail = office.event_types(name), office.trail(name)
    assert office.send(name, "别的话", office.anna, "same") == first
    office.console.transfer(name, "bert", office.anna)
    assert office.send(name, "您好", office.anna, "same") == first, "a retry is answered even when somebody else has it now"
    office.console.close(name, office.bert)
    assert office.send(name, "您好", office.anna, "same") == first
    assert office.event_types(name)[:len(told)] == told and len(office.event_types(name)) == len(told) + 2
    assert len(office.trail(name)) == len(trail) + 2
    assert office.texts(name).count(("agent", "您好")) == 1


def test_ids_of_agents_and_of_the_client_do_not_meet(office: Office) -> None:
    name = office.waiting()
    office.inbox.receive(name, "1", "在吗")
    office.console.claim(name, office.anna)
    assert office.send(name, "您好", office.anna, "1").message.text == "您好"
    office.console.transfer(name, "bert", office.anna)
    assert office.send(name, "我是小王", office.bert, "1").message.text == "我是小王"
    assert office.inbox.receive(name, "1", "x").message.text == "在吗"


def test_a_message_that_races_with_itself_is_sent_once(office: Office) -> None:
    name = office.claimed(office.anna)
    with ThreadPoolExecutor(6) as pool:
        sent = list(pool.map(lambda _: office.send(name, "您好", office.anna, "same"), range(6)))
    assert len({said.message.id for said in sent}) == 1
    assert office.texts(name).count(("agent", "您好")) == 1 and office.event_types(name).count("message.sent") == 1


def test_only_who_holds_it_writes(office: Office) -> None:
    name = office.waiting()
    with pytest.raises(NotClaimed):
        office.send(name, "您好", office.anna)
    office.console.claim(name, office.anna)
    for other in (office.bert, office.boss):
        with pytest.raises(AlreadyClaimed, match="anna"):
            office.send(name, "您好", other)
    office.console.close(name, office.anna)
    with pytest.raises(ConversationClosed):
        office.send(name, "您好", office.anna)
    with pytest.raises(ConversationNotFound):
        office.send("none", "您好", office.anna)
    assert all(sender != "agent" for sender, _ in office.texts(name))


@pytest.mark.parametrize(("text", "error"), [("", EmptyMessage), (" \n", EmptyMessage), ("好" * 2001, MessageTooLong)])
def test_texts_that_are_none(office: Office, text: str, error: type[Exception]) -> None:
    name = office.claimed(office.anna)
    with pytest.raises(error):
        office.send(name, text, office.anna)
    with pytest.raises(error):
        office.writing.note(name, "n1", text, office.anna)


def test_what_may_not_go_out_stays_and_is_in_the_trail(office: Office) -> None:
    name = office.claimed(office.anna)
    for _ in range(2):
        with pytest.raises(OutgoingRefused) as refused:
            office.send(name, PROMISE, office.anna, "a1", acknowledged=("promise",))
        assert [(finding.rule, finding.words) for finding in refused.value.findings] == [("promise", "稳赚")]
    assert all(sender != "agent" for sender, _ in office.texts(name))
    found = [entry.details for entry in office.trail(name) if entry.action == "outgoing.found"]
    assert found == [{"sent": False, "findings": [
        {"rule": "promise", "severity": "hard", "start": 2, "end": 4, "acknowledged": True, "words": "稳赚"}]}] * 2
    assert office.send(name, "投资有风险", office.anna, "a1").message.text == "投资有风险", "the id is still free"


def test_a_warning_that_is_acknowledged_goes_out_and_is_in_the_trail(office: Office) -> None:
    name = office.claimed(office.anna)
    for acknowledged in ((), ("promise",)):
        with pytest.raises(OutgoingRefused):
            office.send(name, RUDE, office.anna, "a1", acknowledged=acknowledged)
    sent = office.send(name, RUDE, office.anna, "a1", acknowledged=("disparaging", "promise"))
    assert sent.author and sent.author.acknowledged == ("disparaging",)
    found = [entry.details["sent"] for entry in office.trail(name) if entry.action == "outgoing.found"]
    assert found == [False, False, True]


def test_the_firm_says_which_rules_stop_a_text(store: Store) -> None:
    office = Office(store, hard=["disparaging"])
    name = office.claimed(office.anna)
    with pytest.raises(OutgoingRefused):
        office.send(name, RUDE, office.anna, acknowledged=("disparaging",))
    assert office.send(name, PROMISE, office.anna, acknowledged=("promise",))


def test_numbers_of_a_client_reach_no_trail(office: Office) -> None:
    name = office.claimed(office.anna)
    for text in ("打13912345678找他", "家住人民路12号602室", "他的电话幺三九一二三四五六七八"):
        with pytest.raises(OutgoingRefused):
            office.send(name, text, office.anna)
    trail = json.dumps([entry.details for entry in office.trail()], ensure_ascii=False)
    assert "personal_data" in trail
    assert not any(secret in trail for secret in ("13912345678", "人民路", "幺三九"))


def test_the_client_s_own_number_may_be_said(office: Office) -> None:
    name = office.open("我的手机是13912345678，转人工")
    office.console.claim(name, office.anna)
    assert office.send(name, "我打13912345678给您回电", office.anna)
    with pytest.raises(OutgoingRefused):
        office.send(name, "我打13812345678给您回电", office.anna)


def test_a_suggestion_that_is_sent_is_kept_with_what_became_of_it(office: Office) -> None:
    name = office.open("怎么开户")
    office.console.claim(name, office.anna)
    suggested = office.suggested(name, office.anna)[0]
    as_it_is = office.send(name, ANSWER, office.anna, suggestion_id=suggested.id)
    office.clock.go(seconds=1)
    edited = office.send(name, f"您好，{ANSWER}", office.anna, suggestion_id=suggested.id)
    with office.store.read() as work:
        uses = work.suggestions.uses(name)
    assert [(use.message_id, use.suggestion_id, use.agent, use.edited, use.sent_text) for use in uses] == [
        (as_it_is.message.id, suggested.id, "anna", False, ANSWER), (edited.message.id, suggested.id, "anna", True, f"您好，{ANSWER}")]
    assert office.trail(name)[-1].details == {"message": edited.message.id, "suggestion": suggested.id}


def test_what_was_sent_is_kept_masked(store: Store) -> None:
    office = Office(store, hard=[])
    name = office.open("怎么开户")
    office.console.claim(name, office.anna)
    suggested = office.suggested(name, office.anna)[0]
    office.send(name, "打13912345678", office.anna, suggestion_id=suggested.id, acknowledged=("personal_data",))
    with office.store.read() as work:
        assert [use.sent_text for use in work.suggestions.uses(name)] == ["打〈手机号〉"]


def test_a_suggestion_of_another_conversation_is_none(office: Office) -> None:
    other = office.open("怎么开户")
    suggested = office.suggested(other, office.anna)[0]
    name = office.claimed(office.anna)
    for suggestion_id in (suggested.id, "none"):
        with pytest.raises(UnknownSuggestion):
            office.send(name, "您好", office.anna, suggestion_id=suggestion_id)


def test_approved_words_go_out_word_for_word_and_their_edits_are_read(store: Store) -> None:
    words = FakeWords()
    words._articles["open-account-online"] = replace(words._articles["open-account-online"], text="说“稳赚不赔”要当真就错了。\n")
    office = Office(store, words=words)
    name = office.open("怎么开户")
    office.console.claim(name, office.anna)
    suggested = office.suggested(name, office.anna)[0]
    assert office.send(name, suggested.text, office.anna, suggestion_id=suggested.id)
    with pytest.raises(OutgoingRefused):
        office.send(name, suggested.text, office.anna)
    with pytest.raises(OutgoingRefused):
        office.send(name, f"{suggested.text}放心", office.anna, suggestion_id=suggested.id)


def test_a_note_is_for_colleagues_only(office: Office) -> None:
    name = office.waiting()
    note = office.writing.note(name, "n1", "客户很急，稳赚不赔的事先别提", office.bert)
    office.clock.go(seconds=1)
    assert office.writing.note(name, "n1", "别的话", office.bert) == note
    assert office.writing.note(name, "n1", "我也看过了", office.anna) != note
    assert [item.text for item in office.console.story(name, office.anna).notes] == ["客户很急，稳赚不赔的事先别提", "我也看过了"]
    agents = [told.note.text for told in office.feed.of_conversation(name, 0) if told.note]
    assert agents == ["客户很急，稳赚不赔的事先别提", "我也看过了"]
    seen_by_client = repr(office.conversations.events_after(name, 0)) + repr(office.conversations.transcript(name))
    assert "note" not in seen_by_client and "很急" not in seen_by_client
    assert [entry.actor for entry in office.trail(name) if entry.action == "conversation.noted"] == ["bert", "anna"]
    assert "很急" not in repr(office.trail())
    with pytest.raises(ConversationNotFound):
        office.writing.note("none", "n1", "x", office.anna)


def test_a_note_is_no_message(office: Office) -> None:
    """It neither counts as unread, nor has a place between the messages, nor moves the conversation in the queue."""
    name = office.claimed(office.anna)
    before = office.console.look(name, office.bert)
    office.writing.note(name, "n1", "看一下", office.anna)
    assert office.console.look(name, office.bert) == before
    assert [said.message.seq for said in office.console.story(name, office.anna).messages] == [1, 2]
