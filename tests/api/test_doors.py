"""Every call of staff, for every role: let in exactly where the table of roles says so, and no call without a permission."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from api.app import create_app
from api.dependencies import PerAddress
from api.security import STAFF_SCHEMES
from assistant.roles import Permission, Role, permissions_of
from assistant.settings import Settings
from tests.api.conftest import Talk, add_account, bearer, open_fake, running, wait_until_ready
from tests.api.test_bad_input import is_problem
from tests.assistant.test_attachments import word
from tests.fakes import FakeResponder

Call = tuple[str, str]
# The call by which a client's conversation begins, and that by which staff sign in: they give the tokens of all others.
OPEN = {("POST", "/v1/conversations"), ("POST", "/v1/session")}
OF_CLIENTS = "/v1/conversations/{conversation_id}"
# What each call of a client takes, and how it is answered where the token is the conversation's.
TAKEN: dict[Call, tuple[dict[str, Any], int]] = {
    ("POST", "/identity"): ({"json": {"client_token": "C-1"}}, 200), ("GET", "/history"): ({}, 200),
    ("POST", "/messages"): ({"json": {"client_message_id": "m9", "text": "你好"}}, 200), ("GET", "/messages"): ({}, 200),
    ("GET", "/events"): ({}, 200), ("POST", "/typing"): ({}, 204), ("GET", "/queue"): ({}, 200), ("POST", "/resume"): ({}, 409),
    ("POST", "/feedback"): ({"json": {"satisfaction": 5}}, 200),
    ("POST", "/attachments"): ({"files": {"file": ("a.docx", word())}, "data": {"client_message_id": "f9"}}, 200),
    ("GET", "/attachments/{attachment_id}"): ({}, 200),
}
# Asked for behind the doors of others: who may give on a conversation may do so with a colleague's, too, where they supervise.
GIVEN_ON = sorted(("POST", f"/v1/agent/conversations/{{conversation_id}}/{act}") for act in ("transfer", "release", "close"))
BEHIND = {Permission.SUPERVISE}
# What anybody may ask of the machine itself, and what a load balancer asks all the time, is not counted by address.
UNCOUNTED = {"/healthz", "/readyz", "/metrics"}


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


def of_clients(app: FastAPI) -> set[Call]:
    """The calls that say that they take a conversation's token, from the OpenAPI document."""
    return {(method.upper(), path) for path, methods in app.openapi()["paths"].items() if path.startswith(OF_CLIENTS + "/")
            for method, operation in methods.items() if {"conversation": []} in operation.get("security", ())}


def without_a_door(app: FastAPI) -> set[Call]:
    return calls(app) - OPEN - of_clients(app) - set(declared(app))


def make_app() -> FastAPI:
    settings = Settings()
    return create_app(settings, open_fake(settings, FakeResponder()))


STAFF = sorted(declared(make_app()).items())
CLIENTS = sorted(of_clients(make_app()))
SIGNED_IN: dict[str, dict[str, str]] = {}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """With an account for each role, named as the role."""
    settings = Settings(data=tmp_path_factory.mktemp("office"))
    app = create_app(settings, open_fake(settings, FakeResponder()))
    with TestClient(app, raise_server_exceptions=False) as client:
        wait_until_ready(client)
        for role in Role:
            add_account(app, f"the-{role}", role)
        add_account(app, "another-agent", Role.AGENT)
        # Streams end at once: this is about who may open them.
        app.state.ready.live.stop()
        yield client


def signed_in(client: TestClient, name: str) -> dict[str, str]:
    """Headers of the account's session, which goes on until a call ends it: signing in is slow on purpose."""
    if name not in SIGNED_IN or client.get("/v1/session", headers=SIGNED_IN[name]).status_code == 401:
        SIGNED_IN[name] = bearer(client.app, name)
    return SIGNED_IN[name]


def send(client: TestClient, call: Call, headers: dict[str, str] | None = None) -> httpx.Response:
    method, path = call
    body = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
    return client.request(method, re.sub(r"\{[^}]*\}", "1", path), headers=headers, **body)


def test_no_call_is_without_a_door() -> None:
    assert without_a_door(make_app()) == set()
    assert {call for call, _ in STAFF} >= {("GET", "/v1/session"), ("DELETE", "/v1/session"), ("GET", "/v1/audit")}


@pytest.mark.parametrize(("path", "documented"), [
    ("/v1/agent/clients/{name}", True), ("/v1/secret", False), ("/v1/session/all", True), (f"{OF_CLIENTS}/notes", True),
    (f"{OF_CLIENTS}/secret", False)])
