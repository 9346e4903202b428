"""Signing in and out over HTTP: as a bearer, and as a cookie that needs a CSRF token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from api.app import create_app
from assistant.audit import SYSTEM
from assistant.roles import Role
from assistant.settings import Settings
from tests.api.conftest import PASSWORD, add_account, open_fake, running, wait_until_ready
from tests.api.test_bad_input import is_problem
from tests.fakes import FakeResponder

SIGN_IN = {"username": "zhangsan", "password": PASSWORD}


@pytest.fixture
def desk(app: FastAPI, client: TestClient) -> TestClient:
    add_account(app, "zhangsan", Role.AGENT, Role.REVIEWER)
    return client


def auth(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_who_signs_in_gets_a_bearer_token(desk: TestClient) -> None:
    response = desk.post("/v1/session", json=SIGN_IN)
    body = response.json()
    assert response.status_code == 200 and "set-cookie" not in response.headers
    assert (body["user"], body["display_name"], body["roles"]) == ("zhangsan", "zhangsan", ["agent", "reviewer"])
    assert "conversations.reply" in body["permissions"] and body["csrf_token"] is None
    left = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=11.9) < left <= timedelta(hours=12)
    seen = desk.get("/v1/session", headers=auth(body["token"])).json()
    assert seen == {key: value for key, value in body.items() if key != "token"}


def test_who_signs_out_is_out(desk: TestClient) -> None:
    token = desk.post("/v1/session", json=SIGN_IN).json()["token"]
    gone = desk.delete("/v1/session", headers=auth(token))
    assert (gone.status_code, gone.content) == (204, b"")
    is_problem(desk.get("/v1/session", headers=auth(token)), 401, "not_signed_in")
    is_problem(desk.delete("/v1/session", headers=auth(token)), 401, "not_signed_in")


def test_who_is_refused_is_told_the_same_whatever_was_wrong(desk: TestClient) -> None:
    running(desk.app).accounts.add("lisi", PASSWORD, [Role.AGENT], by=SYSTEM)
    running(desk.app).accounts.deactivate("lisi", by=SYSTEM)
    refused = [desk.post("/v1/session", json={"username": name, "password": password}) for name, password in (
        ("zhangsan", "wrong"), ("nobody", "wrong"), ("a b", "wrong"), ("lisi", PASSWORD))]
    for response in refused:
        is_problem(response, 401, "bad_credentials")
    assert len({response.text for response in refused}) == 1
    assert len({json.dumps({**response.headers, "x-request-id": ""}) for response in refused}) == 1


@pytest.mark.parametrize("name", ["zhangsan", "nobody"])
def test_too_many_failures_lock_for_a_while(desk: TestClient, name: str) -> None:
    wrong = {"username": name, "password": "wrong"}
    assert [desk.post("/v1/session", json=wrong).status_code for _ in range(6)] == [401] * 5 + [429]
    response = desk.post("/v1/session", json={**SIGN_IN, "username": name})
    is_problem(response, 429, "sign_in_locked")
    assert 1 <= int(response.headers["retry-after"]) <= 5


def test_an_address_that_tries_many_names_is_locked(desk: TestClient) -> None:
    far = TestClient(desk.app, client=("203.0.113.7", 5000))
    tried = [far.post("/v1/session", json={"username": f"name{number}", "password": "x"}).status_code for number in range(22)]
    assert tried == [401] * 21 + [429]
    is_problem(far.post("/v1/session", json=SIGN_IN), 429, "sign_in_locked")
    assert desk.post("/v1/session", json=SIGN_IN).status_code == 200


def test_the_trail_tells_who_and_from_where(desk: TestClient) -> None:
    far = TestClient(desk.app, client=("2001:db8::1", 5000))
    response = far.post("/v1/session", json=SIGN_IN, headers={"X-Request-ID": "r-1"})
    far.delete("/v1/session", headers=auth(response.json()["token"]))
    entries = running(desk.app).trail.page(1, 10)
    assert [(entry.action, entry.actor, entry.address) for entry in entries] == [
        ("session.signed_in", "zhangsan", "2001:db8::1"), ("session.signed_out", "zhangsan", "2001:db8::1")]
    assert entries[0].request_id == "r-1"


@pytest.mark.parametrize("address", ["x" * 500, "fe80::1%" + "x" * 500, "unix:", "203.0.113.7:80"])
def test_odd_addresses_of_callers(desk: TestClient, address: str) -> None:
    odd = TestClient(desk.app, client=(address, 5000), raise_server_exceptions=False)
    assert odd.post("/v1/session", json=SIGN_IN).status_code == 200


BAD_BODIES = [
    "{}", '{"username": "zhangsan"}', '{"username": "", "password": "x"}', '{"username": "x", "password": ""}', "[]", '"x"', "null",
    '{"username": 5, "password": "x"}', '{"username": "x", "password": null}', '{"username": "x", "password": "x", "cookie": "yes"}',
    json.dumps({"username": "x" * 129, "password": "x"}), json.dumps({"username": "x", "password": "x" * 1025}),
    '{"username": "\\ud800", "password": "x"}', '{"username": "x", "password": "\\ud800"}',
]


@pytest.mark.parametrize("content", BAD_BODIES)
def test_bodies_that_are_refused(client: TestClient, content: str) -> None:
    response = client.post("/v1/session", content=content, headers={"Content-Type": "application/json"})
    is_problem(response, 422, "invalid_request")


@pytest.mark.parametrize("name", ["\x00", "a\x00b", "%00", "'; DROP TABLE staff;--", "😀", "\u202e", "x" * 128, "../../x"])
def test_odd_names_are_only_unknown(client: TestClient, name: str) -> None:
    is_problem(client.post("/v1/session", json={"username": name, "password": "\x00"}), 401, "bad_credentials")


def test_a_form_of_another_site_can_not_sign_in(client: TestClient) -> None:
    is_problem(client.post("/v1/session", data=SIGN_IN), 415, "unsupported_media_type")
    is_problem(client.post("/v1/session", content=json.dumps(SIGN_IN), headers={"Content-Type": "text/plain"}), 415,
               "unsupported_media_type")


def test_other_sites_may_not_call_what_is_for_staff(client: TestClient) -> None:
    asked = {"Origin": "https://www.example.com", "Access-Control-Request-Method": "DELETE"}
    assert client.options("/v1/session", headers=asked).status_code == 400
    response = client.get("/v1/session", headers={"Origin": "https://www.example.com"})
    assert "access-control-allow-credentials" not in response.headers


class Page:
    """A page of ours that has signed in with a cookie."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.response = client.post("/v1/session", json={**SIGN_IN, "cookie": True})
        self.body = self.response.json()
        self.csrf = {"X-CSRF-Token": self.body["csrf_token"]}


