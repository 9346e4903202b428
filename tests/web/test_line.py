"""The line goes down and comes back; servers refuse; two tabs are open. Nothing is lost and nothing comes twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from assistant.conversation import State
from tests.web.line import Line
from tests.web.person import Person, conversation_id
from tests.web.rigged import Rigged
from tests.web.site import Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
Start = Callable[..., Rigged]


def test_what_is_written_offline_is_sent_once_when_the_line_is_back(visit: Visit, rigged: Start) -> None:
    server = rigged()
    person = visit(server.url, complaints=True)
    person.ask("你好")
    person.context.set_offline(True)
    person.panel.get_by_text("网络已断开").wait_for()
    person.say("怎么开户")
    person.say("转钱")
    assert person.panel.get_by_text("待发送").count() == 2
    assert len(server.responder.seen) == 1
    person.context.set_offline(False)
    person.replies.nth(2).wait_for()
    person.panel.get_by_text("网络已断开").wait_for(state="hidden")
    person.page.wait_for_timeout(400)
    assert [text for text, _ in server.responder.seen] == ["你好", "怎么开户", "转钱"]
    assert person.own.all_inner_texts() == ["你好", "怎么开户", "转钱"]
    assert person.replies.count() == 3


def test_what_could_not_be_sent_survives_a_reload(visit: Visit, rigged: Start) -> None:
    server = rigged()
    person = visit(server.url, complaints=True)
    person.ask("你好")
    person.page.route("**/messages", lambda route: route.abort())
    person.say("怎么开户")
    person.panel.get_by_text("待发送").wait_for()
    person.page.unroute("**/messages")
    person.page.reload()
    person.open()
    person.replies.nth(1).wait_for()
    assert person.own.all_inner_texts() == ["你好", "怎么开户"]
    assert len(server.responder.seen) == 2


def test_an_answer_lost_on_the_way_is_asked_for_again_not_said_again(visit: Visit, rigged: Start) -> None:
    server = rigged()
    person = visit(server.url, complaints=True)
    lost: list[int] = []

    def lose(route: object) -> None:
        if lost:
            route.continue_()  # type: ignore[attr-defined]
            return
        lost.append(1)
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    person.page.route("**/messages", lose)
    person.say("怎么开户")
    person.replies.first.wait_for()
    person.page.wait_for_timeout(1600)
    assert person.replies.count() == 1 and person.own.count() == 1
    assert len(server.responder.seen) == 1


def test_what_was_said_while_the_line_was_cut_comes_when_it_is_mended(visit: Visit, rigged: Start) -> None:
    server = rigged()
    with Line(server.url) as line:
        person = visit(line.url, complaints=True)
        person.ask("转人工")
        line.cut()
        server.move(conversation_id(person), State.AGENT, "您好，我是小王。")
        person.say("在吗")
        person.panel.get_by_text("正在重新连接").wait_for()
        person.panel.get_by_text("待发送").wait_for()
        assert person.replies.count() == 1
        line.mend()
        person.replies.nth(1).wait_for()
        person.panel.get_by_text("待发送").wait_for(state="hidden")
        person.panel.get_by_text("正在重新连接").wait_for(state="hidden")
        expect(person.panel.locator(".log .bubble")).to_have_text(["转人工", "（handover）", "您好，我是小王。", "在吗"])


def test_two_tabs_show_one_conversation(visit: Visit, site: Site) -> None:
    person = visit()
    other = person.tab()
    other.locator("zhike-chat .launcher").click()
    person.ask(site.words.answer)
    other.locator("zhike-chat .log .message.assistant").first.wait_for()
    other.locator("zhike-chat textarea").fill(site.words.decline)
    other.keyboard.press("Enter")
    person.replies.nth(1).wait_for()
    assert person.own.all_inner_texts() == [site.words.answer, site.words.decline]
    assert other.locator("zhike-chat .log").inner_text() == person.panel.locator(".log").inner_text()


def test_the_assistant_is_seen_writing(visit: Visit, rigged: Start) -> None:
    server = rigged()
    go_on = threading.Event()
    person = visit(server.url)
    person.ask("你好")
    server.responder.before = lambda _: go_on.wait(5) and None
    person.say("怎么开户")
    person.panel.get_by_text("助手正在回复").wait_for(state="attached")
    person.panel.locator(".writing").wait_for()
    go_on.set()
    person.panel.locator(".writing").wait_for(state="hidden")
    assert person.replies.count() == 2


def test_a_limit_on_messages_is_told_kindly_and_waited_for(visit: Visit, rigged: Start) -> None:
    person = visit(rigged(messages_per_minute=1).url)
    person.ask("你好")
    person.say("怎么开户")
    person.panel.get_by_text("发得有点快").wait_for()
    assert person.panel.get_by_text("待发送").count() == 1


def test_a_server_that_starts_is_waited_for(visit: Visit, rigged: Start) -> None:
    server = rigged()
    person = visit(server.url)
    ready, server.app.state.ready = server.app.state.ready, None
    person.say("怎么开户")
    person.panel.get_by_text("服务正在启动").wait_for()
    server.app.state.ready = ready
    person.replies.first.wait_for()


def test_a_message_over_the_servers_limit_can_be_edited(visit: Visit, rigged: Start) -> None:
    person = visit(rigged(max_message_length=10).url)
    person.say("请问我想在网上开一个股票户怎么操作")
    person.panel.get_by_text("消息太长").wait_for()
    person.panel.get_by_role("button", name="修改").click()
    person.own.first.wait_for(state="detached")
    assert person.field.input_value() == "请问我想在网上开一个股票户怎么操作"
    person.ask("怎么开户")


def test_a_conversation_that_the_server_forgot_begins_anew(visit: Visit, rigged: Start) -> None:
    person = visit(rigged().url)
    person.page.evaluate("""localStorage.setItem(`zhike:${location.origin}/:conversation`,
        JSON.stringify({id: '0'.repeat(32), token: 'gone'}))""")
    person.page.reload()
    person.open()
    person.ask("怎么开户")
    assert person.own.all_inner_texts() == ["怎么开户"]
