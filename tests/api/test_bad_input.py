"""Whatever a client sends, the answer is a problem with a stable code, and never 500."""

from __future__ import annotations

import json

import httpx
import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import Talk
from tests.fakes import FakeResponder

BAD_TEXTS = [
    ("", 422, "empty_message"), (" \n\t", 422, "empty_message"), ("\u200b", 422, "empty_message"),
    ("\x00\x00", 422, "empty_message"), ("好" * 2001, 422, "message_too_long"), (5, 422, "invalid_request"),
    (None, 422, "invalid_request"), (["x"], 422, "invalid_request"), ("\ud83d", 422, "unreadable_text"),
    ("好\udc00好", 422, "unreadable_text"),
]
GOOD_TEXTS = ["👍", "👨‍👩‍👧❤️", "？", "a\x00b", "好" * 2000, "<script>alert(1)</script>", "'; DROP TABLE message;--",
              "‮右", "\ufffe开户",
              "{{fact.x}}", "%s%n",
              "1" * 2000, "𠮷野家", "e\u0301" * 100]


def is_problem(response: httpx.Response, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (body["code"], body["status"], body["type"]) == (code, status, "about:blank")
    assert body["title"] and body["detail"]
    assert "Traceback" not in response.text and ".py" not in response.text


@pytest.mark.parametrize(("text", "status", "code"), BAD_TEXTS)
def test_texts_that_are_refused(talk: Talk, text: object, status: int, code: str) -> None:
    content = json.dumps({"client_message_id": "1", "text": text})
    response = talk.client.post(talk.path + "/messages", content=content,
                                headers={**talk.headers, "Content-Type": "application/json"})
    is_problem(response, status, code)
    assert talk.get("/messages").json()["messages"] == []


@pytest.mark.parametrize("text", GOOD_TEXTS)
def test_texts_that_get_a_reply(talk: Talk, text: str) -> None:
    response = talk.say(text)
    assert response.status_code == 200 and response.json()["reply"]
    assert "\x00" not in talk.get("/messages").json()["messages"][0]["text"]


@pytest.mark.parametrize("client_message_id", ["", "x" * 129, "a b", "编号", "a\n", 5, None, "\x00", "\ud800"])
def test_message_ids_that_are_refused(talk: Talk, client_message_id: object) -> None:
    content = json.dumps({"client_message_id": client_message_id, "text": "在吗"})
    is_problem(talk.client.post(talk.path + "/messages", content=content,
                                headers={**talk.headers, "Content-Type": "application/json"}), 422, "invalid_request")


@pytest.mark.parametrize(("content", "media_type", "status", "code"), [
    (b"{", "application/json", 400, "invalid_json"), (b"", "application/json", 422, "invalid_request"),
    (b"[]", "application/json", 422, "invalid_request"), (b"null", "application/json", 422, "invalid_request"),
    (b'"x"', "application/json", 422, "invalid_request"), (b"\xff\xfe", "application/json", 400, "invalid_json"),
    (b"NaN", "application/json", 422, "invalid_request"), (b"[" * 60000, "application/json", 400, "invalid_json"),
    (b"{}", "text/plain", 415, "unsupported_media_type"), (b"{}", None, 415, "unsupported_media_type"),
    (b"x=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    (b"{" + b" " * 70000 + b"}", "application/json", 413, "body_too_large"),
])
def test_bodies_that_are_refused(client: TestClient, talk: Talk, content: bytes, media_type: str | None, status: int,
                                 code: str) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    is_problem(client.post("/v1/conversations", content=content, headers=headers), status, code)
    is_problem(client.post(talk.path + "/messages", content=content, headers={**talk.headers, **headers}), status, code)


def test_a_body_that_does_not_say_its_length_is_limited_too(client: TestClient) -> None:
    response = client.post("/v1/conversations", content=iter([b" " * 1000] * 100),
                           headers={"Content-Type": "application/json"})
    is_problem(response, 413, "body_too_large")


def test_validation_says_where_and_never_what(talk: Talk) -> None:
    body = talk.post("/messages", {"client_message_id": "1 secret", "text": 5}).json()
    assert [error["pointer"] for error in body["errors"]] == ["/body/client_message_id", "/body/text"]
    assert "secret" not in json.dumps(body)


@pytest.mark.parametrize(("method", "path", "status", "code"), [
    ("GET", "/nothing", 404, "not_found"), ("GET", "/v1/nothing", 404, "not_found"),
    ("POST", "/v1/nothing", 404, "not_found"), ("GET", "/v1/conversations", 405, "method_not_allowed"),
    ("DELETE", "/healthz", 405, "method_not_allowed"), ("GET", "/..%2f..%2fetc%2fpasswd", 404, "not_found"),
    ("PUT", "/v1/conversations/x/messages", 405, "method_not_allowed"), ("GET", "/%00", 404, "not_found"),
    ("GET", "/v1/conversations/%00/messages", 401, "unauthenticated"),
    ("GET", "/v1/conversations/%FF%FE/messages", 401, "unauthenticated"),
])
def test_addresses_and_methods(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    is_problem(client.request(method, path), status, code)


@pytest.mark.parametrize("name", ["%00", "%FF%FE", "a%0d%0ab", "%F0%9F%98%80", "'%20or%201=1", "x" * 65])
def test_odd_conversation_ids(client: TestClient, talk: Talk, name: str) -> None:
    response = client.get(f"/v1/conversations/{name}/messages", headers=talk.headers)
    assert response.status_code in (404, 422) and response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("after", ["", "\x00", "好", "x" * 65, "none", "1 2"])
def test_odd_positions(talk: Talk, after: str) -> None:
    assert talk.get("/messages", params={"after": after}).status_code == 422


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9223372036854775808", "9" * 400, "1;2"])
def test_odd_event_ids(talk: Talk, last: str) -> None:
    response = talk.client.get(talk.path + "/events", headers={**talk.headers, "Last-Event-ID": last})
    is_problem(response, 422, "invalid_request")


def test_methods_that_are_allowed_are_named(client: TestClient, talk: Talk) -> None:
    assert client.delete(talk.path + "/messages").headers["allow"] == "GET, POST"


def test_what_goes_wrong_inside_is_not_shown(talk: Talk, responder: FakeResponder) -> None:
    def fail(text: str) -> None:
        raise RuntimeError("the secret inside")

    responder.before = fail
    response = talk.say("怎么开户", "1")
    is_problem(response, 500, "internal_error")
    assert "secret" not in response.text
    responder.before = None
    assert talk.say("怎么开户", "1").json()["reply"]["kind"] == "answer"
