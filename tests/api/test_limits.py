"""How often, and who is counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.limits import SlidingWindow
from assistant.errors import TooManyRequests
from assistant.settings import Settings
from tests.api.conftest import Talk, open_fake, wait_until_ready
from tests.fakes import FakeResponder


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_window_slides() -> None:
    clock = Clock()
    window = SlidingWindow(2, seconds=10, clock=clock)
    window.take("a")
    clock.now += 6
    window.take("a")
    with pytest.raises(TooManyRequests) as refused:
        window.take("a")
    assert refused.value.retry_after == 4
    window.take("b")
    clock.now += 4
    window.take("a")
    with pytest.raises(TooManyRequests):
        window.take("a")


def test_what_is_refused_is_not_counted() -> None:
    clock = Clock()
    window = SlidingWindow(1, seconds=10, clock=clock)
    window.take("a")
    for _ in range(5):
        clock.now += 1
        with pytest.raises(TooManyRequests):
            window.take("a")
    clock.now += 5
    window.take("a")


def test_memory_is_bounded() -> None:
    window = SlidingWindow(1, max_keys=3)
    for key in "abcd":
        window.take(key)
    window.take("a")
    with pytest.raises(TooManyRequests):
        window.take("d")


def test_a_conversation_that_floods_is_told_when_to_come_back(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, messages_per_minute=3)
    with TestClient(create_app(settings, open_fake(settings, FakeResponder()))) as client:
        wait_until_ready(client)
        talk, other = Talk.open(client), Talk.open(client)
        assert [talk.say("你好").status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = talk.say("你好")
        assert refused.json()["code"] == "too_many_requests" and 1 <= int(refused.headers["retry-after"]) <= 60
        assert other.say("你好").status_code == 200


def test_an_address_is_counted_but_this_machine_is_not(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, requests_per_minute=2)
    app = create_app(settings, open_fake(settings, FakeResponder()))
    with TestClient(app, client=("203.0.113.7", 5000)) as far:
        wait_until_ready(far)
        near = TestClient(app, client=("127.0.0.1", 5000))
        assert [far.post("/v1/conversations", json={"channel": "web"}).status_code for _ in range(3)] == [201, 201, 429]
        assert [near.post("/v1/conversations", json={"channel": "web"}).status_code for _ in range(3)] == [201] * 3
        assert far.get("/healthz").status_code == 200
