"""Whatever staff change, by a call or by a command, leaves an entry in the audit trail, or stands here with the reason why not."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
import typer
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli import app as commands
from assistant import bootstrap
from assistant.audit import Action
from assistant.bootstrap import Application, load_knowledge
from assistant.revisions import sync_knowledge
from assistant.roles import Role
from assistant.settings import Settings, load_settings
from assistant.storage import Store
from assistant.trail import AuditTrail
from tests.api.conftest import PASSWORD, Talk, add_account, bearer, open_fake, running, wait_until_ready
from tests.api.test_cli import Run, run
from tests.api.test_doors import STAFF
from tests.api.test_knowledge import ARTICLE
from tests.api.test_knowledge_commands import root
from tests.assistant.exchange.files import word
from tests.fakes import FakeResponder
from tests.fakes.knowledge import an_article, fake_application, fake_base

__all__ = ["root", "run"]

Call = tuple[str, str]
A, C, F, K = "/v1/agent", "/v1/agent/conversations/{conversation_id}", "/v1/agent/follow-ups/{follow_up_id}", "/v1/knowledge"
S, M = "/v1/staff/{name}", "/v1/session"
R = f"{K}/revisions/{{revision_id}}"
OF_CALLS: dict[Call, str] = {
    ("DELETE", M): "session.signed_out",
    ("DELETE", f"{M}/all"): "session.ended",
    ("DELETE", f"{M}/all/{{session_id}}"): "session.ended",
    ("PUT", f"{M}/password"): "account.password_changed",
    ("POST", "/v1/staff"): "account.added",
    ("PUT", f"{S}/roles"): "account.roles_changed",
    ("PUT", f"{S}/display-name"): "account.renamed",
    ("PUT", f"{S}/service"): "account.service_changed",
    ("PUT", f"{S}/team"): "account.team_changed",
    ("POST", f"{S}/deactivate"): "account.deactivated",
    ("POST", f"{S}/activate"): "account.activated",
    ("POST", f"{S}/unlock"): "account.unlocked",
    ("POST", f"{S}/password"): "account.password_changed",
    ("DELETE", f"{S}/sessions"): "session.ended",
    ("DELETE", f"{S}/sessions/{{session_id}}"): "session.ended",
    ("PUT", "/v1/dashboard/teams/{account}"): "account.team_changed",
    ("PUT", f"{A}/clients/{{client_id}}"): "client.changed",
    ("POST", f"{C}/claim"): "conversation.claimed",
    ("POST", f"{C}/transfer"): "conversation.transferred",
    ("POST", f"{C}/release"): "conversation.released",
    ("POST", f"{C}/close"): "conversation.closed",
    ("POST", f"{C}/messages"): "conversation.replied",
    ("POST", f"{C}/attachments"): "conversation.replied",
    ("POST", f"{C}/notes"): "conversation.noted",
    ("POST", f"{C}/read"): "conversation.seen",
    ("PUT", f"{C}/tags"): "conversation.tagged",
    ("POST", f"{C}/guests"): "colleague.invited",
    ("DELETE", f"{C}/guests/{{agent}}"): "colleague.left",
    ("POST", f"{C}/opt-out"): "client.opted_out",
    ("POST", f"{C}/opt-out/undo"): "client.opt_out_undone",
    ("POST", f"{A}/quick-replies/team"): "quick_reply.added",
    ("PUT", f"{A}/quick-replies/team/{{reply_id}}"): "quick_reply.changed",
    ("DELETE", f"{A}/quick-replies/team/{{reply_id}}"): "quick_reply.removed",
    ("POST", f"{A}/quick-replies"): "quick_reply.added",
    ("PUT", f"{A}/quick-replies/{{reply_id}}"): "quick_reply.changed",
    ("DELETE", f"{A}/quick-replies/{{reply_id}}"): "quick_reply.removed",
    ("POST", f"{F}/claim"): "follow_up.claimed",
    ("POST", f"{F}/release"): "follow_up.released",
    ("POST", f"{F}/snooze"): "follow_up.snoozed",
    ("POST", f"{F}/outcome"): "follow_up.closed",
    ("POST", f"{A}/follow-ups/claim"): "follow_up.claimed",
    ("POST", f"{A}/follow-ups/outcome"): "follow_up.closed",
    ("POST", f"{K}/articles"): "revision.started",
    ("POST", f"{K}/articles/{{article_id}}/revisions"): "revision.started",
    ("PUT", R): "revision.saved",
    ("POST", f"{R}/submit"): "revision.submitted",
    ("POST", f"{R}/reject"): "revision.rejected",
    ("POST", f"{R}/approve"): "revision.approved",
    ("POST", f"{R}/retire"): "revision.retired",
    ("POST", f"{R}/comments"): "revision.commented",
    ("POST", f"{K}/publish"): "knowledge.published",
    ("POST", f"{K}/try"): "knowledge.tried",
    ("POST", f"{K}/golden"): "golden.added",
    ("PUT", f"{K}/golden/{{golden_id}}"): "golden.added",
    ("DELETE", f"{K}/golden/{{golden_id}}"): "golden.removed",
    ("POST", f"{K}/facts/{{name}}/values"): "fact_change.proposed",
    ("POST", f"{K}/fact-changes/{{change_id}}/approve"): "fact_change.approved",
    ("POST", f"{K}/fact-changes/{{change_id}}/reject"): "fact_change.rejected",
    ("POST", f"{K}/gaps/{{gap_id}}/draft"): "gap.drafted",
    ("POST", f"{K}/gaps/{{gap_id}}/dismiss"): "gap.dismissed",
    ("POST", f"{K}/gaps/{{gap_id}}/restore"): "gap.restored",
    ("POST", f"{K}/imports"): "knowledge.file_read",
    ("POST", f"{K}/imports/{{import_id}}/accept"): "knowledge.imported",
}
CALLS_WITHOUT: dict[Call, str] = {
    ("POST", f"{C}/typing"): "lasts a moment, and is kept nowhere",
}
OF_COMMANDS = {
    "user add": "account.added", "user roles": "account.roles_changed", "user skills": "account.service_changed",
    "user team": "account.team_changed", "user password": "account.password_changed", "user deactivate": "account.deactivated",
    "user activate": "account.activated", "user name": "account.renamed", "user unlock": "account.unlocked",
    "user sessions": "account.seen", "user sign-out": "session.ended", "audit export": "audit.exported", "client import": "client.changed",
    "product import": "product.imported", "follow-up export": "follow_up.exported", "models use": "models.chosen",
    "kb publish": "knowledge.taken_in", "kb export": "knowledge.exported", "kb import": "knowledge.imported",
}
COMMANDS_WITHOUT = {
    "serve": "what it serves records by itself", "ask": "asks, and keeps nothing", "batch": "asks, and keeps nothing",
    "config": "shows", "kb check": "looks at files", "user list": "lists", "models list": "lists", "audit verify": "looks at the trail",
    "client token": "signs by the secret of the machine, for trying; what the token opens is recorded there",
    "index build": "takes in what changed in the files as every start does (knowledge.taken_in); the rest can be made anew",
    "evaluate": "measures", "train": "writes models that nobody serves before `models use`; what it reads of the log is models.learned",
}


def test_no_call_of_staff_is_forgotten() -> None:
    assert {call for call, _ in STAFF if call[0] != "GET"} == OF_CALLS.keys() | CALLS_WITHOUT.keys()
    assert not OF_CALLS.keys() & CALLS_WITHOUT.keys()


def test_no_command_is_forgotten() -> None:
    def leaves(command: click.Command, name: str = "") -> Iterator[str]:
        below = getattr(command, "commands", None)
        yield from (leaf for word, item in below.items() for leaf in leaves(item, f"{name} {word}")) if below else [name.strip()]

    assert set(leaves(typer.main.get_command(commands))) == OF_COMMANDS.keys() | COMMANDS_WITHOUT.keys()
    assert {*OF_CALLS.values(), *OF_COMMANDS.values()} <= set(Action)


class _Office:
    """Two colleagues who may do everything. What each call added to the trail is remembered."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.recorded: dict[Call, set[str]] = {}
        for name in ("anna", "bert"):
            add_account(client.app, name, *Role)
        self._headers = {name: bearer(client.app, name) for name in ("anna", "bert")}

    def __call__(self, who: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, files: Any = None,
                 **named: str) -> Any:
        """The answer's JSON, and its ETag where there is one."""
        before = len(self._trail())
        response: httpx.Response = self.client.request(
            method, path.format(**named), json=body, files=files, headers={**self._headers[who], **(headers or {})})
        assert response.is_success, (method, path, response.text)
        if method != "GET":
            self.recorded.setdefault((method, path), set()).update(
                entry.action for entry in self._trail()[before:] if entry.actor == who)
        return (response.json() if response.content else None), response.headers.get("etag")

    def _trail(self) -> list[Any]:
        return running(self.client.app).trail.page(0, 10_000)

    def left(self) -> dict[Call, str]:
        """What the trail holds of each call that was made, as far as it should."""
        return {call: OF_CALLS[call] for call, actions in self.recorded.items() if OF_CALLS.get(call) in actions}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Callable[[Callable[[Settings], Application]], _Office]]:
    opened: list[TestClient] = []

    def office(opening: Callable[[Settings], Application]) -> _Office:
        settings = Settings(data=tmp_path)
        client = TestClient(create_app(settings, lambda: opening(settings)), raise_server_exceptions=False)
        opened.append(client.__enter__())
        wait_until_ready(client)
        return _Office(client)

    yield office
    for client in opened:
        client.__exit__(None, None, None)


