"""The dashboard over HTTP: figures, the lists behind them, the export, and what must not get through."""

from __future__ import annotations

import csv
import io

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.spreadsheet import csv_text
from assistant.roles import Role
from tests.api.conftest import Talk, add_account, bearer, running
from tests.api.test_bad_input import is_problem


@pytest.fixture
def boss(app: FastAPI, client: TestClient) -> dict[str, str]:
    """A manager; one client was answered by the assistant, another by the agent `=anna`, who was found to promise."""
    add_account(app, "anna", Role.AGENT)
    add_account(app, "boss", Role.MANAGER)
    Talk.open(client).say("怎么开户")
    talk, agent = Talk.open(client), bearer(app, "anna")
    talk.say("我的电话13812345678，怎么开户")
    talk.say("转人工")
    path = f"/v1/agent/conversations/{talk.id}"
    client.post(f"{path}/claim", headers=agent)
    for text, status in (("这个产品保本，稳赚不赔", 422), ("您好", 200)):
        sent = client.post(f"{path}/messages", json={"client_message_id": text[:1].encode().hex(), "text": text}, headers=agent)
        assert sent.status_code == status, sent.text
    client.post(f"{path}/close", headers=agent)
    talk.post("/feedback", {"satisfaction": 2})
    return bearer(app, "boss")


def test_figures_lead_to_the_conversations_behind_them(client: TestClient, boss: dict[str, str]) -> None:
    found = client.get("/v1/dashboard/measures", params={"by": "agent"}, headers=boss).json()
    assert found["total"]["satisfaction"] == {
        "kind": "share", "n": 1, "count": 0, "value": 0.0, "p90": None, "mean": 2.0,
        "goal": {"at_least": 0.9, "at_most": None}, "met": False}
    assert [(group["key"], group["figures"]["findings"]["count"]) for group in found["groups"]] == [("anna", 1), ("", 0)]
    assert found["groups"][0]["score"]["total"] > 0 and sum(found["formula"]["weights"].values()) == pytest.approx(1)
    asked = {"measure": "satisfaction", "counted": "false", "agent": "anna"}
    behind = client.get("/v1/dashboard/conversations", params=asked, headers=boss)
    (line,) = behind.json()["conversations"]
    assert line["satisfaction"] == 2 and line["agent"] == "anna" and "138" not in line["words"] and "怎么开户" in line["words"]
    assert client.get(f"/v1/agent/conversations/{line['conversation_id']}", headers=boss).status_code == 200
    assert client.get("/v1/dashboard/conversations", params={"agent": "nobody"}, headers=boss).json() == {"conversations": [], "total": 0}
    assert client.get("/v1/dashboard/articles", headers=boss).json()["articles"][0]["handed_over"] == 1
    told = client.get("/v1/dashboard/follow-ups", params={"by": "agent"}, headers=boss).json()
    assert (told["by"], told["groups"], told["complaints"]["count"]) == ("agent", [], 0)
    assert client.get("/v1/dashboard/follow-ups", params={"by": "mood"}, headers=boss).status_code == 422
    assert client.get("/v1/dashboard/follow-ups", params={"by": "category"}, headers=boss).json()["groups"] == []
    board = client.get("/v1/dashboard/wallboard", headers=boss).json()
    assert board["raised_count"] == 0 and board["raised"] == []
    assert board["states"] == {"assistant": 1, "waiting": 0, "agent": 0} and board["closed_today"] == 1


def test_an_agent_sees_their_own_only(app: FastAPI, client: TestClient, boss: dict[str, str]) -> None:
    anna = bearer(app, "anna")
    is_problem(client.get("/v1/dashboard/measures", headers=anna), 403, "forbidden")
    own = client.get("/v1/dashboard/own", headers=anna).json()
    assert own["own"]["contacts"]["n"] == own["team"]["contacts"]["n"] == 1 and own["formula"]["steady"] == 10
    behind = client.get("/v1/dashboard/own/conversations", params={"agent": "bert"}, headers=anna).json()
    assert [line["agent"] for line in behind["conversations"]] == ["anna"]


