"""The audit trail over HTTP."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.audit import Chain, Entry
from assistant.roles import Role
from tests.api.conftest import add_account, bearer
from tests.api.test_bad_input import is_problem


@pytest.fixture
def reader(app: FastAPI, client: TestClient) -> TestClient:
    for number in range(4):
        add_account(app, f"agent{number}", Role.AGENT)
    add_account(app, "lisi", Role.REVIEWER)
    client.headers.update(bearer(app, "lisi"))
    return client


def test_entries_come_in_pages_and_can_be_verified_by_who_reads_them(reader: TestClient) -> None:
    first = reader.get("/v1/audit", params={"limit": 4}).json()["entries"]
    rest = reader.get("/v1/audit", params={"after": first[-1]["seq"]}).json()["entries"]
    assert [entry["seq"] for entry in first + rest] == [1, 2, 3, 4, 5, 6]
    assert [entry["action"] for entry in rest] == ["account.added", "session.signed_in"]
    assert Chain().follow(Entry(**entry) for entry in first + rest) is None
    assert reader.get("/v1/audit", params={"after": 6}).json() == {"entries": []}


@pytest.mark.parametrize("params", [
    {"after": -1}, {"after": "x"}, {"after": 2**63}, {"limit": 0}, {"limit": 501}, {"limit": "1.5"}, {"after": ""}])
def test_odd_pages(reader: TestClient, params: dict[str, object]) -> None:
    is_problem(reader.get("/v1/audit", params=params), 422, "invalid_request")


def test_the_furthest_page(reader: TestClient) -> None:
    assert reader.get("/v1/audit", params={"after": 2**63 - 1}).json() == {"entries": []}
