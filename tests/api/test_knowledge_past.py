"""The knowledge desk as of a moment: the list, the search, the words, the values of facts and the answers of then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from assistant.roles import Role
from assistant.settings import Settings
from assistant.storage import Store
from tests.api.conftest import wait_until_ready
from tests.api.test_bad_input import is_problem
from tests.api.test_knowledge import ARTICLE, Colleague
from tests.fakes.knowledge import an_article, fake_application, fake_base

# Before anything was published here, after the articles took effect.
BEFORE = "2026-01-02T00:00:00Z"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("past")
    settings = Settings(data=folder)
    base = fake_base(an_article("open-account", "怎么开户", "在手机上开户，{{fact.rate}}。"))
    app = create_app(settings, lambda: fake_application(settings, Store.open(settings.database_url), base))
    with TestClient(app, raise_server_exceptions=False) as client:
        wait_until_ready(client)
        yield client


@pytest.fixture(scope="module")
def staff(client: TestClient) -> tuple[Colleague, Colleague]:
    return Colleague(client, "editor", Role.EDITOR), Colleague(client, "reviewer", Role.REVIEWER)


def test_what_was_published_since_is_not_there(staff: tuple[Colleague, Colleague]) -> None:
    editor, reviewer = staff
    editor.post("/articles", ARTICLE)
    editor.post("/revisions/stamp-duty@1/submit")
    reviewer.post("/revisions/stamp-duty@1/approve")
    changed = editor.post("/articles/open-account/revisions", {"question": "如何转托管", "similar": ["如何转托管"]}).json()["id"]
    editor.post(f"/revisions/{changed}/submit")
    reviewer.post(f"/revisions/{changed}/approve")
    assert editor.post("/publish").json() == {"knowledge_version": 2}
    now = editor.get("/articles", params={"as_of": datetime.now(UTC).isoformat()}).json()
    assert [line["id"] for line in now["articles"]] == ["open-account", "stamp-duty"]
    editor.post("/articles/open-account/revisions", {})
    then = editor.get("/articles", params={"as_of": BEFORE, "state": "draft"}).json()
    assert [(line["question"], line["revision"], line["open"], line["state"]) for line in then["articles"]] == [
        ("怎么开户", 1, None, "published")]
    found = editor.get("/articles", params={"as_of": BEFORE, "q": "怎么开户"}).json()["articles"]
    assert found[0]["score"] == 1 and editor.get("/articles", params={"as_of": BEFORE, "q": "印花税"}).json()["total"] == 0
    assert editor.get("/articles", params={"as_of": BEFORE, "category": "fees"}).json()["total"] == 0


def test_values_are_those_of_the_day(staff: tuple[Colleague, Colleague]) -> None:
    editor, _ = staff
    facts = editor.get("/facts", params={"as_of": "2020-01-01"}).json()
    assert facts["facts"][0]["value"] is None and facts["facts"][0]["quoted_by"] == ["open-account"]
    assert facts["facts"][0]["titles"] == {"open-account": "怎么开户"} and (facts["sources"], facts["firm"]) == ([], {})
    assert editor.get("/facts").json()["facts"][0]["value"] == "0.05%"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1989-12-31", "soon"])
def test_what_is_no_moment_of_knowledge(staff: tuple[Colleague, Colleague], moment: str) -> None:
    editor, _ = staff
    for path in ("/articles", "/articles/open-account", "/facts"):
        is_problem(editor.get(path, params={"as_of": moment}), 422, "invalid_request")
    is_problem(editor.post("/try", {"text": "怎么开户", "as_of": moment}), 422, "invalid_request")


def test_a_moment_without_a_zone_is_china_s(staff: tuple[Colleague, Colleague]) -> None:
    editor, _ = staff
    assert editor.get("/articles/open-account", params={"as_of": "2030-01-01T00:00:00"}).json()["revision"] == 2
    assert editor.get("/articles", params={"as_of": "2030-01-01"}).json()["total"] == 2
