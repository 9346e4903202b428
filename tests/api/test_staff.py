"""Accounts over HTTP, for who administers them; and what everybody may do about their own sessions and password."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from api.app import create_app
from assistant.audit import SYSTEM
from assistant.roles import Role
from assistant.settings import Settings
from tests.api.conftest import PASSWORD, add_account, bearer, open_fake, running, wait_until_ready
from tests.api.test_bad_input import is_problem
from tests.fakes import FakeResponder

OTHER = "tea and 8 little birds"
FAR = "203.0.113.7"


class Admin:
    """The calls of `boss`, the only admin, beside `anna`, an agent."""

    def __init__(self, app: FastAPI, client: TestClient) -> None:
        add_account(app, "boss", Role.ADMIN)
        add_account(app, "anna", Role.AGENT)
        self.app, self.client, self.headers = app, client, bearer(app, "boss")

    def call(self, method: str, path: str = "", body: object = None) -> httpx.Response:
        return self.client.request(method, f"/v1/staff{path}", json=body, headers=self.headers)

    def recorded(self, *actions: str) -> list[tuple[str, str | None, str | None, object]]:
        return [(entry.action, entry.actor, entry.subject, entry.details) for entry in running(self.app).trail.page(0, 500)
                if entry.action in actions]


@pytest.fixture
def admin(app: FastAPI, client: TestClient) -> Admin:
    return Admin(app, client)


def sign_in(client: TestClient, name: str, password: str = PASSWORD) -> httpx.Response:
    return client.post("/v1/session", json={"username": name, "password": password})


def auth(response: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {response.json()['token']}"}


def test_accounts_are_paged_by_name_and_show_no_password(admin: Admin) -> None:
    page = admin.call("GET", "?limit=1")
    (anna,) = page.json()["accounts"]
    assert (anna["name"], anna["display_name"], anna["roles"], anna["active"], anna["locked"], anna["demo"]) == (
        "anna", "anna", ["agent"], True, False, False)
    assert (anna["skills"], anna["max_conversations"], anna["team"], anna["password_expires_at"]) == ([], None, None, None)
    assert [item["name"] for item in admin.call("GET", "?after=anna").json()["accounts"]] == ["boss"]
    assert "argon2" not in page.text and "hash" not in page.text and "failed" not in page.text
    assert admin.call("GET", "/ANNA").json() == anna
    assert admin.recorded("account.seen") == [
        ("account.seen", "boss", None, {"why": "list", "accounts": ["anna"]}),
        ("account.seen", "boss", None, {"why": "list", "accounts": ["boss"]}),
        ("account.seen", "boss", "account:anna", {"why": "account"})]


def test_an_account_is_added_with_a_password_that_its_owner_replaces(admin: Admin) -> None:
    added = admin.call("POST", "", {"name": "ZhangSan", "roles": ["editor", "agent"], "display_name": "张三", "skills": ["margin"],
                                    "max_conversations": 7, "team": "两融组"})
    body = added.json()
    assert added.status_code == 201 and (body["name"], body["display_name"], body["roles"]) == ("zhangsan", "张三", ["agent", "editor"])
    assert (body["skills"], body["max_conversations"], body["team"]) == (["margin"], 7, "两融组")
    left = datetime.fromisoformat(body["password_expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=71.9) < left <= timedelta(hours=72)
    opened = sign_in(admin.client, "zhangsan", body["password"])
    assert opened.json()["permissions"] == ["session.own"]
    is_problem(admin.client.get("/v1/agent/conversations", headers=auth(opened)), 403, "password_temporary")
    is_problem(admin.client.get("/v1/audit", headers=auth(opened)), 403, "forbidden")
    change = {"current_password": body["password"], "new_password": OTHER}
    assert admin.client.put("/v1/session/password", json=change, headers=auth(opened)).status_code == 204
    assert admin.client.get("/v1/agent/conversations", headers=auth(opened)).status_code == 200
    assert admin.call("GET", "/zhangsan").json()["password_expires_at"] is None
    assert body["password"] not in json.dumps(admin.recorded("account.added", "account.password_changed"))


@pytest.mark.parametrize(("body", "status", "code"), [
    ({"name": "anna", "roles": ["agent"]}, 409, "account_exists"), ({"name": "a b", "roles": ["agent"]}, 422, "account_name_invalid"),
    ({"name": "x", "roles": []}, 422, "invalid_request"), ({"name": "x", "roles": ["king"]}, 422, "invalid_request"),
    ({}, 422, "invalid_request"),
    ({"name": "x", "roles": ["agent"], "password": "my own choice of one"}, 422, "invalid_request"),
    ({"name": "x", "roles": ["agent"], "skills": ["cooking"]}, 422, "skill_unknown"),
    ({"name": "x", "roles": ["agent"], "team": "x" * 33}, 422, "team_invalid"),
    ({"name": "x", "roles": ["agent"], "max_conversations": 0}, 422, "invalid_request")])
def test_what_can_not_be_an_account_is_refused_whole(admin: Admin, body: object, status: int, code: str) -> None:
    is_problem(admin.call("POST", "", body), status, code)
    assert [item["name"] for item in admin.call("GET").json()["accounts"]] == ["anna", "boss"]


def test_each_part_of_an_account_is_changed_by_a_call(admin: Admin) -> None:
    held = bearer(admin.app, "anna")
    assert admin.call("PUT", "/anna/roles", {"roles": ["manager", "editor"]}).json()["roles"] == ["editor", "manager"]
    assert admin.client.get("/v1/session", headers=held).json()["roles"] == ["editor", "manager"], "at once"
    assert admin.call("PUT", "/anna/display-name", {"display_name": "安娜"}).json()["display_name"] == "安娜"
    served = admin.call("PUT", "/anna/service", {"skills": ["margin"], "max_conversations": 3}).json()
    assert (served["skills"], served["max_conversations"]) == (["margin"], 3)
    assert admin.call("PUT", "/anna/team", {"team": "财富组"}).json()["team"] == "财富组"
    assert admin.call("PUT", "/anna/team", {"team": None}).json()["team"] is None
    actions = ["account.roles_changed", "account.renamed", "account.service_changed", "account.team_changed", "account.team_changed"]
    assert [entry[:3] for entry in admin.recorded(*actions)] == [(action, "boss", "account:anna") for action in actions]
    is_problem(admin.call("PUT", "/anna/service", {"skills": ["cooking"], "max_conversations": None}), 422, "skill_unknown")
    is_problem(admin.call("PUT", "/anna/display-name", {"display_name": "\u200b"}), 422, "empty_message")


def test_an_account_is_taken_out_of_use_and_into_it_again(admin: Admin) -> None:
    held = bearer(admin.app, "anna")
    assert admin.call("POST", "/anna/deactivate").json()["active"] is False
    is_problem(admin.client.get("/v1/session", headers=held), 401, "not_signed_in")
    is_problem(sign_in(admin.client, "anna"), 401, "bad_credentials")
    assert admin.call("POST", "/anna/activate").json()["active"] is True
    assert sign_in(admin.client, "anna").status_code == 200
    assert [entry[:3] for entry in admin.recorded("account.deactivated", "account.activated")] == [
        ("account.deactivated", "boss", "account:anna"), ("account.activated", "boss", "account:anna")]


def test_the_last_admin_can_not_be_locked_out(admin: Admin) -> None:
    is_problem(admin.call("POST", "/boss/deactivate"), 409, "last_admin")
    is_problem(admin.call("PUT", "/boss/roles", {"roles": ["agent"]}), 409, "last_admin")
    assert admin.call("PUT", "/anna/roles", {"roles": ["admin"]}).status_code == 200
    assert admin.call("PUT", "/boss/roles", {"roles": ["agent"]}).status_code == 200
    is_problem(admin.call("GET"), 403, "forbidden")


def test_a_new_password_ends_all_sessions(admin: Admin) -> None:
    held = bearer(admin.app, "anna")
    body = admin.call("POST", "/anna/password").json()
    is_problem(admin.client.get("/v1/session", headers=held), 401, "not_signed_in")
    is_problem(sign_in(admin.client, "anna"), 401, "bad_credentials")
    assert sign_in(admin.client, "anna", body["password"]).status_code == 200
    assert admin.recorded("account.password_changed") == [
        ("account.password_changed", "boss", "account:anna", {"sessions_ended": 1, "temporary": True})]
    is_problem(admin.call("POST", "/boss/password"), 409, "own_account")


def test_a_locked_account_is_shown_and_unlocked(admin: Admin) -> None:
    with running(admin.app).store.write() as work:
        for _ in range(100):
            work.staff.count_failure("anna")
    assert admin.call("GET", "/anna").json()["locked"] is True
    is_problem(sign_in(admin.client, "anna"), 401, "bad_credentials")
    assert admin.call("POST", "/anna/unlock").json()["locked"] is False
    assert sign_in(admin.client, "anna").status_code == 200
    assert admin.recorded("account.unlocked")[0][:3] == ("account.unlocked", "boss", "account:anna")


def test_sessions_are_seen_and_ended(admin: Admin) -> None:
    far = TestClient(admin.app, client=(FAR, 5000))
    first, second = sign_in(far, "anna"), sign_in(admin.client, "anna")
    listed = admin.call("GET", "/anna/sessions")
    assert [(item["address"], item["current"]) for item in listed.json()["sessions"]] == [(None, False), (FAR, False)]
    tokens = [response.json()["token"] for response in (first, second)]
    assert not [token for token in tokens if token in listed.text] and "hash" not in listed.text
    assert {"id", "began_at", "last_used_at", "expires_at", "address", "current"} == set(listed.json()["sessions"][0])
    of_first = listed.json()["sessions"][1]["id"]
    assert admin.call("DELETE", f"/anna/sessions/{of_first}").status_code == 204
    is_problem(admin.client.get("/v1/session", headers=auth(first)), 401, "not_signed_in")
    assert admin.client.get("/v1/session", headers=auth(second)).status_code == 200
    is_problem(admin.call("DELETE", f"/anna/sessions/{of_first}"), 404, "session_not_found")
    is_problem(admin.call("DELETE", f"/boss/sessions/{listed.json()['sessions'][0]['id']}"), 404, "session_not_found")
    assert admin.call("DELETE", "/anna/sessions").status_code == 204
    is_problem(admin.client.get("/v1/session", headers=auth(second)), 401, "not_signed_in")
    assert admin.recorded("session.ended") == [
        ("session.ended", "boss", "account:anna", {"session": of_first}), ("session.ended", "boss", "account:anna", {"sessions_ended": 1})]
    assert [item["current"] for item in admin.call("GET", "/boss/sessions").json()["sessions"]] == [True]


@pytest.mark.parametrize(("method", "path", "body"), [
    ("GET", "", None), ("PUT", "/roles", {"roles": ["agent"]}), ("PUT", "/display-name", {"display_name": "x"}),
    ("PUT", "/team", {"team": None}), ("PUT", "/service", {"skills": [], "max_conversations": None}),
    ("POST", "/deactivate", None), ("POST", "/activate", None),
    ("POST", "/unlock", None), ("POST", "/password", None), ("GET", "/sessions", None), ("DELETE", "/sessions", None),
    ("DELETE", f"/sessions/{'0' * 32}", None)])
def test_an_account_that_is_not_there_is_said(admin: Admin, method: str, path: str, body: object) -> None:
    for name in ("nobody", "a b", "%00"):
        is_problem(admin.call(method, f"/{name}{path}", body), 404, "account_not_found")


def test_everybody_sees_and_ends_their_own_sessions(admin: Admin) -> None:
    other = TestClient(admin.app, client=(FAR, 5000))
    here, there, everywhere = sign_in(admin.client, "anna"), sign_in(other, "anna"), sign_in(other, "anna")
    listed = admin.client.get("/v1/session/all", headers=auth(here)).json()["sessions"]
    assert [item["current"] for item in listed] == [False, False, True] and len({item["id"] for item in listed}) == 3
    assert admin.client.delete(f"/v1/session/all/{listed[1]['id']}", headers=auth(here)).status_code == 204
    assert [admin.client.get("/v1/session", headers=auth(opened)).status_code for opened in (here, there, everywhere)] == [200, 401, 200]
    of_boss = admin.client.get("/v1/session/all", headers=admin.headers).json()["sessions"][0]["id"]
    is_problem(admin.client.delete(f"/v1/session/all/{of_boss}", headers=auth(here)), 404, "session_not_found")
    assert admin.client.delete("/v1/session/all", headers=auth(here)).status_code == 204
    assert [admin.client.get("/v1/session", headers=auth(opened)).status_code for opened in (here, everywhere)] == [401, 401]
    assert admin.call("GET").status_code == 200
    assert [entry[:3] for entry in admin.recorded("session.ended")] == [("session.ended", "anna", "account:anna")] * 2


def test_a_page_signs_out_everywhere_and_loses_its_cookie(admin: Admin) -> None:
    page = TestClient(admin.app)
    body = page.post("/v1/session", json={"username": "anna", "password": PASSWORD, "cookie": True}).json()
    is_problem(page.delete("/v1/session/all"), 403, "csrf_token_missing")
    gone = page.delete("/v1/session/all", headers={"X-CSRF-Token": body["csrf_token"]})
    assert gone.status_code == 204 and "Max-Age=0" in gone.headers["set-cookie"] and "zhike_session" not in page.cookies


def test_everybody_changes_their_own_password(admin: Admin) -> None:
    here, there = sign_in(admin.client, "anna"), sign_in(admin.client, "anna")

    def change(current: str, new: str) -> httpx.Response:
        return admin.client.put("/v1/session/password", json={"current_password": current, "new_password": new}, headers=auth(here))

    is_problem(change(PASSWORD, "short"), 422, "password_refused")
    is_problem(change("wrong", OTHER), 422, "password_wrong")
    assert admin.client.get("/v1/session", headers=auth(there)).status_code == 200
    assert change(PASSWORD, OTHER).status_code == 204
    assert [admin.client.get("/v1/session", headers=auth(opened)).status_code for opened in (here, there)] == [200, 401]
    assert (sign_in(admin.client, "anna").status_code, sign_in(admin.client, "anna", OTHER).status_code) == (401, 200)
    assert [change("wrong", PASSWORD).status_code for _ in range(6)] == [422] * 5 + [429]
    is_problem(sign_in(admin.client, "anna", OTHER), 429, "sign_in_locked")


def test_no_log_names_a_password_that_is_set(admin: Admin) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        given = admin.call("POST", "/anna/password").json()["password"]
        opened = sign_in(admin.client, "anna", given)
        admin.client.put("/v1/session/password", json={"current_password": given, "new_password": OTHER}, headers=auth(opened))
    written = json.dumps(logs, default=str)
    assert not [secret for secret in (given, OTHER, opened.json()["token"]) if secret in written]


def test_the_least_length_of_a_password_is_a_setting(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, password_min_length=30)
    app = create_app(settings, open_fake(settings, FakeResponder()))
    with TestClient(app) as client:
        wait_until_ready(client)
        running(app).accounts.add("boss", "correct horse battery and a tulip", [Role.ADMIN], by=SYSTEM)
        headers = auth(sign_in(client, "boss", "correct horse battery and a tulip"))
        assert len(client.post("/v1/staff", json={"name": "anna", "roles": ["agent"]}, headers=headers).json()["password"]) >= 30
        change = {"current_password": "correct horse battery and a tulip", "new_password": OTHER}
        is_problem(client.put("/v1/session/password", json=change, headers=headers), 422, "password_refused")
