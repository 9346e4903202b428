"""Alive, ready, metrics, headers, logs, and the pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from api import pages
from api.app import create_app
from assistant.bootstrap import Application
from assistant.errors import KnowledgeRejected
from assistant.settings import Settings
from tests.api.conftest import Talk, open_fake, wait_until_ready
from tests.fakes import FakeResponder


def test_ready_only_when_messages_can_be_answered(settings: Settings, responder: FakeResponder) -> None:
    go_on = threading.Event()

    def opener() -> Application:
        go_on.wait(10)
        return open_fake(settings, responder)()

    with TestClient(create_app(settings, opener)) as client:
        assert client.get("/healthz").json() == {"status": "alive"}
        for response in (client.get("/readyz"), client.post("/v1/conversations", json={"channel": "web"})):
            assert (response.status_code, response.json()["code"]) == (503, "not_ready")
            assert int(response.headers["retry-after"]) > 0
        go_on.set()
        wait_until_ready(client)
        assert client.get("/readyz").json() == {"status": "ready", "knowledge_version": 1}


@pytest.mark.parametrize("error", [KnowledgeRejected("broken"), FileNotFoundError("model.onnx")])
def test_what_keeps_it_from_opening_is_told(settings: Settings, error: Exception) -> None:
    told: list[BaseException] = []
    failed = threading.Event()

    def opener() -> Application:
        raise error

    def on_failure(error: BaseException) -> None:
        told.append(error)
        failed.set()

    with TestClient(create_app(settings, opener, on_failure=on_failure)) as client:
        assert failed.wait(5)
        assert client.get("/readyz").status_code == 503
    assert told == [error]


def test_metrics_count_requests_and_replies(client: TestClient, talk: Talk) -> None:
    talk.say("怎么开户")
    text = client.get("/metrics").text
    assert 'zhike_replies_total{kind="answer"} 1.0' in text
    assert 'route="/v1/conversations/{conversation_id}/messages",status="200"' in text
    assert talk.id not in text


def test_every_response_has_safe_headers_and_an_id(client: TestClient, talk: Talk) -> None:
    for response in (client.get("/healthz"), client.get("/nothing"), talk.say(""), talk.say("你好")):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["content-security-policy"].startswith("default-src '")
        assert response.headers["x-request-id"]
    assert "default-src 'self'" in client.get("/healthz").headers["content-security-policy"]


def test_what_the_api_sends_is_kept_shown_and_framed_nowhere(client: TestClient, talk: Talk, responder: FakeResponder) -> None:
    """OWASP ASVS 4.0: V8.2.1, V8.3.4, V14.4; for errors and faults too."""
    def fail(text: str) -> None:
        raise RuntimeError

    responder.before = fail
    responses = [talk.get("/messages"), client.get("/v1/session"), client.get("/v1/nothing"), client.delete("/v1/audit"), talk.say("你好"),
                 client.post("/v1/session", json={"username": "nobody", "password": "x"})]
    assert [response.status_code for response in responses] == [200, 401, 404, 405, 500, 401]
    for response in responses:
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["content-security-policy"] == (
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox")
        assert response.headers["content-disposition"].startswith("attachment")
        assert response.headers["x-frame-options"] == "DENY" and response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["x-request-id"]


def test_over_https_browsers_are_told_to_stay_there(app: FastAPI, client: TestClient) -> None:
    assert "strict-transport-security" not in client.get("/healthz").headers
    safe = TestClient(app, base_url="https://zhike.example").get("/healthz").headers
    assert safe["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_a_fault_is_logged_with_its_request(talk: Talk, responder: FakeResponder) -> None:
    def fail(text: str) -> None:
        raise RuntimeError("broken")

    responder.before = fail
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        response = talk.say("你好")
    (line,) = [line for line in logs if line["event"] == "fault"]
    assert line["exc_info"] and line["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize(("given", "kept"), [("abc-1", True), ("x" * 65, False), ("a b", False), ("{}", False)])
def test_a_request_id_that_is_fit_is_kept(client: TestClient, given: str, kept: bool) -> None:
    assert (client.get("/healthz", headers={"X-Request-ID": given}).headers["x-request-id"] == given) is kept


def test_other_sites_only_where_they_are_listed(client: TestClient) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    listed = client.options("/v1/conversations", headers={"Origin": "https://www.example.com", **asked})
    assert listed.headers["access-control-allow-origin"] == "https://www.example.com"
    other = client.options("/v1/conversations", headers={"Origin": "https://evil.example", **asked})
    assert "access-control-allow-origin" not in other.headers


def test_the_access_log_names_no_one(client: TestClient, talk: Talk) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        talk.say("我的手机13800138000")
    (line,) = [line for line in logs if line["event"] == "request"]
    assert line["status"] == 200 and line["request_id"]
    for secret in ("13800138000", talk.token, talk.id):
        assert secret not in json.dumps(line)


@pytest.fixture
def pages_client(tmp_path: Path) -> Iterator[TestClient]:
    files = {"widget/widget.js": "js", "widget/i18n/en.js": "en", "demo/index.html": "<p>", "demo/demo.css": "css",
             "demo/.hidden": "no"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    app = FastAPI()
    pages.install(app, demo=True, web=tmp_path)
    yield TestClient(app)


@pytest.mark.parametrize(("path", "text", "media_type"), [
    ("/widget.js", "js", "text/javascript"), ("/widget/widget.js", "js", "text/javascript"),
    ("/widget/i18n/en.js", "en", "text/javascript"), ("/", "<p>", "text/html"), ("/index.html", "<p>", "text/html"),
    ("/demo.css", "css", "text/css")])
def test_pages_are_served(pages_client: TestClient, path: str, text: str, media_type: str) -> None:
    response = pages_client.get(path)
    assert (response.status_code, response.text) == (200, text)
    assert response.headers["content-type"].startswith(media_type)


@pytest.mark.parametrize("path", ["/.hidden", "/widget/", "/widget/../demo/index.html/..", "/demo/%2e%2e/secret"])
def test_and_nothing_else_is(pages_client: TestClient, path: str) -> None:
    assert pages_client.get(path).status_code == 404