@pytest.fixture
def page(desk: TestClient) -> Page:
    return Page(desk)


def test_a_cookie_can_not_be_read_by_scripts_nor_sent_by_other_sites(page: Page) -> None:
    cookie = page.response.headers["set-cookie"]
    assert cookie.startswith("zhike_session=") and "Path=/" in cookie
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower() and "secure" not in cookie.lower()
    assert 43_000 < int(cookie.partition("Max-Age=")[2].partition(";")[0]) <= 43_200
    assert page.body["token"] is None
    assert page.client.cookies["zhike_session"] not in page.response.text


def test_over_https_the_cookie_is_secure_and_of_this_host_only(desk: TestClient) -> None:
    safe = TestClient(desk.app, base_url="https://zhike.example")
    page = Page(safe)
    cookie = page.response.headers["set-cookie"]
    assert cookie.startswith("__Host-zhike_session=") and "Secure" in cookie and "Domain" not in cookie
    assert safe.get("/v1/session").status_code == 200
    token = safe.cookies["__Host-zhike_session"]
    planted = TestClient(desk.app, base_url="https://zhike.example", cookies={"zhike_session": token})
    is_problem(planted.get("/v1/session"), 401, "not_signed_in")


def test_a_page_that_was_loaded_again_gets_its_csrf_token(page: Page) -> None:
    seen = page.client.get("/v1/session").json()
    assert seen["csrf_token"] == page.body["csrf_token"] and "token" not in seen