def test_each_call_about_clients_leaves_its_entry(office: Any) -> None:
    at = office(lambda settings: open_fake(settings, FakeResponder())())

    def talk(*said: str) -> dict[str, str]:
        found = Talk.open(at.client)
        for text in said:
            assert found.say(text).is_success
        return {"conversation_id": found.id}

    at("anna", "PUT", f"{A}/clients/{{client_id}}", {"tier": "gold"}, client_id="C1")
    at("anna", "PUT", "/v1/dashboard/teams/{account}", {"team": "两融组"}, account="bert")
    one = talk("转人工")
    at("anna", "POST", f"{C}/claim", **one)
    at("anna", "POST", f"{C}/messages", {"client_message_id": "a1", "text": "您好"}, **one)
    at("anna", "POST", f"{C}/notes", {"client_message_id": "n1", "text": "老客户"}, **one)
    at("anna", "POST", f"{C}/attachments", files={"file": ("a.txt", b"hello"), "client_message_id": (None, "f1")}, **one)
    at("bert", "POST", f"{C}/read", {"seq": 1}, **one)
    at("anna", "PUT", f"{C}/tags", {"tags": ["投诉"]}, **one)
    at("anna", "POST", f"{C}/guests", {"agent": "bert"}, **one)
    at("anna", "DELETE", f"{C}/guests/{{agent}}", agent="bert", **one)
    at("anna", "POST", f"{C}/transfer", {"to": "bert"}, **one)
    at("bert", "POST", f"{C}/release", **one)
    at("bert", "POST", f"{C}/claim", **one)
    at("bert", "POST", f"{C}/close", **one)
    for whose in (f"{A}/quick-replies", f"{A}/quick-replies/team"):
        phrase, _ = at("anna", "POST", whose, {"title": "欢迎光临", "text": "您好"})
        at("anna", "PUT", f"{whose}/{{reply_id}}", {"title": "欢迎光临", "text": "您好，请讲"}, reply_id=phrase["id"])
        at("anna", "DELETE", f"{whose}/{{reply_id}}", reply_id=phrase["id"])
    talks = [talk("放着有利息吗") for _ in range(3)]
    ids = [at("anna", "GET", f"{C}/follow-ups", **one)[0]["follow_ups"][0]["id"] for one in talks]
    first = {"follow_up_id": ids[0]}
    at("anna", "POST", f"{F}/claim", **first)
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    at("anna", "POST", f"{F}/snooze", {"until": later}, **first)
    at("anna", "POST", f"{F}/release", **first)
    at("anna", "POST", f"{F}/outcome", {"outcome": "reached"}, **first)
    at("anna", "POST", f"{A}/follow-ups/claim", {"ids": ids[1:2]})
    at("anna", "POST", f"{A}/follow-ups/outcome", {"ids": ids[1:2], "outcome": "done"})
    at("anna", "POST", f"{C}/opt-out", **talks[2])
    at("anna", "POST", f"{C}/opt-out/undo", **talk("别再给我推荐了"))
    assert at.left() == {call: action for call, action in OF_CALLS.items() if not call[1].startswith((K, M, "/v1/staff"))}


