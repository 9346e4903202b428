"""Files of knowledge over HTTP: read into a preview, accepted into drafts, exported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from assistant.revisions import sync_knowledge
from assistant.roles import Role
from assistant.settings import Settings
from tests.api.conftest import add_account, bearer, open_fake, running, wait_until_ready
from tests.api.test_bad_input import is_problem
from tests.assistant.exchange.files import word
from tests.assistant.exchange.test_export import base
from tests.assistant.test_article_files import article
from tests.fakes import FakeResponder

IMPORTS = "/v1/knowledge/imports"
HANDBOOK = word("问：怎么开户？", "答：用手机，问 13812345678。", "问：几点开盘？", "答：九点半。", "问：怎么销户？")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(data=tmp_path_factory.mktemp("files"), max_import_bytes=100_000)
    app = create_app(settings, open_fake(settings, FakeResponder()))
    with TestClient(app, raise_server_exceptions=False) as client:
        wait_until_ready(client)
        sync_knowledge(running(app).store, base(article("open-account-online", category="account", intent="account.open"),
                                                article("hours", question="几点开盘？")))
        add_account(app, "editor", Role.EDITOR)
        client.headers.update(bearer(app, "editor"))
        yield client


def send(client: TestClient, content: bytes = HANDBOOK, name: str = "手册.docx") -> httpx.Response:
    return client.post(IMPORTS, files={"file": (name, content)})


def test_from_a_file_to_drafts(office: TestClient) -> None:
    response = send(office, name="C:\\某人\\手册.docx")
    assert response.status_code == 201, response.text
    preview = response.json()
    assert (preview["file_name"], preview["kind"]) == ("手册.docx", "word") and response.headers["location"] == f"{IMPORTS}/{preview['id']}"
    new, changed = preview["drafts"]
    assert (new["article"]["id"], new["article"]["category"], new["nearest"], new["personal"], new["place"]) == (
        "zen-me-kai-hu", "account", "open-account-online", ["mobile"], {"kind": "paragraph", "number": 1, "part": ""})
    assert (changed["article"]["id"], changed["replaces"], changed["article"]["body"]) == ("hours", True, "九点半。")
    assert [(item["reason"], item["text"]) for item in preview["not_taken"]] == [("no_answer", "怎么销户？")]
    accept = f"{IMPORTS}/{preview['id']}/accept"
    assert office.post(accept, json={"drafts": ["2"]}).json() == {
        "drafts": [{"key": "2", "article_id": "hours", "revision_id": "hours@2"}], "refused": []}
    for _ in range(2):
        assert [item["revision_id"] for item in office.post(accept, json={}).json()["drafts"]] == ["hours@2", "zen-me-kai-hu@1"]
    assert [item["accepted"] for item in office.get(f"{IMPORTS}/{preview['id']}").json()["drafts"]] == ["zen-me-kai-hu@1", "hours@2"]
    with running(office.app).store.read() as work:
        drafts = {name: work.knowledge.of_article(name)[0] for name in ("hours", "zen-me-kai-hu")}
        live = work.knowledge.version()
    assert {(item.state.value, item.author) for item in drafts.values()} == {("draft", "editor")}
    assert live and live.number == 1
    again = send(office).json()
    assert again["drafts"][0]["article"]["id"] == "zen-me-kai-hu-2"
    refused = office.post(f"{IMPORTS}/{again['id']}/accept", json={"drafts": ["2"]}).json()["refused"]
    assert [(item["key"], item["article_id"], item["code"]) for item in refused] == [("2", "hours", "precondition_required")]
    actions = [entry.action for entry in running(office.app).trail.page(0, 500)]
    assert {"knowledge.file_read", "knowledge.imported", "revision.started"} <= set(actions)


@pytest.mark.parametrize(("name", "content", "status", "code"), [
    ("x.docx", HANDBOOK[:900], 422, "knowledge_file_invalid"), ("x.pdf", HANDBOOK, 422, "knowledge_file_unsupported"),
    ("x.md", b"", 422, "knowledge_file_invalid"), ("", b"x", 422, "upload_invalid"), ("x.md", b"x" * 200_000, 413, "body_too_large"),
])
def test_files_that_are_refused(office: TestClient, name: str, content: bytes, status: int, code: str) -> None:
    is_problem(send(office, content, name), status, code)


@pytest.mark.parametrize(("body", "status", "code"), [
    ({"json": {}}, 415, "unsupported_media_type"), ({"files": {"other": ("x.md", b"x")}}, 422, "upload_invalid"),
    ({"files": [("file", ("x.md", b"x")), ("file", ("y.md", b"x"))]}, 422, "upload_invalid"),
    ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 422, "upload_invalid"),
    ({"content": iter([b"x" * 100_000] * 3), "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 413, "body_too_large"),
], ids=["json", "another field", "two files", "no boundary", "without length"])
def test_bodies_that_are_refused(office: TestClient, body: dict[str, object], status: int, code: str) -> None:
    is_problem(office.post(IMPORTS, **body), status, code)


def test_only_some_files_are_read_at_once(office: TestClient) -> None:
    reading = running(office.app).imports._reading
    with reading, reading:
        is_problem(send(office), 429, "too_many_requests")


def test_an_import_that_is_not_there(office: TestClient) -> None:
    for path in (f"{IMPORTS}/{'0' * 32}", f"{IMPORTS}/{'0' * 32}/accept"):
        is_problem(office.request("POST" if path.endswith("accept") else "GET", path, **({"json": {}} if path.endswith("accept") else {})),
                   404, "import_not_found")
    is_problem(office.get(f"{IMPORTS}/..%2fx"), 404, "not_found")
    is_problem(office.get(f"{IMPORTS}/x"), 422, "invalid_request")


def test_export(office: TestClient) -> None:
    response = office.get("/v1/knowledge/export", params={"format": "csv"})
    assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''zhike-knowledge-1.csv"
    assert response.headers["x-knowledge-version"] == "1" and "几点开盘？" in response.text
    assert office.get("/v1/knowledge/export").content.startswith(b"PK")
    is_problem(office.get("/v1/knowledge/export", params={"version": 99}), 404, "knowledge_version_not_found")
    for wrong in ({"format": "exe"}, {"version": 0}, {"since": "x"}, {"version": 2**40}):
        is_problem(office.get("/v1/knowledge/export", params=wrong), 422, "invalid_request")


def test_previews_are_for_a_day_and_for_nobody_else_on_the_machine(office: TestClient) -> None:
    import os

    preview = send(office).json()
    path = Path(running(office.app).settings.data) / "imports" / f"{preview['id']}.json"
    assert path.stat().st_mode & 0o777 == 0o600
    os.utime(path, (0, 0))
    is_problem(office.get(f"{IMPORTS}/{preview['id']}"), 404, "import_not_found")
    send(office)
    assert not path.exists()
