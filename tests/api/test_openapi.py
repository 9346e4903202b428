"""The OpenAPI document is true: what it allows is taken, what it names comes back."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings

from api.app import create_app
from assistant.settings import Settings
from tests.api.conftest import Talk, open_fake, wait_until_ready
from tests.fakes import FakeResponder

schemathesis = pytest.importorskip("schemathesis")


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory):
    given = Settings(data=tmp_path_factory.mktemp("openapi"), messages_per_minute=100_000)
    app = create_app(given, open_fake(given, FakeResponder()))
    with TestClient(app, raise_server_exceptions=False) as client:
        wait_until_ready(client)
        yield Talk.open(client)


@pytest.fixture
def document(talk: Talk):
    schema = schemathesis.openapi.from_asgi("/openapi.json", talk.client.app)
    # A stream has no end; tests/api/test_live.py follows it.
    return schema.exclude(path_regex="/events$")


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_every_call_keeps_to_the_document(case, talk: Talk) -> None:
    if "conversation_id" in (case.path_parameters or {}) and case.path_parameters["conversation_id"] != "0":
        case.path_parameters["conversation_id"] = talk.id
    case.call_and_validate(headers=talk.headers, session=talk.client, excluded_checks=[
        # An empty text or a closed position is refused by meaning, which a schema can't say.
        schemathesis.checks.CHECKS.get_one("positive_data_acceptance"),
        # The fixture's token is sent with every call; tests/api/test_conversations.py tries without.
        schemathesis.checks.CHECKS.get_one("ignored_auth"),
    ])


def test_every_error_is_described(talk: Talk) -> None:
    document = talk.client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert list(response["content"]) == ["application/problem+json"], (path, status)
    assert {"type", "title", "status", "detail", "code"} <= set(document["components"]["schemas"]["Problem"]["properties"])