def test_the_export_opens_as_a_table_without_formulas(client: TestClient, boss: dict[str, str]) -> None:
    response = client.get("/v1/dashboard/export.csv", params={"by": "agent"}, headers=boss)
    assert response.headers["content-type"] == "text/csv; charset=utf-8" and response.headers["cache-control"] == "no-store"
    assert response.headers["content-disposition"].startswith('attachment; filename="zhike-20')
    head, *lines = csv.reader(io.StringIO(response.text.removeprefix("\ufeff")))
    assert head[:3] == ["agent", "name", "score"] and [line[0] for line in lines] == ["anna", "", "total"]
    total = dict(zip(head, lines[-1], strict=True))
    assert (total["contacts"], total["satisfaction_n"], total["findings"]) == ("2.0", "1", "1.0")


def test_the_board_shows_who_is_upset_and_who_takes_long(app: FastAPI, client: TestClient, boss: dict[str, str]) -> None:
    alone, held, anna = Talk.open(client), Talk.open(client), bearer(app, "anna")
    for talk in (alone, held):
        talk.say("你们是骗子")
    client.post(f"/v1/agent/conversations/{held.id}/claim", headers=anna)
    board = client.get("/v1/dashboard/wallboard", headers=boss).json()
    shown = [(item["conversation_id"], item["state"], item["agent"], item["agent_name"], item["tone"]) for item in board["raised"]]
    assert shown == [(alone.id, "assistant", None, None, "angry"), (held.id, "agent", "anna", "anna", "angry")]
    assert board["raised_count"] == 2 and all(item["since"] and item["seconds"] >= 0 for item in board["raised"])
    (agent,) = [item for item in board["agents"] if item["name"] == "anna"]
    assert (agent["longest"]["conversation_id"], agent["longest"]["alarm"], agent["pressing"]) == (held.id, "fine", 0)
    # Only who closes it has taken care of it.
    client.post(f"/v1/agent/conversations/{held.id}/release", json={"to": "assistant"}, headers=anna)
    board = client.get("/v1/dashboard/wallboard", headers=boss).json()
    assert [item["state"] for item in board["raised"]] == ["assistant", "assistant"]
    client.post(f"/v1/agent/conversations/{held.id}/close", headers=anna)
    board = client.get("/v1/dashboard/wallboard", headers=boss).json()
    assert [item["conversation_id"] for item in board["raised"]] == [alone.id] and board["raised_count"] == 1


def test_families_show_how_right_their_flags_were(app: FastAPI, client: TestClient, boss: dict[str, str]) -> None:
    anna = bearer(app, "anna")
    for outcome in ("wrong_flag", "done", None):
        Talk.open(client).say("账上的钱放着有利息吗")
        (found,) = client.get("/v1/agent/follow-ups", headers=anna).json()["follow_ups"]
        if outcome:
            sent = client.post(f"/v1/agent/follow-ups/{found['id']}/outcome", json={"outcome": outcome}, headers=anna)
            assert sent.status_code == 200, sent.text

    def told(by: str) -> list[dict[str, object]]:
        return client.get("/v1/dashboard/follow-ups", params={"by": by}, headers=boss).json()["groups"]

    (cash,) = told("family")
    assert (cash["key"], cash["opened"], cash["outcomes"]) == ("cash", 3, {"wrong_flag": 1, "done": 1, "open": 1})
    half = {"n": 2, "value": 0.5, "low": pytest.approx(0.0945, abs=1e-4), "high": pytest.approx(0.9055, abs=1e-4)}
    assert cash["right"] == half and cash["interested"] == half and cash["complaints"] is None
    (account,) = told("category")
    assert (account["key"], account["opened"], account["right"], account["interested"]) == ("account", 3, None, None)
    assert account["complaints"]["n"] == 5
    response = client.get("/v1/dashboard/follow-ups.csv", headers=boss)
    assert response.headers["content-disposition"].startswith('attachment; filename="zhike-follow-ups-20')
    (line,) = csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff")))
    assert line["family"] == "cash" and (line["opened"], line["judged"], line["wrong_flag"], line["expired"]) == ("3", "2", "1", "0")
    assert (line["right_share"], line["right_share_low"], line["right_share_high"]) == ("0.5", "0.0945", "0.9055")
    assert line["interested_share"] == "0.5" and line["complaints"] == ""
    response = client.get("/v1/dashboard/follow-ups.csv?by=hour", headers=boss)
    by_hour = list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))
    assert sum(int(line["opened"]) for line in by_hour) == 3 and {line["right_share"] for line in by_hour} == {""}
    is_problem(client.get("/v1/dashboard/follow-ups.csv", headers=anna), 403, "forbidden")
    seen = [entry.action for entry in running(app).trail.page(0, 1000) if entry.details.get("what") == "follow_ups"]
    assert seen == ["dashboard.seen", "dashboard.seen", "dashboard.exported", "dashboard.exported"]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    (cells,) = csv.reader(io.StringIO(csv_text([[text, -1, None, "坐席"]]).removeprefix("\ufeff"), newline=""))
    assert cells == [f"'{text}", "-1", "", "坐席"]