def test_each_call_about_staff_leaves_its_entry(office: Any) -> None:
    at = office(lambda settings: open_fake(settings, FakeResponder())())

    def another(who: str, whose: str, path: str, **named: str) -> dict[str, str]:
        """The id of a session that somebody has begun elsewhere."""
        assert at.client.post(M, json={"username": whose, "password": PASSWORD}).is_success
        found, _ = at(who, "GET", path, **named)
        return {"session_id": next(item["id"] for item in found["sessions"] if not item["current"])}

    lin = {"name": "lin"}
    at("anna", "POST", "/v1/staff", {"name": "lin", "roles": ["agent"]})
    for path, body in (("roles", {"roles": ["manager"]}), ("display-name", {"display_name": "林"}), ("team", {"team": "一组"}),
                       ("service", {"skills": [], "max_conversations": 3})):
        at("anna", "PUT", f"{S}/{path}", body, **lin)
    for path in ("deactivate", "activate", "unlock", "password"):
        at("anna", "POST", f"{S}/{path}", **lin)
    bert = {"name": "bert"}
    at("anna", "DELETE", f"{S}/sessions/{{session_id}}", **bert, **another("anna", "bert", f"{S}/sessions", **bert))
    at("anna", "DELETE", f"{M}/all/{{session_id}}", **another("anna", "anna", f"{M}/all"))
    at("bert", "DELETE", M)
    at("anna", "DELETE", f"{S}/sessions", **bert)
    at("anna", "PUT", f"{M}/password", {"current_password": PASSWORD, "new_password": "tea and 8 little birds"})
    at("anna", "DELETE", f"{M}/all")
    assert at.left() == {call: action for call, action in OF_CALLS.items() if call[1].startswith((M, "/v1/staff"))}


