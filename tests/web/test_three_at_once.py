"""One story with everybody at once: a client, two agents and the manager, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from assistant.accounts import Accounts
from assistant.audit import SYSTEM
from assistant.reply import Context, Outcome
from assistant.roles import Role
from tests.api.conftest import add_account, running
from tests.web.colleague import Colleague
from tests.web.person import Person
from tests.web.rigged import Rigged
from tests.web.test_dashboard import come, server

__all__ = ["come", "server"]

pytestmark = pytest.mark.browser
FAILURES = 2


def give_up_after_two(server: Rigged) -> None:
    """As the assistant does: who got no answer twice goes to a human with the next question that has none."""
    usual = server.responder.respond

    def respond(text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        outcome = usual(text, context, at)
        if outcome.reply.kind != "fallback" or context.failures < FAILURES:
            return outcome
        return replace(outcome, reply=usual("转人工", context, at).reply)

    server.responder.respond = respond  # type: ignore[method-assign]


def test_from_a_question_in_vain_to_the_number_that_shows_it(
        visit: Callable[..., Person], come: Callable[..., Colleague], server: Rigged) -> None:
    give_up_after_two(server)

    add_account(server.app, "bert", Role.AGENT)
    anna, bert, boss = come("anna", "agent"), come("bert", "agent"), come("boss", "dashboard")
    person = visit(server.url)
    for question in ("怎么开户", "月亮多远", "太阳多远", "火星多远"):
        person.ask(question)
    # Handed over; the story so far is read before the client is spoken to.
    anna.choose("waiting")
    summary = anna.page.locator(".summary").inner_text()
    assert "怎么在网上开户" in summary and "月亮多远" in summary and "太阳多远" in summary
    anna.claim()
    person.panel.get_by_text("anna正在为您服务").wait_for()
    anna.suggestions.first.wait_for()
    anna.press("Alt+1")
    anna.field.press("End")
    anna.press("Enter")
    person.replies.last.locator("text=手机上开户").wait_for()
    # A promise of return stops, and the wording beside it goes out.
    anna.say("这个产品保本，稳赚不赔")
    anna.findings.get_by_role("button", name="换成这句").click()
    anna.press("Enter")
    person.replies.last.get_by_text("投资有风险").wait_for()
    assert "保本" not in person.panel.inner_text()
    # To the colleague, who writes on and closes.
    anna.press("Alt+t")
    anna.page.get_by_role("dialog").locator(".option", has_text="bert").click()
    bert.choose("mine")
    bert.say("您好，我接着为您办理。")
    person.replies.last.get_by_text("接着为您办理").wait_for()
    assert "bert" in person.panel.inner_text()
    bert.press("Alt+x")
    bert.page.get_by_role("dialog").get_by_role("button", name="结束").click()
    person.panel.get_by_role("button", name="5 星").click()
    bert.talk.get_by_text("客户评价：5 星").wait_for()
    # The manager's numbers have it: by agent, and by the team that is set there and then.
    boss.press("Alt+2")
    page = boss.page
    page.locator(".figure", has_text="满意度").get_by_text("平均 5.00 分").wait_for()
    page.locator(".people tbody th", has_text="bert").wait_for()
    page.get_by_role("button", name="团队", exact=True).click()
    field = page.get_by_label("bert 的团队")
    field.fill("两融组")
    field.press("Tab")
    page.get_by_text("bert 已归入「两融组」").wait_for()
    boss.press("Escape")
    page.get_by_label("按", exact=True).select_option("team")
    page.get_by_label("指标").select_option("satisfaction")
    page.locator(".split tbody th", has_text="两融组").wait_for()
    page.get_by_label("团队", exact=True).select_option("两融组")
    page.locator(".people tbody th", has_text="bert").wait_for()
    assert "team=%E4%B8%A4%E8%9E%8D%E7%BB%84" in page.url
    person.page.close()


def test_an_agent_who_holds_as_many_as_they_may_reads_why(
        visit: Callable[..., Person], come: Callable[..., Colleague], server: Rigged) -> None:
    Accounts(running(server.app).store).serve_as("anna", [], 1, by=SYSTEM)
    people = [visit(server.url) for _ in range(2)]
    for person in people:
        person.ask("转人工")
    anna = come("anna", "agent")
    anna.choose("waiting")
    anna.claim()
    anna.choose("waiting")
    anna.talk.get_by_role("button", name="接入", exact=True).click()
    anna.toast.get_by_text("您手上的会话已到接待上限").wait_for()
    assert anna.section("waiting").locator(".line").count() == 1