@pytest.mark.parametrize("header", [None, "", "x", "é", "0" * 64])
def test_a_change_by_cookie_needs_the_csrf_token(page: Page, header: str | None) -> None:
    headers = {} if header is None else {"X-CSRF-Token": header.encode()}
    is_problem(page.client.delete("/v1/session", headers=headers), 403, "csrf_token_missing")
    assert page.client.get("/v1/session").status_code == 200


def test_the_csrf_token_of_another_session_does_not_do(desk: TestClient, page: Page) -> None:
    other = Page(TestClient(desk.app))
    is_problem(page.client.delete("/v1/session", headers=other.csrf), 403, "csrf_token_missing")


def test_signing_out_takes_the_cookie_away(page: Page) -> None:
    gone = page.client.delete("/v1/session", headers=page.csrf)
    assert gone.status_code == 204 and "Max-Age=0" in gone.headers["set-cookie"]
    assert "zhike_session" not in page.client.cookies
    is_problem(page.client.get("/v1/session"), 401, "not_signed_in")


def test_signing_in_again_ends_the_session_before(desk: TestClient, page: Page) -> None:
    before = page.client.cookies["zhike_session"]
    Page(page.client)
    stolen = TestClient(desk.app, cookies={"zhike_session": before})
    is_problem(stolen.get("/v1/session"), 401, "not_signed_in")


def test_a_bearer_goes_before_a_cookie(page: Page) -> None:
    token = page.client.post("/v1/session", json=SIGN_IN).json()["token"]
    is_problem(page.client.get("/v1/session", headers=auth("wrong")), 401, "not_signed_in")
    assert page.client.delete("/v1/session", headers=auth(token)).status_code == 204
    assert page.client.get("/v1/session").status_code == 200


def test_no_log_names_a_password_or_a_token(desk: TestClient) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        token = desk.post("/v1/session", json=SIGN_IN).json()["token"]
        desk.post("/v1/session", json={"username": "hunter2hunter2", "password": "hunter3hunter3"})
        desk.get("/v1/session", headers=auth(token))
    written = json.dumps(logs, default=str)
    assert not [secret for secret in (PASSWORD, token, "hunter2", "hunter3", "zhangsan") if secret in written]


def test_the_ends_of_a_session_are_settings(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, session_max_hours=1)
    app = create_app(settings, open_fake(settings, FakeResponder()))
    with TestClient(app) as client:
        wait_until_ready(client)
        add_account(app, "zhangsan", Role.AGENT)
        left = datetime.fromisoformat(client.post("/v1/session", json=SIGN_IN).json()["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)


@pytest.fixture
def two_processes(tmp_path: Path) -> Iterator[tuple[TestClient, TestClient]]:
    settings = Settings(data=tmp_path)
    apps = [create_app(settings, open_fake(settings, FakeResponder())) for _ in range(2)]
    with TestClient(apps[0]) as one, TestClient(apps[1]) as other:
        for client in (one, other):
            wait_until_ready(client)
        add_account(apps[0], "zhangsan", Role.AGENT)
        yield one, other


def test_two_processes_share_sessions_and_locks(two_processes: tuple[TestClient, TestClient]) -> None:
    one, other = two_processes
    token = one.post("/v1/session", json=SIGN_IN).json()["token"]
    assert other.delete("/v1/session", headers=auth(token)).status_code == 204
    is_problem(one.get("/v1/session", headers=auth(token)), 401, "not_signed_in")
    for place in range(5):
        two_processes[place % 2].post("/v1/session", json={**SIGN_IN, "password": "wrong"})
    is_problem(one.post("/v1/session", json=SIGN_IN), 429, "sign_in_locked")
