"""The `zhike` command, in process over a fake responder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from assistant import bootstrap
from assistant.audit import SYSTEM
from assistant.bootstrap import Application
from assistant.client_record import ClientFields
from assistant.clients import Clients
from assistant.settings import Settings
from assistant.storage import Store
from assistant.suitability import RiskLevel
from assistant.trail import AuditTrail
from tests.api.conftest import open_fake
from tests.fakes import ANSWER, FakeResponder

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, responder: FakeResponder,
        capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHIKE_DATA", str(tmp_path))

    def opened(settings: Settings, progress: object = None, by: object = None) -> Application:
        return open_fake(settings, responder)()

    monkeypatch.setattr(bootstrap, "open_application", opened)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        sys.stdout.flush()
        return ended.value.code or 0, *capfd.readouterr()

    return run


def test_help_names_every_command(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for name in ("serve", "ask", "batch", "config", "kb", "index", "evaluate", "train"):
        assert name in out


@pytest.mark.parametrize("module", ["fastapi", "sqlalchemy", "pydantic", "numpy", "onnxruntime", "rjieba", "uvicorn"])
def test_help_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, api.cli; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_numpy_is_told_of_its_threads_before_it_is_imported() -> None:
    code = ("import os, sys, api.cli; from assistant.settings import load_settings; from api.commands.loading import one_thread_a_reply; "
            "load_settings(); one_thread_a_reply(); sys.exit('numpy' in sys.modules or os.environ['OPENBLAS_NUM_THREADS'] != '1')")
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=environment).returncode == 0
    code = code.replace("!= '1'", "!= '3'")
    assert subprocess.run([sys.executable, "-c", code], check=False, env=environment | {"OPENBLAS_NUM_THREADS": "3"}).returncode == 0


def test_ask_prints_the_reply(run: Run) -> None:
    code, out, _ = run("ask", "怎么开户")
    assert code == 0 and ANSWER in out and "证券账户业务指南" in out and "open-account-online r3" in out


def test_ask_as_json_is_the_agents_view(run: Run) -> None:
    code, out, _ = run("ask", "怎么开户", "--json")
    result = json.loads(out)
    assert code == 0
    assert list(result) == ["reply", "understanding", "candidates", "knowledge_version", "models", "took_ms"]


def test_ask_for_a_client_whom_the_records_know_and_for_one_whom_they_do_not(run: Run, tmp_path: Path) -> None:
    code, out, err = run("ask", "怎么开户", "--client", "C1")
    assert code == 0 and ANSWER in out and "there is no record C1" in err
    store = Store.open(Settings(data=tmp_path).database_url)
    Clients(store).put("C1", ClientFields(risk_level=RiskLevel.C3), SYSTEM)
    code, out, err = run("ask", "怎么开户", "--client", "C1")
    assert code == 0 and ANSWER in out and "the assistant says the same to every client" in err and "no record" not in err
    seen = [entry for entry in AuditTrail(store).page(0, 500) if entry.action == "client.seen"]
    assert [(entry.subject, entry.details) for entry in seen] == [("client:C1", {"why": "ask"})] and seen[0].actor.startswith("os:")
    store.close()


@pytest.mark.parametrize("moment", ["2026-07-01", "2026-07-01T10:30", "2026-07-01T10:30+08:00", "2026-07-01T02:30Z"])
def test_ask_as_of_a_moment(run: Run, moment: str) -> None:
    assert run("ask", "怎么开户", "--as-of", moment)[0] == 0


@pytest.mark.parametrize(("arguments", "complaint"), [
    (("ask", "怎么开户", "--as-of", "yesterday"), "expected 2026-07-01"), (("ask", " "), "empty_message"),
    (("ask",), "ask -h"), (("batch", "missing.jsonl"), "missing.jsonl"),
    (("kb", "import", "missing.csv"), "missing.csv"),
    (("nothing",), "nothing"),
])
def test_what_can_not_be_done_is_said(run: Run, arguments: tuple[str, ...], complaint: str) -> None:
    code, _, err = run(*arguments)
    assert code == 2 and complaint in err and "Traceback" not in err


def test_config_says_where_each_value_came_from(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zhike.toml").write_text("port = 9000\n")
    monkeypatch.setenv("ZHIKE_DATABASE", "postgresql://u:hunter2@db/x")
    settings = {item["name"]: item for item in json.loads(run("config", "--json")[1])}
    assert (settings["port"]["value"], settings["port"]["origin"]) == ("9000", "file")
    assert (settings["database"]["value"], settings["database"]["origin"]) == ("postgresql://u:***@db/x", "environment")
    assert settings["host"]["origin"] == "default"
    assert "hunter2" not in run("config")[1]


def lines(*items: Any) -> bytes:
    return b"".join(item if isinstance(item, bytes) else json.dumps(item, ensure_ascii=False).encode() + b"\n"
                    for item in items)


def read(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_batch_keeps_order_and_carries_keys(run: Run, tmp_path: Path, responder: FakeResponder) -> None:
    responder.before = lambda text: time.sleep(0.002 * (int(text[-1]) % 3))
    items = [{"id": number, "q": f"怎么开户 {number}", "more": {"a": [1, None, "好"]}} for number in range(40)]
    (tmp_path / "in.jsonl").write_bytes(lines(*items))
    code, out, err = run("batch", "in.jsonl", "--out", "out.jsonl")
    results = read((tmp_path / "out.jsonl").read_text())
    assert (code, out, err) == (0, "", "")
    assert [{key: item[key] for key in ("id", "q", "more")} for item in results] == items
    assert all(list(item) == ["id", "q", "more", "result"] for item in results)
    assert {item["result"]["reply"]["kind"] for item in results} == {"answer"}


def test_batch_turns_are_one_conversation(run: Run, tmp_path: Path, responder: FakeResponder) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines({"turns": ["你好", "转钱", "怎么开户"]}, {"turns": ["人工"]}))
    _, out, _ = run("batch", "in.jsonl")
    assert [item["result"]["reply"]["kind"] for item in read(out)] == ["answer", "handover"]
    assert sorted(context.turns for _, context in responder.seen) == [0, 0, 1, 2]


def test_batch_takes_every_line_that_it_can(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(
        {"q": "怎么开户", "n": 1}, b"{bad\n", b"\xff\xfe\n", b"[1]\n", {"n": 5}, {"q": "x", "turns": ["y"]}, {"q": 7},
        {"turns": []}, {"turns": ["x", 5]}, {"q": "  ", "n": 10}, {"q": "好" * 2001}, b"\n",
        b'{"q": "\\ud800", "n": 12}\n',
        b"[" * 50_000 + b"\n",
        b'{"q": "\xe4\xbd\xa0\xe5\xa5\xbd", "k": "\\ud800"}\n', {"q": "你好"}))
    code, out, err = run("batch", "in.jsonl")
    results = read(out)
    assert code == 1 and "12 lines" in err
    assert ["result" in item for item in results] == [True] + [False] * 12 + [True, True]
    problems = [item["error"] for item in results if "error" in item]
    assert [problem["code"] for problem in problems] == [
        "invalid_json", "invalid_json", *["invalid_request"] * 6, "empty_message", "message_too_long",
        "unreadable_text", "invalid_json"]
    assert [problem["line"] for problem in problems] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14]
    assert all({"type", "title", "status", "detail", "code"} <= set(problem) for problem in problems)
    assert results[9]["n"] == 10 and results[13]["k"] == "\ud800"


def test_batch_reads_and_writes_the_standard_streams() -> None:
    program = ("import sys; from assistant import bootstrap; from tests.api.conftest import open_fake;"
               "from tests.fakes import FakeResponder;"
               "bootstrap.open_application = lambda s, *_: open_fake(s, FakeResponder())();"
               "from api.cli import main; main(['batch', '-'])")
    with tempfile.TemporaryDirectory() as data:
        given = b"\xef\xbb\xbf" + lines({"q": "怎么开户"}, {"q": "你好"})
        done = subprocess.run([sys.executable, "-c", program], input=given, capture_output=True, check=False,
                              env={**os.environ, "ZHIKE_DATA": data})
    assert (done.returncode, done.stderr) == (0, b"")
    assert [item["q"] for item in read(done.stdout.decode())] == ["怎么开户", "你好"]


def test_batch_does_not_overwrite_its_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines({"q": "你好"}))
    assert run("batch", "in.jsonl", "--out", "./in.jsonl")[0] == 2
    assert read((tmp_path / "in.jsonl").read_text()) == [{"q": "你好"}]


def test_index_build_says_that_it_is_there(run: Run) -> None:
    code, out, _ = run("index", "build")
    assert code == 0 and "knowledge version 1" in out


def test_a_port_that_is_taken_is_said_plainly(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, err = run("serve", "--port", str(taken.getsockname()[1]))
    assert code == 2 and "Can't listen on 127.0.0.1" in err and "Traceback" not in err


def test_a_command_that_is_not_installed_is_said_plainly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.commands.plugins.entry_points", lambda **_: ())
    code, _, err = run("train", "encoder")
    assert code == 2 and "not installed" in err


def test_a_command_of_another_package_gets_its_arguments(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import typer

    app, got = typer.Typer(), []

    @app.command()
    def train(what: str, epochs: int = 1) -> None:
        got.append((what, epochs))

    class Found:
        @staticmethod
        def load() -> typer.Typer:
            return app

    monkeypatch.setattr("api.commands.plugins.entry_points", lambda **_: (Found,))
    assert run("train", "encoder", "--epochs", "3")[0] == 0
    assert got == [("encoder", 3)]
    assert "EPOCHS" in run("train", "--help")[1].upper()
