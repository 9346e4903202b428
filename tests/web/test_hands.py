"""Keyboard, focus, input methods, limits, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.person import Person
from tests.web.site import Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]


def test_everything_by_keyboard(visit: Visit, site: Site) -> None:
    person = visit(opened=False)
    page = person.page
    person.launcher.focus()
    page.keyboard.press("Enter")
    person.panel.wait_for()
    page.wait_for_function("document.querySelector('zhike-chat').shadowRoot.activeElement?.localName === 'textarea'")
    page.keyboard.type(site.words.clarify)
    page.keyboard.press("Enter")
    person.choices.first.wait_for()
    page.keyboard.press("ArrowUp")
    assert "choice" in person.focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    person.replies.nth(1).wait_for()
    page.keyboard.press("Shift+Tab")
    assert "attach" in person.focused()
    page.keyboard.press("Shift+Tab")
    assert "verdict" in person.focused()
    page.keyboard.press("Space")
    person.panel.get_by_text("谢谢，已记录").wait_for()
    page.keyboard.press("Escape")
    assert not person.panel.is_visible()
    assert person.focused() == "launcher"


def test_enter_sends_and_shift_enter_breaks_the_line(visit: Visit, site: Site) -> None:
    person = visit()
    person.field.press("Enter")
    person.field.type("第一行")
    person.field.press("Shift+Enter")
    person.field.type(site.words.answer)
    person.field.press("Enter")
    person.replies.first.wait_for()
    assert person.own.all_inner_texts() == [f"第一行\n{site.words.answer}"]


def test_enter_that_picks_a_candidate_sends_nothing(visit: Visit) -> None:
    person = visit()
    keys = person.context.new_cdp_session(person.page)
    person.field.focus()
    keys.send("Input.imeSetComposition", {"text": "kai hu", "selectionStart": 6, "selectionEnd": 6})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    keys.send("Input.insertText", {"text": "开户"})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    assert person.field.input_value() == "开户"
    assert person.own.count() == 0
    person.field.press("Enter")
    person.replies.first.wait_for()
    assert person.own.all_inner_texts() == ["开户"]


def test_a_long_text_is_counted_and_held_back(visit: Visit) -> None:
    person = visit()
    send = person.panel.get_by_role("button", name="发送", exact=True)
    assert send.is_disabled()
    person.field.fill("问" * 1601)
    person.panel.get_by_text("1601 / 2000").wait_for()
    person.field.fill("😀" * 2003)
    person.panel.get_by_text("超出 3 字").wait_for()
    person.field.press("Enter")
    assert send.is_disabled() and person.own.count() == 0
    person.field.fill("😀" * 2000)
    assert send.is_enabled()


def test_a_screen_reader_is_told(visit: Visit, site: Site) -> None:
    person = visit(opened=False)
    assert person.launcher.get_attribute("aria-label") == "打开在线客服"
    assert person.launcher.get_attribute("aria-expanded") == "false"
    person.open()
    log = person.panel.get_by_role("log")
    assert log.get_attribute("aria-live") == "polite"
    person.ask(site.words.answer)
    nameless = person.page.evaluate("""[...document.querySelector('zhike-chat').shadowRoot.querySelectorAll('button')]
        .filter((button) => !(button.getAttribute('aria-label') || button.textContent.trim())).length""")
    assert nameless == 0
    assert "您：" in log.text_content()


def test_the_keys_are_listed_on_a_question_mark(visit: Visit) -> None:
    person = visit()
    person.panel.locator(".scroll").focus()
    person.page.keyboard.press("?")
    assert person.panel.locator(".key-list").is_visible()
    person.page.keyboard.press("?")
    assert not person.panel.locator(".key-list").is_visible()


def test_on_a_phone_the_focus_stays_in_the_window(visit: Visit, site: Site) -> None:
    person = visit(viewport={"width": 390, "height": 844})
    person.ask(site.words.answer)
    for _ in range(16):
        person.page.keyboard.press("Tab")
        assert person.page.evaluate("document.activeElement.localName") == "zhike-chat"
