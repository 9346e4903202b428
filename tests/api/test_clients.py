"""Client records and products over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.demo_data import fill_demo
from assistant.roles import Role
from tests.api.conftest import add_account, bearer, running
from tests.api.test_bad_input import is_problem
from tests.assistant.test_client_record import WHOLE

CLIENT = "/v1/agent/clients/C1"


@pytest.fixture
def desk(app: FastAPI, client: TestClient) -> TestClient:
    """Signed in as an agent."""
    add_account(app, "zhangsan", Role.AGENT)
    client.headers.update(bearer(app, "zhangsan"))
    return client


def trail(app: FastAPI) -> list[tuple[str, str | None, str | None]]:
    entries = running(app).trail.page(0, 500)
    return [(entry.action, entry.actor, entry.subject) for entry in entries if entry.action.startswith("client.")]


def test_a_record_is_made_read_and_changed(desk: TestClient, app: FastAPI) -> None:
    made = desk.put(CLIENT, json=WHOLE)
    assert made.status_code == 201 and made.headers["etag"] == '"1"'
    body = made.json()
    assert body["permissions"] == ["fund", "star"] and body["holdings"] == WHOLE["holdings"] and body["channels"] == ["web"]
    assert "identities" not in body and "token" not in made.text
    seen = desk.get(CLIENT)
    assert seen.json() == body and seen.headers["etag"] == '"1"' and seen.headers["cache-control"] == "no-store"
    changed = desk.put(CLIENT, json={"tier": "silver"}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200 and changed.headers["etag"] == '"2"'
    assert {**changed.json(), "tier": "gold", "version": 1, "updated_at": body["updated_at"]} == body
    assert trail(app) == [("client.changed", "zhangsan", "client:C1"), ("client.seen", "zhangsan", "client:C1"),
                          ("client.changed", "zhangsan", "client:C1")]


def test_the_record_says_until_when_its_assessment_counts(desk: TestClient) -> None:
    """By the firm's own term too, which the record says nothing of."""
    desk.put(CLIENT, json={"risk_level": "C3", "assessed_on": "2020-01-05"})
    body = desk.get(CLIENT).json()
    assert body["assessment_expires_on"] is None
    assert body["assessment"] == {"standing": "expired", "expires_on": "2021-01-05"}
    renewed = desk.put(CLIENT, json={"assessment_expires_on": "2999-12-31"}).json()
    assert renewed["assessment"] == {"standing": "valid", "expires_on": "2999-12-31"}


def test_what_was_read_may_be_sent_back_and_changes_nothing(desk: TestClient, app: FastAPI) -> None:
    desk.put(CLIENT, json=WHOLE)
    body = desk.get(CLIENT).json()
    back = desk.put(CLIENT, json=body, headers={"If-Match": '"1"'})
    assert back.status_code == 200 and back.json() == body and back.headers["etag"] == '"1"'
    assert [action for action, *_ in trail(app)] == ["client.changed", "client.seen"]


@pytest.mark.parametrize(("headers", "status"), [
    ({}, 200), ({"If-Match": '"1"'}, 200), ({"If-Match": '"7", "1"'}, 200), ({"If-Match": "*"}, 200), ({"If-None-Match": '"1"'}, 200),
    ({"If-Match": '"2"'}, 412), ({"If-Match": 'W/"1"'}, 412), ({"If-Match": "1"}, 412), ({"If-Match": ""}, 412), ({"If-Match": '"x"'}, 412),
    ({"If-Match": '"' + "9" * 30 + '"'}, 412), ({"If-None-Match": "*"}, 412), ({"If-Match": '"1"', "If-None-Match": "*"}, 412)])
def test_a_change_is_made_on_the_version_that_was_read(desk: TestClient, headers: dict[str, str], status: int) -> None:
    desk.put(CLIENT, json={"tier": "gold"})
    response = desk.put(CLIENT, json={"tier": "silver"}, headers=headers)
    assert response.status_code == status, response.text
    if status == 412:
        is_problem(response, 412, "precondition_failed")
    assert desk.get(CLIENT).json()["tier"] == ("silver" if status == 200 else "gold")


