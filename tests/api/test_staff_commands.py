"""`zhike user`, `zhike audit`, and the accounts of `zhike serve --demo`."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from assistant.accounts import Accounts
from assistant.audit import SYSTEM, Chain, Entry
from assistant.roles import Role
from assistant.sessions import Sessions
from assistant.storage import Store
from tests.api.test_cli import Run, run
from tests.fakes.databases import database_url, postgresql_server, postgresql_tables

__all__ = ["database_url", "postgresql_server", "postgresql_tables", "run"]

PASSWORD = "correct horse battery"
Type = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(run: Run, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Type:
    """Run a command on either store, with a line on standard input."""
    monkeypatch.setenv("ZHIKE_DATABASE", database_url)

    def typed(*arguments: str, given: str = PASSWORD + "\n") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        return run(*arguments)

    return typed


def test_an_account_is_added_listed_changed_and_taken_out_of_use(typed: Type) -> None:
    assert "No accounts yet" in typed("user", "list")[1]
    code, out, err = typed("user", "add", "ZhangSan", "--role", "editor", "--role", "agent", "--display-name", "张三")
    assert (code, out, err) == (0, "zhangsan added: agent, editor\n", "")
    code, out, _ = typed("user", "list")
    assert code == 0 and re.search(r"zhangsan\s+张三\s+agent, editor\s+yes\s+no", out)
    assert typed("user", "password", "zhangsan", given="tea and 8 little birds\r\n")[0] == 0
    assert typed("user", "roles", "zhangsan", "--role", "manager")[0] == 0
    assert typed("user", "deactivate", "zhangsan")[0] == 0
    assert re.search(r"zhangsan\s+张三\s+manager\s+no\s+no", typed("user", "list")[1])
    assert typed("user", "activate", "zhangsan")[0] == 0
    entries = [json.loads(line) for line in typed("audit", "export")[1].splitlines()]
    assert [entry["action"] for entry in entries] == [
        "account.added", "account.password_changed", "account.roles_changed", "account.deactivated", "account.activated", "audit.exported"]
    assert {entry["actor"].partition(":")[0] for entry in entries} == {"os"}
    assert Chain().follow(Entry(**entry) for entry in entries) is None


@pytest.mark.parametrize(("arguments", "given", "complaint"), [
    (("user", "add", "zhangsan", "--role", "agent"), "short\n", "password_refused"),
    (("user", "add", "zhangsan", "--role", "agent"), "", "password_refused"),
    (("user", "add", "zhangsan", "--role", "king"), PASSWORD, "king"), (("user", "add", "zhangsan"), PASSWORD, "--role"),
    (("user", "add", "a b", "--role", "agent"), PASSWORD, "account_name_invalid"),
    (("user", "password", "nobody"), PASSWORD, "account_not_found"), (("user", "deactivate", "nobody"), "", "account_not_found"),
    (("audit", "export", "--since", "yesterday"), "", "expected 2026-07-01"), (("audit", "verify", "--known", "7"), "", "SEQ:HASH"),
])
def test_what_can_not_be_done_is_said(typed: Type, arguments: tuple[str, ...], given: str, complaint: str) -> None:
    code, out, err = typed(*arguments, given=given)
    assert code == 2 and complaint in err and "Traceback" not in err and out == ""


def test_an_account_joins_a_team_and_leaves_it(typed: Type) -> None:
    assert typed("user", "add", "zhangsan", "--role", "agent", "--team", "财富组")[0] == 0
    assert re.search(r"zhangsan\s+zhangsan\s+agent\s+财富组\s+yes", typed("user", "list")[1])
    assert typed("user", "team", "ZhangSan", "两融组")[1] == "zhangsan is in 两融组\n"
    assert typed("user", "team", "zhangsan")[1] == "zhangsan is in no team\n"
    assert typed("user", "add", "lisi", "--role", "agent", "--team", "x" * 33)[0] != 0
    assert "lisi" not in typed("user", "list")[1], "refused whole"
    code, _, err = typed("user", "team", "zhangsan", "x" * 33)
    assert code == 2 and "team_invalid" in err
    assert "account_not_found" in typed("user", "team", "nobody", "x")[2]
    changed = [json.loads(line) for line in typed("audit", "export")[1].splitlines()]
    assert [entry["details"] for entry in changed if entry["action"] == "account.team_changed"] == [
        {"before": None, "after": "财富组"}, {"before": "财富组", "after": "两融组"}, {"before": "两融组", "after": None}]


def test_an_account_is_shown_unlocked_and_signed_out_by_commands(typed: Type, database_url: str) -> None:
    assert typed("user", "add", "zhangsan", "--role", "agent")[0] == 0
    assert typed("user", "name", "ZhangSan", "张三")[1] == "zhangsan is shown as 张三\n"
    store = Store.open(database_url)
    sessions = Sessions(store, idle=timedelta(minutes=30), longest=timedelta(hours=12))
    assert "zhangsan is not signed in" in typed("user", "sessions", "zhangsan")[1]
    first, second = (sessions.sign_in("zhangsan", PASSWORD, address="203.0.113.7") for _ in range(2))
    code, out, _ = typed("user", "sessions", "zhangsan")
    assert code == 0 and first.session_id in out and "203.0.113.7" in out and first.token not in out
    assert typed("user", "sign-out", "zhangsan", "--session", first.session_id)[0] == 0
    assert [item.id for item in sessions.open_of("zhangsan")] == [second.session_id]
    assert "session_not_found" in typed("user", "sign-out", "zhangsan", "--session", "x")[2]
    assert typed("user", "sign-out", "zhangsan")[1] == "zhangsan was signed out everywhere\n"
    assert sessions.open_of("zhangsan") == []
    with store.write() as work:
        for _ in range(100):
            work.staff.count_failure("zhangsan")
    assert "Locked" in typed("user", "list")[1]
    assert typed("user", "unlock", "zhangsan")[0] == 0
    assert "Locked" not in typed("user", "list")[1]
    assert sessions.sign_in("zhangsan", PASSWORD)
    store.close()
    actions = [json.loads(line)["action"] for line in typed("audit", "export")[1].splitlines()]
    assert [action for action in actions if not action.startswith("session.signed")] == [
        "account.added", "account.renamed", "account.seen", "account.seen", "session.ended", "session.ended", "account.unlocked",
        "audit.exported"]


def test_the_last_admin_stays_for_commands_too(typed: Type) -> None:
    typed("user", "add", "boss", "--role", "admin")
    for arguments in (("deactivate", "boss"), ("roles", "boss", "--role", "agent")):
        code, _, err = typed("user", *arguments)
        assert code == 2 and "last_admin" in err


def test_a_password_is_as_long_as_the_firm_wants(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKE_PASSWORD_MIN_LENGTH", "30")
    assert "at least 30" in typed("user", "add", "zhangsan", "--role", "agent")[2]
    monkeypatch.setenv("ZHIKE_PASSWORD_MIN_LENGTH", "8")
    assert "ZHIKE_PASSWORD_MIN_LENGTH" in typed("user", "add", "zhangsan", "--role", "agent")[2]


def test_an_account_is_added_once(typed: Type) -> None:
    assert typed("user", "add", "zhangsan", "--role", "agent")[0] == 0
    code, _, err = typed("user", "add", "zhangsan", "--role", "admin")
    assert code == 2 and "account_exists" in err


def test_no_password_is_shown(typed: Type) -> None:
    for given in (PASSWORD, "woaini1314520"):
        _, out, err = typed("user", "add", "zhangsan", "--role", "agent", given=given)
        assert given not in out + err


def at_a_terminal(data: Path, *lines: str) -> tuple[int, str]:
    """Add an account at a terminal, typing these lines: (exit code, what the terminal shows)."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "api", "user", "add", "zhangsan", "--role", "agent"]
    program = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                               env={**os.environ, "ZHIKE_DATA": str(data), "ZHIKE_DATABASE": ""}, cwd=Path(__file__).parents[2])
    os.close(theirs)
    shown, answered = "", 0
    try:
        while part := os.read(ours, 1000):
            shown += part.decode()
            if answered < min(len(lines), len(re.findall(r"(?:Password|again): ", shown))):
                os.write(ours, f"{lines[answered]}\n".encode())
                answered += 1
    except OSError:
        # The terminal's other end has closed.
        pass
    os.close(ours)
    return program.wait(60), shown


