"""A day at the console: who calls for attention, twenty clients at once, the client's card, the keyboard alone, and being told."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.agent import Agent
from assistant.audit import Actor
from assistant.client_record import ClientFields
from assistant.demo_data import fill_demo
from assistant.reply import Context, Outcome
from assistant.roles import Role, permissions_of
from intents.reading import Tone
from tests.api.conftest import add_account, running
from tests.assistant.office import overheard
from tests.web.colleague import Colleague, colleagues
from tests.web.rigged import Rigged

pytestmark = pytest.mark.browser
Come = Callable[..., Colleague]
ANGRY = "你们是骗子"
RECORD = {"display_name": "谷雨一", "tier": "gold", "risk_level": "C3", "assessed_on": "2026-01-05", "assessment_expires_on": "2999-01-05",
          "birth_year": 1980, "permissions": ["hk_connect", "star"], "notes": "只在收盘后联系",
          "identities": {"web": "token-1", "wechat": "token-2"},
          "holdings": {"as_of": "2026-07-01", "total_assets": "352000.00", "cash": "12000.50", "by_kind": {}}}
# Where to put pictures of the screens, for whoever wants to look at them.
PICTURES = os.environ.get("ZHIKE_TEST_PICTURES")


def picture(page: Any, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(300)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


class House:
    """What clients and colleagues do elsewhere, on the server that the consoles look at."""

    def __init__(self, server: Rigged) -> None:
        self.app, self.url, self.sent = server.app, server.url, 0
        self._application = running(server.app)

    def client(self, *said: str, channel: str = "web", token: str | None = None) -> str:
        """Id of a new conversation in which a client says so."""
        name = self._application.conversations.open(channel, token).conversation.id
        for text in said:
            self.say(name, text)
        return name

    def say(self, conversation_id: str, text: str) -> None:
        self.sent += 1
        self._application.inbox.receive(conversation_id, f"m{self.sent}", text)

    def claim(self, conversation_id: str, name: str) -> None:
        self._application.console.claim(conversation_id, self._agent(name))

    def close(self, conversation_id: str, name: str) -> None:
        self._application.console.close(conversation_id, self._agent(name))

    def record(self, given: dict[str, object]) -> None:
        """What the firm's own system writes of the client C1."""
        self._application.clients.put("C1", ClientFields.model_validate(given), Actor("crm"))

    def offer(self) -> None:
        """Products, without which no follow-up has an opening line."""
        fill_demo(self._application.store)

    def words(self, conversation_id: str) -> list[str]:
        return [said.message.text for said in self._application.conversations.transcript(conversation_id).messages]

    def state(self, conversation_id: str) -> tuple[str, str | None]:
        with self._application.store.read() as work:
            found = work.conversations.get(conversation_id)
        assert found
        return found.state.value, found.agent

    def _agent(self, name: str) -> Agent:
        with self._application.store.read() as work:
            account = work.staff.get(name)
        assert account
        return Agent.of(account, permissions_of(account.roles), Actor(name))


def hear_anger(server: Rigged) -> None:
    """As the models do, in what the assistant reads and in what it hears while a human has the conversation."""
    usual = server.responder.respond

    def respond(text: str, context: Context = Context(), at: Any = None) -> Outcome:
        outcome = usual(text, context, at)
        return replace(outcome, reading=replace(outcome.reading, tone=Tone("angry", 0.9))) if ANGRY in text else outcome

    server.responder.respond = respond  # type: ignore[method-assign]
    running(server.app).inbox._overhears = lambda text: overheard(text, "angry" if ANGRY in text else "neutral")


@pytest.fixture
def server(rigged: Callable[..., Rigged], tmp_path: Path) -> Rigged:
    # So that answers are late within a test.
    (tmp_path / "measures.toml").write_text("[reply]\nsoon = 2\nlate = 4\n", encoding="utf-8")
    server = rigged(measures=tmp_path / "measures.toml")
    for name in ("anna", "bert"):
        add_account(server.app, name, Role.AGENT)
    add_account(server.app, "boss", Role.MANAGER)
    return server


@pytest.fixture
def house(server: Rigged) -> House:
    return House(server)


@pytest.fixture
def come(browser: Any, server: Rigged) -> Iterator[Come]:
    with colleagues(browser, server.url, width=1280, height=800) as come:
        yield come