@pytest.mark.parametrize(("headers", "status"), [({"If-Match": '"1"'}, 412), ({"If-Match": "*"}, 412), ({"If-None-Match": "*"}, 201)])
def test_conditions_where_there_is_no_record(desk: TestClient, headers: dict[str, str], status: int) -> None:
    assert desk.put(CLIENT, json={}, headers=headers).status_code == status
    assert desk.get(CLIENT).status_code == (200 if status == 201 else 404)


def test_what_was_made_of_another_s_change_is_refused_by_name(desk: TestClient) -> None:
    desk.put("/v1/agent/clients/C2", json={"identities": {"web": "token"}})
    is_problem(desk.put(CLIENT, json=WHOLE), 409, "identity_taken")
    is_problem(desk.get(CLIENT), 404, "client_not_found")
    is_problem(desk.put(CLIENT, json={"assessed_on": "2026-01-01"}), 422, "client_record_invalid")


@pytest.mark.parametrize("body", [
    {"risk_level": "C6"}, {"assessed_on": 5}, {"birth_year": "1980"}, {"lowest_class": "no"}, {"holdings": {"total_assets": "1"}},
    {"permissions": "star"}, {"identities": {"Web": "x"}}, {"tier": None}, {"notes": "x" * 4001}, [], 5, "x"])
def test_bad_bodies(desk: TestClient, body: Any) -> None:
    is_problem(desk.put(CLIENT, json=body), 422, "invalid_request")
    is_problem(desk.get(CLIENT), 404, "client_not_found")


@pytest.mark.parametrize("value", ["\ud800", "\x00", "𠮷野家", "<script>alert(1)</script>", "'; DROP TABLE client;--", "‮右", "e\u0301"])
@pytest.mark.parametrize("field", ["notes", "display_name", "tier", "identities"])
def test_odd_texts_never_break_anything(desk: TestClient, field: str, value: str) -> None:
    body = {field: {"web": value} if field == "identities" else value}
    response = desk.put(CLIENT, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert response.status_code in (201, 422), response.text
    assert desk.get("/v1/agent/clients").status_code == 200


@pytest.mark.parametrize("client_id", ["%20", "a%20b", "%00", "x" * 65, "-a", "%E5%AE%A2", "..%2F", "%ED%A0%80", "a%0A"])
def test_ids_that_can_be_none(desk: TestClient, client_id: str) -> None:
    for response in (desk.get(f"/v1/agent/clients/{client_id}"), desk.put(f"/v1/agent/clients/{client_id}", json={})):
        assert response.status_code in (404, 422), response.text


def test_lists_mask_names(desk: TestClient, app: FastAPI) -> None:
    for number in range(3):
        desk.put(f"/v1/agent/clients/C{number}", json={"display_name": f"谷雨{number}", "notes": "机密", "birth_year": 1980})
    page = desk.get("/v1/agent/clients", params={"limit": 2})
    assert [(line["id"], line["display_name"]) for line in page.json()["clients"]] == [("C0", "谷**"), ("C1", "谷**")]
    assert "谷雨" not in page.text and "机密" not in page.text and "1980" not in page.text
    assert [line["id"] for line in desk.get("/v1/agent/clients", params={"after": "C1"}).json()["clients"]] == ["C2"]
    assert [line["id"] for line in desk.get("/v1/agent/clients", params={"q": "雨2"}).json()["clients"]] == ["C2"]
    looks = [entry.details for entry in running(app).trail.page(0, 500) if entry.action == "client.seen"]
    assert looks[0] == {"why": "list", "clients": ["C0", "C1"]}


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 101}, {"after": "x" * 65}, {"after": "客"}, {"q": "x" * 65}, {"q": "\x00"}])
def test_odd_lists(desk: TestClient, params: dict[str, Any]) -> None:
    is_problem(desk.get("/v1/agent/clients", params=params), 422, "invalid_request")