def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(tmp_path: Path) -> None:
    code, shown = at_a_terminal(tmp_path, PASSWORD, PASSWORD + "!", PASSWORD, PASSWORD)
    assert code == 0 and "zhangsan added" in shown and "do not match" in shown and PASSWORD not in shown


def test_the_trail_is_verified_and_the_first_broken_entry_named(typed: Type, database_url: str) -> None:
    assert typed("audit", "verify")[1] == "The trail is empty.\n"
    for name in ("zhangsan", "lisi", "wangwu"):
        typed("user", "add", name, "--role", "agent")
    code, out, _ = typed("audit", "verify")
    assert code == 0 and re.fullmatch(r"The trail holds: 3 entries, head 3:[0-9a-f]{64}\n", out)
    head = out.split()[-1]
    typed("user", "deactivate", "lisi")
    assert typed("audit", "verify", "--known", head)[0] == 0
    assert typed("audit", "verify", "--known", "3:" + "0" * 64)[1] == "Entry 3 is broken: its hash is not the one that was noted.\n"
    engine = create_engine(database_url)
    with engine.begin() as connection:
        disarm = ("ALTER TABLE audit_entry DISABLE TRIGGER USER" if engine.dialect.name == "postgresql" else
                  "DROP TRIGGER audit_entry_no_update")
        connection.execute(text(disarm))
        connection.execute(text("UPDATE audit_entry SET actor = 'agent2' WHERE seq = 2"))
    engine.dispose()
    code, out, _ = typed("audit", "verify")
    assert (code, out) == (1, "Entry 2 is broken: its content does not match its hash.\n")


