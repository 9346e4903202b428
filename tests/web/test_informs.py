"""Beside a suggested reply that is about products stands what may be offered of them, and what to say with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from assistant.demo_data import fill_demo
from assistant.follow_up_policy import load_follow_up_policy
from assistant.roles import Role
from tests.api.conftest import add_account, running
from tests.fakes import ANSWER
from tests.web.colleague import Colleague, colleagues
from tests.web.person import Person
from tests.web.rigged import Rigged
from tests.web.test_follow_ups import EXPIRED, RENEWED, picture, record

pytestmark = pytest.mark.browser
BESIDE = load_follow_up_policy().beside


@pytest.fixture
def server(rigged: Callable[..., Rigged]) -> Rigged:
    server = rigged()
    server.words.products["open-account-online"] = ("cash",)
    fill_demo(running(server.app).store)
    add_account(server.app, "agent1", Role.AGENT)
    return server


@pytest.fixture
def come(browser: Any, server: Rigged) -> Iterator[Callable[..., Colleague]]:
    with colleagues(browser, server.url) as come:
        yield come


def test_a_suggestion_about_products_says_whether_they_may_be_offered(
        visit: Callable[..., Person], come: Callable[..., Colleague], server: Rigged) -> None:
    record(server, EXPIRED)
    person, agent = visit(server.url), come("agent1")
    person.page.evaluate("document.querySelector('zhike-chat').clientToken = 'token-1'")
    person.ask("怎么开户")
    person.ask("转人工")
    agent.choose("waiting")
    agent.claim()
    card = agent.suggestions.first
    card.locator(".informs.may_not").wait_for()
    assert card.locator(".outcome").inner_text().split() == ["✕", "闲置资金：不得推荐"]
    assert "风险测评已过期" in card.inner_text() and BESIDE["assessment_expired"] in card.inner_text()
    picture(agent.page, "suggestion-may-not-zh")
    # The answer itself may go out, with or without what is said with it.
    agent.press("Alt+1")
    assert agent.field.input_value() == ANSWER
    card.get_by_role("button", name="附提示插入").click()
    assert agent.field.input_value() == f"{ANSWER}\n\n{BESIDE['assessment_expired']}"
    agent.press("Control+k")
    search = agent.page.locator("dialog.search")
    search.get_by_role("combobox").fill("怎么开户")
    search.locator(".found .informs.may_not", has_text="闲置资金：不得推荐").wait_for()
    picture(agent.page, "search-may-not-zh")
    agent.press("Escape")
    agent.field.focus()
    agent.press("Enter")
    person.replies.last.get_by_text("需要重新测评后才能判断").wait_for()
    # What stands beside it follows the record.
    record(server, RENEWED)
    card.locator(".informs.may_offer", has_text="✓").wait_for()
    assert card.get_by_role("button", name="附提示插入").count() == 0
    person.page.close()
