"""The agents' console over HTTP: a whole hand-over, streams that end with the session, and whatever may be wrong."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from assistant.audit import SYSTEM
from assistant.inbox import utc_now
from assistant.roles import Role
from assistant.settings import Settings
from tests.api.conftest import PASSWORD, Talk, add_account, bearer, open_fake, running, serving, wait_until
from tests.api.test_bad_input import BAD_TEXTS, is_problem
from tests.api.test_live import Event, events, follow
from tests.fakes import ANSWER, FakeResponder
from tests.fakes.databases import database_url, postgresql_server, postgresql_tables

__all__ = ["database_url", "postgresql_server", "postgresql_tables"]

CONVERSATIONS = "/v1/agent/conversations"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Each test here runs on SQLite, and on PostgreSQL where there is one."""
    return Settings(data=tmp_path, database=database_url, heartbeat_seconds=0.3, poll_seconds=0.05)


class Desk:
    """What one agent does over HTTP."""

    def __init__(self, client: httpx.Client, headers: dict[str, str], name: str) -> None:
        self.client, self.headers, self.name, self.sent = client, headers, name, 0

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.client.get(f"{CONVERSATIONS}{path}", params=params, headers=self.headers)

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.client.post(f"{CONVERSATIONS}{path}", headers=self.headers, **({} if body is None else {"json": body}))

    def write(self, conversation_id: str, text: str, **more: Any) -> httpx.Response:
        self.sent += 1
        return self.post(f"/{conversation_id}/messages", {"client_message_id": f"{self.name}-{self.sent}", "text": text, **more})

    @contextmanager
    def following(self, path: str = "/v1/agent/events", after: int | None = None) -> Iterator[Iterator[Event]]:
        headers = self.headers | ({} if after is None else {"Last-Event-ID": str(after)})
        with self.client.stream("GET", path, headers=headers) as response:
            assert response.status_code == 200 and response.headers["content-type"].startswith("text/event-stream")
            yield events(response)


def desk_of(app: FastAPI, client: httpx.Client, name: str, *roles: Role) -> Desk:
    running(app).accounts.add(name, PASSWORD, roles or [Role.AGENT], by=SYSTEM, display_name=f"坐席{name}")
    return Desk(client, bearer(app, name), name)


@pytest.fixture
def anna(app: FastAPI, client: TestClient) -> Desk:
    return desk_of(app, client, "anna")


@pytest.fixture
def bert(app: FastAPI, client: TestClient) -> Desk:
    return desk_of(app, client, "bert")


