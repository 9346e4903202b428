"""A member of staff in front of the console, by what they can see and press."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.api.conftest import PASSWORD
from tests.web.person import PATIENCE

__all__ = ["Colleague", "colleagues"]

# What a browser itself logs for a request that a test makes fail.
_EXPECTED = re.compile("Failed to load resource")


class Colleague:
    def __init__(self, context: Any, url: str) -> None:
        self.context, self.url = context, url
        context.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._log)
        self.page.goto(f"{url}/agent")

    def _log(self, line: Any) -> None:
        if line.type in ("error", "warning") and not _EXPECTED.match(line.text):
            self.complaints.append(line.text)

    def leave(self) -> None:
        self.context.close()
        assert not self.complaints, self.complaints

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        self.page.get_by_label("账号").fill(name)
        self.page.get_by_label("密码", exact=True).fill(password)
        self.page.get_by_role("button", name="登录", exact=True).click()

    @property
    def inbox(self) -> Any:
        return self.page.locator("nav.inbox")

    def section(self, name: str) -> Any:
        """Of the list: waiting, mine, assistant, others, closed."""
        return self.inbox.locator(f".section.{name}")

    @property
    def talk(self) -> Any:
        return self.page.locator("main.conversation")

    @property
    def said(self) -> Any:
        return self.talk.locator(".message .bubble")

    @property
    def field(self) -> Any:
        return self.talk.locator(".composer textarea")

    @property
    def suggestions(self) -> Any:
        return self.page.locator(".suggestions ol.cards > li")

    @property
    def findings(self) -> Any:
        return self.talk.locator(".findings")

    @property
    def toast(self) -> Any:
        return self.page.locator(".toast")

    def choose(self, section: str, words: str = "") -> None:
        """Open the first conversation of a section of the list."""
        self.section(section).locator(".line", has_text=words).first.click()
        self.talk.locator(".message").first.wait_for()

    def claim(self) -> None:
        self.talk.get_by_role("button", name="接入", exact=True).click()
        self.talk.get_by_text("由您接待").wait_for()

    def say(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)


@contextmanager
def colleagues(browser: Any, url: str, *, width: int = 1360, height: int = 860) -> Iterator[Callable[..., Colleague]]:
    """Staff come to the service at `url` by name and page, sign in, and leave at the end."""
    came: list[Colleague] = []

    def come(name: str, page: str = "agent", **options: Any) -> Colleague:
        context = browser.new_context(**{"viewport": {"width": width, "height": height}, "locale": "zh-CN", **options})
        colleague = Colleague(context, url)
        if page != "agent":
            colleague.page.goto(f"{url}/{page}")
        came.append(colleague)
        colleague.sign_in(name)
        colleague.page.locator("header.bar").wait_for()
        return colleague

    yield come
    for colleague in came:
        colleague.leave()
