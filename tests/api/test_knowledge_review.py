"""Impact, golden questions, new values of rules and gaps over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from assistant.roles import Role
from assistant.settings import Settings
from assistant.storage import Store
from tests.api.conftest import Talk, add_account, bearer, wait_until_ready
from tests.api.test_bad_input import is_problem
from tests.fakes.knowledge import an_article, fake_application, fake_base


class Staff:
    """The API as editor and reviewer call it."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        for role in (Role.EDITOR, Role.REVIEWER, Role.AGENT):
            add_account(client.app, f"the-{role}", role)
        self.headers = {role: bearer(client.app, f"the-{role}") for role in (Role.EDITOR, Role.REVIEWER, Role.AGENT)}

    def __call__(self, role: Role, method: str, path: str, body: Any = None, **options: Any) -> Any:
        return self.client.request(method, f"/v1/knowledge{path}", json=body, headers=self.headers[role], **options)


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    settings = Settings(data=tmp_path)
    base = fake_base(an_article("open-account", "怎么开户", "在手机上开户。"), an_article("close-account", "怎么销户", "到营业部销户。"),
                     an_article("tax", "税多少", "税是 {{fact.rate}}。"))
    app = create_app(settings, lambda: fake_application(settings, Store.open(settings.database_url), base))
    with TestClient(app, raise_server_exceptions=False) as client:
        wait_until_ready(client)
        yield Staff(client)


EDITOR, REVIEWER, AGENT = Role.EDITOR, Role.REVIEWER, Role.AGENT


def test_a_revision_s_impact_and_its_golden_questions(staff: Staff) -> None:
    Talk.open(staff.client).say("怎么开户")
    added = staff(EDITOR, "POST", "/golden", {"question": "怎么开户", "article_id": "open-account"})
    assert added.status_code == 201 and added.json()["kind"] == "answer"
    is_problem(staff(EDITOR, "POST", "/golden", {"question": "怎么开户", "article_id": "open-account"}), 409, "golden_exists")
    draft = staff(EDITOR, "POST", "/articles/open-account/revisions", {"question": "如何转托管", "similar": ["如何转托管"]}).json()
    path = f"/revisions/{draft['id']}"
    impact = staff(AGENT, "GET", f"{path}/impact").json()
    assert (impact["state"], impact["changed"], impact["looked_at"], len(impact["broken"])) == ("done", 1, 1, 1)
    assert impact["questions"][0]["before"]["article_id"] == "open-account" != impact["questions"][0]["after"]["article_id"]
    is_problem(staff(AGENT, "GET", "/revisions/open-account@77/impact"), 404, "revision_not_found")
    assert staff(EDITOR, "POST", f"{path}/submit").status_code == 200
    refused = staff(REVIEWER, "POST", f"{path}/approve", {"impact": impact["id"]})
    is_problem(refused, 409, "golden_broken")
    assert [item["question"] for item in refused.json()["broken"]] == ["怎么开户"]
    is_problem(staff(REVIEWER, "POST", f"{path}/approve", {"impact": "abc"}), 409, "impact_outdated")
    approved = staff(REVIEWER, "POST", f"{path}/approve", {"impact": impact["id"], "because": "问法改了"})
    assert approved.status_code == 200, approved.text
    assert staff(EDITOR, "POST", "/publish").json() == {"knowledge_version": 2}
    (golden,) = staff(AGENT, "GET", "/golden?ask=true").json()["golden"]
    assert golden["holds"] is False and golden["now"]["article_id"] != "open-account"
    is_problem(staff(EDITOR, "DELETE", f"/golden/{golden['id']}"), 403, "forbidden")
    assert staff(REVIEWER, "DELETE", f"/golden/{golden['id']}").status_code == 204
    assert staff(AGENT, "GET", "/golden").json() == {"golden": []}


def test_publication_stops_at_a_golden_question_and_goes_on_for_a_reviewer_s_reason(staff: Staff) -> None:
    draft = staff(EDITOR, "POST", "/articles/open-account/revisions", {"question": "如何转托管", "similar": ["如何转托管"]}).json()
    staff(EDITOR, "POST", f"/revisions/{draft['id']}/submit")
    assert staff(REVIEWER, "POST", f"/revisions/{draft['id']}/approve").status_code == 200
    staff(REVIEWER, "POST", "/golden", {"question": "怎么开户", "article_id": "open-account"})
    is_problem(staff(EDITOR, "POST", "/publish"), 409, "golden_broken")
    is_problem(staff(EDITOR, "POST", "/publish", {"because": "编辑不能这样"}), 403, "forbidden")
    assert staff(REVIEWER, "POST", "/publish", {"because": "制度改了"}).json() == {"knowledge_version": 2}