def test_a_reviewer_looks_and_changes_nothing(app: FastAPI, client: TestClient) -> None:
    add_account(app, "zhangsan", Role.AGENT)
    add_account(app, "lisi", Role.REVIEWER)
    client.put(CLIENT, json={}, headers=bearer(app, "zhangsan"))
    reviewer = bearer(app, "lisi")
    assert client.get(CLIENT, headers=reviewer).status_code == 200
    is_problem(client.put(CLIENT, json={}, headers=reviewer), 403, "forbidden")


@pytest.fixture
def shop(desk: TestClient, app: FastAPI) -> TestClient:
    fill_demo(running(app).store)
    return desk


def test_products_come_without_a_verdict_when_no_client_is_named(shop: TestClient, app: FastAPI) -> None:
    products = shop.get("/v1/agent/products").json()["products"]
    assert len(products) == 60 and all(item["verdict"] is None for item in products)
    gold = shop.get("/v1/agent/products", params={"family": "gold"}).json()["products"]
    assert {item["family"] for item in gold} == {"gold"}
    first = shop.get("/v1/agent/products", params={"limit": 5}).json()["products"]
    rest = shop.get("/v1/agent/products", params={"after": first[-1]["code"]}).json()["products"]
    assert [item["code"] for item in first + rest] == [item["code"] for item in products]
    assert [entry for entry in trail(app) if entry[0] == "client.seen"] == []


def test_for_a_client_each_product_has_its_verdict_with_rule_and_remedy(shop: TestClient, app: FastAPI) -> None:
    shop.put(CLIENT, json={"risk_level": "C2", "assessment_expires_on": "2999-12-31", "permissions": ["fund"],
                           "wishes": {"term": "any", "kinds": ["fixed_income", "equity"], "losses": "some"}})
    products = shop.get("/v1/agent/products", params={"client": "C1", "family": "fund"}).json()["products"]
    verdicts = {item["code"]: item["verdict"] for item in products}
    assert verdicts["ZK-FUND-02"]["outcome"] == "may_offer" and verdicts["ZK-FUND-02"]["reasons"] == []
    assert {step["code"] for step in verdicts["ZK-FUND-02"]["steps"]} == {"inform", "confirm_in_writing", "record_if_on_site"}
    refused = verdicts["ZK-FUND-04"]
    assert refused["outcome"] == "may_not" and refused["steps"] == []
    (reason,) = refused["reasons"]
    assert reason["code"] == "risk_too_high" and reason["details"] == {"risk": "R4", "level": "C2", "highest": "R2"}
    assert [(rule["number"], rule["paragraph"], rule["certainty"]) for rule in reason["rules"]] == [
        ("证监会令第130号", "第二十二条第（三）项", "verified"), ("中证协发〔2017〕153号", None, "common")]
    assert (reason["remedy"]["code"], reason["remedy"]["rule"]["paragraph"]) == ("own_initiative_only", "第十九条")
    assert reason["text"] and reason["text_en"]
    on_site = shop.get("/v1/agent/products", params={"client": "C1", "family": "fund", "place": "site"}).json()["products"]
    assert {item["code"]: item["verdict"]["outcome"] for item in on_site}["ZK-FUND-02"] == "needs_notice"
    assert ("client.seen", "zhangsan", "client:C1") in trail(app)


def test_products_for_a_client_that_is_not_there(shop: TestClient) -> None:
    is_problem(shop.get("/v1/agent/products", params={"client": "nobody"}), 404, "client_not_found")


@pytest.mark.parametrize("params", [
    {"family": "shoes"}, {"family": ""}, {"client": "a b"}, {"client": ""}, {"place": "moon"}, {"limit": 501}, {"after": "x" * 33}])
def test_odd_requests_for_products(shop: TestClient, params: dict[str, Any]) -> None:
    is_problem(shop.get("/v1/agent/products", params=params), 422, "invalid_request")
