"""A need behind a question, from the client's words to what came of it, with the offer shut while the assessment is old."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.audit import Actor
from assistant.client_record import ClientFields
from assistant.demo_data import fill_demo
from assistant.roles import Role
from tests.api.conftest import add_account, running
from tests.web.colleague import Colleague, colleagues
from tests.web.person import Person
from tests.web.rigged import Rigged

pytestmark = pytest.mark.browser
IDLE = "账上的钱一直放着有利息吗"
EXPIRED = {"display_name": "谷雨一", "tier": "gold", "risk_level": "C3", "assessed_on": "2024-01-05", "assessment_expires_on": "2025-01-05",
           "permissions": ["fund", "repo"], "wishes": {"term": "up_to_5_years", "kinds": ["fixed_income", "equity"], "losses": "some"},
           "identities": {"web": "token-1"}}
RENEWED = {"assessed_on": "2026-01-05", "assessment_expires_on": "2999-01-05"}
# Where to put pictures of the screens, for whoever wants to look at them.
PICTURES = os.environ.get("ZHIKE_TEST_PICTURES")


def picture(page: Any, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(300)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


@pytest.fixture
def server(rigged: Callable[..., Rigged]) -> Rigged:
    server = rigged()
    fill_demo(running(server.app).store)
    for name in ("agent1", "agent2"):
        add_account(server.app, name, Role.AGENT)
    return server


@pytest.fixture
def come(browser: Any, server: Rigged) -> Iterator[Callable[..., Colleague]]:
    with colleagues(browser, server.url) as come:
        yield come


def record(server: Rigged, given: dict[str, object]) -> None:
    """What the firm's own system writes."""
    running(server.app).clients.put("C1", ClientFields.model_validate(given), Actor("crm"))


def test_from_the_question_to_the_outcome(visit: Callable[..., Person], come: Callable[..., Colleague], server: Rigged) -> None:
    record(server, EXPIRED)
    agent = come("agent1")
    queue, panel = agent.page.locator(".follow-queue"), agent.page.locator(".follow-ups")
    agent.press("Alt+g")
    queue.get_by_text("没有待跟进的任务").wait_for()
    person = visit(server.url)
    person.page.evaluate("document.querySelector('zhike-chat').clientToken = 'token-1'")
    person.ask(IDLE)
    # The queue hears of it by itself, and the number in the bar counts it.
    queue.locator(".line", has_text=IDLE).wait_for()
    agent.page.locator(".follow-toggle .badge", has_text="1").wait_for()
    assert "闲置资金" in queue.inner_text() and "不得推荐" in queue.inner_text()
    person.ask("转人工")
    queue.locator(".line").click()
    panel.get_by_text("风险测评已过期").wait_for()
    assert panel.locator("blockquote").inner_text() == IDLE
    assert panel.locator(".outcome").inner_text().endswith("不得推荐") and "怎样才可以" in panel.inner_text()
    assert panel.locator(".offers").count() == 0 and "重新完成测评" in panel.locator(".opening").inner_text()
    assert panel.get_by_role("button", name="放入回复").is_disabled()
    picture(agent.page, "follow-up-blocked-zh")
    # The assessment is renewed, and the offer opens where it stands.
    record(server, RENEWED)
    panel.get_by_text("可以推荐", exact=True).wait_for()
    agent.page.get_by_text("测评有效至 2999-01-05").wait_for()
    panel.locator(".offers summary").first.click()
    assert "知客现金宝货币基金" in panel.inner_text()
    agent.claim()
    agent.press("Alt+o")
    assert agent.field.input_value().startswith("您好，您刚才问到账户里的钱")
    agent.press("Enter")
    person.replies.last.get_by_text("闲置资金有几种").wait_for()
    panel.get_by_role("button", name="认领").click()
    panel.get_by_text("我已认领").wait_for()
    panel.get_by_label("备注（可不填）").fill("约在周五，电话 13800138000")
    picture(agent.page, "follow-up-open-zh")
    panel.get_by_role("button", name="有意向").click()
    agent.toast.get_by_text("已记录：有意向").wait_for()
    panel.get_by_text("目前没有可以跟进的需求").wait_for()
    queue.get_by_text("没有待跟进的任务").wait_for()
    (kept,) = running(server.app).follow_ups.export(Actor("boss"))
    assert (kept["outcome"], kept["label"], kept["note"]) == ("interested", True, "约在周五，电话 〈手机号〉")
    # The client's no holds at once; that it was not meant, or was, is one click, and all agents hear of it.
    person.say("别再给我推荐了")
    panel.get_by_text("客户说“别再给我推荐”").wait_for()
    # It is told outside of what is pressed, and drawing anew takes neither the focus nor the click.
    assert panel.locator(".heard [role=status] button").count() == 0
    undo = panel.get_by_role("button", name="不是谢绝，恢复跟进")
    undo.focus()
    undo.evaluate("node => { node.marked = true }")
    person.say("不用推荐")
    panel.get_by_text("客户说“不用推荐”").wait_for()
    assert undo.evaluate("node => node.marked && node === document.activeElement")
    undo.click()
    asked = agent.page.get_by_role("dialog")
    assert "不用推荐" in asked.inner_text()
    # Meanwhile the client says it again: that one is not undone unread.
    person.say("取消推荐")
    panel.get_by_text("客户说“取消推荐”").wait_for()
    asked.get_by_role("button", name="不是谢绝，恢复跟进").click()
    agent.toast.get_by_text("客户刚才又说了一次").wait_for()
    undo.click()
    picture(agent.page, "follow-up-undo-zh")
    asked.get_by_role("button", name="不是谢绝，恢复跟进").click()
    agent.toast.get_by_text("跟进已恢复").wait_for()
    panel.get_by_text("目前没有可以跟进的需求").wait_for()
    agent.page.wait_for_function("() => document.activeElement?.matches('.follow-ups h3')")
    person.say("取消推送")
    person.say("谢谢")
    panel.get_by_text("客户说“取消推送”").wait_for()
    picture(agent.page, "follow-up-no-heard-zh")
    panel.get_by_role("button", name="登记为不再推荐").click()
    agent.page.get_by_role("dialog").get_by_role("button", name="登记为不再推荐").click()
    panel.get_by_text("客户已谢绝跟进").wait_for()
    agent.page.get_by_text("已谢绝跟进", exact=True).wait_for()
    person.page.close()


