"""The client's side of human service: a place in the queue that moves, an agent, a rating, and the way back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assistant.clock import CHINA
from assistant.roles import Role
from tests.api.conftest import add_account
from tests.web.colleague import Colleague
from tests.web.person import Person, conversation_id
from tests.web.rigged import Rigged

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
# Where to put pictures of the screens, for whoever wants to look at them.
PICTURES = os.environ.get("ZHIKE_TEST_PICTURES")


def picture(page: Any, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(300)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


@pytest.fixture
def come(browser: Any) -> Iterator[Callable[..., Colleague]]:
    colleagues: list[Colleague] = []

    def come(server: Rigged, name: str) -> Colleague:
        add_account(server.app, name, Role.AGENT)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        colleague = Colleague(context, server.url)
        colleagues.append(colleague)
        colleague.sign_in(name)
        colleague.inbox.wait_for()
        return colleague

    yield come
    for colleague in colleagues:
        colleague.leave()


def test_waits_is_served_rates_and_comes_back_to_the_same_agent(visit: Visit, come: Callable[..., Colleague],
                                                               rigged: Callable[..., Rigged]) -> None:
    server = rigged()
    anna, bert = come(server, "anna"), come(server, "bert")
    first, person = visit(server.url), visit(server.url)
    first.ask("转人工")
    first.panel.get_by_text("预计约 1 分钟内由人工客服回复您").wait_for()
    person.ask("转人工，我的账户登不上去了")
    person.panel.get_by_text("您排在第 2 位").wait_for()
    picture(person.page, "queue-wide-zh")
    # The one before is taken, and the place moves by itself.
    anna.section("waiting").locator(".line").nth(1).wait_for()
    assert anna.section("waiting").locator(".line .suited:visible").count() == 0
    anna.choose("waiting")
    anna.claim()
    person.panel.get_by_text("您排在第 2 位").wait_for(state="hidden")
    person.panel.get_by_text("预计约 1 分钟内").wait_for()
    bert.choose("waiting", "登不上去")
    bert.claim()
    person.panel.get_by_text("bert正在为您服务").wait_for()
    bert.say("您好，请问提示什么？")
    person.replies.last.get_by_text("提示什么").wait_for()
    # With the window closed the button shows what is unread; the sound is off until it is turned on.
    assert person.panel.locator(".sound").get_attribute("aria-pressed") == "false"
    person.page.keyboard.press("Escape")
    bert.say("还在吗？")
    person.launcher.locator(".badge", has_text="1").wait_for()
    person.open()
    person.say("好了，谢谢")
    bert.said.filter(has_text="好了").wait_for()
    bert.press("Alt+x")
    bert.page.get_by_role("dialog").get_by_role("button", name="结束").click()
    person.panel.get_by_role("button", name="4 星").click()
    person.panel.get_by_text("谢谢您的评价").wait_for()
    person.panel.get_by_label("愿意的话").fill("很快，我的电话 13800138000")
    person.panel.locator(".why button").click()
    person.panel.get_by_text("已收到，谢谢您").wait_for()
    picture(person.page, "rated-wide-zh")
    bert.section("closed").locator("summary").click()
    line = bert.section("closed").locator(".line").first
    line.get_by_text("4 星").wait_for()
    line.click()
    bert.talk.locator("header").get_by_text("很快").wait_for()
    assert "13800138000" not in bert.talk.locator("header").inner_text()
    # Written again within a day: the same conversation, the same agent, and a rating of its own.
    kept = conversation_id(person)
    person.say("还有一个问题")
    person.panel.get_by_text("bert正在为您服务").wait_for()
    bert.section("mine").locator(".line", has_text="还有一个问题").wait_for()
    assert conversation_id(person) == kept and anna.section("mine").locator(".line").count() == 1
    bert.press("Alt+x")
    bert.page.get_by_role("dialog").get_by_role("button", name="结束").click()
    person.panel.get_by_text("您对这次服务满意吗").wait_for()


@pytest.mark.parametrize(("language", "scheme", "width"), [("zh", "light", 1280), ("en", "dark", 390)])
def test_who_waits_where_nobody_is_online_is_told_so(visit: Visit, rigged: Callable[..., Rigged], language: str, scheme: str,
                                                     width: int) -> None:
    person = visit(rigged().url, viewport={"width": width, "height": 800}, color_scheme=scheme)
    if language == "en":
        person.panel.locator(".language").click()
    person.ask("转人工")
    person.panel.get_by_text("暂时没有同事在线" if language == "zh" else "Nobody is online").wait_for()
    picture(person.page, f"absent-{width}-{language}-{scheme}")


def test_outside_hours_the_promise_corrects_what_was_said_and_stays(visit: Visit, rigged: Callable[..., Rigged], tmp_path: Path) -> None:
    tomorrow = (datetime.now(CHINA) + timedelta(days=1)).date()
    closed = tmp_path / "closed.toml"
    closed.write_text("[hours]\n" + "".join(f"{day} = []\n" for day in ("monday", "tuesday", "wednesday", "thursday", "friday"))
                      + f'[hours.open_on]\n"{tomorrow}" = ["09:00-12:00"]\n', encoding="utf-8")
    person = visit(rigged(service=closed).url, viewport={"width": 390, "height": 800}, color_scheme="dark")
    person.ask("转人工")
    person.panel.locator(".promised", has_text="人工客服会从明天 9:00 开始").wait_for()
    assert "已留言，等待人工客服上班" in person.panel.locator("header").inner_text()
    picture(person.page, "away-narrow-dark-zh")
    person.page.reload()
    person.open()
    person.panel.locator(".promised", has_text="明天 9:00").wait_for()
    person.panel.locator(".language").click()
    person.panel.locator(".promised", has_text="tomorrow at 9:00").wait_for()
    picture(person.page, "away-narrow-dark-en")