def test_the_manager_sees_anger_without_a_click(come: Come, server: Rigged, house: House) -> None:
    hear_anger(server)
    held, alone = house.client("转人工"), house.client("怎么开户")
    house.claim(held, "anna")
    boss = come("boss")
    raised = boss.section("attention")
    boss.section("others").wait_for()
    assert not raised.is_visible() and boss.page.title() == "知客坐席台"
    house.say(held, ANGRY)
    raised.locator(".line", has_text="anna").wait_for()
    assert "情绪告急" in raised.inner_text() and raised.locator("h2").inner_text() == "需要关注"
    house.say(alone, ANGRY)
    raised.locator(".line", has_text="智能助手").wait_for()
    boss.page.wait_for_function("() => document.title === '(2) 知客坐席台'")
    picture(boss.page, "raised-1280-zh")
    # Also after a reload, and in a narrow window; what they have looked at counts no more, and stays in sight.
    boss.page.reload()
    raised.locator(".line").nth(1).wait_for()
    assert raised.locator(".line").first.is_visible() and boss.page.title() == "(2) 知客坐席台"
    boss.choose("attention", "anna")
    boss.page.wait_for_function("() => document.title === '(1) 知客坐席台'")
    assert raised.locator(".line").count() == 2
    boss.page.set_viewport_size({"width": 390, "height": 844})
    assert boss.talk.get_by_role("button", name="返回列表，1 个会话需要您").inner_text() == "1"
    picture(boss.page, "raised-390-zh")
    boss.page.set_viewport_size({"width": 1280, "height": 800})
    # Somebody takes care: one is closed, in the other an agent steps in.
    house.close(held, "anna")
    raised.locator(".line", has_text="anna").wait_for(state="detached")
    house.claim(alone, "bert")
    raised.locator(".line", has_text="bert").wait_for()
    boss.choose("attention", "bert")
    boss.page.wait_for_function("() => document.title === '知客坐席台'")


def test_raised_clients_stay_in_sight_where_the_list_is_long(come: Come, server: Rigged, house: House) -> None:
    hear_anger(server)
    for number in range(19):
        house.claim(house.client(f"转人工{number}"), "anna")
    house.say(house.client("怎么开户"), ANGRY)
    house.record(RECORD)
    own = house.client("转人工", token="token-1")
    house.claim(own, "anna")
    house.say(own, ANGRY)
    anna = come("anna")
    # The agent's own is among their own, whatever stands in its line.
    line = anna.section("mine").locator(".line").first
    anna.page.wait_for_function("(line) => line.querySelector('.wait.late')", arg=line.element_handle())
    assert all(words in line.inner_text() for words in ("谷", "金卡", "情绪告急", "生气", "等了"))
    assert line.evaluate("(line) => [line.scrollWidth - line.clientWidth, line.querySelector('.who').clientWidth > 20]") == [0, True]
    picture(anna.page, "long-1280-zh")
    anna.section("attention").locator(".line").wait_for()
    anna.section("mine").locator(".line").last.scroll_into_view_if_needed()
    anna.inbox.evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    seen = anna.section("attention").locator(".line").evaluate("""(line) => { const { left, top } = line.getBoundingClientRect();
        return line.contains(document.elementFromPoint(left + 20, top + 10)); }""")
    assert seen
    # The keys of the list go past what is empty, and never behind what stays in sight.
    anna.section("mine").locator(".line").last.focus()
    for _ in range(8):
        anna.press("ArrowUp")
        above, line = anna.page.evaluate("""[document.querySelector('.section.attention').getBoundingClientRect().bottom,
            document.activeElement.getBoundingClientRect().top]""")
        assert line >= above - 1
    anna.section("mine").locator(".line").last.focus()
    anna.press("ArrowDown")
    anna.page.wait_for_function("() => document.activeElement.closest('.section.assistant')")


