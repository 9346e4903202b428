"""Over HTTP: who a client is, files, and what helps agents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from assistant.roles import Role
from assistant.settings import Settings
from tests.api.conftest import Talk, add_account, bearer
from tests.api.test_bad_input import is_problem
from tests.assistant.test_attachments import picture, word
from tests.assistant.test_vouching import SECRET, fresh_token, token, unsigned


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"client_token_secret": SecretStr(SECRET), "max_attachment_bytes": 20_000})


@pytest.fixture
def agent(app: FastAPI, client: TestClient) -> dict[str, str]:
    for name in ("anna", "bert"):
        add_account(app, name, Role.AGENT)
    return bearer(app, "anna")


def send_file(talk: Talk, data: bytes, name: str = "a.png", path: str = "", headers: dict[str, str] | None = None,
              **fields: str) -> httpx.Response:
    talk.sent += 1
    return talk.client.post(path or f"{talk.path}/attachments", headers=headers or talk.headers, files={"file": (name, data)},
                            data={"client_message_id": f"f{talk.sent}", **fields})


@pytest.mark.parametrize(("make", "code"), [
    (lambda: token(exp=1, iat=0), "client_token_expired"), (lambda: fresh_token(aud="x"), "client_token_misdirected"),
    (unsigned, "client_token_invalid"), (lambda: "just a word", "client_token_invalid")],
    ids=["late", "misdirected", "unsigned", "no token"])
def test_a_client_whom_nobody_vouches_for(client: TestClient, make: Callable[[], str], code: str) -> None:
    given = make()
    is_problem(client.post("/v1/conversations", json={"channel": "web", "client_token": given}), 401, code)
    talk = Talk.open(client)
    is_problem(talk.post("/identity", {"client_token": given}), 401, code)
    assert talk.get("/history").json() == {"messages": [], "more": False}


def test_a_known_client_s_past(client: TestClient, agent: dict[str, str]) -> None:
    first = Talk(client, **client.post("/v1/conversations", json={"channel": "web", "client_token": fresh_token(jti="1")}).json())
    first.say("怎么开户")
    is_problem(client.post("/v1/conversations", json={"channel": "web", "client_token": fresh_token(jti="1")}), 401, "client_token_used")
    talk = Talk.open(client)
    assert talk.post("/identity", {"client_token": fresh_token()}).json() == {"vouched": True}
    past = talk.get("/history").json()["messages"]
    assert [(item["sender"], item["channel"], item["conversation_id"]) for item in past] == [
        ("client", "web", first.id), ("assistant", "web", first.id)]
    seen = client.get(f"/v1/agent/conversations/{talk.id}/past", headers=agent).json()["conversations"]
    assert [line["id"] for line in seen] == [first.id] and seen[0]["vouched"]
    is_problem(talk.get("/history?before=none"), 422, "unknown_position")
    is_problem(talk.post("/identity", {"client_token": fresh_token(sub="C-2")}), 409, "identity_differs")


def test_a_picture_for_the_agent_and_a_letter_back(client: TestClient, talk: Talk, agent: dict[str, str]) -> None:
    sent = send_file(talk, picture(), "截图 1.png", text="怎么开户")
    assert sent.status_code == 200 and sent.json()["reply"]["kind"] == "answer", sent.text
    kept = sent.json()["message"]["attachment"]
    assert (kept["name"], kept["media_type"], kept["width"], kept["height"]) == ("截图 1.png", "image/png", 40, 20)
    got = talk.get(f"/attachments/{kept['id']}")
    assert len(got.content) == kept["size"] and got.headers["content-type"] == "image/png"
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''%E6%88%AA%E5%9B%BE%201.png"
    assert got.headers["x-content-type-options"] == "nosniff" and "sandbox" in got.headers["content-security-policy"]
    assert got.headers["cache-control"] == "no-store"
    path = f"/v1/agent/conversations/{talk.id}"
    assert client.get(f"{path}/attachments/{kept['id']}", headers=agent).content == got.content
    assert client.get(f"{path}/messages", headers=agent).json()["messages"][0]["attachment"] == kept
    is_problem(send_file(talk, word(), "a.docx", f"{path}/attachments", agent), 409, "not_claimed")
    client.post(f"{path}/claim", headers=agent)
    back = send_file(talk, word(), "信.docx", f"{path}/attachments", agent, text="请填写")
    assert back.json()["message"]["attachment"]["name"] == "信.docx" and talk.get("/messages").json()["messages"][-1]["text"] == "请填写"
    refused = send_file(talk, word(), "信.docx", f"{path}/attachments", agent, text="保证稳赚不赔")
    assert refused.json()["code"] == "outgoing_check" and refused.json()["findings"]
    other = Talk.open(client)
    is_problem(other.get(f"/attachments/{kept['id']}"), 404, "attachment_not_found")
    is_problem(client.get(f"{talk.path}/attachments/{kept['id']}", headers=other.headers), 404, "conversation_not_found")
    is_problem(client.get(f"{talk.path}/attachments/{kept['id']}"), 401, "unauthenticated")
    is_problem(talk.get("/attachments/..%2F..%2Fzhike.db"), 404, "not_found")


@pytest.mark.parametrize(("data", "code", "status"), [
    (b"", "attachment_invalid", 422), (b"MZ\x90\x00", "attachment_type", 422), (b"x" * 20_001, "attachment_too_large", 422),
    (b"x" * 200_000, "body_too_large", 413)])
def test_files_that_are_refused(talk: Talk, data: bytes, code: str, status: int) -> None:
    is_problem(send_file(talk, data), status, code)
    assert talk.get("/messages").json()["messages"] == []


@pytest.mark.parametrize(("options", "status", "code"), [
    ({"json": {}}, 415, "unsupported_media_type"),
    ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 422, "upload_invalid"),
    ({"content": b"--x\r\n\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 422, "upload_invalid"),
    ({"data": {"client_message_id": "1", "file": "no file"}, "files": {"other": ("a", b"a")}}, 422, "upload_invalid"),
    ({"files": {"file": ("a.txt", b"a")}}, 422, "invalid_request"),
    ({"files": {"file": ("a.txt", b"a")}, "data": {"client_message_id": "ä"}}, 422, "invalid_request"),
    ({"files": [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))], "data": {"client_message_id": "1"}}, 422, "upload_invalid")])
def test_bodies_that_bring_no_file(talk: Talk, options: dict[str, Any], status: int, code: str) -> None:
    headers = {**talk.headers, **options.pop("headers", {})}
    is_problem(talk.client.post(f"{talk.path}/attachments", headers=headers, **options), status, code)


def test_nobody_sends_files_without_a_key(talk: Talk) -> None:
    is_problem(send_file(talk, picture(), headers={"Authorization": "Bearer x"}), 404, "conversation_not_found")


def test_tags_colleagues_phrases_and_the_search(client: TestClient, talk: Talk, app: FastAPI, agent: dict[str, str]) -> None:
    path = f"/v1/agent/conversations/{talk.id}"
    talk.say("转人工")
    client.post(f"{path}/claim", headers=agent)
    assert client.put(f"{path}/tags", json={"tags": ["投诉"]}, headers=agent).json()["tags"] == ["投诉"]
    assert client.get("/v1/agent/tags?q=投", headers=agent).json() == {"tags": ["投诉"]}
    listed = [client.get(f"/v1/agent/conversations?tag={tag}", headers=agent).json()["conversations"] for tag in ("投诉", "别的")]
    assert [len(lines) for lines in listed] == [1, 0]
    is_problem(client.put(f"{path}/tags", json={"tags": ["13812345678"]}, headers=agent), 422, "tag_invalid")
    bert = bearer(app, "bert")
    assert client.post(f"{path}/guests", json={"agent": "bert"}, headers=agent).json()["guests"] == ["bert"]
    assert client.post(f"{path}/typing", json={"to": "colleagues"}, headers=bert).status_code == 204
    is_problem(client.post(f"{path}/typing", headers=bert), 409, "already_claimed")
    is_problem(client.post(f"{path}/guests", json={"agent": "nobody"}, headers=agent), 422, "recipient_invalid")
    assert client.delete(f"{path}/guests/bert", headers=bert).json()["guests"] == []
    made = client.post("/v1/agent/quick-replies", json={"title": "核实身份", "text": "{称呼}，请核实。"}, headers=agent)
    assert made.status_code == 201 and made.json()["initials"] == made.json()["shortcut"] == "hssf"
    one = f"/v1/agent/quick-replies/{made.json()['id']}"
    assert client.put(one, json={"title": "核实", "text": "好"}, headers=agent).json()["shortcut"] == "hs"
    is_problem(client.delete(one, headers=bert), 404, "quick_reply_not_found")
    assert client.delete(one, headers=agent).status_code == 204
    assert client.get("/v1/agent/quick-replies", headers=agent).json() == {"quick_replies": []}
    whole = client.get("/v1/agent/quick-replies/team", headers=agent).json()["quick_replies"]
    greeting = whole[0]
    assert (greeting["shortcut"], greeting["initials"], greeting["pinyin"], len(whole)) == ("wh", "wh", "wenhou", 16)
    assert "{坐席}" in greeting["text"] and greeting["instead_of"] == []
    found = client.get("/v1/agent/knowledge", params={"q": "开户", "conversation_id": talk.id}, headers=agent).json()["articles"]
    assert [(item["article_id"], bool(item["suggestion_id"])) for item in found] == [("open-account-online", True)]
    nowhere = client.get("/v1/agent/knowledge", params={"q": "开户", "conversation_id": "none"}, headers=agent)
    is_problem(nowhere, 404, "conversation_not_found")


def test_the_team_s_phrases_are_the_manager_s_to_write(client: TestClient, app: FastAPI, agent: dict[str, str]) -> None:
    add_account(app, "boss", Role.MANAGER)
    boss, path = bearer(app, "boss"), "/v1/agent/quick-replies/team"
    given = {"title": "节日安排", "text": "{称呼}，节日照常。", "shortcut": "v9", "instead_of": ["forecast"]}
    is_problem(client.post(path, json=given, headers=agent), 403, "forbidden")
    made = client.post(path, json=given, headers=boss)
    assert made.status_code == 201
    assert {name: made.json()[name] for name in ("shortcut", "initials", "pinyin", "instead_of")} == {
        "shortcut": "v9", "initials": "jrap", "pinyin": "jierianpai", "instead_of": ["forecast"]}
    assert client.get(path, headers=agent).json()["quick_replies"][0] == made.json()
    assert client.get("/v1/agent/quick-replies", headers=boss).json() == {"quick_replies": []}
    one = f"{path}/{made.json()['id']}"
    is_problem(client.put(one, json=given, headers=agent), 403, "forbidden")
    is_problem(client.delete(one, headers=agent), 403, "forbidden")
    is_problem(client.post(path, json=given, headers=boss), 409, "shortcut_taken")
    is_problem(client.put(one, json={**given, "text": "保本"}, headers=boss), 422, "outgoing_check")
    is_problem(client.put(one, json={**given, "instead_of": ["none"]}, headers=boss), 422, "quick_reply_invalid")
    assert client.put(one, json={"title": "节日", "text": "照常"}, headers=boss).json()["instead_of"] == []
    assert client.delete(one, headers=boss).status_code == 204
    is_problem(client.delete(one, headers=boss), 404, "quick_reply_not_found")
