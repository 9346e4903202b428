"""Who a client is, their past, files, tags, colleagues who read along, phrases and the search, on every store."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from assistant.audit import SYSTEM
from assistant.client_record import ClientFields
from assistant.clients import Clients
from assistant.errors import (
    AlreadyClaimed,
    AttachmentNotFound,
    AttachmentsFull,
    ClientTokenUsed,
    IdentityDiffers,
    NotClaimed,
    OutgoingRefused,
    QuickReplyInvalid,
    QuickReplyNotFound,
    RecipientInvalid,
    ShortcutTaken,
    TagInvalid,
    UnknownPosition,
)
from assistant.files import Files
from assistant.history import History
from assistant.labelling import Labelling
from assistant.outgoing import load_outgoing_check
from assistant.phrases import Phrase, Phrases, initials, spelled
from assistant.service import Conversations
from assistant.storage import Conversation, Store
from assistant.storage.queue import Wanted
from assistant.vouching import Vouching
from assistant.waiting_room import WaitingRoom
from tests.assistant.office import Office
from tests.assistant.test_vouching import SECRET, fresh_token
from tests.fakes import ANSWER


class Known(Office):
    """An office with a key by which clients are vouched for."""

    def __init__(self, store: Store, folder: Path) -> None:
        super().__init__(store)
        self.conversations = Conversations(store, self.bell, vouching=Vouching(secret=SECRET), clock=self.clock)
        self.clients = Clients(store, clock=self.clock)
        self.history = History(store, clock=self.clock)
        self.files = Files(store, folder, clock=self.clock)
        room: WaitingRoom = self.inbox._room
        self.labelling = Labelling(store, self.bell, room, clock=self.clock)
        self.phrases = Phrases(store, load_outgoing_check(), clock=self.clock)

    def record(self, client_id: str, **identities: str) -> None:
        self.clients.put(client_id, ClientFields(display_name="谷雨", identities=identities), SYSTEM)

    def past(self, conversation_id: str, **how: object) -> list[str]:
        return [said.message.text for said, _ in self.history.of_client(self.get(conversation_id), **how).messages]  # type: ignore[arg-type]

    def lines(self, conversation_id: str) -> list[str]:
        return [line.conversation.id for line in self.history.of_agent(conversation_id, self.anna)]


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Known:
    return Known(store, tmp_path / "uploads")


def line_client(office: Known, conversation_id: str) -> str | None:
    return office.console.look(conversation_id, office.anna).client_id


def test_a_client_who_is_vouched_for_is_one_client_on_every_channel(office: Known) -> None:
    office.record("C-1", wechat="openid-1")
    web = office.open("第一句", client_token=fresh_token())
    assert line_client(office, web) == "C-1" and office.get(web).vouched
    with office.store.read() as work:
        assert set(work.clients.refs(["C-1"])["C-1"]) == {"wechat", "web"}, "the record learns the client's name on the channel"
    office.clock.now += timedelta(minutes=1)
    wechat = office.open("第二句", channel="wechat", client_token=fresh_token())
    app = office.open("第三句", channel="app", client_token=fresh_token(sub="openid-x", channel="app"))
    assert line_client(office, wechat) == "C-1" and line_client(office, app) is None
    later = office.open(client_token=fresh_token())
    assert office.lines(later) == [wechat, web] and office.lines(app) == []
    assert [text for text in office.past(later) if not text.startswith("（")] == ["第一句", "第二句"]
    changed = [entry for entry in office.trail() if entry.action == "client.changed" and entry.actor == "system"]
    assert changed[-1].details["identities"] == ["web"] and changed[-1].details["why"] == "vouched"


def test_somebody_unknown_becomes_known_and_the_histories_join(office: Known) -> None:
    office.record("C-1")
    before = office.open("早先说的", client_token=fresh_token())
    unknown = office.open("我是谁")
    assert office.past(unknown) == [] and office.lines(unknown) == [] and line_client(office, unknown) is None
    seen = office.get(unknown).turn
    for _ in range(2):
        assert office.conversations.identify(office.get(unknown), fresh_token()) is True
    assert line_client(office, unknown) == "C-1" and office.lines(unknown) == [before] and office.lines(before) == [unknown]
    assert "早先说的" in office.past(unknown) and office.get(unknown).turn == seen
    assert office.event_types(unknown).count("conversation.identified") == 1
    assert all(told.event.type != "conversation.identified" for told in office.conversations.events_after(unknown, 0))
    with pytest.raises(IdentityDiffers):
        office.conversations.identify(office.get(unknown), fresh_token(sub="C-2"))


def test_the_past_comes_in_pages_and_of_nobody_else(office: Known) -> None:
    first = office.open("一", "二", "三", client_token=fresh_token())
    other = office.open("别人的", client_token=fresh_token(sub="C-2"))
    now = office.open("现在", client_token=fresh_token())
    conversation = office.get(now)
    page = office.history.of_client(conversation, limit=2)
    assert page.has_more and len(page.messages) == 2
    seen = [said.message for said, _ in page.messages]
    while page.has_more:
        page = office.history.of_client(conversation, before=page.messages[0][0].message.id, limit=2)
        seen = [said.message for said, _ in page.messages] + seen
    assert [message.text for message in seen] == [text for _, text in office.texts(first)]
    with office.store.read() as work:
        foreign = work.conversations.messages(other)[0].id
    for place in (foreign, "none"):
        with pytest.raises(UnknownPosition):
            office.history.of_client(conversation, before=place)


def test_a_token_for_one_use_is_used_once(office: Known) -> None:
    once = fresh_token(jti="only-once")
    name = office.open(client_token=once)
    for again in (lambda: office.open(client_token=once), lambda: office.conversations.identify(office.get(name), once)):
        with pytest.raises(ClientTokenUsed):
            again()
    assert office.open(client_token=fresh_token(jti="only-once", sub="C-2")), "another client's may be called the same"


def test_who_is_not_vouched_for_sees_no_past(store: Store) -> None:
    office = Office(store)
    first = office.open("秘密", client_token="guessable")
    second = office.get(office.open(client_token="guessable"))
    history = History(store)
    assert history.of_client(second).messages == () and second.client_ref == office.get(first).client_ref
    assert [line.conversation.id for line in history.of_agent(second.id, office.anna)] == [first], "agents see what belongs together"


def sent_file(office: Known, conversation_id: str, data: bytes = b"hello", text: str = "", name: str = "a.txt") -> Conversation | object:
    office.sent += 1
    taken = office.files.take(name, data, conversation_id=conversation_id)
    return office.inbox.receive(conversation_id, f"f{office.sent}", text, file=taken)


def test_files_go_both_ways_and_to_nobody_else(office: Known) -> None:
    name = office.claimed(office.anna)
    exchange = sent_file(office, name, text="请看", name="流水.txt")
    told = office.feed.of_conversation(name, 0)[-1].said
    assert told and told.attachment == exchange.attachment and exchange.attachment.name == "流水.txt"
    again = office.inbox.receive(name, f"f{office.sent}", "请看", file=office.files.take("流水.txt", b"hello", conversation_id=name))
    assert again.attachment == exchange.attachment
    reply = office.send(name, "", office.anna, file=office.files.take("b.txt", b"answer", conversation_id=name))
    assert reply.attachment and reply.message.text == ""
    assert office.conversations.transcript(name).messages[-1].attachment == reply.attachment
    found, path = office.files.for_client(office.get(name), reply.attachment.id)
    assert path.read_bytes() == b"answer" and path.name == found.sha256 and path.stat().st_mode & 0o077 == 0
    assert office.files.for_agent(name, exchange.attachment.id, office.bert)[1].read_bytes() == b"hello"
    assert {"why": "attachment", "attachment": exchange.attachment.id} in [entry.details for entry in office.trail(name)]
    other = office.open()
    for look in (lambda: office.files.for_client(office.get(other), reply.attachment.id),
                 lambda: office.files.for_agent(other, reply.attachment.id, office.anna),
                 lambda: office.files.for_client(office.get(name), "none")):
        with pytest.raises(AttachmentNotFound):
            look()
    with pytest.raises(OutgoingRefused):
        office.send(name, "这个稳赚不赔", office.anna, file=office.files.take("c.txt", b"c", conversation_id=name))
    with pytest.raises(AlreadyClaimed):
        office.send(name, "", office.bert, file=office.files.take("c.txt", b"c", conversation_id=name))


def test_a_client_who_is_known_sees_the_files_of_the_past(office: Known) -> None:
    first = office.open(client_token=fresh_token())
    kept = sent_file(office, first).attachment
    known, unknown, other = office.open(client_token=fresh_token()), office.open(), office.open(client_token=fresh_token(sub="C-2"))
    assert office.files.for_client(office.get(known), kept.id)[0] == kept
    for name in (unknown, other):
        with pytest.raises(AttachmentNotFound):
            office.files.for_client(office.get(name), kept.id)


def test_a_file_alone_asks_nothing_of_the_assistant(office: Known) -> None:
    name = office.open("怎么开户")
    exchange = sent_file(office, name)
    assert exchange.reply is None and len(office.responder.seen) == 1
    assert sent_file(office, name, text="怎么开户").reply, "words beside it are answered"
    office.say(name, "转人工")
    sent_file(office, name)
    office.console.claim(name, office.anna)
    assert "" not in office.get(name).summary["asked"] and office.suggested(name, office.anna)


def test_a_client_does_not_fill_the_disk(office: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.attaching.MOST_OF_CLIENT", 2)
    name = office.open()
    for number in range(2):
        sent_file(office, name, bytes([65 + number]))
    with pytest.raises(AttachmentsFull):
        sent_file(office, name, b"x")
    assert len(office.texts(name)) == 2, "what could not be attached was not said either"


def test_tags(office: Known) -> None:
    name, other = office.open("一"), office.open("二")
    tagged = office.labelling.tag(name, [" 投诉 ", "ＶＩＰ", "投诉", "#margin"], office.anna)
    assert tagged.tags == ("margin", "vip", "投诉")
    office.labelling.tag(other, ["投诉"], office.bert)
    seen = office.event_types(name)
    office.labelling.tag(name, ["投诉", "VIP", "margin"], office.bert)
    assert office.event_types(name) == seen, "the same again changes nothing"
    assert office.labelling.known_tags() == ["投诉", "margin", "vip"] and office.labelling.known_tags("V") == ["vip"]
    assert office.labelling.tag(name, ["投诉"], office.anna).tags == ("投诉",)
    page = office.console.page(office.anna, Wanted(tag="投诉"))
    assert {line.conversation.id for line in page.lines} == {name, other}
    assert [entry.details for entry in office.trail(name) if entry.action == "conversation.tagged"] == [
        {"added": ["margin", "vip", "投诉"], "removed": []}, {"added": [], "removed": ["margin", "vip"]}]
    assert office.feed.of_agent("bert", 0)[-1].event.payload == {"tags": ["投诉"]}
    for wrong in ([""], ["  #"], ["x" * 25], ["13812345678"], [str(number) for number in range(13)]):
        with pytest.raises(TagInvalid):
            office.labelling.tag(name, wrong, office.anna)


def test_a_colleague_reads_along_and_whispers_and_does_not_write(office: Known) -> None:
    name = office.claimed(office.anna)
    start = office.feed.of_agent("bert", 0)[-1].event.id
    office.say(name, "悄悄话")
    assert office.feed.of_agent("bert", start) == []
    for _ in range(2):
        assert office.labelling.invite(name, "bert", office.anna).guests == ("bert",)
    told = office.feed.of_agent("bert", start)
    assert [item.event.type for item in told] == ["message.received", "colleague.invited"] and told[-1].event.payload["guest"] == "bert"
    assert told[0].said and told[0].said.message.text == "悄悄话"
    office.say(name, "在吗")
    assert office.feed.of_agent("bert", told[-1].event.id)[0].said.message.text == "在吗"
    assert any("bert" in told.guests for told in office.feed.of_all(start, lambda told: False))
    office.writing.note(name, "n1", "他问的是两融", office.bert)
    assert office.feed.of_agent("anna", told[-1].event.id)[-1].note.text == "他问的是两融"
    with pytest.raises(AlreadyClaimed):
        office.send(name, "您好", office.bert)
    with pytest.raises(AlreadyClaimed):
        office.labelling.invite(name, "boss", office.bert)
    for nobody in ("anna", "none", "", "\x00"):
        with pytest.raises(RecipientInvalid):
            office.labelling.invite(name, nobody, office.anna)
    assert office.labelling.leave(name, "bert", office.bert).guests == () and office.labelling.leave(name, "bert", office.bert)
    office.labelling.invite(name, "bert", office.boss)
    office.console.transfer(name, "bert", office.anna)
    assert office.console.look(name, office.anna).guests == (), "who has it is no guest"
    office.labelling.invite(name, "anna", office.bert)
    office.console.close(name, office.bert)
    assert office.console.look(name, office.anna).guests == ()
    with pytest.raises(NotClaimed):
        office.labelling.invite(office.open("x"), "bert", office.anna)


def test_phrases_of_one_s_own(office: Known) -> None:
    made = office.phrases.add(Phrase("核实身份", "{称呼}，我是{坐席}，请先核实身份。"), office.anna)
    assert made.shortcut == "hssf" == initials("核实身份") and made.pinyin == "heshishenfen" == spelled("核实身份")
    assert (initials("App 登录"), spelled("App 登录")) == ("appdl", "appdenglu") and office.phrases.own(office.anna) == [made]
    assert office.phrases.own(office.bert) == [] and office.phrases.add(Phrase("核实身份", "别人的"), office.bert).shortcut == "hssf"
    with pytest.raises(ShortcutTaken):
        office.phrases.add(Phrase("回收", "x", "hssf"), office.anna)
    other = office.phrases.add(Phrase("第二", "好的"), office.anna)
    with pytest.raises(ShortcutTaken):
        office.phrases.change(other.id, Phrase("第二", "好的", "HSSF"), office.anna)
    assert office.phrases.change(made.id, Phrase("核实", "请核实。", "hs-1"), office.anna).shortcut == "hs-1"
    for wrong in (lambda: office.phrases.change(made.id, Phrase("a", "b"), office.bert),
                  lambda: office.phrases.remove(made.id, office.bert)):
        with pytest.raises(QuickReplyNotFound):
            wrong()
    with pytest.raises(OutgoingRefused):
        office.phrases.add(Phrase("承诺", "这个稳赚不赔"), office.anna)
    for title, text, shortcut in (("…", "x", ""), ("a", "{密码}", ""), ("a", "x", "有空格 的")):
        with pytest.raises(QuickReplyInvalid):
            office.phrases.add(Phrase(title, text, shortcut), office.anna)
    office.phrases.remove(made.id, office.anna)
    assert office.phrases.own(office.anna) == [other]


def test_phrases_of_the_team_are_everybody_s_and_begin_with_those_that_are_shipped(office: Known) -> None:
    phrases, shipped = office.phrases, office.phrases.of_team()
    assert [item.title for item in shipped[:3]] == ["问候", "稍等", "还在核实"] and len(shipped) == 16
    assert {item.title for item in shipped if "promise" in item.instead_of} == {"风险提示"}
    made = phrases.add(Phrase("节日安排", "{称呼}，节日照常。", "v9", ("promise",)), office.boss, team=True)
    assert (made.shortcut, made.initials, made.pinyin, made.instead_of) == ("v9", "jrap", "jierianpai", ("promise",))
    assert phrases.of_team() == [made, *shipped] and phrases.own(office.boss) == [], "the firm's own come first"
    assert phrases.add(Phrase("v9", "我的", "v9"), office.anna).owner == "anna", "an agent's own may have the same shortcut"
    with pytest.raises(ShortcutTaken):
        phrases.add(Phrase("另一条", "x", "v9"), office.boss, team=True)
    changed = phrases.change(shipped[1].id, Phrase("稍等", "{坐席}正在核实。", "sd"), office.boss, team=True)
    assert phrases.of_team()[2] == changed, "it keeps its place"
    for wrong in (lambda: phrases.change(made.id, Phrase("a", "b"), office.boss), lambda: phrases.remove(made.id, office.boss),
                  lambda: phrases.remove(phrases.own(office.anna)[0].id, office.boss, team=True)):
        with pytest.raises(QuickReplyNotFound):
            wrong()
    with pytest.raises(OutgoingRefused):
        phrases.change(made.id, Phrase("承诺", "这个稳赚不赔"), office.boss, team=True)
    with pytest.raises(QuickReplyInvalid):
        phrases.add(Phrase("a", "b", instead_of=("none",)), office.boss, team=True)
    phrases.remove(made.id, office.boss, team=True)
    assert phrases.of_team() == [shipped[0], changed, *shipped[2:]]
    told = [(entry.action, entry.actor, entry.details) for entry in office.trail() if entry.subject == f"quick_reply:{made.id}"]
    assert told == [("quick_reply.added", "boss", {"of": "team"}), ("quick_reply.removed", "boss", {"of": "team"})]


def test_what_an_agent_searches_is_approved_and_known(office: Known) -> None:
    name = office.open("你好", "转人工")
    office.console.claim(name, office.anna)
    offered = office.suggested(name, office.anna)
    (found,) = office.suggestions.search("开户", office.anna, name)
    assert (found.worded.article_id, found.worded.text, found.confidence) == ("open-account-online", ANSWER, 0.97)
    assert office.suggested(name, office.anna) == offered, "what was searched is not what was offered"
    sent = office.send(name, ANSWER, office.anna, suggestion_id=found.suggestion_id)
    with office.store.read() as work:
        (use,) = work.suggestions.uses(name)
        kept = work.suggestions.get(found.suggestion_id or "")
    assert (use.message_id, use.edited, kept and kept.origin) == (sent.message.id, False, "searched")
    assert office.suggestions.search("开户", office.anna)[0].suggestion_id is None
    assert [entry.details["articles"] for entry in office.trail() if entry.action == "knowledge.seen"] == [["open-account-online"]] * 2