def test_a_whole_hand_over(app: FastAPI, server: str) -> None:
    """The client asks for a human; an agent claims, is suggested a reply, sends it; transfer, close, and back again."""
    with httpx.Client(base_url=server, timeout=60) as client:
        anna, bert = desk_of(app, client, "anna"), desk_of(app, client, "bert")
        talk = Talk.open(client)
        talk.say("月亮多远")
        assert talk.say("转人工").json()["reply"]["kind"] == "handover"
        assert talk.say("怎么开户").json()["reply"] is None
        page = anna.get("", state="waiting").json()
        (line,) = page["conversations"]
        assert (line["id"], line["state"], line["channel"], line["tone"], line["agent"]) == (talk.id, "waiting", "web", "neutral", None)
        assert line["waiting_since"] and line["unread"] == 3 and page["next"] is None
        assert (line["summary"]["asked"], line["summary"]["failed"]) == (["月亮多远", "转人工"], ["月亮多远"])
        assert anna.post(f"/{talk.id}/claim").json()["agent"] == "anna"
        refused = bert.post(f"/{talk.id}/claim")
        is_problem(refused, 409, "already_claimed")
        assert refused.json()["agent"] == "anna" and "anna" in refused.json()["detail"]
        (suggested,) = anna.get(f"/{talk.id}/suggestions").json()["suggestions"]
        assert (suggested["article_id"], suggested["revision"], suggested["text"]) == ("open-account-online", 3, ANSWER)
        assert suggested["confidence"] == 0.97 and suggested["sources"][0]["effective_from"] == "2023-08-28"
        last = talk.get("/messages").json()["last_event_id"]
        sent = anna.write(talk.id, suggested["text"], suggestion_id=suggested["suggestion_id"]).json()["message"]
        assert (sent["sender"], sent["text"], sent["author"]) == ("agent", ANSWER, {"name": "anna", "display_name": "坐席anna"})
        with follow(talk, last) as stream:
            _, kind, data = next(stream)
        assert kind == "message.sent"
        assert (data["message"]["sender"], data["message"]["name"], data["message"]["text"]) == ("agent", "坐席anna", ANSWER)
        assert bert.post(f"/{talk.id}/transfer", {"to": "bert"}).status_code == 409
        assert anna.post(f"/{talk.id}/transfer", {"to": "bert"}).json()["agent"] == "bert"
        is_problem(anna.write(talk.id, "还有吗"), 409, "already_claimed")
        assert bert.write(talk.id, "我是小李").status_code == 200
        assert bert.post(f"/{talk.id}/close").json()["state"] == "closed"
        is_problem(bert.write(talk.id, "还有吗"), 409, "conversation_closed")
        assert talk.say("还有一个问题").json()["reply"] is None
        line = bert.get(f"/{talk.id}").json()
        assert (line["state"], line["agent"], line["unread"]) == ("agent", "bert", 1)
        with follow(talk) as stream:
            story = list(islice(stream, 14))
        assert [(kind, data.get("state"), data.get("agent", {}).get("name")) for _, kind, data in story if "state" in data] == [
            ("conversation.handed_over", "waiting", None), ("conversation.claimed", "agent", "坐席anna"),
            ("conversation.transferred", "agent", "坐席bert"), ("conversation.closed", "closed", None),
            ("conversation.reopened", "agent", "坐席bert")]
        senders = [message["sender"] for message in talk.get("/messages").json()["messages"]]
        assert senders == ["client", "assistant", "client", "assistant", "client", "agent", "agent", "client"]


def test_what_the_client_writes_comes_to_the_agent_at_once(app: FastAPI, server: str) -> None:
    with httpx.Client(base_url=server, timeout=60) as client:
        anna, talk = desk_of(app, client, "anna"), Talk.open(client)
        other = Talk.open(client)
        last = anna.get("").json()["last_event_id"]
        with anna.following(after=last) as stream:
            def act() -> None:
                talk.say("转人工")
                other.say("怎么开户")
                anna.post(f"/{talk.id}/claim")
                talk.say("我的问题是……")

            acting = threading.Thread(target=act)
            acting.start()
            story = list(islice(stream, 4))
            acting.join()
        assert [(kind, data["conversation_id"]) for _, kind, data in story] == [
            (kind, talk.id) for kind in ("reply.sent", "conversation.handed_over", "conversation.claimed", "message.received")]
        assert story[-1][2]["message"]["text"] == "我的问题是……" and "message" not in story[0][2]


def test_the_agent_s_stream_resumes_with_nothing_lost_and_nothing_twice(app: FastAPI, server: str) -> None:
    with httpx.Client(base_url=server, timeout=60) as client:
        anna = desk_of(app, client, "anna")
        talks = [Talk.open(client) for _ in range(3)]

        def act(talk: Talk) -> None:
            talk.say("转人工")
            anna.post(f"/{talk.id}/claim")
            for _ in range(3):
                talk.say("在吗")

        with ThreadPoolExecutor(3) as pool:
            acting = [pool.submit(act, talk) for talk in talks]
            seen: list[int] = []
            while len(seen) < 18:
                with anna.following(after=seen[-1] if seen else None) as stream:
                    seen += [event_id for event_id, _, _ in islice(stream, min(4, 18 - len(seen)))]
            for done in acting:
                done.result()
        with anna.following() as stream:
            assert [event_id for event_id, _, _ in islice(stream, 18)] == seen == sorted(set(seen))


