"""What a client's widget calls, end to end over a fake responder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from assistant.settings import Settings
from tests.api.conftest import Talk
from tests.fakes import ANSWER, FakeResponder


def test_a_message_and_its_reply_have_the_public_shape(talk: Talk) -> None:
    response = talk.say("怎么开户")
    assert response.status_code == 200
    sent = response.json()
    assert set(sent) == {"message", "reply"}
    assert {key: sent["message"][key] for key in ("sender", "text", "client_message_id")} == {
        "sender": "client", "text": "怎么开户", "client_message_id": "m1"}
    assert sent["message"]["at"].endswith("Z")
    reply = sent["reply"]
    assert isinstance(reply.pop("id"), str)
    assert reply == {
        "kind": "answer", "text": ANSWER, "choices": [],
        "article": {"id": "open-account-online", "revision": 3, "title": "怎么在网上开户？"},
        "sources": [{"title": "证券账户业务指南", "number": "中国结算发〔2023〕1号", "issuer": "中国结算",
                     "effective_from": "2023-08-28"}]}


def test_choices_come_with_a_clarifying_question(talk: Talk) -> None:
    assert talk.say("转钱").json()["reply"]["choices"] == [
        {"article_id": "transfer-in", "title": "怎么把钱转进来？"},
        {"article_id": "transfer-out", "title": "怎么把钱转出去？"}]


def test_a_client_never_sees_what_is_for_agents(talk: Talk) -> None:
    talk.say("怎么开户")
    for response in (talk.say("转钱"), talk.get("/messages")):
        for hidden in ("understanding", "candidates", "needs", "confidence", "reason", "evidence", "normalized"):
            assert hidden not in response.text


def test_the_same_message_id_gives_the_same_reply(talk: Talk, responder: FakeResponder) -> None:
    first, again = talk.say("怎么开户", "same"), talk.say("怎么开户", "same")
    assert first.json() == again.json()
    assert len(talk.get("/messages").json()["messages"]) == 2 and len(responder.seen) == 1


def test_the_same_message_id_at_once_too(talk: Talk, responder: FakeResponder) -> None:
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: talk.say("怎么开户", "same"), range(8)))
    assert {response.status_code for response in responses} == {200}
    assert len({response.text for response in responses}) == 1 and len(responder.seen) == 1


def test_messages_are_listed_in_order_and_after_one(talk: Talk) -> None:
    talk.say("怎么开户")
    second = talk.say("转钱").json()
    messages = talk.get("/messages").json()["messages"]
    assert [message["sender"] for message in messages] == ["client", "assistant"] * 2
    rest = talk.get("/messages", params={"after": second["message"]["id"]}).json()["messages"]
    assert [message["id"] for message in rest] == [second["reply"]["id"]]
    assert rest[0]["reply"] == second["reply"]


def test_while_a_human_is_awaited_the_reply_is_null(talk: Talk) -> None:
    assert talk.say("转人工").json()["reply"]["kind"] == "handover"
    assert talk.say("在吗").json()["reply"] is None
    assert talk.post("/resume").json() == {"state": "assistant"}
    assert talk.say("怎么开户").json()["reply"]["kind"] == "answer"
    refused = talk.post("/resume")
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")


def test_feedback_on_a_reply_and_on_the_conversation(talk: Talk) -> None:
    reply_id = talk.say("怎么开户").json()["reply"]["id"]
    assert talk.post("/feedback", {"reply_id": reply_id, "helpful": False}).status_code == 200
    assert talk.post("/feedback", {"satisfaction": 5}).json() == {
        "reply_id": None, "helpful": None, "satisfaction": 5}
    assert talk.get("/messages").json()["messages"][1]["helpful"] is False
    unknown = talk.post("/feedback", {"reply_id": "none", "helpful": True})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "reply_not_found")


@pytest.mark.parametrize("body", [
    {}, {"satisfaction": 0}, {"satisfaction": 6}, {"satisfaction": "5"}, {"satisfaction": True}, {"satisfaction": 4.5},
    {"helpful": True}, {"reply_id": "x"}, {"reply_id": "x", "helpful": "yes"}, [], "x"])
def test_feedback_that_says_nothing_is_refused(talk: Talk, body: object) -> None:
    assert talk.post("/feedback", body).status_code == 422


def test_a_token_opens_its_own_conversation_only(client: TestClient, talk: Talk) -> None:
    other = Talk.open(client)
    calls = [("GET", "/messages"), ("GET", "/events"), ("POST", "/messages"), ("POST", "/feedback"),
             ("POST", "/resume")]
    for method, path in calls:
        body = {"client_message_id": "1", "text": "x", "satisfaction": 5} if method == "POST" else None
        for headers, status in (({}, 401), ({"Authorization": "Basic eDp5"}, 401), ({"Authorization": "Bearer"}, 401),
                                ({"Authorization": "Bearer wrong"}, 404), (other.headers, 404)):
            existing = client.request(method, talk.path + path, json=body, headers=headers)
            missing = client.request(method, f"/v1/conversations/{'0' * 32}{path}", json=body, headers=headers)
            assert existing.status_code == status
            assert existing.json() == missing.json(), "a wrong token must not tell whether the conversation exists"


@pytest.mark.parametrize("channel", ["", "Web", "w w", "x" * 33, 5, None, "微信", "web\n"])
def test_a_channel_is_a_short_lower_case_word(client: TestClient, channel: object) -> None:
    assert client.post("/v1/conversations", json={"channel": channel}).status_code == 422


def test_the_client_token_is_not_kept(client: TestClient, settings: Settings) -> None:
    client.post("/v1/conversations", json={"channel": "web", "client_token": "secret-of-the-client"})
    for file in settings.data.glob("zhike.db*"):
        assert b"secret-of-the-client" not in file.read_bytes()


def test_unknown_keys_are_passed_over(client: TestClient) -> None:
    assert client.post("/v1/conversations", json={"channel": "web", "page": "/fees"}).status_code == 201