def test_twenty_clients_at_once_and_who_has_waited_how_long(come: Come, house: House) -> None:
    held = [house.client(f"转人工，第 {number} 位") for number in range(20)]
    for name in held:
        house.claim(name, "anna")
    anna = come("anna")
    rows = anna.section("mine").locator(".line")
    rows.nth(19).wait_for()
    assert rows.count() == 20 and rows.locator(".unread:visible").count() == 20
    assert anna.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [1280, 800]
    for number in range(20):
        row = rows.nth(number)
        row.scroll_into_view_if_needed()
        assert row.evaluate("""(row) => { const pane = row.closest('nav.inbox').getBoundingClientRect(), own = row.getBoundingClientRect();
            return own.top >= pane.top && own.bottom <= pane.bottom + 1; }""")
    assert anna.page.evaluate("[scrollY, document.documentElement.scrollHeight]") == [0, 800]
    # The wait grows by itself, and says in words where the goal is passed.
    row = anna.section("mine").locator(f'.line[data-id="{held[0]}"]')
    wait = row.locator(".wait")
    anna.page.wait_for_function("(node) => node.matches('.late')", arg=wait.element_handle())
    assert re.fullmatch(r"等了 \d+ 秒", wait.inner_text().strip()) and wait.get_attribute("data-mark") == "超时"
    row.scroll_into_view_if_needed()
    picture(anna.page, "twenty-1280-zh")
    # An answer ends it; the next word of the client begins it anew, and more of them do not.
    row.click()
    anna.field.wait_for()
    anna.say("您好，马上看。")
    anna.page.wait_for_function("(node) => /^\\d\\d:\\d\\d$/.test(node.textContent)", arg=wait.element_handle())
    assert wait.get_attribute("data-mark") == ""
    house.say(held[0], "好的")
    anna.page.wait_for_function("(node) => node.matches('.soon')", arg=wait.element_handle())
    house.say(held[0], "还在吗")
    anna.said.filter(has_text="还在吗").wait_for()
    assert wait.evaluate("(node) => node.matches('.soon, .late')")
    anna.page.reload()
    anna.page.wait_for_function("(id) => document.querySelector(`.line[data-id='${id}'] .wait`)?.matches('.late')", arg=held[0])


@pytest.mark.parametrize(("given", "level"), [
    ({}, "C3 · 测评有效至 2999-01-05"), ({"assessment_expires_on": "2026-02-01"}, "C3 · 测评已于 2026-02-01 到期"),
    # By the firm's own term, where the record says nothing.
    ({"assessed_on": "2020-01-05", "assessment_expires_on": None}, "C3 · 测评已于 2021-01-05 到期"),
    ({"assessed_on": None, "assessment_expires_on": None}, "C3 · 测评没有有效期，不作数"), ({"risk_level": None}, "未测评")])
def test_the_card_says_whether_the_level_counts(come: Come, house: House, given: dict[str, Any], level: str) -> None:
    house.record({**RECORD, **given, **({"assessed_on": None, "assessment_expires_on": None} if "risk_level" in given else {})})
    house.client("转人工", token="token-1")
    anna = come("anna")
    anna.choose("waiting")
    told = anna.page.locator(".card-of dt", has_text="风险等级").locator("xpath=following-sibling::dd[1]")
    told.wait_for()
    assert told.inner_text() == level
    assert ("warned" in (told.get_attribute("class") or "")) is ("有效至" not in level)


def test_the_card_has_everything_that_is_known(come: Come, house: House) -> None:
    house.record(RECORD)
    house.client("上次问的开户", channel="wechat", token="token-2")
    house.client("账上的钱一直放着有利息吗", "转人工", token="token-1")
    anna = come("anna")
    anna.choose("waiting")
    card = anna.page.locator(".card-of")
    card.locator(".name", has_text="谷雨一").wait_for()
    facts = dict(zip(card.locator("dt").all_inner_texts(), card.locator("dd").all_inner_texts(), strict=True))
    assert facts == {
        "渠道身份": "网站（本次）、微信", "风险等级": "C3 · 测评有效至 2999-01-05", "投资者类型": "普通投资者", "客户等级": "金卡",
        "出生年份": "1980",
        "资产": "¥352,000 · 截至 2026-07-01", "其中现金": "¥12,001", "已开权限": "港股通、科创板", "备注": "只在收盘后联系"}
    assert "token-" not in anna.page.locator(".beside").inner_text()
    anna.page.locator(".past-of .past-line", has_text="微信").wait_for()
    anna.page.locator(".follow-ups .task", has_text="闲置资金").wait_for()
    picture(anna.page, "card-1280-zh")


def focus(colleague: Colleague) -> str:
    """The class of what has the keyboard."""
    return colleague.page.evaluate("document.activeElement.className")


