"""The knowledge desk over HTTP: from a first draft to what clients are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from assistant.clock import china_day
from assistant.roles import Role
from assistant.settings import Settings
from assistant.storage import Store
from tests.api.conftest import add_account, bearer, running, wait_until_ready
from tests.api.test_bad_input import is_problem
from tests.fakes.knowledge import fake_application

ARTICLE = {"id": "stamp-duty", "category": "fees", "intent": "fees.tax", "question": "印花税是多少", "similar": ["印花税怎么收"],
           "effective_from": "2026-01-01", "body": "卖出时按成交金额收取。"}


class Colleague:
    """Somebody of staff, over HTTP."""

    def __init__(self, client: TestClient, name: str, *roles: Role) -> None:
        add_account(client.app, name, *roles)
        self._client, self._headers = client, bearer(client.app, name)

    def __call__(self, method: str, path: str, body: Any = None, *, if_match: str | None = None, **options: Any) -> httpx.Response:
        headers = {**self._headers, **({"If-Match": if_match} if if_match else {})}
        return self._client.request(method, f"/v1/knowledge{path}", json=body, headers=headers, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return self("POST", path, body, **options)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(data=tmp_path_factory.mktemp("desk"))
    app: FastAPI = create_app(settings, lambda: fake_application(settings, Store.open(settings.database_url)))
    with TestClient(app, raise_server_exceptions=False) as client:
        wait_until_ready(client)
        yield client


@pytest.fixture(scope="module")
def staff(client: TestClient) -> dict[str, Colleague]:
    return {"editor": Colleague(client, "editor", Role.EDITOR), "other": Colleague(client, "other", Role.EDITOR),
            "reviewer": Colleague(client, "reviewer", Role.REVIEWER), "both": Colleague(client, "both", Role.EDITOR, Role.REVIEWER),
            "agent": Colleague(client, "agent", Role.AGENT)}


def test_the_whole_way_of_an_article(client: TestClient, staff: dict[str, Colleague]) -> None:
    editor, reviewer = staff["editor"], staff["reviewer"]
    made = editor.post("/articles", {**ARTICLE, "body": ""})
    assert made.status_code == 201 and made.headers["location"] == "/v1/knowledge/articles/stamp-duty"
    draft = made.json()["draft"]
    assert (draft["id"], draft["state"], made.json()["published"]) == ("stamp-duty@1", "draft", None)
    is_problem(editor.post("/articles", ARTICLE), 409, "article_exists")

    refused = editor.post("/revisions/stamp-duty@1/submit")
    is_problem(refused, 422, "draft_refused")
    assert refused.json()["errors"] == [{"pointer": "/article/body", "detail": "is missing"}]
    is_problem(editor("PUT", "/revisions/stamp-duty@1", ARTICLE), 428, "precondition_required")
    seen = editor.get("/revisions/stamp-duty@1")
    saved = editor("PUT", "/revisions/stamp-duty@1", ARTICLE, if_match=seen.headers["etag"])
    assert saved.status_code == 200 and saved.json()["article"]["body"] == ARTICLE["body"]
    is_problem(editor("PUT", "/revisions/stamp-duty@1", ARTICLE, if_match=seen.headers["etag"]), 412, "precondition_failed")
    is_problem(staff["other"]("PUT", "/revisions/stamp-duty@1", ARTICLE, if_match=saved.headers["etag"]), 403, "not_the_author")

    assert editor.post("/revisions/stamp-duty@1/submit").json()["state"] == "in_review"
    is_problem(editor("PUT", "/revisions/stamp-duty@1", ARTICLE, if_match='"3"'), 409, "illegal_step")
    is_problem(editor.post("/revisions/stamp-duty@1/approve"), 403, "own_revision")
    is_problem(staff["other"].post("/revisions/stamp-duty@1/approve"), 403, "forbidden")
    back = reviewer.post("/revisions/stamp-duty@1/reject", {"note": "请写明税率"})
    assert back.json()["state"] == "draft"
    assert [item["text"] for item in editor.get("/revisions/stamp-duty@1/comments").json()["comments"]] == ["请写明税率"]
    assert editor.post("/revisions/stamp-duty@1/submit").status_code == 200
    assert reviewer.post("/revisions/stamp-duty@1/approve").json() | {"version": 0} == reviewer.get(
        "/revisions/stamp-duty@1").json() | {"version": 0}
    assert reviewer.get("/publish").json() == {"knowledge_version": 1, "revisions": ["stamp-duty@1"], "retired": [], "values": [],
                                              "later": []}
    assert editor.post("/publish").json() == {"knowledge_version": 2}
    assert client.get("/readyz").json()["knowledge_version"] == 2
    article = editor.get("/articles/stamp-duty").json()
    assert article["published"]["live"] and article["published"]["approver"] == "reviewer" and article["draft"] is None
    assert editor.post("/try", {"text": "印花税是多少"}).json()["reply"]["text"] == ARTICLE["body"]
    assert editor.post("/publish").json() == {"knowledge_version": 2}, "there was nothing more"


def test_what_is_approved_for_a_later_day_is_told_and_waits(staff: dict[str, Colleague]) -> None:
    editor, reviewer = staff["editor"], staff["reviewer"]
    day = (china_day() + timedelta(days=3)).isoformat()
    editor.post("/articles", {**ARTICLE, "id": "next-week", "question": "下周起怎么收", "similar": ["下周怎么收"], "effective_from": day})
    editor.post("/revisions/next-week@1/submit")
    assert reviewer.post("/revisions/next-week@1/approve").json()["state"] == "approved"
    plan = reviewer.get("/publish").json()
    assert (plan["revisions"], plan["later"]) == ([], [{"id": "next-week@1", "from": day}])
    assert reviewer.post("/publish").json()["knowledge_version"] == plan["knowledge_version"], "it is not due"


def test_a_change_is_compared_tried_and_published_and_the_past_stays(staff: dict[str, Colleague]) -> None:
    editor, reviewer = staff["editor"], staff["reviewer"]
    before = editor.get("/articles/open-account").json()
    etag = editor.get("/articles/open-account").headers["etag"]
    started = editor.post("/articles/open-account/revisions", {"body": "在手机上开户，需要银行卡。"}, if_match=etag)
    assert started.status_code == 201 and started.json()["based_on"] == 1
    is_problem(editor.post("/articles/open-account/revisions", {}, if_match=etag), 412, "precondition_failed")
    is_problem(editor.post("/articles/open-account/revisions", {}), 428, "precondition_required")
    name = started.json()["id"]
    (change,) = editor.get(f"/revisions/{name}/difference").json()["changes"]
    assert change["field"] == "body"
    assert "".join(piece["text"] for piece in change["pieces"] if piece["kind"] != "new") == before["article"]["body"]
    assert {"kind": "new", "text": "，需要银行卡"} in change["pieces"]
    assert editor.post("/try", {"text": "怎么开户", "revision": name}).json()["reply"]["text"] == "在手机上开户，需要银行卡。"
    assert editor.post("/try", {"text": "怎么开户"}).json()["reply"]["text"] == before["article"]["body"]
    assert [item["id"] for item in editor.get("/articles", params={"state": "draft"}).json()["articles"]] == ["open-account"]
    editor.post(f"/revisions/{name}/submit")
    reviewer.post(f"/revisions/{name}/approve")
    version = editor.post("/publish").json()["knowledge_version"]
    now = editor.post("/try", {"text": "怎么开户"}).json()
    assert (now["reply"]["text"], now["knowledge_version"]) == ("在手机上开户，需要银行卡。", version)
    then = editor.post("/try", {"text": "怎么开户", "as_of": "2026-01-01T00:00:00+08:00"}).json()
    assert (then["reply"]["text"], then["knowledge_version"]) == (before["article"]["body"], 1)
    restored = editor.post("/articles/open-account/revisions", {"based_on": 1})
    assert restored.json()["article"]["body"] == before["article"]["body"]
    states = [(line["revision"], line["state"]) for line in editor.get("/articles/open-account").json()["history"]]
    assert states == [(3, "draft"), (2, "published"), (1, "retired")]
    assert editor.post("/revisions/open-account@3/retire").json()["state"] == "retired"


def test_what_is_retired_goes_with_the_next_publication_when_two_people_want_it(staff: dict[str, Colleague]) -> None:
    editor, reviewer = staff["editor"], staff["reviewer"]
    started = editor.post("/articles/close-account/revisions", {}).json()["id"]
    is_problem(editor.post("/revisions/close-account@1/retire"), 409, "article_open")
    assert editor.post(f"/revisions/{started}/retire").json()["state"] == "retired"
    asked = editor.post("/revisions/close-account@1/retire").json()
    assert (asked["id"], asked["state"], asked["effect"], asked["based_on"]) == ("close-account@3", "in_review", "retire", 1)
    assert editor.post("/revisions/close-account@1/retire").json() == asked, "asked twice it is one request"
    is_problem(editor.post("/articles/close-account/revisions", {}), 409, "article_open")
    gone = editor.get("/revisions/close-account@3/difference").json()["changes"]
    assert {"body", "question"} <= {change["field"] for change in gone} and all(change["after"] is None for change in gone)
    assert editor.post("/try", {"text": "怎么销户", "revision": asked["id"]}).json()["reply"]["text"] != "到营业部销户。"
    (line,) = [line for line in editor.get("/articles", params={"state": "in_review"}).json()["articles"] if line["id"] == "close-account"]
    assert (line["open"], line["effect"]) == ("close-account@3", "retire")
    is_problem(editor.post("/revisions/close-account@3/approve"), 403, "own_revision")
    assert reviewer.post("/publish").json()["knowledge_version"] == editor.get("/versions").json()["versions"][0]["number"]
    assert editor.get("/articles/close-account").json()["published"]["live"], "one person's wish changes nothing"
    assert reviewer.post("/revisions/close-account@3/approve").json()["state"] == "approved"
    assert reviewer.get("/publish").json()["retired"] == ["close-account"]
    version = reviewer.post("/publish").json()["knowledge_version"]
    story = editor.get("/articles/close-account").json()
    assert story["published"] is None and {line["state"] for line in story["history"]} == {"retired"}
    assert editor.get("/versions").json()["versions"][0] | {"at": "", "digest": ""} == {
        "number": version, "publisher": "reviewer", "articles": 2, "at": "", "digest": ""}


def test_what_the_assistant_names_is_not_taken_away(staff: dict[str, Colleague]) -> None:
    editor, reviewer = staff["editor"], staff["reviewer"]
    editor.post("/articles", {**ARTICLE, "id": "decline-promise", "question": "能保证赚钱吗", "similar": ["包赚吗"], "kind": "decline"})
    editor.post("/revisions/decline-promise@1/submit")
    reviewer.post("/revisions/decline-promise@1/approve")
    editor.post("/publish")
    assert editor.get("/articles/decline-promise").json()["needed"] and not editor.get("/articles/open-account").json()["needed"]
    is_problem(editor.post("/revisions/decline-promise@1/retire"), 409, "article_needed")


def test_search_puts_what_the_assistant_finds_first(staff: dict[str, Colleague]) -> None:
    found = staff["agent"].get("/articles", params={"q": "怎么开户"}).json()["articles"]
    assert found[0]["id"] == "open-account" and found[0]["score"] > 0
    assert staff["agent"].get("/articles", params={"q": "怎么开户", "category": "nothing"}).json() == {
        "articles": [], "total": 0, "next": None}


def test_findings_and_facts(staff: dict[str, Colleague]) -> None:
    editor = staff["editor"]
    editor.post("/articles", {**ARTICLE, "id": "promise", "body": "保本稳赚，按 {{fact.rate}} 计 5 次。", "similar": ["怎么开户"]})
    findings = editor.get("/revisions/promise@1/findings").json()["findings"]
    assert any("保本" in item["message"] for item in findings) and any("number 5" in item["message"] for item in findings)
    is_problem(editor.post("/revisions/promise@1/submit"), 422, "draft_refused")
    assert editor.get("/revisions/promise@1/findings").json()["reading"] == {"level": "easy", "sentences": 1, "mean": 14.0, "longest": 14}
    assert editor.get("/revisions/promise@1/similar").json() == {"questions": []}
    editor.post("/articles", {"id": "half", "body": "保证收益。" + "很长" * 40})
    half = editor.get("/revisions/half@1/findings").json()
    assert {"incomplete", "check", "reading_level"} == {item["code"] for item in half["findings"]} and half["reading"]["level"] == "hard"
    assert any("保证收益" in item["message"] for item in half["findings"]), "what is there is looked at before all is"
    (fact,) = editor.get("/facts").json()["facts"]
    assert (fact["name"], fact["value"], fact["quoted_by"]) == ("rate", "0.05%", [])


@pytest.mark.parametrize("body", [
    {}, {"id": "A b"}, {"id": "x", "question": "a\x00b"}, {"id": "x", "effective_from": "0001-01-01"}, {"id": "x", "nonsense": 1},
    {"id": "x", "similar": "text"}, {"id": "x", "similar": ["x"] * 301}, {"id": "x", "kind": "advice"}, {"id": "x" * 81}], ids=str)
def test_what_is_no_article_is_refused(staff: dict[str, Colleague], body: dict[str, Any]) -> None:
    is_problem(staff["editor"].post("/articles", body), 422, "invalid_request")


@pytest.mark.parametrize("path", ["/revisions/stamp-duty@999999999", "/articles/none", "/revisions/none@1/findings"])
def test_what_is_not_there(staff: dict[str, Colleague], path: str) -> None:
    assert staff["editor"].get(path).status_code == 404


def test_every_step_is_in_the_trail(client: TestClient, staff: dict[str, Colleague], tmp_path: Path) -> None:
    entries = [entry for entry in running(client.app).trail.page(0, 500) if entry.subject == "revision:stamp-duty@1"]
    acts = [(entry.action, entry.actor) for entry in entries if entry.action.startswith("revision.")]
    assert acts == [("revision.started", "editor"), ("revision.saved", "editor"), ("revision.submitted", "editor"),
                    ("revision.rejected", "reviewer"), ("revision.submitted", "editor"), ("revision.approved", "reviewer")]
    published = [entry.details for entry in running(client.app).trail.page(0, 500) if entry.action == "knowledge.published"]
    assert published[0]["published"] == {"stamp-duty": 1}