def test_a_new_call_without_a_permission_is_found(path: str, documented: bool) -> None:
    app, router = make_app(), APIRouter()

    @router.put(path, include_in_schema=documented)
    async def forgotten() -> None: ...

    app.include_router(router)
    assert without_a_door(app) == {("PUT", path)}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("call", "permission"), STAFF, ids=str)
def test_each_role_is_let_in_where_the_table_says_so(office: TestClient, call: Call, permission: Permission, role: Role) -> None:
    response = send(office, call, signed_in(office, f"the-{role}"))
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


def test_every_permission_opens_something() -> None:
    doors = {permission for _, permission in STAFF}
    assert doors.isdisjoint(BEHIND) and doors | BEHIND == set(Permission)


@pytest.mark.parametrize("call", GIVEN_ON, ids=str)
def test_only_who_supervises_gives_on_what_a_colleague_holds(office: TestClient, call: Call) -> None:
    holder, other, manager = (signed_in(office, name) for name in ("the-agent", "another-agent", "the-manager"))
    talk, (method, path) = Talk.open(office), call
    talk.say("转人工")
    here = f"/v1/agent/conversations/{talk.id}"
    office.post(f"{here}/claim", headers=holder)
    body = {"json": {"to": "another-agent"}} if path.endswith("/transfer") else {}
    give = partial(office.request, method, path.replace("{conversation_id}", talk.id), **body)
    assert give(headers=other).status_code == 409
    assert give(headers=manager).status_code == 200


def talk_with_a_file(client: TestClient) -> tuple[Talk, str]:
    """A conversation, and the id of a file in it."""
    talk = Talk.open(client)
    sent = talk.client.post(f"{talk.path}/attachments", headers=talk.headers, files={"file": ("a.docx", word())},
                            data={"client_message_id": "f1"})
    return talk, sent.json()["message"]["attachment"]["id"]


@pytest.fixture(scope="module")
def two(office: TestClient) -> tuple[tuple[Talk, str], tuple[Talk, str]]:
    return talk_with_a_file(office), talk_with_a_file(office)


def knock(call: Call, at: Talk, file: str, headers: dict[str, str]) -> httpx.Response:
    method, path = call[0], call[1].removeprefix(OF_CLIENTS)
    options, _ = TAKEN[method, path]
    return at.client.request(method, at.path + path.replace("{attachment_id}", file), headers=headers, **options)


def test_every_call_of_a_client_is_tried() -> None:
    assert {(method, path.removeprefix(OF_CLIENTS)) for method, path in CLIENTS} == set(TAKEN)


@pytest.mark.parametrize("call", CLIENTS, ids=str)
def test_a_conversation_s_token_opens_its_own_and_no_other(two: tuple[tuple[Talk, str], tuple[Talk, str]], call: Call) -> None:
    (own, file), (other, others_file) = two
    is_problem(knock(call, other, others_file, own.headers), 404, "conversation_not_found")
    is_problem(knock(call, own, file, {}), 401, "unauthenticated")
    for token in ("x", other.token, own.token[:-1], own.token + "x"):
        is_problem(knock(call, own, file, {"Authorization": f"Bearer {token}"}), 404, "conversation_not_found")
    answered = knock(call, own, file, own.headers)
    assert answered.status_code == TAKEN[call[0], call[1].removeprefix(OF_CLIENTS)][1], answered.text
    if call[1].endswith("{attachment_id}"):
        is_problem(knock(call, own, others_file, own.headers), 404, "attachment_not_found")


@pytest.mark.parametrize("call", CLIENTS, ids=str)
@pytest.mark.parametrize("role", Role)
def test_no_role_opens_what_is_a_client_s(office: TestClient, two: tuple[tuple[Talk, str], ...], call: Call, role: Role) -> None:
    own, file = two[0]
    is_problem(knock(call, own, file, signed_in(office, f"the-{role}")), 404, "conversation_not_found")


def dependencies(dependant: Dependant) -> set[Any]:
    return {dependant.call}.union(*map(dependencies, dependant.dependencies))


def uncounted(app: FastAPI) -> set[str]:
    """Paths of calls that do not count the address from which they come; the pages of the web are no calls."""
    return {context.path for context in iter_route_contexts(app.routes) if context.path
            and context.path.startswith(("/v1", *UNCOUNTED)) and PerAddress.dependency not in dependencies(context.dependant)}


def test_every_call_counts_the_address_from_which_it_comes() -> None:
    app, router = make_app(), APIRouter()

    @router.get("/v1/forgotten")
    async def forgotten() -> None: ...

    assert uncounted(app) == UNCOUNTED
    app.include_router(router)
    assert uncounted(app) == {*UNCOUNTED, "/v1/forgotten"}


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
