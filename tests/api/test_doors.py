"""Every call of staff, for every role: let in exactly where the table of roles says so, and no call without a permission."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from api.app import create_app
from api.security import STAFF_SCHEMES
from assistant.roles import Permission, Role, permissions_of
from assistant.settings import Settings
from tests.api.conftest import add_account, bearer, open_fake, running, wait_until_ready
from tests.api.test_bad_input import is_problem
from tests.fakes import FakeResponder

# What a client calls, with a conversation's token or none; and the call by which staff sign in.
OPEN = {("POST", "/v1/conversations"), ("POST", "/v1/session")}
OF_CLIENTS = "/v1/conversations/{conversation_id}/"
Call = tuple[str, str]


def calls(app: FastAPI) -> set[Call]:
    """Every call under /v1, documented or not."""
    return {(method, context.path) for context in iter_route_contexts(app.routes) if (context.path or "").startswith("/v1")
            for method in (context.methods or {"ANY"}) - {"HEAD", "OPTIONS"}}


def declared(app: FastAPI) -> dict[Call, Permission]:
    """The permission of each call that declares one, from the OpenAPI document."""
    found = {}
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            needed = {scope for scheme in operation.get("security", ()) for name in STAFF_SCHEMES for scope in scheme.get(name, ())}
            if needed:
                (found[method.upper(), path],) = map(Permission, needed)
    return found


def without_a_door(app: FastAPI) -> set[Call]:
    known = {call for call in calls(app) if call in OPEN or call[1].startswith(OF_CLIENTS)}
    return calls(app) - known - set(declared(app))


def make_app() -> FastAPI:
    settings = Settings()
    return create_app(settings, open_fake(settings, FakeResponder()))


STAFF = sorted(declared(make_app()).items())


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """With an account for each role, named as the role."""
    settings = Settings(data=tmp_path_factory.mktemp("office"))
    app = create_app(settings, open_fake(settings, FakeResponder()))
    with TestClient(app, raise_server_exceptions=False) as client:
        wait_until_ready(client)
        for role in Role:
            add_account(app, f"the-{role}", role)
        # Streams end at once: this is about who may open them.
        app.state.ready.live.stop()
        yield client


def send(client: TestClient, call: Call, headers: dict[str, str] | None = None) -> httpx.Response:
    method, path = call
    body = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
    return client.request(method, re.sub(r"\{[^}]*\}", "1", path), headers=headers, **body)


def test_no_call_is_without_a_door() -> None:
    assert without_a_door(make_app()) == set()
    assert {call for call, _ in STAFF} >= {("GET", "/v1/session"), ("DELETE", "/v1/session"), ("GET", "/v1/audit")}


@pytest.mark.parametrize(("path", "documented"), [("/v1/agent/clients/{name}", True), ("/v1/secret", False), ("/v1/session/all", True)])
def test_a_new_call_without_a_permission_is_found(path: str, documented: bool) -> None:
    app, router = make_app(), APIRouter()

    @router.put(path, include_in_schema=documented)
    async def forgotten() -> None: ...

    app.include_router(router)
    assert without_a_door(app) == {("PUT", path)}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("call", "permission"), STAFF, ids=str)
def test_each_role_is_let_in_where_the_table_says_so(office: TestClient, call: Call, permission: Permission, role: Role) -> None:
    response = send(office, call, bearer(office.app, f"the-{role}"))
    if permission in permissions_of([role]):
        assert response.status_code not in (401, 403, 500), response.text
    else:
        is_problem(response, 403, "forbidden")
        refused = [entry for entry in running(office.app).trail.page(0, 10_000) if entry.action == "access.refused"][-1]
        assert (refused.actor, refused.details["permission"]) == (f"the-{role}", permission.value)
        assert refused.details["call"] == " ".join(call)


@pytest.mark.parametrize(("call", "permission"), STAFF, ids=str)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"},
                                     {"Cookie": "zhike_session=x"}, {"Cookie": "zhike_session="}], ids=str)
def test_nobody_else_is_let_in(office: TestClient, call: Call, permission: Permission, headers: dict[str, str]) -> None:
    response = send(office, call, headers)
    is_problem(response, 401, "not_signed_in")
    assert response.headers["www-authenticate"] == "Bearer" and response.headers["cache-control"] == "no-store"


def test_a_conversation_s_token_opens_nothing_of_staff_and_the_other_way_round(office: TestClient) -> None:
    opened = office.post("/v1/conversations", json={"channel": "web"}).json()
    is_problem(office.get("/v1/audit", headers={"Authorization": f"Bearer {opened['token']}"}), 401, "not_signed_in")
    path = f"/v1/conversations/{opened['id']}/messages"
    is_problem(office.get(path, headers=bearer(office.app, "the-admin")), 404, "conversation_not_found")


def test_a_door_without_a_permission_stays_shut(office: TestClient) -> None:
    from fastapi import Depends

    from api.security import _let_in

    router = APIRouter()

    @router.get("/v1/mistake", dependencies=[Depends(_let_in)])
    async def mistake() -> None: ...

    app = make_app()
    app.include_router(router)
    app.state.ready = office.app.state.ready
    response = TestClient(app).get("/v1/mistake", headers=bearer(office.app, "the-admin"))
    is_problem(response, 403, "forbidden")
