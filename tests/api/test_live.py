"""Event streams over a real socket: resumed with nothing lost and nothing twice."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.live import Following, Listener
from assistant.errors import StorageUnavailable
from assistant.events import AT_ONCE, SatisfactionGiven
from assistant.settings import Settings
from tests.api.conftest import Talk, open_fake, running, serving, wait_until
from tests.fakes import FakeResponder

Event = tuple[int, str, dict[str, Any]]


def events(response: httpx.Response) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "id" in fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])
            fields = {}


@contextmanager
def follow(talk: Talk, after: int | None = None) -> Iterator[Iterator[Event]]:
    headers = talk.headers | ({} if after is None else {"Last-Event-ID": str(after)})
    with talk.client.stream("GET", talk.path + "/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield events(response)


@contextmanager
def later(talk: Talk, text: str) -> Iterator[None]:
    timer = threading.Timer(0.2, talk.say, (text,))
    timer.start()
    yield
    timer.join()


def take(talk: Talk, count: int, after: int | None = None) -> list[Event]:
    with follow(talk, after) as stream:
        return list(islice(stream, count))


@pytest.fixture
def talk(server: str) -> Iterator[Talk]:
    with httpx.Client(base_url=server, timeout=60) as client:
        yield Talk.open(client)


def test_events_tell_the_story_so_far(talk: Talk) -> None:
    sent = talk.say("怎么开户").json()
    story = take(talk, 3)
    assert [kind for _, kind, _ in story] == ["conversation.opened", "message.received", "reply.sent"]
    assert story[1][2]["message"]["text"] == "怎么开户"
    assert story[2][2]["message"]["reply"] == sent["reply"]
    assert "reason" not in json.dumps(story) and "candidates" not in json.dumps(story)


def test_a_stream_resumes_after_the_last_event_seen(talk: Talk) -> None:
    for _ in range(3):
        talk.say("怎么开户")
    story = take(talk, 7)
    assert len({event_id for event_id, _, _ in story}) == 7
    for place in (0, 2, 5):
        assert take(talk, 6 - place, story[place][0]) == story[place + 1:]


def test_what_happens_now_comes_at_once(talk: Talk) -> None:
    with follow(talk) as stream:
        next(stream)
        with later(talk, "转人工"):
            started = time.monotonic()
            kinds = [kind for _, kind, _ in islice(stream, 3)]
    assert kinds == ["message.received", "reply.sent", "conversation.handed_over"]
    assert time.monotonic() - started < 10, "not with the next look only, which comes after a quarter of a minute"


def test_reconnecting_all_the_time_loses_and_repeats_nothing(talk: Talk) -> None:
    writer = threading.Thread(target=lambda: [talk.say("怎么开户") for _ in range(20)])
    writer.start()
    seen: list[int] = []
    kinds: list[str] = []
    while len(seen) < 41:
        for event_id, kind, _ in take(talk, min(3, 41 - len(seen)), seen[-1] if seen else None):
            seen.append(event_id)
            kinds.append(kind)
    writer.join()
    assert seen == sorted(set(seen))
    assert kinds == ["conversation.opened"] + ["message.received", "reply.sent"] * 20


def test_the_stream_goes_on_where_the_transcript_ends(talk: Talk) -> None:
    talk.say("怎么开户")
    last = talk.get("/messages").json()["last_event_id"]
    with follow(talk, last) as stream, later(talk, "转钱"):
        assert next(stream)[2]["message"]["text"] == "转钱"


def test_the_position_may_come_in_the_address(talk: Talk) -> None:
    talk.say("怎么开户")
    story = take(talk, 3)
    with talk.client.stream("GET", talk.path + f"/events?after={story[1][0]}", headers=talk.headers) as response:
        assert next(events(response)) == story[2]


def test_a_silent_stream_has_a_heartbeat(talk: Talk) -> None:
    with talk.client.stream("GET", talk.path + "/events?after=999999", headers=talk.headers) as response:
        lines = [line for line in islice(response.iter_lines(), 6) if line]
    assert lines == ["retry: 2000", ": heartbeat", ": heartbeat"]


def test_a_stream_reads_the_store_when_it_opens_and_is_told_of_what_happens(talk: Talk, app: FastAPI) -> None:
    conversations, reads = running(app).conversations, []
    usual = conversations.events_after

    def counted(conversation_id: str, event_id: int) -> Any:
        reads.append(event_id)
        return usual(conversation_id, event_id)

    conversations.events_after = counted  # type: ignore[method-assign]
    with talk.client.stream("GET", talk.path + "/events", headers=talk.headers) as response:
        lines = response.iter_lines()
        # The first look says from where on events are told; until then everybody reads.
        next(line for line in lines if line == ": heartbeat")
        begun = len(reads)
        for _ in range(3):
            next(line for line in lines if line == ": heartbeat")
        assert len(reads) == begun
        talk.say("怎么开户")
        told = [next(line for line in lines if line.startswith("id: ")) for _ in range(2)]
        next(line for line in lines if line == ": heartbeat")
    assert len(set(told)) == 2 and len(reads) == begun, "it was told of both"


def test_a_page_that_is_full_is_followed_by_the_next(talk: Talk, app: FastAPI) -> None:
    store = running(app).store
    with store.write() as work:
        for number in range(2 * AT_ONCE + 1):
            work.outbox.append(talk.id, datetime.now(UTC), SatisfactionGiven(number % 5 + 1))
    told = take(talk, 2 * AT_ONCE + 2)
    assert [kind for _, kind, _ in told].count("satisfaction.given") == 2 * AT_ONCE + 1


@pytest.mark.parametrize("trouble", [StorageUnavailable("gone"), RuntimeError("no such frame")])
def test_what_could_not_be_told_is_read_by_each_stream(talk: Talk, app: FastAPI, trouble: Exception) -> None:
    feed, asked = running(app).agent_feed, []
    usual = feed.of_all

    def failing(event_id: int, follows: Any) -> Any:
        asked.append(event_id)
        if len(asked) == 1:
            raise trouble
        return usual(event_id, follows)

    with follow(talk) as stream:
        next(stream)
        # From here on it is told.
        talk.say("怎么开户")
        list(islice(stream, 2))
        feed.of_all = failing  # type: ignore[method-assign]
        for text in ("转钱", "你好"):
            talk.say(text)
        told = list(islice(stream, 4))
    assert asked and [event["message"]["text"] for _, kind, event in told if kind == "message.received"] == ["转钱", "你好"]


def test_a_stream_that_takes_nothing_for_long_is_sent_back_to_the_store() -> None:
    story: list[tuple[int, str]] = []

    def read(after: int) -> list[tuple[int, str]]:
        return [item for item in story if item[0] > after][:AT_ONCE]

    async def takes() -> list[int]:
        listener, seen = Listener(Following(frozenset(), lambda _: None, read, "room", 1), after=0), []
        assert await listener.next_frames() == []
        for number in range(1, 3 * AT_ONCE):
            story.append((number, f"event {number}"))
            listener.tell(*story[-1])
            assert len(listener.told) <= AT_ONCE
        while listener.woken.is_set():
            for event_id, _ in await listener.next_frames():
                if event_id > listener.after:
                    seen.append(event_id)
                    listener.after = event_id
        return seen

    assert asyncio.run(takes()) == [number for number, _ in story]


def test_a_token_is_asked_of_the_store_once(talk: Talk, app: FastAPI) -> None:
    conversations, asked = running(app).conversations, []
    usual = conversations.admit
    conversations.admit = lambda *given: asked.append(given) or usual(*given)  # type: ignore[method-assign]
    for _ in range(3):
        assert talk.say("怎么开户").status_code == 200
    assert len(asked) == 1
    wrong = talk.client.post(talk.path + "/messages", headers={"Authorization": "Bearer " + "x" * 43},
                             json={"client_message_id": "other", "text": "怎么开户"})
    assert (wrong.status_code, wrong.json()["code"]) == (404, "conversation_not_found") and len(asked) == 2


def test_events_of_another_process_come_too(talk: Talk, settings: Settings, responder: FakeResponder) -> None:
    with (serving(create_app(settings, open_fake(settings, responder))) as other,
          httpx.Client(base_url=other, timeout=60) as client, follow(talk) as stream):
        next(stream)
        Talk(client, talk.id, talk.token).say("怎么开户")
        assert [kind for _, kind, _ in islice(stream, 2)] == ["message.received", "reply.sent"]


def test_events_of_other_conversations_do_not_come(talk: Talk) -> None:
    other = Talk.open(talk.client)
    with follow(talk) as stream:
        next(stream)
        other.say("怎么开户")
        talk.say("你好")
        assert next(stream)[2]["message"]["text"] == "你好"


def test_so_many_streams_and_no_more(talk: Talk, settings: Settings, app: FastAPI) -> None:
    opened = [talk.client.stream("GET", talk.path + "/events", headers=talk.headers)
              for _ in range(settings.streams_per_conversation)]
    for stream in opened:
        stream.__enter__()
    wait_until(lambda: app.state.metrics.streams._value.get() == len(opened))
    refused = talk.get("/events")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    for stream in opened:
        stream.__exit__(None, None, None)
    wait_until(lambda: app.state.metrics.streams._value.get() == 0)


def test_a_reply_in_the_making_holds_up_no_stream(talk: Talk, responder: FakeResponder) -> None:
    go_on = threading.Event()
    responder.before = lambda _: go_on.wait(5) and None
    with follow(talk) as stream:
        next(stream)
        sending = threading.Thread(target=talk.say, args=("怎么开户",))
        sending.start()
        assert next(stream)[1] == "message.received"
        go_on.set()
        assert next(stream)[1] == "reply.sent"
        sending.join()
