"""The OpenAPI document is true: what it allows is taken, what it names comes back, and nothing ends in 500."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings

from api.app import create_app
from assistant.roles import Role
from assistant.settings import Settings
from tests.api.conftest import PASSWORD, Talk, add_account, open_fake, serving
from tests.fakes import FakeResponder

schemathesis = pytest.importorskip("schemathesis")

OPERATIONS = [
    ("/v1/conversations", "POST"), ("/v1/conversations/{conversation_id}/messages", "POST"),
    ("/v1/conversations/{conversation_id}/messages", "GET"),
    ("/v1/conversations/{conversation_id}/feedback", "POST"),
    ("/v1/conversations/{conversation_id}/resume", "POST"), ("/v1/conversations/{conversation_id}/typing", "POST"),
    ("/v1/conversations/{conversation_id}/identity", "POST"), ("/v1/conversations/{conversation_id}/history", "GET"),
    ("/v1/conversations/{conversation_id}/attachments", "POST"),
    ("/v1/conversations/{conversation_id}/attachments/{attachment_id}", "GET"),
    ("/v1/agent/knowledge", "GET"), ("/v1/agent/tags", "GET"), ("/v1/agent/quick-replies", "GET"), ("/v1/agent/quick-replies", "POST"),
    ("/v1/agent/quick-replies/{reply_id}", "PUT"), ("/v1/agent/quick-replies/{reply_id}", "DELETE"),
    *((f"/v1/agent/quick-replies/team{path}", method) for path, method in (
        ("", "GET"), ("", "POST"), ("/{reply_id}", "PUT"), ("/{reply_id}", "DELETE"))),
    *((f"/v1/agent/conversations/{{conversation_id}}{path}", method) for path, method in (
        ("/attachments", "POST"), ("/attachments/{attachment_id}", "GET"), ("/tags", "PUT"), ("/guests", "POST"),
        ("/guests/{agent}", "DELETE"), ("/past", "GET"))),
    ("/v1/session", "POST"), ("/v1/session", "GET"), ("/v1/session", "DELETE"), ("/v1/audit", "GET"),
    ("/v1/session/all", "GET"), ("/v1/session/all", "DELETE"), ("/v1/session/all/{session_id}", "DELETE"), ("/v1/session/password", "PUT"),
    ("/v1/staff", "GET"), ("/v1/staff", "POST"),
    *((f"/v1/staff/{{name}}{path}", method) for path, method in (
        ("", "GET"), ("/roles", "PUT"), ("/display-name", "PUT"), ("/service", "PUT"), ("/team", "PUT"), ("/deactivate", "POST"),
        ("/activate", "POST"), ("/unlock", "POST"), ("/password", "POST"), ("/sessions", "GET"), ("/sessions", "DELETE"),
        ("/sessions/{session_id}", "DELETE"))),
    ("/v1/agent/clients", "GET"), ("/v1/agent/clients/{client_id}", "GET"), ("/v1/agent/clients/{client_id}", "PUT"),
    ("/v1/agent/products", "GET"),
    *((f"/v1/agent/follow-ups{path}", method) for path, method in (
        ("", "GET"), ("/precision", "GET"), ("/claim", "POST"), ("/outcome", "POST"), ("/{follow_up_id}", "GET"),
        ("/{follow_up_id}/claim", "POST"), ("/{follow_up_id}/release", "POST"), ("/{follow_up_id}/snooze", "POST"),
        ("/{follow_up_id}/outcome", "POST"))),
    ("/v1/agent/conversations/{conversation_id}/follow-ups", "GET"), ("/v1/agent/conversations/{conversation_id}/opt-out", "POST"),
    ("/v1/agent/conversations/{conversation_id}/opt-out/undo", "POST"),
    ("/v1/agent/colleagues", "GET"), ("/v1/agent/conversations", "GET"),
    *((f"/v1/agent/conversations/{{conversation_id}}{path}", method) for path, method in (
        ("", "GET"), ("/messages", "GET"), ("/suggestions", "GET"), ("/claim", "POST"), ("/transfer", "POST"), ("/release", "POST"),
        ("/close", "POST"), ("/messages", "POST"), ("/notes", "POST"), ("/read", "POST"), ("/typing", "POST"))),
    *((f"/v1/knowledge{path}", method) for path, method in (
        ("/articles", "GET"), ("/articles", "POST"), ("/articles/{article_id}", "GET"), ("/articles/{article_id}/revisions", "POST"),
        ("/publish", "GET"), ("/publish", "POST"), ("/versions", "GET"), ("/facts", "GET"), ("/try", "POST"))),
    *((f"/v1/knowledge/revisions/{{revision_id}}{path}", method) for path, method in (
        ("", "GET"), ("", "PUT"), ("/submit", "POST"), ("/approve", "POST"), ("/reject", "POST"), ("/retire", "POST"),
        ("/comments", "GET"), ("/comments", "POST"), ("/findings", "GET"), ("/similar", "GET"), ("/difference", "GET"))),
    ("/v1/knowledge/imports", "POST"), ("/v1/knowledge/imports/{import_id}", "GET"), ("/v1/knowledge/imports/{import_id}/accept", "POST"),
    ("/v1/knowledge/export", "GET"), ("/v1/knowledge/upkeep", "GET"), ("/v1/knowledge/revisions/{revision_id}/impact", "GET"),
    ("/v1/knowledge/facts/{name}/values", "POST"),
    *((f"/v1/knowledge/fact-changes{path}", method) for path, method in (
        ("", "GET"), ("/{change_id}", "GET"), ("/{change_id}/approve", "POST"), ("/{change_id}/reject", "POST"),
        ("/{change_id}/impact", "GET"))),
    ("/v1/knowledge/gaps", "GET"), ("/v1/knowledge/gaps/{gap_id}/dismiss", "POST"), ("/v1/knowledge/gaps/{gap_id}/draft", "POST"),
    ("/v1/knowledge/gaps/{gap_id}/restore", "POST"),
    ("/v1/knowledge/golden", "GET"), ("/v1/knowledge/golden", "POST"), ("/v1/knowledge/golden/{golden_id}", "DELETE"),
    ("/v1/knowledge/golden/{golden_id}", "PUT"),
    ("/v1/agent/service", "GET"), ("/v1/conversations/{conversation_id}/queue", "GET"),
    *((f"/v1/dashboard{path}", "GET") for path in (
        "/measures", "/export.csv", "/conversations", "/articles", "/follow-ups", "/follow-ups.csv", "/teams", "/wallboard", "/own",
        "/own/conversations")),
    ("/v1/dashboard/teams/{account}", "PUT"),
    ("/healthz", "GET"), ("/readyz", "GET"), ("/metrics", "GET"),
]
# Event streams have no end; tests/api/test_live.py and tests/api/test_console.py follow them.
NOT_HERE = {("/v1/conversations/{conversation_id}/events", "GET"), ("/v1/agent/conversations/{conversation_id}/events", "GET"),
            ("/v1/agent/events", "GET")}
# A text of blanks is refused for what it means, which a schema can't say; test_conversations.py tries tokens.
EXCLUDED = ("positive_data_acceptance", "ignored_auth")
# In a query everything is text: an object with one name, which a schema forbids, arrives as that name, which it allows.
EXCLUDED_IN_QUERIES = (*EXCLUDED, "negative_data_rejection")


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    given = Settings(data=tmp_path_factory.mktemp("openapi"), messages_per_minute=100_000, max_body_bytes=10_000_000)
    app = create_app(given, open_fake(given, FakeResponder()))
    with serving(app) as url, httpx.Client(base_url=url) as client:
        add_account(app, "zhangsan", *Role)
        yield Talk.open(client)


@pytest.fixture(scope="module")
def document(talk: Talk) -> Any:
    """As schemathesis reads it, once: it takes as long as trying a call."""
    return schemathesis.openapi.from_dict(talk.client.get("/openapi.json").json())


def headers(talk: Talk, path: str) -> dict[str, str]:
    if path.startswith("/v1/conversations"):
        return talk.headers
    signed_in = talk.client.post("/v1/session", json={"username": "zhangsan", "password": PASSWORD})
    return {"Authorization": f"Bearer {signed_in.json()['token']}"}


@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_call_keeps_to_the_document(talk: Talk, document: Any, path: str, method: str, mode: str) -> None:
    operation = document[path][method]
    excluded = [schemathesis.checks.CHECKS.get_one(name) for name in (EXCLUDED_IN_QUERIES if method == "GET" else EXCLUDED)]
    takes_nothing = path in ("/v1/session", "/v1/session/all") or not path.startswith("/v1")
    if mode == "negative" and method != "POST" and takes_nothing:
        pytest.skip("takes nothing that could be wrong")
    sent = headers(talk, path)

    @given(case=operation.as_strategy(generation_mode=schemathesis.GenerationMode(mode)))
    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def check(case: Any) -> None:
        if "conversation_id" in case.path_parameters and mode == "positive":
            case.path_parameters["conversation_id"] = talk.id
        case.call_and_validate(base_url=str(talk.client.base_url), headers=sent, excluded_checks=excluded)

    check()


def test_every_operation_is_tried(talk: Talk) -> None:
    paths = talk.client.get("/openapi.json").json()["paths"]
    documented = {(path, method.upper()) for path, methods in paths.items() for method in methods}
    assert documented == set(OPERATIONS) | NOT_HERE


def test_every_error_is_described(talk: Talk) -> None:
    document = talk.client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert list(response["content"]) == ["application/problem+json"], (path, status)
    properties = document["components"]["schemas"]["Problem"]["properties"]
    assert {"type", "title", "status", "detail", "code"} <= set(properties)