def test_an_export_is_of_a_time(typed: Type) -> None:
    typed("user", "add", "zhangsan", "--role", "agent")
    assert typed("audit", "export", "--until", "2020-01-01")[1] == ""
    assert typed("audit", "export", "--since", "2999-01-01T10:30")[1] == ""
    lines = typed("audit", "export", "--since", "2020-01-01", "--until", "2999-01-01")[1].splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["account.added"] + ["audit.exported"] * 3


SERVE = ("import sys; from assistant import bootstrap; from tests.api.conftest import open_fake; from tests.fakes import FakeResponder;"
         "bootstrap.open_application = lambda s, p=None: open_fake(s, FakeResponder())();"
         "from api.cli import main; main(['serve', '--port', '0', *sys.argv[1:]])")


def served(data: Path, *options: str, password: str = "", sign_in: dict[str, str] | None = None) -> tuple[str, list[int]]:
    """What a server prints until it is ready, and how each (name, password) is answered by POST /v1/session."""
    environment = {**os.environ, "ZHIKE_DATA": str(data), "ZHIKE_DATABASE": "", "ZHIKE_DEMO_PASSWORD": password, "ZHIKE_LOG_LEVEL": "error"}
    with subprocess.Popen([sys.executable, "-c", SERVE, *options], stderr=subprocess.PIPE, text=True, env=environment,
                          cwd=Path(__file__).parents[2]) as server:
        try:
            assert server.stderr
            printed = ""
            while "openapi.json" not in printed and (line := server.stderr.readline()):
                printed += line
            address = re.search(r"http://127\.0\.0\.1:\d+", printed)
            assert address, printed
            found = re.search(r"password of all: (\S+)$", printed, re.MULTILINE)
            bodies = [{"username": name, "password": given or (found and found[1])} for name, given in (sign_in or {}).items()]
            answers = [httpx.post(f"{address[0]}/v1/session", json=body).status_code for body in bodies]
        finally:
            server.terminate()
    return printed, answers


def test_the_demonstration_s_accounts_are_printed_and_open(tmp_path: Path) -> None:
    names = ["agent1", "agent2", "editor", "reviewer", "manager", "admin"]
    printed, answers = served(tmp_path, "--demo", sign_in=dict.fromkeys(names, ""))
    assert "agent1, agent2, editor, reviewer, manager, admin; password of all: " in printed
    assert answers == [200] * 6
    printed, answers = served(tmp_path, "--demo", password="demo", sign_in={"admin": "demo", "agent1": "wrong"})
    assert "the one in ZHIKE_DEMO_PASSWORD" in printed and answers == [200, 401]
    printed, answers = served(tmp_path, sign_in={"admin": "demo"})
    assert "Accounts" not in printed and answers == [401]


def test_without_the_demonstration_there_is_no_account_until_one_is_added(tmp_path: Path) -> None:
    served(tmp_path)
    store = Store.open(f"sqlite:///{tmp_path / 'zhike.db'}")
    assert Accounts(store).all() == []
    store.close()


def test_an_account_of_one_s_own_is_named_beside_the_demonstration_s(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'zhike.db'}")
    Accounts(store).add("admin", PASSWORD, [Role.ADMIN], by=SYSTEM)
    store.close()
    printed, answers = served(tmp_path, "--demo", password="demo", sign_in={"admin": PASSWORD, "manager": "demo"})
    assert "passwords of their own: admin" in printed and answers == [200, 200]