def test_a_day_by_the_keyboard_alone(come: Come, house: House) -> None:
    house.record(RECORD)
    house.offer()
    first = house.client("账上的钱一直放着有利息吗", "怎么开户", "转人工", token="token-1")
    second, third = house.client("转人工，销户"), house.client("转人工，密码")
    anna = come("anna")
    page = anna.page
    anna.section("waiting").locator(".line").nth(2).wait_for()
    page.wait_for_function("() => document.activeElement.matches('.line')")
    # The list by arrows, a conversation by Enter, and taken.
    anna.press("ArrowDown")
    anna.press("ArrowUp")
    anna.press("Enter")
    anna.talk.locator(".message").first.wait_for()
    anna.press("Alt+c")
    anna.talk.get_by_text("由您接待").wait_for()
    assert house.state(first) == ("agent", "anna")
    # A suggestion, and on from it in the field, with a line of one's own.
    anna.suggestions.first.wait_for()
    anna.press("Alt+1")
    anna.press("Shift+Enter")
    page.keyboard.type("请按页面提示操作。")
    anna.press("Enter")
    anna.said.filter(has_text="按页面提示").wait_for()
    page.wait_for_function("() => document.querySelector('.message.unsent') === null")
    assert house.words(first)[-1].endswith("分钟。\n请按页面提示操作。")
    # The knowledge by Alt+K and by Ctrl+K, closed and used.
    anna.press("Alt+k")
    page.locator("dialog.search").wait_for()
    anna.press("Escape")
    assert page.locator("dialog").count() == 0
    anna.press("Control+k")
    page.keyboard.type("开户")
    page.locator("dialog.search [role=option]").first.wait_for()
    anna.press("ArrowDown")
    anna.press("ArrowUp")
    anna.press("Enter")
    assert "手机上开户" in anna.field.input_value() and page.evaluate("document.activeElement.localName") == "textarea"
    anna.press("Control+a")
    anna.press("Delete")
    # A quick reply, from outside of the field too.
    anna.press("Escape")
    assert focus(anna) == "scroll"
    anna.press("/")
    page.get_by_role("option").first.wait_for()
    page.keyboard.type("mmaq")
    page.wait_for_function("() => document.querySelectorAll('.quick [role=option]').length === 1")
    anna.press("Enter")
    assert anna.field.input_value() and not anna.field.input_value().startswith("/")
    anna.press("Control+a")
    anna.press("Delete")
    # The opening line of a follow-up, the queue of all, and back.
    page.locator(".follow-ups .opening").wait_for()
    anna.press("Alt+o")
    assert anna.field.input_value() == page.locator(".follow-ups .opening q").first.inner_text()
    anna.press("Control+a")
    anna.press("Delete")
    anna.press("Alt+g")
    page.locator(".follow-queue .line", has_text="利息").wait_for()
    anna.press("Alt+g")
    page.wait_for_function("() => document.activeElement.closest('nav.inbox')")
    # A note.
    anna.press("Alt+n")
    page.keyboard.type("已核实身份")
    anna.press("Enter")
    anna.talk.locator(".message.note", has_text="已核实身份").wait_for()
    # A colleague reads along.
    anna.press("Alt+i")
    page.get_by_role("dialog").locator(".option", has_text="bert").wait_for()
    anna.press("Enter")
    anna.toast.get_by_text("已邀请").wait_for()
    # To the client's card, to the list, and to the next ones.
    anna.press("Alt+b")
    assert focus(anna) == "beside"
    anna.press("Alt+l")
    assert "line" in focus(anna)
    anna.press("Alt+ArrowUp")
    page.wait_for_function("(id) => location.hash === `#${id}`", arg=third)
    anna.press("Alt+ArrowUp")
    page.wait_for_function("(id) => location.hash === `#${id}`", arg=second)
    # One is claimed and given back to the assistant, one given on, one closed.
    anna.press("Alt+c")
    anna.talk.get_by_text("由您接待").wait_for()
    anna.press("Alt+r")
    anna.talk.get_by_text("助手接待中").wait_for()
    assert house.state(second) == ("assistant", None)
    anna.press("Alt+ArrowDown")
    page.wait_for_function("(id) => location.hash === `#${id}`", arg=third)
    anna.press("Alt+c")
    anna.talk.get_by_text("由您接待").wait_for()
    anna.press("Alt+t")
    page.get_by_role("dialog").wait_for()
    anna.press("ArrowDown")
    anna.press("Enter")
    anna.talk.get_by_text("接待中").wait_for()
    assert house.state(third)[0] == "agent" and house.state(third)[1] != "anna"
    anna.press("Alt+l")
    anna.press("Enter")
    page.wait_for_function("(id) => location.hash === `#${id}`", arg=first)
    anna.press("Alt+x")
    page.get_by_role("dialog").wait_for()
    anna.press("Enter")
    anna.talk.locator("header").get_by_text("已结束").wait_for()
    assert house.state(first)[0] == "closed"
    # The keys themselves, and a section that is folded.
    anna.press("Alt+l")
    anna.press("?")
    page.get_by_role("dialog", name="按键").wait_for()
    anna.press("?")
    assert page.locator("dialog").count() == 0
    for _ in range(12):
        if page.evaluate("Boolean(document.activeElement.closest('.section.assistant'))"):
            break
        anna.press("ArrowDown")
    anna.press("Enter")
    anna.section("assistant").locator(".line", has_text="销户").wait_for()


