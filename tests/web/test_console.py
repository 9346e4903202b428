"""The console of agents: a client in the widget and colleagues in the console, at once, on the real server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pypinyin import Style, lazy_pinyin

import api
from assistant.outgoing import load_outgoing_check
from assistant.roles import Role
from tests.api.conftest import add_account
from tests.web.colleague import Colleague
from tests.web.line import Line
from tests.web.person import Person
from tests.web.rigged import Rigged

Visit = Callable[..., Person]
Come = Callable[..., Colleague]
CONSOLE = Path(api.__file__).parent / "web" / "console"
PHRASES = json.loads((CONSOLE / "quick-replies.json").read_text(encoding="utf-8"))


@pytest.fixture
def server(rigged: Callable[..., Rigged]) -> Rigged:
    server = rigged()
    for name in ("agent1", "agent2"):
        add_account(server.app, name, Role.AGENT)
    add_account(server.app, "editor", Role.EDITOR)
    return server


@pytest.fixture
def come(browser: Any, server: Rigged) -> Iterator[Come]:
    """A colleague who signs in with a browser of their own; the page must not have complained when they leave."""
    colleagues: list[Colleague] = []

    def come(name: str = "agent1", url: str = "", **options: Any) -> Colleague:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN", **options})
        context.set_default_timeout(8000)
        colleague = Colleague(context, url or server.url)
        colleagues.append(colleague)
        if name:
            colleague.sign_in(name)
            colleague.inbox.wait_for()
        return colleague

    yield come
    for colleague in colleagues:
        colleague.leave()