@pytest.mark.parametrize(("query", "code"), [
    ("from=2026-02-01&to=2026-01-01", "range_invalid"), ("from=2001-01-01&to=2026-01-01", "range_invalid"),
    ("from=0001-01-01", "invalid_request"),
    ("to=9999-12-31", "invalid_request"), ("from=x", "invalid_request"), ("by=sales", "invalid_request"), ("agent=%00", "invalid_request"),
])
def test_what_is_no_range_is_refused(client: TestClient, boss: dict[str, str], query: str, code: str) -> None:
    for path in ("measures", "export.csv"):
        is_problem(client.get(f"/v1/dashboard/{path}?{query}", headers=boss), 422, code)


@pytest.mark.parametrize("query", ["measure=sales", "counted=maybe", "offset=-1", "limit=101", "article=%00"])
def test_what_is_no_number_is_refused(client: TestClient, boss: dict[str, str], query: str) -> None:
    is_problem(client.get(f"/v1/dashboard/conversations?{query}", headers=boss), 422, "invalid_request")


def test_the_page_is_there_under_the_strict_policy(client: TestClient) -> None:
    page = client.get("/dashboard")
    assert page.status_code == 200 and "trusted-types" in page.headers["content-security-policy"]
    assert client.get("/dashboard/frame.js").status_code == 200


def test_figures_by_team(app: FastAPI, client: TestClient, boss: dict[str, str]) -> None:
    def counts(**asked: str) -> list[tuple[str, int]]:
        found = client.get("/v1/dashboard/measures", params=asked, headers=boss).json()
        return [(group["key"], group["figures"]["contacts"]["n"]) for group in found["groups"]]

    assert client.get("/v1/dashboard/teams", headers=boss).json() == {
        "members": [{"name": name, "display_name": name, "team": None} for name in ("anna", "boss")], "teams": []}
    assert counts(by="team") == [("", 2)]
    put = client.put("/v1/dashboard/teams/Anna", json={"team": " 两融组\u3000"}, headers=boss)
    assert put.json() == {"name": "anna", "display_name": "anna", "team": "两融组"}, put.text
    assert client.get("/v1/dashboard/teams", headers=boss).json()["teams"] == ["两融组"]
    assert counts(by="team") == [("两融组", 1), ("", 1)]
    assert counts(by="agent", team="两融组") == [("anna", 1)]
    assert counts(by="served_by") == [("agents", 1), ("assistant", 1)]
    behind = client.get("/v1/dashboard/conversations", params={"measure": "contacts", "team": "两融组"}, headers=boss).json()
    assert [line["agent"] for line in behind["conversations"]] == ["anna"]
    lines = list(csv.DictReader(io.StringIO(client.get("/v1/dashboard/export.csv?by=team", headers=boss).content.decode("utf-8-sig"))))
    assert [line["team"] for line in lines] == ["两融组", "", "total"]
    assert client.put("/v1/dashboard/teams/anna", json={"team": None}, headers=boss).json()["team"] is None
    changed = [entry.details for entry in running(app).trail.page(0, 1000) if entry.action == "account.team_changed"]
    assert changed == [{"before": None, "after": "两融组"}, {"before": "两融组", "after": None}]


@pytest.mark.parametrize(("account", "body", "status", "code"), [
    ("anna", {"team": ""}, 422, "team_invalid"), ("anna", {"team": "\u200b\n"}, 422, "team_invalid"),
    ("anna", {"team": "x" * 33}, 422, "team_invalid"), ("anna", {"team": "x" * 201}, 422, "invalid_request"),
    ("anna", {"team": 1}, 422, "invalid_request"), ("anna", {}, 422, "invalid_request"),
    ("nobody", {"team": "x"}, 404, "account_not_found"), ("a b", {"team": "x"}, 404, "account_not_found")])
def test_teams_that_are_none(client: TestClient, boss: dict[str, str], account: str, body: dict[str, object], status: int,
                             code: str) -> None:
    is_problem(client.put(f"/v1/dashboard/teams/{account}", json=body, headers=boss), status, code)
    assert client.get("/v1/dashboard/teams", headers=boss).json()["teams"] == []
