"""A client of the firm in front of the page, by what they can see and press."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["PATIENCE", "Person", "conversation_id"]

# Milliseconds until what does not come is held not to; on a machine that does much else too.
PATIENCE = 20_000

# What a browser itself logs for a request that a test makes fail.
_EXPECTED = re.compile("Failed to load resource")


class Person:
    def __init__(self, context: Any, url: str, *, complaints: bool = False) -> None:
        self.context, self.url = context, url
        context.set_default_timeout(PATIENCE)
        self.complaints: list[str] | None = None if complaints else []
        self.page = self.tab()

    def tab(self, path: str = "/") -> Any:
        """Another tab on the page."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("console", lambda line: self._complain(line.text) if line.type in ("error", "warning") else None)
        page.goto(self.url + path)
        return page

    def _complain(self, text: str) -> None:
        if self.complaints is not None and not _EXPECTED.match(text):
            self.complaints.append(text)

    def leave(self) -> None:
        self.context.close()
        assert not self.complaints, self.complaints

    @property
    def launcher(self) -> Any:
        return self.page.locator("zhike-chat .launcher")

    @property
    def panel(self) -> Any:
        return self.page.locator("zhike-chat .panel")

    @property
    def field(self) -> Any:
        return self.panel.get_by_role("textbox")

    @property
    def own(self) -> Any:
        return self.panel.locator(".message.client .bubble")

    @property
    def replies(self) -> Any:
        """What came from the firm, without the greeting."""
        return self.panel.locator(".log .message:not(.client)")

    @property
    def choices(self) -> Any:
        return self.replies.last.locator(".choice")

    def open(self) -> None:
        self.launcher.click()
        self.panel.wait_for()

    def say(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def ask(self, text: str) -> Any:
        """Say something and wait for what the firm says to it."""
        count = self.replies.count()
        self.say(text)
        self.replies.nth(count).wait_for()
        return self.replies.nth(count)

    def focused(self) -> str:
        """The class of what has the focus inside the widget."""
        return self.page.evaluate("document.querySelector('zhike-chat').shadowRoot.activeElement?.className ?? ''")


def conversation_id(person: Person) -> str:
    return person.page.evaluate(
        "JSON.parse(Object.entries(localStorage).find(([key]) => key.endsWith(':conversation'))[1]).id")
