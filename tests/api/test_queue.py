"""The queue over HTTP: a client's place, told as it moves; the order for agents; what an agent serves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli import main
from assistant.audit import SYSTEM
from assistant.roles import Role
from assistant.settings import Settings
from tests.api.conftest import Talk, add_account, bearer, open_fake, running, serving, wait_until_ready
from tests.api.test_bad_input import is_problem
from tests.fakes import FakeResponder

ALWAYS_OPEN = Path(__file__).parents[1] / "fakes" / "always_open.toml"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, heartbeat_seconds=0.3, poll_seconds=0.05, service=ALWAYS_OPEN)


def waiting(client: httpx.Client) -> Talk:
    talk = Talk.open(client)
    assert talk.say("转人工").json()["reply"]["kind"] == "handover"
    return talk


def test_a_client_s_place_and_the_order_of_service(client: TestClient, app: FastAPI) -> None:
    add_account(app, "anna", Role.AGENT)
    idle, talks = Talk.open(client), [waiting(client) for _ in range(3)]
    assert idle.get("/queue").json() == {"place": None, "waiting": None, "expected_seconds": None, "promise": None}
    assert talks[1].get("/queue").json()["promise"]["kind"] == "absent"
    anna = bearer(app, "anna")
    told = talks[1].get("/queue").json()
    assert (told["place"], told["waiting"], told["expected_seconds"], told["promise"]["kind"]) == (2, 3, 120, "queue")
    first = client.get("/v1/agent/conversations", params={"state": "waiting", "limit": 2}, headers=anna).json()
    rest = client.get("/v1/agent/conversations", params={"state": "waiting", "limit": 2, "after": first["next"]}, headers=anna).json()
    assert [line["id"] for line in first["conversations"] + rest["conversations"]] == [talk.id for talk in talks] and rest["next"] is None
    assert all(line["for_me"] and line["topic"] == "account" and line["language"] == "zh" for line in first["conversations"])
    for other in ({"order": "newest"}, {"state": "agent"}):
        params = {"state": "waiting", **other, "after": first["next"]}
        is_problem(client.get("/v1/agent/conversations", params=params, headers=anna), 422, "cursor_invalid")
    is_problem(client.get("/v1/agent/conversations", params={"state": "waiting", "after": "5-x"}, headers=anna), 422, "cursor_invalid")
    assert client.get("/v1/agent/service", headers=anna).json() == {
        "open": True, "opens_at": None, "waiting": 3, "load": 0, "max_conversations": 20, "skills": [],
        "goals": {"wait": 60, "late": 180, "reply_soon": 120, "reply_late": 180}}
    is_problem(httpx_without_token(idle), 401, "unauthenticated")


def httpx_without_token(talk: Talk) -> httpx.Response:
    return talk.client.get(f"{talk.path}/queue")


def test_a_place_that_moves_is_told_by_itself(app: FastAPI, server: str) -> None:
    add_account(app, "anna", Role.AGENT)
    headers = bearer(app, "anna")
    with httpx.Client(base_url=server, timeout=60) as client:
        first, second = waiting(client), waiting(client)
        with client.stream("GET", f"{second.path}/events", headers=second.headers) as stream:
            told = queue_frames(stream)
            client.post(f"/v1/agent/conversations/{first.id}/claim", headers=headers)
            moved = next(item for item in told if item["place"] == 1)
    assert (moved["type"], moved["waiting"], moved["promise"]["kind"]) == ("queue", 1, "soon")


def queue_frames(stream: httpx.Response) -> Iterator[dict]:
    lines = stream.iter_lines()
    for line in lines:
        assert not line.startswith("id: ") or line[4:].isdigit()
        if line == "event: queue":
            yield json.loads(next(lines).removeprefix("data: "))


def test_where_the_firm_wants_it_so_conversations_are_given_out(tmp_path: Path) -> None:
    rules = tmp_path / "service.toml"
    rules.write_text("[assignment]\nautomatic = true\n", encoding="utf-8")
    settings = Settings(data=tmp_path, poll_seconds=0.05, service=rules)
    app = create_app(settings, open_fake(settings, FakeResponder()))
    with serving(app) as url, httpx.Client(base_url=url, timeout=60) as client:
        add_account(app, "anna", Role.AGENT)
        headers = bearer(app, "anna")
        talk = waiting(client)
        with client.stream("GET", f"{talk.path}/events", headers=talk.headers) as stream:
            assert "event: conversation.claimed" in stream.iter_lines()
        line = client.get(f"/v1/agent/conversations/{talk.id}", headers=headers).json()
        assert (line["state"], line["agent"]) == ("agent", "anna")


def test_satisfaction_with_words(client: TestClient, app: FastAPI) -> None:
    add_account(app, "anna", Role.AGENT)
    talk = waiting(client)
    assert talk.post("/feedback", {"satisfaction": 2, "words": "等太久，请打 13800138000"}).status_code == 200
    line = client.get(f"/v1/agent/conversations/{talk.id}", headers=bearer(app, "anna")).json()
    assert line["satisfaction"] == 2 and "等太久" in line["satisfaction_words"] and "13800138000" not in line["satisfaction_words"]
    is_problem(talk.post("/feedback", {"satisfaction": 2, "words": "长" * 501}), 422, "invalid_request")
    is_problem(talk.post("/feedback", {"satisfaction": 2, "words": "\u0000\u200b"}), 422, "empty_message")


def test_what_an_account_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ZHIKE_DATA", str(tmp_path))
    monkeypatch.setattr("api.commands.user._password", lambda: "correct horse battery")
    for arguments, code in (
            (["user", "add", "anna", "--role", "agent", "--skill", "margin", "--skill", "english", "--max", "5"], 0),
            (["user", "skills", "anna", "--skill", "hk"], 0), (["user", "skills", "anna", "--skill", "cooking"], 2),
            (["user", "skills", "anna", "--max", "0"], 2), (["user", "list"], 0)):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert (ended.value.code or 0) == code, arguments
    assert "anna" in (listed := capsys.readouterr().out) and "hk" in listed and "cooking" not in listed
    settings = Settings(data=tmp_path)
    app = create_app(settings, open_fake(settings, FakeResponder()))
    with TestClient(app) as client:
        wait_until_ready(client)
        (account,) = running(app).accounts.all()
        assert (account.skills, account.max_conversations) == (("hk",), None)


def test_who_holds_as_many_as_they_may_is_told_so(app: FastAPI, client: TestClient) -> None:
    add_account(app, "full", Role.AGENT)
    running(app).accounts.serve_as("full", [], 1, by=SYSTEM)
    full = bearer(app, "full")
    first, second = waiting(client), waiting(client)
    assert client.post(f"/v1/agent/conversations/{first.id}/claim", headers=full).status_code == 200
    refused = client.post(f"/v1/agent/conversations/{second.id}/claim", headers=full)
    is_problem(refused, 409, "too_many_held")
    assert "1 conversation" in refused.json()["detail"]