def test_each_call_about_knowledge_leaves_its_entry(office: Any) -> None:
    base = fake_base(an_article("open-account", "怎么开户", "在手机上开户。"), an_article("tax", "税多少", "税是 {{fact.rate}}。"))
    at = office(lambda settings: fake_application(settings, Store.open(settings.database_url), base))
    Talk.open(at.client).say("zzz")
    Talk.open(at.client).say("qqq")
    gaps = {gap["question"]: {"gap_id": gap["id"]} for gap in at("anna", "GET", f"{K}/gaps")[0]["gaps"]}
    at("anna", "POST", f"{K}/gaps/{{gap_id}}/draft", {"article_id": "about-qqq"}, **gaps["qqq"])
    at("anna", "POST", f"{K}/gaps/{{gap_id}}/dismiss", **gaps["zzz"])
    at("anna", "POST", f"{K}/gaps/{{gap_id}}/restore", **gaps["zzz"])
    at("anna", "POST", f"{K}/articles", ARTICLE)
    one = {"revision_id": "stamp-duty@1"}
    _, etag = at("anna", "GET", R, **one)
    at("anna", "PUT", R, ARTICLE | {"body": "卖出时收取。"}, headers={"If-Match": etag}, **one)
    at("bert", "POST", f"{R}/comments", {"text": "请写明"}, **one)
    at("anna", "POST", f"{R}/submit", **one)
    at("bert", "POST", f"{R}/reject", {"note": "请写明税率"}, **one)
    at("anna", "POST", f"{R}/submit", **one)
    at("bert", "POST", f"{R}/approve", **one)
    at("anna", "POST", f"{K}/publish")
    started, _ = at("anna", "POST", f"{K}/articles/{{article_id}}/revisions", {}, article_id="stamp-duty")
    at("anna", "POST", f"{R}/retire", revision_id=started["id"])
    at("anna", "POST", f"{K}/try", {"text": "怎么开户"})
    golden, _ = at("anna", "POST", f"{K}/golden", {"question": "怎么开户", "article_id": "open-account"})
    golden, _ = at("bert", "PUT", f"{K}/golden/{{golden_id}}", {"question": "开户", "article_id": "open-account"}, golden_id=golden["id"])
    at("bert", "DELETE", f"{K}/golden/{{golden_id}}", golden_id=golden["id"])
    value = {"value": "0.025%", "from": (datetime.now(UTC) + timedelta(days=9)).date().isoformat(), "because": "公告"}
    for step in ("reject", "approve"):
        change, _ = at("anna", "POST", f"{K}/facts/{{name}}/values", value, name="rate")
        at("bert", "POST", f"{K}/fact-changes/{{change_id}}/{step}", change_id=change["id"])
    preview, _ = at("anna", "POST", f"{K}/imports", files={"file": ("a.docx", word("问：几点开盘？", "答：九点半。"))})
    at("anna", "POST", f"{K}/imports/{{import_id}}/accept", {}, import_id=preview["id"])
    assert at.left() == {call: action for call, action in OF_CALLS.items() if call[1].startswith(K)}


