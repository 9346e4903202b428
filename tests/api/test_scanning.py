"""What a client and an agent hear where the firm has its files scanned."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.roles import Role
from assistant.settings import Settings
from tests.api.conftest import Talk, add_account, bearer, running
from tests.api.test_bad_input import is_problem
from tests.api.test_breadth import send_file
from tests.fakes.clamd import BAD, FakeClamd


@pytest.fixture
def clamd() -> Iterator[FakeClamd]:
    with FakeClamd() as clamd:
        yield clamd


@pytest.fixture
def settings(settings: Settings, clamd: FakeClamd) -> Settings:
    return settings.model_copy(update={"clamd": clamd.address})


def test_a_file_with_malware_is_refused(app: FastAPI, client: TestClient, talk: Talk) -> None:
    add_account(app, "anna", Role.AGENT)
    anna, path = bearer(app, "anna"), f"/v1/agent/conversations/{talk.id}"
    client.post(f"{path}/claim", headers=anna)
    for refused in (send_file(talk, b"hello " + BAD, "a.txt"), send_file(talk, b"hello " + BAD, "a.txt", f"{path}/attachments", anna)):
        is_problem(refused, 422, "attachment_infected")
        assert "Test.Pattern" not in refused.text
    assert talk.get("/messages").json()["messages"] == []
    assert send_file(talk, b"hello", "a.txt").status_code == 200
    kept = [entry for entry in running(app).trail.page(0, 1000) if entry.action == "attachment.refused"]
    assert [(entry.actor, entry.details["sender"]) for entry in kept] == [("system", "client"), ("anna", "agent")]


def test_where_the_scanner_does_not_answer_nothing_is_taken(talk: Talk, clamd: FakeClamd) -> None:
    clamd.answer = b""
    refused = send_file(talk, b"hello", "a.txt")
    is_problem(refused, 503, "scanner_unavailable")
    assert refused.headers["retry-after"]
    clamd.answer = None
    assert send_file(talk, b"hello", "a.txt").status_code == 200