def test_the_queue_takes_several_and_fits_every_width(visit: Callable[..., Person], come: Callable[..., Colleague], server: Rigged) -> None:
    for number in (1, 2, 3, 5):
        opened = running(server.app).conversations.open("web", f"demo-{number:03}")
        running(server.app).inbox.receive(opened.conversation.id, "m1", f"{IDLE}，第{number}次问")
    agent, other = come("agent1", color_scheme="dark"), come("agent2", viewport={"width": 390, "height": 780})
    agent.page.locator(".follow-toggle .badge").wait_for()
    agent.press("Alt+g")
    lines = agent.page.locator(".follow-queue li")
    lines.nth(2).wait_for()
    count = lines.count()
    lines.nth(0).locator(".line").focus()
    agent.press("x")
    agent.press("ArrowDown")
    agent.press("x")
    agent.page.get_by_text("已选 2 项").wait_for()
    agent.page.get_by_role("button", name="认领所选").click()
    lines.nth(1).get_by_text("我已认领").wait_for()
    lines.nth(2).locator(".line").click()
    agent.page.locator(".follow-ups .task").first.wait_for()
    picture(agent.page, "follow-queue-dark-zh")
    other.page.locator(".language").click()
    other.page.get_by_role("button", name="Sign out").wait_for()
    other.page.locator(".follow-toggle").click()
    other.page.locator(".follow-queue li").nth(count - 1).wait_for()
    assert "agent1" in other.page.locator(".follow-queue").inner_text()
    picture(other.page, "follow-queue-narrow-en")
    assert other.page.evaluate("document.documentElement.scrollWidth") <= 390
    other.page.locator(".follow-queue li .line").first.click()
    other.talk.locator(".message").first.wait_for()
    other.page.get_by_role("button", name="Client and help").click()
    other.page.locator(".follow-ups .task").wait_for()
    picture(other.page, "follow-up-narrow-en")
    small = "[...document.querySelectorAll('.follow-ups *')].filter((node) => parseFloat(getComputedStyle(node).fontSize) < 12).length"
    assert other.page.evaluate("document.documentElement.scrollWidth") <= 390 and other.page.evaluate(small) == 0
