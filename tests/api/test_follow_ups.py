"""Follow-ups over HTTP: as the contract names them, and as the agents' streams tell of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.audit import SYSTEM
from assistant.catalogue import read_products
from assistant.demo_data import _PRODUCTS
from assistant.roles import Role
from tests.api.conftest import Talk, add_account, bearer, running
from tests.api.test_bad_input import is_problem

LIST = "/v1/agent/follow-ups"
UNHEARD = {"opt_out_heard": None, "opt_out_heard_at": None, "opt_out_heard_in": None, "opt_out_heard_message": None}
FITS = {"risk_level": "C3", "assessed_on": "2026-01-05", "assessment_expires_on": "2999-01-05", "permissions": ["fund", "repo"],
        "wishes": {"term": "up_to_5_years", "kinds": ["fixed_income", "equity"], "losses": "some"}, "identities": {"web": "token-1"},
        "display_name": "谷雨一"}


@pytest.fixture
def desk(app: FastAPI, client: TestClient) -> TestClient:
    """Signed in as an agent; a client of the firm has asked about idle cash."""
    running(app).catalogue.take(read_products(_PRODUCTS), SYSTEM)
    for name, role in (("anna", Role.AGENT), ("bert", Role.AGENT), ("boss", Role.MANAGER)):
        add_account(app, name, role)
    client.headers.update(bearer(app, "anna"))
    assert client.put("/v1/agent/clients/C1", json=FITS).status_code == 201
    opened = client.post("/v1/conversations", json={"channel": "web", "client_token": "token-1"}).json()
    talk = Talk(client, **opened)
    assert talk.say("账上的钱放着有利息吗").status_code == 200
    return client


def the_one(desk: TestClient, **params: Any) -> dict[str, Any]:
    (found,) = desk.get(LIST, params=params).json()["follow_ups"]
    return found


def test_it_has_what_the_contract_names(desk: TestClient) -> None:
    page = desk.get(LIST).json()
    (found,) = page["follow_ups"]
    assert found["family"] == "cash" and found["evidence"] == "账上的钱放着有利息吗" and found["probability"] == 0.8
    assert found["verdict"]["outcome"] == "may_offer" and found["verdict"]["reasons"] == []
    assert found["products"] and all(item["verdict"]["outcome"] != "may_not" for item in found["products"])
    assert datetime.fromisoformat(found["due"]) > datetime.now(UTC) and found["state"] == "open"
    assert found["opening_line"].startswith("您好") and found["why_now"]["text_en"]
    assert found["client"] == {"ref": found["client"]["ref"], "id": "C1", "display_name": "谷**", "tier": "standard"}
    assert page["counts"] == {"open": 1, "mine": 0, "late": 0} and page["next"] is None and page["last_event_id"] > 0
    assert desk.get(f"{LIST}/{found['id']}").json() == found
    of_talk = desk.get(f"/v1/agent/conversations/{found['conversation_id']}/follow-ups").json()
    assert of_talk == {"follow_ups": [found], "opted_out": False, **UNHEARD}


def test_claimed_by_one_and_refused_to_the_other(desk: TestClient, app: FastAPI) -> None:
    name, bert = the_one(desk)["id"], bearer(app, "bert")
    assert desk.post(f"{LIST}/{name}/claim").json()["agent"] == "anna"
    refused = desk.post(f"{LIST}/{name}/claim", headers=bert)
    is_problem(refused, 409, "already_claimed")
    assert refused.json()["agent"] == "anna"
    is_problem(desk.post(f"{LIST}/{name}/outcome", json={"outcome": "done"}, headers=bert), 409, "already_claimed")
    assert the_one(desk, mine=True)["id"] == name and desk.get(LIST, params={"mine": True}, headers=bert).json()["follow_ups"] == []
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert desk.post(f"{LIST}/{name}/snooze", json={"until": until}).json()["state"] == "snoozed"
    is_problem(desk.post(f"{LIST}/{name}/snooze", json={"until": "2020-01-01T00:00:00Z"}), 422, "snooze_invalid")
    assert desk.post(f"{LIST}/{name}/release").json()["state"] == "open"
    is_problem(desk.post(f"{LIST}/{name}/release"), 409, "follow_up_not_claimed")
    closed = desk.post(f"{LIST}/{name}/outcome", json={"outcome": "interested", "note": "约在周五"}).json()
    assert (closed["state"], closed["outcome"], closed["note"], closed["agent"]) == ("done", "interested", "约在周五", "anna")
    is_problem(desk.post(f"{LIST}/{name}/claim", headers=bert), 409, "follow_up_closed")
    assert desk.get(LIST).json()["follow_ups"] == [] and the_one(desk, state="done", order="newest")["id"] == name


def test_several_at_once(desk: TestClient, app: FastAPI) -> None:
    name = the_one(desk)["id"]
    taken = desk.post(f"{LIST}/claim", json={"ids": [name, "none"]}).json()["results"]
    assert [(one["id"], one["code"]) for one in taken] == [(name, None), ("none", "follow_up_not_found")]
    done = desk.post(f"{LIST}/outcome", json={"ids": [name], "outcome": "wrong_flag"}).json()["results"]
    assert done[0]["follow_up"]["state"] == "dismissed"
    precision = desk.get(f"{LIST}/precision", headers=bearer(app, "boss")).json()["families"]
    assert precision == [{"family": "cash", "flagged": 1, "judged": 1, "outcomes": {"wrong_flag": 1}, "right": 0.0, "interested": 0.0}]
    is_problem(desk.get(f"{LIST}/precision"), 403, "forbidden")


def test_a_no_is_one_click_and_holds_everywhere(desk: TestClient, client: TestClient) -> None:
    talk = the_one(desk)["conversation_id"]
    assert desk.post(f"/v1/agent/conversations/{talk}/opt-out").json() == {"follow_ups": [], "opted_out": True, **UNHEARD}
    assert desk.get("/v1/agent/clients/C1").json()["opted_out"] is True and desk.get(LIST).json()["follow_ups"] == []
    is_problem(desk.post("/v1/agent/conversations/none/opt-out"), 404, "conversation_not_found")


def test_a_no_that_is_heard_is_seen_everywhere_and_undone(desk: TestClient, app: FastAPI) -> None:
    found, application = the_one(desk), running(app)
    talk = found["conversation_id"]
    for number, text in enumerate(("别再给我推荐了", "谢谢")):
        application.inbox.receive(talk, f"no-{number}", text)
    seen = desk.get(f"/v1/agent/conversations/{talk}/follow-ups").json()
    assert (seen["opt_out_heard"], seen["opt_out_heard_in"], seen["opted_out"]) == ("别再给我推荐", talk, False)
    assert datetime.fromisoformat(seen["opt_out_heard_at"]) <= datetime.now(UTC)
    assert desk.get(LIST).json()["follow_ups"] == [] and desk.get(LIST).json()["counts"] == {"open": 0, "mine": 0, "late": 0}
    one = desk.get(f"{LIST}/{found['id']}").json()
    assert one["held_back"] and one["opening_line"] is None and one["products"] == [] and one["state"] == "open"
    is_problem(desk.post(f"{LIST}/{found['id']}/claim"), 409, "follow_up_held_back")
    products = desk.get("/v1/agent/products", params={"client": "C1"}).json()["products"]
    assert products and all((item["verdict"]["outcome"], item["verdict"]["reasons"][0]["code"]) == ("may_not", "opt_out_heard")
                            for item in products)
    undone = desk.post(f"/v1/agent/conversations/{talk}/opt-out/undo").json()
    assert undone == {"follow_ups": [the_one(desk)], "opted_out": False, **UNHEARD}
    is_problem(desk.post("/v1/agent/conversations/none/opt-out/undo"), 404, "conversation_not_found")


def test_only_the_no_that_was_seen_is_undone(desk: TestClient, app: FastAPI) -> None:
    found = the_one(desk)
    talk, undo = found["conversation_id"], f"/v1/agent/conversations/{found['conversation_id']}/opt-out/undo"

    def says(text: str) -> dict[str, Any]:
        running(app).inbox.receive(talk, text, text)
        seen = desk.get(f"/v1/agent/conversations/{talk}/follow-ups").json()
        assert seen["opt_out_heard"] and seen["opt_out_heard_message"]
        return {"message_id": seen["opt_out_heard_message"]}

    first = says("不用给我打电话，在这里说就行")
    second = says("别再给我推荐了")
    refused = desk.post(undo, json=first)
    is_problem(refused, 409, "opt_out_changed")
    is_problem(desk.post(undo, json={"message_id": "\u0000"}), 422, "invalid_request")
    assert desk.get(LIST).json()["follow_ups"] == []
    undone = desk.post(undo, json=second).json()
    assert undone == desk.post(undo, json=first).json() == {"follow_ups": [the_one(desk)], "opted_out": False, **UNHEARD}


BAD_BODIES: list[tuple[str, Any]] = [
    ("/x/snooze", {"until": "tomorrow"}), ("/x/snooze", {"until": "2030-01-01T00:00:00"}), ("/x/snooze", {}),
    ("/x/outcome", {"outcome": "maybe"}), ("/x/outcome", {"outcome": "done", "note": "x" * 2001}), ("/claim", {"ids": []}),
    ("/claim", {"ids": ["x"] * 101}), ("/outcome", {"ids": ["x"]}), ("/claim", {"ids": ["\u0000"]})]


def test_what_can_not_be_meant_is_refused(desk: TestClient) -> None:
    for path, body in BAD_BODIES:
        is_problem(desk.post(f"{LIST}{path}", json=body), 422, "invalid_request")
    for params in ({"state": "x"}, {"family": "shoes"}, {"after": "x"}, {"limit": 0}, {"order": "x"}):
        is_problem(desk.get(LIST, params=params), 422, "invalid_request")


def test_the_streams_tell_it_to_agents_only(desk: TestClient, app: FastAPI) -> None:
    application, found = running(app), the_one(desk)
    desk.post(f"{LIST}/{found['id']}/claim")
    told = [item.event for item in application.agent_feed.of_agent("bert", 0) if item.event.type == "follow_up.changed"]
    assert [event.payload["follow_up_state"] for event in told] == ["open", "claimed"], "whoever it concerns"
    assert not [item for item in application.conversations.events_after(found["conversation_id"], 0) if "follow_up" in item.event.type]
    for hidden in ("cash", "evidence", "opening"):
        assert hidden not in desk.get("/v1/conversations/x/messages").text
