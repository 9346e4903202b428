"""The console of agents: a client in the widget and colleagues in the console, at once, on the real server."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypinyin import Style, lazy_pinyin

import api
import assistant
from assistant.audit import SYSTEM
from assistant.outgoing import load_outgoing_check
from assistant.phrases import VARIABLES
from assistant.roles import Role
from tests.api.conftest import PASSWORD, add_account, running
from tests.web.colleague import Colleague
from tests.web.line import Line
from tests.web.person import Person
from tests.web.rigged import Rigged

Visit = Callable[..., Person]
Come = Callable[..., Colleague]
CONSOLE = Path(api.__file__).parent / "web" / "console"
PHRASES = tomllib.loads((Path(assistant.__file__).parent / "quick_replies.toml").read_text(encoding="utf-8"))["phrase"]


@pytest.fixture
def server(rigged: Callable[..., Rigged]) -> Rigged:
    server = rigged()
    for name in ("agent1", "agent2"):
        add_account(server.app, name, Role.AGENT)
    add_account(server.app, "editor", Role.EDITOR)
    return server


@pytest.fixture
def come(browser: Any, server: Rigged) -> Iterator[Come]:
    """A colleague who signs in with a browser of their own; the page must not have complained when they leave."""
    colleagues: list[Colleague] = []

    def come(name: str = "agent1", url: str = "", **options: Any) -> Colleague:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN", **options})
        colleague = Colleague(context, url or server.url)
        colleagues.append(colleague)
        if name:
            colleague.sign_in(name)
            colleague.inbox.wait_for()
        return colleague

    yield come
    for colleague in colleagues:
        colleague.leave()


def test_a_client_asks_for_a_human_and_gets_an_approved_answer(visit: Visit, come: Come, server: Rigged) -> None:
    person = visit(server.url)
    agent = come()
    agent.inbox.get_by_text("现在没有客户在等").wait_for()
    person.ask("怎么开户")
    person.ask("转人工")
    agent.section("waiting").locator(".line", has_text="转人工").wait_for()
    assert agent.page.title() == "(1) 知客坐席台"
    agent.choose("waiting")
    assert agent.said.all_inner_texts()[:2] == ["怎么开户", "您可以在手机上开户，全程约 10 分钟。"]
    assert "怎么在网上开户" in agent.page.locator(".summary").inner_text()
    agent.claim()
    person.panel.get_by_text("agent1正在为您服务").wait_for()
    agent.suggestions.first.wait_for()
    agent.press("Alt+1")
    suggested = agent.field.input_value()
    assert suggested and "来自建议" in agent.talk.inner_text()
    agent.field.press("End")
    agent.press("Enter")
    person.replies.last.locator("text=手机上开户").wait_for()
    assert agent.said.last.inner_text() == suggested
    assert agent.talk.locator(".message.own").count() == 1
    person.say("谢谢，还有一个问题")
    agent.said.filter(has_text="还有一个问题").wait_for()
    agent.press("Alt+x")
    agent.page.get_by_role("dialog").get_by_role("button", name="结束").click()
    person.panel.get_by_role("button", name="5 星").click()
    agent.talk.get_by_text("客户评价：5 星").wait_for()
    assert agent.section("mine").locator(".line").count() == 0
    person.page.close()


def test_the_second_who_claims_is_told_who_was_first(visit: Visit, come: Come, server: Rigged) -> None:
    person = visit(server.url)
    person.ask("转人工")
    first, second = come("agent1"), come("")
    # The second hears of no change of the list before they press.
    second.page.route("**/v1/agent/events", lambda route: route.abort())
    second.sign_in("agent2")
    for agent in (first, second):
        agent.choose("waiting")
    first.claim()
    second.talk.get_by_role("button", name="接入", exact=True).click()
    second.toast.get_by_text("agent1 先接入了").wait_for()
    second.talk.get_by_text("agent1 接待中").wait_for()
    assert not second.field.is_visible()


def test_a_promise_is_stopped_and_the_wording_stands_beside_it(visit: Visit, come: Come, server: Rigged) -> None:
    person = visit(server.url)
    person.ask("转人工")
    agent = come()
    agent.choose("waiting")
    agent.claim()
    agent.say("您放心。这个产品保本，稳赚不赔。欢迎了解")
    agent.findings.wait_for()
    shown = agent.findings.inner_text()
    assert "承诺收益或保本" in shown and "不能发送" in shown and "风险揭示书" in shown
    assert agent.findings.locator("mark").first.inner_text() == "保本"
    assert agent.field.input_value() == "您放心。这个产品保本，稳赚不赔。欢迎了解"
    assert agent.findings.get_by_role("button", name="仍然发送").count() == 0
    agent.findings.get_by_role("button", name="换成这句").click()
    assert agent.field.input_value().startswith("您放心。投资有风险") and agent.field.input_value().endswith("欢迎了解")
    agent.press("Enter")
    person.replies.last.get_by_text("投资有风险").wait_for()
    assert "保本" not in person.panel.inner_text()
    assert agent.talk.locator(".message.own").count() == 1


def test_a_warning_may_be_overridden_a_note_stays_inside(visit: Visit, come: Come, server: Rigged) -> None:
    person = visit(server.url)
    person.ask("转人工")
    agent = come()
    agent.choose("waiting")
    agent.talk.get_by_role("button", name="写备注").click()
    agent.say("老客户，注意<b>态度</b>")
    agent.talk.locator(".message.note .bubble", has_text="<b>态度</b>").wait_for()
    agent.claim()
    agent.press("Alt+n")
    assert agent.field.get_attribute("placeholder") == "写给同事的备注，客户看不到"
    agent.press("Alt+n")
    agent.say("我们比东方财富强多了")
    agent.findings.get_by_text("贬低客户或同业").wait_for()
    agent.findings.get_by_role("button", name="仍然发送").click()
    person.replies.last.get_by_text("强多了").wait_for()
    colleague = come("agent2")
    colleague.section("others").locator("summary").click()
    colleague.choose("others")
    colleague.talk.locator(".message.note", has_text="老客户").wait_for()
    assert "老客户" not in person.panel.inner_text() and "老客户" not in person.page.content()


def test_handed_on_to_a_colleague_and_back_to_the_assistant(visit: Visit, come: Come, server: Rigged) -> None:
    person = visit(server.url)
    person.ask("转人工")
    first, second = come("agent1"), come("agent2")
    first.choose("waiting")
    first.claim()
    first.press("Alt+t")
    first.page.get_by_role("dialog").get_by_role("button", name="agent2").click()
    first.talk.get_by_text("agent2 接待中").wait_for()
    assert not first.field.is_visible()
    second.choose("mine")
    second.talk.get_by_text("由您接待").wait_for()
    second.press("Alt+r")
    second.talk.get_by_text("助手接待中").wait_for()
    assert person.ask("怎么开户").locator(".sources").count() == 1
    second.said.filter(has_text="手机上开户").wait_for()


def test_quick_replies_by_initials_and_by_words(visit: Visit, come: Come, server: Rigged) -> None:
    person = visit(server.url)
    person.ask("转人工")
    agent = come()
    agent.choose("waiting")
    agent.claim()
    agent.field.type("/mm")
    agent.page.get_by_role("option", name="密码安全").wait_for()
    assert agent.page.get_by_role("option").count() == 1
    agent.press("Enter")
    assert agent.field.input_value() == next(phrase["text"] for phrase in PHRASES if phrase["title"] == "密码安全")
    agent.field.fill("")
    agent.field.type("/结束")
    agent.page.get_by_role("option").first.wait_for()
    agent.press("Escape")
    assert agent.page.get_by_role("option").count() == 0 and agent.field.input_value() == "/结束"
    agent.field.fill("")
    agent.field.type("/没有这样的")
    agent.page.get_by_text("没有匹配的快捷回复").wait_for()
    agent.press("Enter")
    assert agent.talk.locator(".message.own").count() == 0


def test_a_phrase_with_a_shortcut_of_its_own_is_found_by_pinyin_too(visit: Visit, come: Come, server: Rigged) -> None:
    person = visit(server.url)
    person.ask("转人工")
    agent = come()
    agent.choose("waiting")
    agent.claim()
    agent.talk.get_by_role("button", name="我的快捷").click()
    assert agent.page.get_by_role("button", name="团队快捷").count() == 0
    agent.page.get_by_label("名称").fill("查看进度")
    agent.page.get_by_label("缩写").fill("v9")
    agent.page.get_by_label("内容").fill("{称呼}，我这就去看。")
    agent.page.get_by_role("button", name="保存", exact=True).click()
    agent.page.locator("dialog.own-of .own li", has_text="v9").wait_for()
    agent.press("Escape")
    for search in ("v9", "ckjd", "chakanj", "jindu", "查看进"):
        agent.field.fill("")
        agent.field.type(f"/{search}")
        agent.page.get_by_role("option", name="查看进度").wait_for()
        assert agent.page.get_by_role("option").count() == 1
    agent.press("Enter")
    assert agent.field.input_value() == "尊敬的客户，我这就去看。"


def test_a_manager_s_phrase_for_the_team_is_at_once_at_an_agent_s_console(visit: Visit, come: Come, server: Rigged) -> None:
    add_account(server.app, "manager", Role.MANAGER)
    person = visit(server.url)
    person.ask("转人工")
    agent, manager = come(), come("manager")
    agent.choose("waiting")
    agent.claim()
    agent.field.type("/wenhou")
    agent.page.get_by_role("option", name="问候").wait_for()
    agent.press("Enter")
    assert agent.field.input_value() == "尊敬的客户，您好，我是人工客服agent1，已经看过您前面的对话，由我继续为您服务。"

    # The manager writes one, and changes one that was shipped, with no conversation on screen.
    manager.page.get_by_role("button", name="快捷回复").click()
    manager.page.get_by_role("button", name="团队快捷").click()
    dialog = manager.page.locator("dialog.own-of")
    dialog.locator("li", has_text="密码安全").wait_for()
    dialog.get_by_label("名称").fill("节日安排")
    dialog.get_by_label("内容").fill("保本")
    dialog.get_by_role("button", name="保存", exact=True).click()
    dialog.get_by_text("承诺收益或保本").wait_for()
    dialog.get_by_label("内容").fill("{称呼}，节日期间照常服务。")
    dialog.get_by_role("button", name="保存", exact=True).click()
    dialog.locator("li", has_text="jrap").wait_for()
    dialog.locator("li", has_text="密码安全").get_by_role("button", name="修改").click()
    dialog.get_by_label("内容").fill("{称呼}，密码请不要告诉任何人。")
    dialog.get_by_role("button", name="保存", exact=True).click()
    dialog.locator("li", has_text="密码请不要告诉任何人").wait_for()

    agent.field.fill("")
    agent.field.type("/jieri")
    agent.page.get_by_role("option", name="节日安排").wait_for()
    agent.press("Enter")
    assert agent.field.input_value() == "尊敬的客户，节日期间照常服务。"
    # What the team says instead of what may not go out is theirs, too.
    agent.say("请把验证码发给我。")
    agent.findings.get_by_text("尊敬的客户，密码请不要告诉任何人。").wait_for()
    agent.findings.get_by_role("button", name="换成这句").click()
    assert agent.field.input_value() == "尊敬的客户，密码请不要告诉任何人。"


def test_a_lost_line_loses_nothing_and_sends_nothing_twice(visit: Visit, come: Come, server: Rigged) -> None:
    with Line(server.url) as line:
        person = visit(server.url)
        person.ask("转人工")
        agent = come(url=line.url)
        agent.choose("waiting")
        agent.claim()
        agent.say("第一句")
        person.replies.last.get_by_text("第一句").wait_for()
        line.cut()
        agent.say("第二句")
        person.say("在吗")
        agent.page.wait_for_timeout(400)
        assert agent.talk.locator(".message.unsent").count() == 1
        line.mend()
        person.replies.last.get_by_text("第二句").wait_for()
        agent.said.filter(has_text="在吗").wait_for()
        agent.talk.locator(".message.unsent").wait_for(state="detached")
        agent.page.reload()
        agent.said.filter(has_text="在吗").wait_for()
        for words in ("第一句", "第二句", "在吗"):
            assert agent.said.filter(has_text=words).count() == 1
            assert person.panel.locator(".bubble", has_text=words).count() == 1


def test_a_draft_outlives_a_look_elsewhere_and_a_reload(visit: Visit, come: Come, server: Rigged) -> None:
    for text in ("第一位", "第二位"):
        person = visit(server.url)
        person.say(text)
        person.ask("转人工")
    agent = come()
    agent.choose("waiting")
    agent.claim()
    agent.field.fill("写到一半")
    agent.press("Alt+ArrowUp")
    agent.talk.get_by_text("接入后即可回复").wait_for()
    agent.press("Alt+ArrowDown")
    assert agent.field.input_value() == "写到一半"
    agent.page.reload()
    agent.talk.get_by_text("由您接待").wait_for()
    assert agent.field.input_value() == "写到一半"


def test_what_could_not_be_sent_long_ago_is_a_draft_again(visit: Visit, come: Come, server: Rigged) -> None:
    person = visit(server.url)
    person.ask("转人工")
    agent = come()
    agent.choose("waiting")
    agent.claim()
    agent.page.evaluate("""() => {
        const item = { id: 'old', conversation: location.hash.slice(1), text: '昨天没发出去的话', at: Date.now() - 700000 };
        localStorage.setItem('zhike:console:agent1:unsent:old', JSON.stringify(item));
    }""")
    agent.page.reload()
    agent.talk.get_by_text("由您接待").wait_for()
    agent.page.wait_for_timeout(500)
    assert agent.field.input_value() == "昨天没发出去的话"
    assert agent.talk.locator(".message.own").count() == 0
    agent.page.get_by_role("button", name="退出登录").click()
    agent.page.get_by_role("button", name="登录", exact=True).wait_for()
    assert "昨天" not in agent.page.evaluate("JSON.stringify(localStorage)")


def test_each_sees_that_the_other_types(visit: Visit, come: Come, server: Rigged) -> None:
    person = visit(server.url)
    person.ask("转人工")
    agent = come()
    agent.choose("waiting")
    agent.claim()
    person.panel.get_by_text("agent1正在为您服务").wait_for()
    agent.field.type("您")
    person.panel.locator(".writing").wait_for()
    agent.field.fill("")
    person.field.type("我")
    agent.talk.get_by_text("客户正在输入").wait_for()


def test_who_may_not_serve_clients_is_told_so(come: Come) -> None:
    agent = come("")
    agent.sign_in("agent1", "not the password")
    agent.page.get_by_text("账号或密码不正确").wait_for()
    agent.sign_in("editor")
    agent.page.get_by_text("没有坐席权限").wait_for()
    assert not any(cookie["value"] for cookie in agent.context.cookies())
    agent.sign_in("agent1")
    agent.inbox.wait_for()
    agent.page.get_by_role("button", name="退出登录").click()
    agent.page.get_by_role("button", name="登录", exact=True).wait_for()


def test_who_was_given_a_temporary_password_chooses_one_of_their_own(come: Come, server: Rigged) -> None:
    given = running(server.app).accounts.set_temporary_password("agent2", by=SYSTEM).password
    agent = come("")
    agent.sign_in("agent2", given)
    agent.page.get_by_text("这是临时密码").wait_for()
    chosen, go = agent.page.get_by_label("新密码"), agent.page.get_by_role("button", name="设置并登录")
    assert chosen.evaluate("field => field === document.activeElement")
    chosen.fill("12345")
    go.click()
    agent.page.get_by_text("这个密码太短或太容易被猜到").wait_for()
    chosen.fill("quiet river maple stone")
    chosen.press("Enter")
    agent.inbox.wait_for()
    agent.page.get_by_role("button", name="退出登录").click()
    agent.page.get_by_role("button", name="登录", exact=True).wait_for()
    agent.sign_in("agent2", "quiet river maple stone")
    agent.inbox.wait_for()


def test_a_session_that_ends_leads_to_the_form(come: Come, server: Rigged) -> None:
    agent = come()
    agent.inbox.get_by_text("现在没有客户在等").wait_for()
    agent.context.clear_cookies()
    agent.section("closed").locator("summary").click()
    agent.page.get_by_text("登录已失效").wait_for()
    assert agent.page.get_by_label("账号").input_value() == "agent1"


def test_hostile_words_stay_words(visit: Visit, come: Come, server: Rigged) -> None:
    hostile = '<img src=x onerror="window.hurt=1">'
    person = visit(server.url)
    person.say(hostile)
    person.ask("转人工")
    agent = come()
    agent.choose("waiting")
    assert agent.said.first.inner_text() == hostile
    assert hostile in agent.page.locator(".summary").inner_text()
    assert agent.page.locator("main img, aside img, nav img").count() == 0
    assert agent.page.evaluate("window.hurt") is None


def test_nothing_inline_runs_and_nothing_frames_it(server: Rigged) -> None:
    response = httpx.get(f"{server.url}/agent")
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy and "trusted-types 'none'" in policy and "frame-ancestors 'none'" in policy
    assert response.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1024, 768), (1280, 800)])
@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_nothing_runs_over_at_any_width(visit: Visit, come: Come, server: Rigged, width: int, height: int, language: str) -> None:
    person = visit(server.url)
    person.say("https://example.com/" + "a" * 200)
    person.ask("转人工")
    agent = come("", viewport={"width": width, "height": height}, locale="zh-CN")
    if language == "en-GB":
        agent.page.get_by_role("button", name="Switch to English").click()
        agent.page.get_by_label("Account").fill("agent1")
        agent.page.get_by_label("Password", exact=True).fill(PASSWORD)
        agent.page.get_by_role("button", name="Sign in").click()
    else:
        agent.sign_in("agent1")
    agent.choose("waiting")
    agent.press("Alt+c")
    agent.field.wait_for()
    assert agent.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [width, height]
    found = agent.page.evaluate("""() => {
        const shown = [...document.querySelectorAll('.console *')].filter((node) => node.checkVisibility({ visibilityProperty: true }));
        return {
            small: shown.filter((node) => parseFloat(getComputedStyle(node).fontSize) < 12).length,
            nameless: shown.filter((node) => node.matches('button')
                && !(node.getAttribute('aria-label') || node.textContent.trim())).length,
            out: shown.filter((node) => { const { left, right } = node.getBoundingClientRect();
                return right - left > 1 && !node.closest('.suggestions, .skip, .hidden-text') && (left < -1 || right > innerWidth + 1); })
                .map((node) => node.className),
            told: [...document.querySelectorAll('.bar, .inbox h2, .held, .modes, .below, aside h3')]
                .map((node) => node.innerText).join(' ') };
    }""")
    assert found["small"] == 0 and found["nameless"] == 0 and found["out"] == []
    if language == "en-GB":
        assert not re.search(r"[\u4e00-\u9fff]", found["told"].replace("中文", ""))


def test_the_keys_are_listed_on_a_question_mark(come: Come) -> None:
    agent = come()
    agent.press("?")
    agent.page.get_by_role("dialog", name="按键").wait_for()
    assert "Alt + 1 – 3" in agent.page.get_by_role("dialog").inner_text()
    agent.press("?")
    assert agent.page.get_by_role("dialog").count() == 0


@pytest.mark.parametrize("phrase", PHRASES, ids=[phrase["title"] for phrase in PHRASES])
def test_a_shipped_quick_reply_is_found_by_its_pinyin_and_may_go_out(phrase: dict[str, Any]) -> None:
    assert phrase["initials"] == "".join(lazy_pinyin(phrase["title"], style=Style.FIRST_LETTER))
    assert phrase["pinyin"] == "".join(lazy_pinyin(phrase["title"]))
    assert load_outgoing_check().findings(phrase["text"]) == []
    assert set(re.findall(r"\{(.*?)\}", phrase["text"])) <= VARIABLES


def test_each_rule_of_the_outgoing_check_has_a_wording_and_a_name() -> None:
    rules = {rule.name for rule in load_outgoing_check().rules}
    assert {rule for phrase in PHRASES for rule in phrase.get("instead_of", ())} == rules
    strings = (CONSOLE / "strings.js").read_text(encoding="utf-8")
    named = [set(re.findall(r"(\w+):", part)) for part in re.findall(r"  rules: \{(.*?)\}", strings, re.DOTALL)]
    assert named == [rules, rules]
