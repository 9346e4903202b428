"""The dashboard in a browser: one story from a client's wait to the number that shows it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.roles import Role
from tests.api.conftest import add_account, bearer
from tests.web.colleague import Colleague, colleagues
from tests.web.person import Person
from tests.web.rigged import Rigged

pytestmark = pytest.mark.browser
# Where to put pictures of the screens, for whoever wants to look at them.
PICTURES = os.environ.get("ZHIKE_TEST_PICTURES")


def picture(page: Any, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(300)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.fixture
def server(rigged: Callable[..., Rigged]) -> Rigged:
    server = rigged()
    add_account(server.app, "anna", Role.AGENT)
    add_account(server.app, "boss", Role.MANAGER)
    return server


@pytest.fixture
def come(browser: Any, server: Rigged) -> Iterator[Callable[..., Colleague]]:
    with colleagues(browser, server.url, width=1280, height=800) as come:
        yield come


def number(colleague: Colleague, label: str) -> Any:
    return colleague.page.locator(".number", has_text=label).locator("b")


def test_a_client_waits_is_served_and_counted(
        visit: Callable[..., Person], come: Callable[..., Colleague], server: Rigged) -> None:
    boss = come("boss", "dashboard")
    page = boss.page
    page.get_by_text("现在没有客户在等。").wait_for()
    person = visit(server.url)
    person.ask("账上的钱一直放着有利息吗")
    person.ask("怎么开户")
    person.ask("转人工")
    # The board hears of it by itself.
    page.locator(".board tbody a", has_text="未识别客户").wait_for()
    assert number(boss, "正在等待").inner_text() == "1"
    agent = come("anna", "agent")
    agent.choose("waiting")
    agent.claim()
    agent.say("您好，马上帮您看。")
    person.replies.last.locator("text=马上帮您看").wait_for()
    agent.press("Alt+x")
    agent.page.get_by_role("dialog").get_by_role("button", name="结束").click()
    person.panel.get_by_role("button", name="5 星").click()
    agent.talk.get_by_text("客户评价：5 星").wait_for()
    boss.press("Alt+2")
    card = page.locator(".figure", has_text="满意度")
    card.get_by_text("平均 5.00 分").wait_for()
    assert card.locator("b").inner_text() == "100%" and "达标" in card.inner_text()
    assert card.locator("svg title").count() == 12
    page.locator(".people tbody th", has_text="anna").wait_for()
    page.get_by_text("评分怎么算").click()
    assert "不看销售" in page.locator(".formula").inner_text()
    page.get_by_label("按", exact=True).select_option("channel")
    page.locator("h2", has_text="哪个渠道的「首次响应」").wait_for()
    page.reload()
    page.locator("h2", has_text="哪个渠道的「首次响应」").wait_for()
    # By keyboard to what is behind a number, and on into the conversation.
    card.focus()
    boss.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("没有这样的来访").wait_for()
    dialog.get_by_role("button", name="全部").click()
    dialog.get_by_text("账上的钱").wait_for()
    boss.press("Escape")
    assert page.get_by_role("dialog").count() == 0
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 CSV").click()
    assert re.fullmatch(r"zhike-.*\.csv", download.value.suggested_filename)
    boss.press("Alt+3")
    page.locator("tbody th", has_text="怎么在网上开户").wait_for()
    follow = page.locator(".card", has_text="跟进任务结果如何")
    follow.locator("tr", has_text="闲置资金").wait_for()
    follow.get_by_label("按", exact=True).select_option("channel")
    row = follow.locator("tr", has_text="网站")
    row.wait_for()
    assert row.locator("td").all_inner_texts() == ["1", "1", "0"]
    page.locator(".card", has_text="哪些知识").locator("td button", has_text="1").click()
    page.get_by_role("dialog").locator("a", has_text="账上的钱").click()
    boss.talk.get_by_text("马上帮您看").wait_for()
    page.get_by_role("navigation", name="工作台").get_by_role("link", name="服务看板").click()
    page.locator(".board").wait_for()
    own = agent.page
    own.goto(f"{server.url}/dashboard")
    own.locator(".score b").wait_for()
    assert own.locator(".tabs a").all_inner_texts() == ["我的"] and "全体" in own.locator(".figure").first.inner_text()
    person.page.close()


def test_who_is_upset_stands_first_until_somebody_has_taken_care(
        visit: Callable[..., Person], come: Callable[..., Colleague], server: Rigged) -> None:
    boss = come("boss", "dashboard")
    page = boss.page
    upset = page.locator(".upset")
    upset.get_by_text("现在没有客户情绪告急。").wait_for()
    assert number(boss, "情绪告急").inner_text() == "0"
    person = visit(server.url)
    person.ask("你们是骗子")
    row = upset.locator("tbody tr", has_text="未识别客户")
    row.wait_for()
    # The assistant has it; a sign and words say what it is.
    assert "情绪告急" in row.inner_text() and "生气" in row.inner_text() and "智能助手" in row.inner_text()
    assert row.locator("svg").count() == 1 and row.locator("[data-seconds]").get_attribute("title")
    assert number(boss, "情绪告急").inner_text() == "1"
    assert page.locator(".number", has_text="情绪告急").locator("svg").count() == 1
    assert page.locator(".board .card h2").first.inner_text().startswith("谁情绪告急")
    agent = come("anna", "agent")
    agent.choose("attention")
    agent.talk.get_by_role("button", name="介入").click()
    agent.talk.get_by_text("由您接待").wait_for()
    row.locator("td", has_text="anna").wait_for()
    serves = page.locator(".card", has_text="谁在岗").locator("tbody tr", has_text="anna")
    assert re.search(r"秒", serves.locator("td").nth(1).inner_text())
    picture(page, "board-zh-wide")
    page.set_viewport_size({"width": 360, "height": 800})
    picture(page, "board-zh-narrow")
    page.set_viewport_size({"width": 1280, "height": 800})
    row.locator("a").click()
    boss.talk.get_by_text("你们是骗子").wait_for()
    agent.press("Alt+x")
    agent.page.get_by_role("dialog").get_by_role("button", name="结束").click()
    agent.section("closed").wait_for()
    page.goto(f"{server.url}/dashboard")
    upset.get_by_text("现在没有客户情绪告急。").wait_for()
    person.page.close()


def test_the_board_warns_before_an_agent_takes_too_long(
        browser: Any, visit: Callable[..., Person], rigged: Callable[..., Rigged], tmp_path: Path) -> None:
    rules = tmp_path / "measures.toml"
    rules.write_text("[goals]\nhandling = { at_most = 3600 }\n[handling]\nsoon = 0.0001", encoding="utf-8")
    server = rigged(measures=rules)
    add_account(server.app, "anna", Role.AGENT)
    add_account(server.app, "boss", Role.MANAGER)
    with colleagues(browser, server.url, width=1280, height=800) as come, \
            httpx.Client(base_url=f"{server.url}/v1", headers=bearer(server.app, "anna")) as calls:
        people = [visit(server.url) for _ in range(2)]
        for person in people:
            person.ask("转人工")
        for line in calls.get("/agent/conversations", params={"state": "waiting"}).json()["conversations"]:
            assert calls.post(f"/agent/conversations/{line['id']}/claim").status_code == 200
        page = come("boss", "dashboard").page
        cell = page.locator(".serves tbody tr", has_text="anna").locator("td").nth(1)
        cell.get_by_text("2 个快要或已经超时").wait_for()
        assert "▲ 快要超时" in cell.inner_text()
        assert "▲ 快要超时" in page.locator(".number", has_text="坐席接待中").inner_text()
        picture(page, "handling-zh-wide")
        page.set_viewport_size({"width": 360, "height": 800})
        picture(page, "handling-zh-narrow")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.set_viewport_size({"width": 1280, "height": 800})
        cell.locator("a").click()
        page.locator("main.conversation").get_by_text("转人工").first.wait_for()
        for person in people:
            person.page.close()


def test_families_show_how_right_their_flags_were(
        visit: Callable[..., Person], come: Callable[..., Colleague], server: Rigged) -> None:
    person = visit(server.url)
    person.ask("账上的钱一直放着有利息吗")
    with httpx.Client(base_url=f"{server.url}/v1", headers=bearer(server.app, "anna")) as calls:
        (found,) = calls.get("/agent/follow-ups").json()["follow_ups"]
        assert calls.post(f"/agent/follow-ups/{found['id']}/outcome", json={"outcome": "interested"}).status_code == 200
    boss = come("boss", "dashboard#view=trouble")
    page = boss.page
    follow = page.locator(".card", has_text="跟进任务结果如何")
    row = follow.locator("tbody tr", has_text="闲置资金")
    row.wait_for()
    assert follow.locator("thead th").all_inner_texts() == ["需求", "产生", "已判定", "判断正确", "客户接受", "有意向"]
    # One of one is not shown like a hundred of a hundred.
    assert row.locator("td").all_inner_texts() == ["1", "1", "100% 21–100%", "100% 21–100%", "1"]
    picture(page, "families-zh-wide")
    page.set_viewport_size({"width": 360, "height": 800})
    picture(page, "families-zh-narrow")
    page.set_viewport_size({"width": 1280, "height": 800})
    with page.expect_download() as download:
        follow.get_by_role("link", name="导出 CSV").click()
    assert re.fullmatch(r"zhike-follow-ups-.*\.csv", download.value.suggested_filename)
    follow.get_by_label("按", exact=True).select_option("category")
    row = follow.locator("tbody tr", has_text="账户")
    row.wait_for()
    assert row.locator("td").all_inner_texts() == ["1", "1", "0"]
    person.page.close()


@pytest.mark.parametrize(("width", "scheme", "english"), [(360, "light", False), (820, "dark", True), (1360, "light", False)])
def test_nothing_runs_over_and_one_language_is_spoken(come: Callable[..., Colleague], width: int, scheme: str, english: bool) -> None:
    boss = come("boss", "dashboard", viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = boss.page
    if english:
        page.get_by_role("button", name="Switch to English").click()
    for view in ("now", "quality", "trouble", "own"):
        page.goto(f"{boss.url}/dashboard#view={view}")
        page.locator(".tabs a[aria-current]").wait_for()
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
        sizes = "[...document.querySelectorAll('main *')].map((node) => parseFloat(getComputedStyle(node).fontSize))"
        assert min(page.evaluate(sizes)) >= 12
        if english:
            said = page.locator("body").inner_text().replace("中文", "")
            assert not re.search(r"[\u4e00-\u9fff]", said), (view, said)