def test_a_rule_s_value_by_two_people(staff: Staff) -> None:
    day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    proposed = staff(EDITOR, "POST", "/facts/rate/values", {"value": "0.025%", "from": day, "because": "公告 12 号"})
    assert proposed.status_code == 201, proposed.text
    change = proposed.json()
    assert (change["from"], change["replaces"], change["answers"][0]["after"]) == (day, "0.05%", "税是 0.025%。")
    differing = [(piece["kind"], piece["text"]) for piece in change["answers"][0]["pieces"] if piece["kind"] != "same"]
    assert differing == [("gone", "0.05%"), ("new", "0.025%")]
    path = f"/fact-changes/{change['id']}"
    assert staff(REVIEWER, "GET", f"{path}/impact").json()["changed"] == 0
    is_problem(staff(REVIEWER, "POST", "/facts/rate/values", {"value": "1%", "from": day}), 409, "fact_change_pending")
    is_problem(staff(EDITOR, "POST", "/facts/none/values", {"value": "1%", "from": day}), 404, "fact_not_found")
    is_problem(staff(EDITOR, "POST", f"{path}/approve"), 403, "forbidden")
    assert staff(REVIEWER, "POST", f"{path}/approve").json()["state"] == "approved"
    pending = staff(AGENT, "GET", "/publish").json()["values"]
    assert pending == [{"id": change["id"], "fact": "rate", "value": "0.025%", "from": day}]
    assert staff(EDITOR, "POST", "/publish").json() == {"knowledge_version": 2}
    (listed,) = staff(AGENT, "GET", "/fact-changes?fact=rate").json()["changes"]
    assert (listed["state"], listed["version"]) == ("published", 2)
    is_problem(staff(EDITOR, "POST", f"{path}/reject"), 409, "illegal_step")
    assert staff(AGENT, "GET", path).json()["answers"][0]["before"] == "税是 0.025%。"
    (coming,) = staff(AGENT, "GET", "/upkeep").json()["changing"]
    assert (coming["name"], coming["articles"]) == ("rate", ["tax"])


def test_a_golden_question_is_changed_in_one_step(staff: Staff) -> None:
    first, second = (staff(EDITOR, "POST", "/golden", {"question": text, "article_id": "open-account"}).json()["id"]
                     for text in ("怎么开户", "如何开户"))

    def ids() -> set[str]:
        return {item["id"] for item in staff(AGENT, "GET", "/golden").json()["golden"]}

    path = f"/golden/{first}"
    is_problem(staff(EDITOR, "PUT", path, {"question": "开户", "article_id": "open-account"}), 403, "forbidden")
    is_problem(staff(REVIEWER, "PUT", path, {"question": "如何开户", "article_id": "tax"}), 409, "golden_exists")
    is_problem(staff(REVIEWER, "PUT", path, {"question": "怎么开户", "article_id": "none"}), 422, "golden_invalid")
    is_problem(staff(REVIEWER, "PUT", "/golden/abc", {"question": "x", "article_id": "tax"}), 404, "golden_not_found")
    assert ids() == {first, second}
    changed = staff(REVIEWER, "PUT", path, {"question": "怎么开户", "article_id": "tax"}).json()["id"]
    assert changed != first and ids() == {changed, second}
    is_problem(staff(REVIEWER, "PUT", path, {"question": "x", "article_id": "tax"}), 404, "golden_not_found")


def test_a_gap_becomes_a_draft_or_is_dismissed(staff: Staff) -> None:
    talk = Talk.open(staff.client)
    for text in ("zzz 13912345678", "qqq"):
        talk.say(text)
    gaps = {gap["question"]: gap for gap in staff(AGENT, "GET", "/gaps").json()["gaps"]}
    assert set(gaps) == {"zzz 〈手机号〉", "qqq"}
    made = staff(EDITOR, "POST", f"/gaps/{gaps['qqq']['id']}/draft", {"article_id": "about-qqq"})
    assert (made.status_code, made.json()["id"]) == (201, "about-qqq@1")
    assert staff(EDITOR, "POST", f"/gaps/{gaps['zzz 〈手机号〉']['id']}/dismiss").status_code == 204
    assert staff(AGENT, "GET", "/gaps").json() == {"gaps": []}
    path = f"/gaps/{gaps['zzz 〈手机号〉']['id']}/restore"
    assert staff(EDITOR, "POST", path).status_code == 204
    assert [gap["question"] for gap in staff(AGENT, "GET", "/gaps").json()["gaps"]] == ["zzz 〈手机号〉"]
    is_problem(staff(EDITOR, "POST", path), 404, "gap_not_found")
    is_problem(staff(EDITOR, "POST", f"/gaps/{gaps['qqq']['id']}/draft", {"article_id": "again"}), 404, "gap_not_found")
