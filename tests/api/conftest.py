"""The HTTP application on a fake responder: in process for most tests, on a socket for event streams."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from assistant.audit import SYSTEM
from assistant.bootstrap import Application, assemble
from assistant.roles import Role
from assistant.settings import Settings
from assistant.storage import Store
from tests.fakes import FakeResponder, FakeWords


@pytest.fixture
def responder() -> FakeResponder:
    return FakeResponder()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, cors_origins=("https://www.example.com",), heartbeat_seconds=0.3, poll_seconds=0.05)


def open_fake(settings: Settings, responder: FakeResponder, words: FakeWords | None = None) -> Callable[[], Application]:
    spoken = words or FakeWords()
    return lambda: assemble(settings, Store.open(settings.database_url), responder, knowledge_version=1, words=spoken)


@pytest.fixture
def app(settings: Settings, responder: FakeResponder) -> FastAPI:
    return create_app(settings, open_fake(settings, responder))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        wait_until_ready(client)
        yield client


@pytest.fixture
def server(app: FastAPI) -> Iterator[str]:
    with serving(app) as url:
        yield url


class serving:
    """A server on a free port, for as long as the block lasts."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
        self._socket = socket.socket()
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> str:
        self._socket.bind(("127.0.0.1", 0))
        self._thread.start()
        url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        with httpx.Client(base_url=url) as client:
            wait_until_ready(client)
        return url

    def __exit__(self, *_: object) -> None:
        if self._app.state.ready:
            self._app.state.ready.live.stop()
        self._server.should_exit = True
        self._thread.join(10)


def wait_until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Until it holds; on a slow machine as much as on a quick one.

    Raises TimeoutError after so many seconds.
    """
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)


def wait_until_ready(client: httpx.Client) -> None:
    def ready() -> bool:
        try:
            return client.get("/readyz").status_code == 200
        except (httpx.ConnectError, httpx.ReadTimeout):
            return False

    wait_until(ready)


@dataclass
class Talk:
    """A conversation over HTTP."""

    client: httpx.Client
    id: str
    token: str
    sent: int = 0

    @classmethod
    def open(cls, client: httpx.Client) -> Talk:
        opened = client.post("/v1/conversations", json={"channel": "web"})
        assert opened.status_code == 201, opened.text
        return cls(client, **opened.json())

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def path(self) -> str:
        return f"/v1/conversations/{self.id}"

    def say(self, text: str, client_message_id: str | None = None) -> httpx.Response:
        self.sent += 1
        body = {"client_message_id": client_message_id or f"m{self.sent}", "text": text}
        return self.post("/messages", body)

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return self.client.post(self.path + path, json=body, headers=self.headers, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(self.path + path, headers=self.headers, **options)


@pytest.fixture
def talk(client: TestClient) -> Talk:
    return Talk.open(client)


PASSWORD = "correct horse battery"


def running(app: FastAPI) -> Application:
    """What serves in the application, once it is ready."""
    return app.state.ready.application


def add_account(app: FastAPI, name: str, *roles: Role) -> None:
    running(app).accounts.add(name, PASSWORD, roles, by=SYSTEM)


def bearer(app: FastAPI, name: str) -> dict[str, str]:
    """Headers of a new session of the account."""
    return {"Authorization": f"Bearer {running(app).sessions.sign_in(name, PASSWORD).token}"}