def test_an_agent_follows_one_conversation_with_its_notes(app: FastAPI, server: str) -> None:
    with httpx.Client(base_url=server, timeout=60) as client:
        anna, talk = desk_of(app, client, "anna"), Talk.open(client)
        talk.say("怎么开户")
        note = anna.post(f"/{talk.id}/notes", {"client_message_id": "n1", "text": "老客户"}).json()
        with anna.following(f"{CONVERSATIONS}/{talk.id}/events") as stream:
            story = list(islice(stream, 4))
        assert [kind for _, kind, _ in story] == ["conversation.opened", "message.received", "reply.sent", "note.added"]
        assert story[2][2]["message"]["reply"]["reason"] == "score over threshold" and story[3][2]["note"] == note
        talk.say("你好")
        with follow(talk) as stream:
            told = list(islice(stream, 5))
        assert [kind for _, kind, _ in told] == ["conversation.opened"] + ["message.received", "reply.sent"] * 2
        assert "老客户" not in json.dumps(told, ensure_ascii=False) and "老客户" not in talk.get("/messages").text


@pytest.mark.parametrize("end", ["sign out", "deactivate", "lose the role"])
@pytest.mark.parametrize("path", ["/v1/agent/events", "{one}"])
def test_a_stream_ends_with_the_session_or_the_role(app: FastAPI, server: str, end: str, path: str) -> None:
    with httpx.Client(base_url=server, timeout=60) as client:
        anna, talk = desk_of(app, client, "anna"), Talk.open(client)
        talk.say("转人工")
        with anna.following(path.replace("{one}", f"{CONVERSATIONS}/{talk.id}/events")) as stream:
            next(stream)
            if end == "sign out":
                client.delete("/v1/session", headers=anna.headers)
            elif end == "deactivate":
                running(app).accounts.deactivate("anna", by=SYSTEM)
            else:
                running(app).accounts.set_roles("anna", [Role.EDITOR], by=SYSTEM)
            started = time.monotonic()
            talk.say("悄悄话")
            rest = list(stream)
            assert time.monotonic() - started < 5
        assert "悄悄话" not in json.dumps(rest, ensure_ascii=False)


def test_an_open_stream_alone_keeps_no_session_alive(app: FastAPI, server: str) -> None:
    with httpx.Client(base_url=server, timeout=60) as client:
        anna = desk_of(app, client, "anna")
        Talk.open(client).say("转人工")
        token = anna.headers["Authorization"].removeprefix("Bearer ")
        with anna.following() as stream:
            next(stream)
            sessions = running(app).sessions
            seen: list[bool] = []
            admit = sessions.admit
            sessions.admit = lambda token, *, use=True: seen.append(use) or admit(token, use=use)  # type: ignore[method-assign]
            other = Talk.open(client)
            other.say("转人工")
            # One of the first conversation's may still be on its way.
            next(data for _, _, data in stream if data["conversation_id"] == other.id)
            sessions.admit = admit  # type: ignore[method-assign]
        assert seen and not any(seen)
        assert admit(token)


def test_so_many_streams_for_an_agent_and_no_more(app: FastAPI, server: str, settings: Settings) -> None:
    with httpx.Client(base_url=server, timeout=60) as client:
        anna, bert, talk = desk_of(app, client, "anna"), desk_of(app, client, "bert"), Talk.open(client)
        streams = [client.stream("GET", "/v1/agent/events", headers=anna.headers) for _ in range(settings.streams_per_agent)]
        for stream in streams:
            stream.__enter__()
        wait_until(lambda: app.state.metrics.streams._value.get() == len(streams))
        is_problem(anna.get(f"/{talk.id}/events"), 429, "too_many_requests")
        with bert.following(f"{CONVERSATIONS}/{talk.id}/events") as stream, follow(talk) as own:
            next(stream), next(own)
        for stream in streams:
            stream.__exit__(None, None, None)
        wait_until(lambda: app.state.metrics.streams._value.get() == 0)
        assert not app.state.ready.live._listeners and not +app.state.ready.live._rooms


