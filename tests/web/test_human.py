"""A human is called, comes, leaves; and the client may go on without one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.conversation import State
from tests.web.person import Person, conversation_id
from tests.web.rigged import Rigged
from tests.web.site import Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]


def test_waiting_says_what_happens_next_and_ends_by_a_click(visit: Visit, site: Site) -> None:
    person = visit()
    person.ask(site.words.human)
    person.panel.get_by_text("接下来").wait_for()
    assert "正在为您转接人工客服" in person.panel.locator("header").inner_text()
    person.say("在吗")
    person.page.wait_for_timeout(300)
    assert person.replies.count() == 1
    person.panel.get_by_role("button", name="先和助手继续").click()
    person.panel.get_by_text("接下来").wait_for(state="hidden")
    assert person.ask(site.words.answer).locator(".sources").count() == 1


def test_waiting_is_still_known_after_a_reload(visit: Visit, site: Site) -> None:
    person = visit()
    person.panel.get_by_role("button", name="转人工").click()
    person.panel.get_by_text("接下来").wait_for()
    person.page.reload()
    person.open()
    person.panel.get_by_text("接下来").wait_for()
    assert person.panel.locator(".line").all_inner_texts() == ["已请人工客服"]


def test_a_colleague_comes_writes_and_closes(visit: Visit, rigged: Callable[..., Rigged]) -> None:
    server = rigged()
    person = visit(server.url)
    person.ask("转人工")
    person.page.keyboard.press("Escape")
    server.move(conversation_id(person), State.AGENT, "您好，我是**客服**小王。")
    person.launcher.locator(".badge", has_text="1").wait_for()
    assert person.launcher.get_attribute("aria-label") == "打开在线客服，1 条未读"
    person.open()
    assert not person.launcher.locator(".badge").is_visible()
    assert "人工客服正在为您服务" in person.panel.locator("header").inner_text()
    assert person.replies.last.locator("strong").inner_text() == "客服"
    person.say("谢谢")
    person.panel.get_by_text("发送中").wait_for(state="hidden")
    server.move(conversation_id(person), State.CLOSED)
    person.panel.get_by_role("button", name="5 星").click()
    person.panel.get_by_text("谢谢您的评价").wait_for()
    person.panel.get_by_role("button", name="开始新的对话").click()
    person.own.first.wait_for(state="detached")
    person.ask("怎么开户")


def test_what_is_written_into_a_closed_conversation_goes_on_with_it(visit: Visit, rigged: Callable[..., Rigged]) -> None:
    server = rigged()
    person = visit(server.url)
    person.ask("你好")
    first = conversation_id(person)
    server.move(first, State.CLOSED)
    person.panel.get_by_text("会话已结束").first.wait_for()
    person.say("怎么开户")
    person.replies.last.locator(".sources").wait_for()
    assert person.own.all_inner_texts() == ["你好", "怎么开户"]
    assert conversation_id(person) == first


def test_when_nothing_fits_a_human_is_one_click_away(visit: Visit, rigged: Callable[..., Rigged]) -> None:
    person = visit(rigged().url)
    person.ask("完全不相干的话").get_by_role("button", name="转人工").click()
    person.panel.get_by_text("接下来").wait_for()
