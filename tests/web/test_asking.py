"""A client asks: answers, sources, choices, verdicts, and all of it again after a reload."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from tests.api.conftest import Talk
from tests.web.person import Person
from tests.web.site import REAL, Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]


def test_a_question_gets_its_answer_with_sources_folded(visit: Visit, site: Site) -> None:
    person = visit()
    reply = person.ask(site.words.answer)
    assert site.words.expected in reply.locator(".bubble").inner_text()
    assert person.own.all_inner_texts() == [site.words.answer]
    rule = reply.locator(".sources li").first
    assert not rule.is_visible()
    reply.get_by_text("依据").click()
    assert re.search(r"\d{4}-\d\d-\d\d 起施行", rule.inner_text())


def test_nothing_is_shown_twice_though_answer_and_events_tell_the_same(visit: Visit, site: Site) -> None:
    person = visit()
    person.ask(site.words.answer)
    person.ask(site.words.decline)
    person.page.wait_for_timeout(400)
    assert person.own.all_inner_texts() == [site.words.answer, site.words.decline]
    assert person.replies.count() == 2


def test_a_choice_is_made_by_a_click_and_stays_marked(visit: Visit, site: Site) -> None:
    person = visit()
    person.ask(site.words.clarify)
    title = person.choices.first.locator(".words").inner_text()
    person.choices.first.click()
    person.replies.nth(1).wait_for()
    assert person.own.last.inner_text() == title
    assert person.replies.first.locator(".choice.picked .words").all_inner_texts() == [title]
    assert person.replies.last.locator(".verdicts").count() == 1


@pytest.mark.parametrize("where", ["field", "conversation"])
def test_a_choice_is_made_by_its_number(visit: Visit, site: Site, where: str) -> None:
    person = visit()
    person.ask(site.words.clarify)
    title = person.choices.nth(1).locator(".words").inner_text()
    if where == "field":
        person.say("2")
    else:
        person.field.press("ArrowUp")
        person.page.keyboard.press("2")
    person.replies.nth(1).wait_for()
    assert person.own.last.inner_text() == title


def test_a_verdict_is_thanked_for_and_may_change(visit: Visit, site: Site) -> None:
    person = visit()
    reply = person.ask(site.words.answer)
    reply.get_by_role("button", name="有帮助", exact=True).click()
    reply.get_by_text("谢谢您的评价").wait_for()
    reply.get_by_role("button", name="没帮助").click()
    reply.get_by_text("谢谢，已记录").wait_for()
    assert reply.get_by_role("button", name="有帮助", exact=True).get_attribute("aria-pressed") == "false"


def test_after_a_reload_the_conversation_is_there(visit: Visit, site: Site) -> None:
    person = visit()
    person.ask(site.words.answer).get_by_role("button", name="有帮助", exact=True).click()
    person.replies.first.get_by_text("谢谢您的评价").wait_for()
    person.ask(site.words.clarify)
    before = person.panel.locator(".log").inner_text()
    person.page.reload()
    person.open()
    person.choices.first.wait_for()
    assert person.panel.locator(".log").inner_text() == before
    assert person.replies.first.get_by_role("button", name="有帮助", exact=True).get_attribute("aria-pressed") == "true"
    assert not person.panel.get_by_text("大家常问").is_visible()


def test_a_suggested_question_is_asked_by_a_click(visit: Visit) -> None:
    person = visit()
    assert 4 <= person.panel.locator(".suggestion").count() <= 6
    person.panel.locator(".suggestion").first.click()
    person.replies.first.wait_for()
    assert person.own.all_inner_texts() == ["开户需要准备哪些材料？"]


def test_the_notice_stands_there_once(visit: Visit, site: Site) -> None:
    person = visit()
    person.ask(site.words.answer)
    person.ask(site.words.answer)
    assert person.panel.get_by_text("不构成投资建议").count() == 1


def test_the_page_opens_the_widget_with_a_question(visit: Visit) -> None:
    person = visit(opened=False)
    person.page.get_by_role("button", name="开户要哪些材料").click()
    person.replies.first.wait_for()
    assert person.own.all_inner_texts() == ["开户需要准备哪些材料？"]
    person.page.get_by_label("向在线客服提问").fill("印花税是多少")
    person.page.get_by_role("button", name="提问").click()
    person.replies.nth(1).wait_for()
    assert person.own.last.inner_text() == "印花税是多少"


def test_what_comes_while_the_window_is_closed_is_counted(visit: Visit, site: Site) -> None:
    person = visit()
    person.ask(site.words.answer)
    other = person.tab()
    other.locator("zhike-chat .launcher").click()
    person.page.keyboard.press("Escape")
    other.locator("zhike-chat textarea").fill(site.words.decline)
    other.keyboard.press("Enter")
    other.locator("zhike-chat .log .message.assistant").nth(1).wait_for()
    person.replies.nth(1).wait_for(state="attached")
    # The other tab shows it: what was read there is read here too.
    person.page.wait_for_timeout(300)
    assert not person.launcher.locator(".badge").is_visible()


def test_what_widget_and_page_propose_to_ask_is_answered(visit: Visit, site: Site) -> None:
    if site.words is not REAL:
        pytest.skip("no index of this knowledge here: zhike index build")
    page = visit(opened=False).page
    suggested = page.evaluate("""async () => {
        const { WORDS } = await import('/widget/strings.js');
        return Object.values(WORDS).flatMap(({ questions }) => questions.map(([label, ask]) => ask ?? label));
    }""")
    asks = "(all) => all.map((one) => one.dataset.zhikeAsk)"
    proposed = page.locator(".cards button, .lessons button").evaluate_all(asks)
    tried = page.locator(".tries button").evaluate_all(asks)
    kinds = {text: reply_kind(site.url, text) for text in {*suggested, *proposed, *tried}}
    assert {text for text in {*suggested, *proposed} if kinds[text] != "answer"} == set()
    assert {text for text in tried if kinds[text] == "fallback"} == set()


def reply_kind(url: str, text: str) -> str:
    with httpx.Client(base_url=url, timeout=20) as client:
        return Talk.open(client).say(text).json()["reply"]["kind"]