def frames(response: httpx.Response) -> Iterator[dict[str, str]]:
    """Each frame of a stream with data, those without an id too."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "data" in fields:
            yield fields
            fields = {}
        else:
            fields = {}


def test_each_side_sees_the_other_type_and_it_is_kept_nowhere(app: FastAPI, server: str) -> None:
    with httpx.Client(base_url=server, timeout=60) as client:
        anna, talk = desk_of(app, client, "anna"), Talk.open(client)
        talk.say("转人工")
        is_problem(anna.post(f"/{talk.id}/typing"), 409, "not_claimed")
        anna.post(f"/{talk.id}/claim")
        last = talk.get("/messages").json()["last_event_id"]
        with (client.stream("GET", f"/v1/conversations/{talk.id}/events?after={last}", headers=talk.headers) as own,
              client.stream("GET", f"{CONVERSATIONS}/{talk.id}/events?after={last}", headers=anna.headers) as one,
              client.stream("GET", f"/v1/agent/events?after={last}", headers=anna.headers) as whole):
            wait_until(lambda: app.state.metrics.streams._value.get() == 3)
            assert talk.post("/typing").status_code == 204
            for stream in (one, whole):
                frame = next(frames(stream))
                assert frame["event"] == "typing" and "id" not in frame
                assert json.loads(frame["data"]) == {"type": "typing", "conversation_id": talk.id, "sender": "client",
                                                     "at": json.loads(frame["data"])["at"]}
            assert anna.post(f"/{talk.id}/typing").status_code == 204
            data = json.loads(next(frames(own))["data"])
            assert (data["sender"], data["name"]) == ("agent", "坐席anna") and "conversation_id" not in data
        assert talk.get("/messages").json()["last_event_id"] == last


def test_events_of_another_process_come_to_agents_too(app: FastAPI, server: str, settings: Settings, responder: FakeResponder) -> None:
    with (httpx.Client(base_url=server, timeout=60) as client, serving(create_app(settings, open_fake(settings, responder))) as second,
          httpx.Client(base_url=second, timeout=60) as elsewhere):
        anna, talk = desk_of(app, client, "anna"), Talk.open(elsewhere)
        last = anna.get("").json()["last_event_id"]
        with anna.following(after=last) as stream:
            threading.Timer(0.3, talk.say, ("转人工",)).start()
            assert [kind for _, kind, _ in islice(stream, 2)] == ["reply.sent", "conversation.handed_over"]


def test_typing_is_seen_in_another_process(app: FastAPI, server: str, settings: Settings, responder: FakeResponder) -> None:
    if settings.database_url.startswith("sqlite"):
        pytest.skip("SQLite serves one process, which has all streams")
    second_app = create_app(settings, open_fake(settings, responder))
    with (httpx.Client(base_url=server, timeout=60) as client, serving(second_app) as second,
          httpx.Client(base_url=second, timeout=60) as elsewhere):
        anna, talk = desk_of(app, client, "anna"), Talk.open(elsewhere)
        talk.say("转人工")
        anna.post(f"/{talk.id}/claim")
        last = talk.get("/messages").json()["last_event_id"]
        with (elsewhere.stream("GET", f"/v1/conversations/{talk.id}/events?after={last}", headers=talk.headers) as own,
              client.stream("GET", f"{CONVERSATIONS}/{talk.id}/events?after={last}", headers=anna.headers) as one):
            of_client, of_agent = frames(own), frames(one)
            wait_until(lambda: all(each.state.metrics.streams._value.get() == 1 for each in (app, second_app)))
            with keeps_typing(lambda: talk.post("/typing")):
                assert json.loads(next(of_agent)["data"])["sender"] == "client"
            with keeps_typing(lambda: anna.post(f"/{talk.id}/typing")):
                assert json.loads(next(of_client)["data"])["name"] == "坐席anna"
        assert talk.get("/messages").json()["last_event_id"] == last


@contextmanager
def keeps_typing(types: Callable[[], httpx.Response]) -> Iterator[None]:
    """Again and again until the block ends: a listener may not have connected yet, and what it misses is never sent again."""
    seen = threading.Event()

    def typing() -> None:
        assert types().status_code == 204
        while not seen.wait(1.5):
            assert types().status_code == 204

    with ThreadPoolExecutor(1) as other:
        going_on = other.submit(typing)
        try:
            yield
        finally:
            seen.set()
        going_on.result()


def test_a_text_that_may_not_go_out(anna: Desk, client: TestClient) -> None:
    talk = Talk.open(client)
    anna.post(f"/{talk.id}/claim")
    refused = anna.write(talk.id, "您好，这个稳赚不赔")
    is_problem(refused, 422, "outgoing_check")
    (finding,) = refused.json()["findings"]
    assert (finding["rule"], finding["words"], finding["start"], finding["end"], finding["severity"]) == ("promise", "稳赚", 5, 7, "hard")
    assert finding["advice"] and finding["advice_en"]
    is_problem(anna.write(talk.id, "这个稳赚不赔", acknowledged=["promise"]), 422, "outgoing_check")
    is_problem(anna.write(talk.id, "您怎么这么笨"), 422, "outgoing_check")
    sent = anna.write(talk.id, "您怎么这么笨", acknowledged=["disparaging"])
    assert sent.json()["message"]["acknowledged"] == ["disparaging"]
    assert [message["text"] for message in talk.get("/messages").json()["messages"]] == ["您怎么这么笨"]
    assert "acknowledged" not in talk.get("/messages").text


def test_the_same_message_id_gives_the_same_message(anna: Desk, client: TestClient) -> None:
    talk = Talk.open(client)
    anna.post(f"/{talk.id}/claim")
    body = {"client_message_id": "same", "text": "您好"}
    first = anna.post(f"/{talk.id}/messages", body)
    assert first.json()["message"]["client_message_id"] == "same"
    assert anna.post(f"/{talk.id}/messages", {**body, "text": "x"}).json() == first.json()
    message = talk.get("/messages").json()["messages"][0]
    assert message["client_message_id"] is None and message["name"] == "坐席anna"


def test_the_story_for_agents_tells_what_the_assistant_made_of_it(anna: Desk, client: TestClient) -> None:
    talk = Talk.open(client)
    talk.say("开户以后账上的钱有利息吗", "m1")
    asked, reply = anna.get(f"/{talk.id}/messages").json()["messages"]
    assert (asked["client_message_id"], asked["seq"], asked["reply"]) == ("m1", 1, None)
    decided = reply["reply"]
    assert (decided["kind"], decided["confidence"], decided["article"]["id"]) == ("answer", 0.97, "open-account-online")
    assert decided["understanding"]["needs"][0]["family"] == "cash" and decided["candidates"]
    rest = anna.get(f"/{talk.id}/messages", after=asked["id"]).json()["messages"]
    assert rest == [reply]
    is_problem(anna.get(f"/{talk.id}/messages", after="none"), 422, "unknown_position")


def test_unread_and_read(anna: Desk, client: TestClient) -> None:
    talk = Talk.open(client)
    talk.say("转人工")
    assert anna.get(f"/{talk.id}").json()["unread"] == 1
    assert anna.post(f"/{talk.id}/read", {"seq": 2}).json()["unread"] == 0
    for seq in (-1, "1", 1.5, None, 2**31):
        is_problem(anna.post(f"/{talk.id}/read", {"seq": seq}), 422, "invalid_request")


def test_the_list_says_what_is_raised_and_who_waits_for_an_answer(app: FastAPI, anna: Desk, client: TestClient) -> None:
    talk = Talk.open(client)
    talk.say("转人工")
    anna.post(f"/{talk.id}/claim")
    (line,) = anna.get("", state="agent").json()["conversations"]
    assert line["unanswered_since"] and line["raised_at"] is None
    assert anna.get("", raised="true").json()["conversations"] == []
    with running(app).store.write() as work:
        work.conversations.describe(talk.id, raised_at=utc_now())
    anna.write(talk.id, "您好")
    (line,) = anna.get("", raised="true").json()["conversations"]
    assert line["id"] == talk.id and line["raised_at"] and line["unanswered_since"] is None


def test_the_list_is_paged(anna: Desk, client: TestClient) -> None:
    names = []
    for _ in range(5):
        talk = Talk.open(client)
        talk.say("转人工")
        names.append(talk.id)
    seen, after = [], {}
    while True:
        page = anna.get("", state="waiting", limit=2, **after).json()
        seen += [line["id"] for line in page["conversations"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    # In the order of service: who has waited longest.
    assert seen == names
    for order, expected in (("oldest", names), ("newest", names[::-1])):
        assert [line["id"] for line in anna.get("", state="waiting", order=order).json()["conversations"]] == expected
    anna.post(f"/{names[0]}/claim")
    assert [line["id"] for line in anna.get("", mine=True).json()["conversations"]] == [names[0]]


@pytest.mark.parametrize("params", [
    {"state": "open"}, {"limit": 0}, {"limit": 101}, {"after": "x"}, {"after": "1"}, {"after": "9" * 18 + "-x"}, {"after": "1-\x00"},
    {"order": "up"}, {"mine": "perhaps"}])
def test_odd_questions_for_the_list(anna: Desk, params: dict[str, Any]) -> None:
    is_problem(anna.get("", **params), 422, "invalid_request")


@pytest.mark.parametrize("after", ["0-x", "99999999999999999-x", "00000000000000000-!"])
def test_odd_places_in_the_list(anna: Desk, after: str) -> None:
    assert anna.get("", after=after).status_code == 200


@pytest.mark.parametrize("name", ["%00", "%FF%FE", "a%0d%0ab", "%F0%9F%98%80", "'%20or%201=1", "x" * 65, "none"])
def test_odd_conversation_ids(anna: Desk, name: str) -> None:
    for response in (anna.get(f"/{name}"), anna.get(f"/{name}/messages"), anna.get(f"/{name}/events"), anna.get(f"/{name}/suggestions"),
                     anna.post(f"/{name}/claim"), anna.post(f"/{name}/typing"), anna.post(f"/{name}/transfer", {"to": "queue"}),
                     anna.post(f"/{name}/read", {"seq": 1}), anna.write(name, "您好")):
        assert response.status_code in (404, 422) and response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("text", "status", "code"), BAD_TEXTS)
@pytest.mark.parametrize("path", ["messages", "notes"])
def test_texts_that_are_refused(anna: Desk, client: TestClient, path: str, text: object, status: int, code: str) -> None:
    talk = Talk.open(client)
    anna.post(f"/{talk.id}/claim")
    content = json.dumps({"client_message_id": "1", "text": text})
    response = client.post(f"{CONVERSATIONS}/{talk.id}/{path}", content=content,
                           headers={**anna.headers, "Content-Type": "application/json"})
    is_problem(response, status, code)


@pytest.mark.parametrize("body", [
    {}, {"to": 5}, {"to": ""}, {"to": "x" * 129}, {"to": ["bert"]}, [], "bert", {"to": "\ud800"}])
def test_transfers_that_say_nothing(anna: Desk, client: TestClient, body: object) -> None:
    talk = Talk.open(client)
    anna.post(f"/{talk.id}/claim")
    response = client.post(f"{CONVERSATIONS}/{talk.id}/transfer", content=json.dumps(body),
                           headers={**anna.headers, "Content-Type": "application/json"})
    is_problem(response, 422, "invalid_request")


@pytest.mark.parametrize("to", ["nobody", "anna", "a\x00b", "😀", "'; DROP TABLE staff;--"])
def test_transfers_to_nobody(anna: Desk, client: TestClient, to: str) -> None:
    talk = Talk.open(client)
    anna.post(f"/{talk.id}/claim")
    response = anna.post(f"/{talk.id}/transfer", {"to": to})
    assert (response.status_code, response.json()["code"]) in ((422, "recipient_invalid"), (409, "illegal_move"))


@pytest.mark.parametrize(("move", "body", "state"), [
    ("transfer", {"to": "queue"}, "waiting"), ("transfer", {"to": None}, "waiting"), ("release", None, "assistant"),
    ("release", {}, "assistant"), ("release", {"to": "queue"}, "waiting"), ("close", None, "closed"), ("close", {}, "closed"),
    ("claim", {}, "agent")])
def test_where_moves_lead(anna: Desk, client: TestClient, move: str, body: object, state: str) -> None:
    talk = Talk.open(client)
    anna.post(f"/{talk.id}/claim")
    response = anna.post(f"/{talk.id}/{move}", body)
    assert (response.status_code, response.json()["state"]) == (200, state)


@pytest.mark.parametrize("move", ["release", "transfer"])
def test_moves_that_the_state_does_not_allow(anna: Desk, client: TestClient, move: str) -> None:
    talk = Talk.open(client)
    is_problem(anna.post(f"/{talk.id}/{move}", {"to": "queue"}), 409, "illegal_move")
    is_problem(anna.write(talk.id, "您好"), 409, "not_claimed")


def test_a_manager_gives_on_what_a_colleague_holds(app: FastAPI, client: TestClient, anna: Desk) -> None:
    boss, talk = desk_of(app, client, "boss", Role.MANAGER), Talk.open(client)
    anna.post(f"/{talk.id}/claim")
    is_problem(boss.write(talk.id, "您好"), 409, "already_claimed")
    assert boss.post(f"/{talk.id}/transfer", {"to": "boss"}).json()["agent"] == "boss"
    assert boss.write(talk.id, "您好").status_code == 200


def test_a_reviewer_reads_and_changes_nothing(app: FastAPI, client: TestClient) -> None:
    reviewer, talk = desk_of(app, client, "rita", Role.REVIEWER), Talk.open(client)
    talk.say("转人工")
    assert reviewer.get("").status_code == reviewer.get(f"/{talk.id}/messages").status_code == 200
    for response in (reviewer.post(f"/{talk.id}/claim"), reviewer.post(f"/{talk.id}/close"), reviewer.write(talk.id, "您好"),
                     reviewer.post(f"/{talk.id}/transfer", {"to": "queue"})):
        is_problem(response, 403, "forbidden")


def test_colleagues(app: FastAPI, anna: Desk, bert: Desk) -> None:
    add_account(app, "cara", Role.AGENT)
    colleagues = anna.client.get("/v1/agent/colleagues", headers=anna.headers).json()["colleagues"]
    assert [(item["name"], item["display_name"], item["on_duty"]) for item in colleagues] == [
        ("anna", "坐席anna", True), ("bert", "坐席bert", True), ("cara", "cara", False)]


def test_a_page_with_a_cookie_claims_with_its_csrf_token(app: FastAPI, client: TestClient) -> None:
    add_account(app, "anna", Role.AGENT)
    talk = Talk.open(client)
    signed_in = client.post("/v1/session", json={"username": "anna", "password": PASSWORD, "cookie": True}).json()
    is_problem(client.post(f"{CONVERSATIONS}/{talk.id}/claim"), 403, "csrf_token_missing")
    claimed = client.post(f"{CONVERSATIONS}/{talk.id}/claim", headers={"X-CSRF-Token": signed_in["csrf_token"]})
    assert claimed.json()["agent"] == "anna"


def test_of_many_claims_at_once_one_wins(app: FastAPI, client: TestClient) -> None:
    desks = [desk_of(app, client, f"agent{number}") for number in range(4)]
    talk = Talk.open(client)
    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(lambda desk: desk.post(f"/{talk.id}/claim"), desks))
    assert sorted(response.status_code for response in responses) == [200, 409, 409, 409]
    assert {response.json()["agent"] for response in responses} == {desks[0].get(f"/{talk.id}").json()["agent"]}