STUBS = """
    window.heard = [];
    window.shown = [];
    const quiet = { connect: (next) => next, setValueAtTime() {}, exponentialRampToValueAtTime() {} };
    window.AudioContext = class {
        currentTime = 0;
        createOscillator() { return { ...quiet, frequency: {}, start: () => window.heard.push(Date.now()), stop() {} }; }
        createGain() { return { ...quiet, gain: quiet }; }
    };
    window.Notification = class {
        static permission = 'default';
        static async requestPermission() { return (this.permission = 'granted'); }
        constructor(text) { window.shown.push(text); this.on = {}; window.last = this; }
        addEventListener(type, act) { this.on[type] = act; }
        close() {}
    };
    window.look = (hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.hasFocus = () => !hidden;
        document.dispatchEvent(new Event('visibilitychange'));
    };
"""


def test_sound_and_notifications_come_where_they_are_on_and_are_needed(come: Come, house: House) -> None:
    held, other = house.client("转人工，甲"), house.client("转人工，乙")
    for name in (held, other):
        house.claim(name, "anna")
    anna = come("anna")
    page = anna.page
    page.add_init_script(STUBS)
    page.reload()
    anna.choose("mine", "甲")
    sound, desktop = (anna.page.get_by_role("button", name=name) for name in ("新消息提示音", "桌面通知"))

    def told() -> list[int]:
        return page.evaluate("[window.heard.length, window.shown.length]")

    def writes(name: str, text: str) -> None:
        house.say(name, text)
        anna.section("mine").locator(f'.line[data-id="{name}"]', has_text=text).wait_for()

    # Off until they are turned on.
    assert [button.get_attribute("aria-pressed") for button in (sound, desktop)] == ["false", "false"]
    writes(other, "一")
    page.evaluate("look(true)")
    writes(other, "二")
    assert told() == [0, 0]
    page.evaluate("look(false)")
    # By the keyboard; turning the sound on plays it.
    for button in (sound, desktop):
        button.focus()
        anna.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.bar [aria-pressed=true]').length === 2")
    heard, shown = told()
    assert heard > 0 and shown == 0
    # What is before the agent's eyes makes no noise; what is elsewhere sounds; a notification is for who looks elsewhere.
    writes(held, "三")
    assert told() == [heard, 0]
    writes(other, "四")
    page.wait_for_function("(before) => window.heard.length > before", arg=heard)
    assert told()[1] == 0
    page.evaluate("look(true)")
    heard = told()[0]
    writes(held, "机密的话")
    page.wait_for_function("(before) => window.heard.length > before && window.shown.length === 1", arg=heard)
    house.client("转人工，丙")
    page.wait_for_function("() => window.shown.length === 2")
    assert page.evaluate("window.shown") == ["客户来信", "有客户在等待接入"]
    # A click on it opens the conversation.
    writes(other, "五")
    page.wait_for_function("() => window.shown.length === 3")
    page.evaluate("window.last.on.click()")
    page.wait_for_function("(id) => location.hash === `#${id}`", arg=other)
    # Off again, they are silent, over a reload too.
    for button in (sound, desktop):
        button.click()
    heard, shown = told()
    writes(held, "六")
    assert told() == [heard, shown]
    page.reload()
    assert [button.get_attribute("aria-pressed") for button in (sound, desktop)] == ["false", "false"]