def test_each_command_leaves_its_entry(run: Run, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")

    def opened(settings: Settings, progress: object, by: Any) -> Application:
        application = open_fake(settings, FakeResponder())()
        sync_knowledge(application.store, load_knowledge(settings), by)
        return application

    monkeypatch.setattr(bootstrap, "open_application", opened)
    (tmp_path / "clients.csv").write_text("id,tier\nC1,gold\n")
    (tmp_path / "products.toml").write_text("[[product]]\ncode='A'\nname='a'\nfamily='cash'\nrisk='R1'\nkind='equity'\n")
    (tmp_path / "handbook.docx").write_bytes(word("问：几点收盘？", "答：三点。"))
    recorded: dict[str, str] = {}
    for line in ("user add lin --role agent", "user roles lin --role manager", "user skills lin --skill margin", "user team lin 一组",
                 "user password lin", "user name lin 林", "user sessions lin", "user sign-out lin", "user unlock lin",
                 "user deactivate lin", "user activate lin", "audit export", "client import clients.csv",
                 "product import products.toml", "follow-up export out.jsonl", "models use shipped", "kb publish",
                 "kb export --out all.csv", "kb import handbook.docx"):
        name = " ".join(line.split()[:2])
        monkeypatch.setattr("sys.stdin", io.StringIO("tea and 8 little birds\n"))
        before = len(_entries())
        code, out, err = run(*line.split())
        assert code == 0, (line, out, err)
        new = [entry for entry in _entries()[before:] if entry.action == OF_COMMANDS[name]]
        assert new and all((entry.actor or "").startswith("os:") for entry in new)
        recorded[name] = new[0].action
    assert recorded == OF_COMMANDS


def _entries() -> list[Any]:
    store = Store.open(load_settings().database_url)
    try:
        return AuditTrail(store).page(0, 1000)
    finally:
        store.close()
