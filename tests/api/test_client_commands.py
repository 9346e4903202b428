"""`zhike client` and `zhike product`, on either store."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.audit import Actor
from assistant.clients import Clients
from assistant.storage import Store
from assistant.vouching import Vouching
from tests.api.test_cli import Run, run
from tests.fakes.databases import database_url, postgresql_server, postgresql_tables

pytest.importorskip("pyarrow")

__all__ = ["database_url", "postgresql_server", "postgresql_tables", "run"]

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(run: Run, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Command:
    monkeypatch.setenv("ZHIKE_DATABASE", database_url)
    return run


def test_clients_are_imported_and_again(command: Command, tmp_path: Path, database_url: str) -> None:
    (tmp_path / "clients.csv").write_text("id,tier,risk_level\nC1,gold,C2\nC2,,C3\n")
    code, out, err = command("client", "import", "clients.csv")
    assert (code, out, err) == (0, "2 added, 0 changed, 0 as they were, 0 rejected\n", "")
    assert command("client", "import", "clients.csv")[1] == "0 added, 0 changed, 2 as they were, 0 rejected\n"
    assert not (tmp_path / "clients.csv.rejected.csv").exists()
    store = Store.open(database_url)
    assert [record.tier for record in Clients(store).page(Actor("test"))] == ["gold", "standard"]
    store.close()


def test_rows_that_are_rejected_are_listed_with_reasons(command: Command, tmp_path: Path) -> None:
    rows = "".join(f"C{number},C9\n" for number in range(12))
    (tmp_path / "clients.csv").write_text(f"id,risk_level\nA,C1\n{rows}")
    code, out, err = command("client", "import", "clients.csv")
    assert code == 1 and out == "1 added, 0 changed, 0 as they were, 12 rejected\n"
    assert err.count("risk_level: ") == 10 and "clients.csv.rejected.csv" in err and "C9" not in err
    with (tmp_path / "clients.csv.rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len(listed) == 12 and (listed[0]["row"], listed[0]["id"], listed[0]["field"]) == ("3", "C0", "risk_level")


def test_where_the_list_goes_may_be_said(command: Command, tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("id\n坏\n")
    assert command("client", "import", "clients.csv", "--rejected", "out.csv")[0] == 1
    assert "expected 1 to 64" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(("content", "complaint"), [("name\nx\n", "unknown: name"), ("", "can't be read")])
def test_a_file_that_can_not_be_read_is_not_done(command: Command, tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "clients.csv").write_text(content)
    code, _, err = command("client", "import", "clients.csv")
    assert code == 2 and complaint in err and "client_file_invalid" in err


def test_an_encoding_may_be_given(command: Command, tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("id,display_name\nC1,谷雨\n", encoding="gb18030")
    assert command("client", "import", "clients.csv")[0] == 2
    assert command("client", "import", "clients.csv", "--encoding", "gb18030")[1].startswith("1 added")


def test_products_are_imported(command: Command, tmp_path: Path) -> None:
    (tmp_path / "products.toml").write_text(
        '[[product]]\ncode = "A"\nname = "甲"\nfamily = "cash"\nrisk = "R1"\nkind = "fixed_income"\n', encoding="utf-8")
    assert command("product", "import", "products.toml") == (0, "1 added, 0 changed, 0 as they were\n", "")
    assert command("product", "import", "products.toml")[1] == "0 added, 0 changed, 1 as they were\n"
    (tmp_path / "products.toml").write_text("x = 1")
    code, _, err = command("product", "import", "products.toml")
    assert code == 2 and "catalogue_invalid" in err


def test_help_says_what_they_do(command: Command) -> None:
    assert "客户档案" in command("--help")[1] and "产品目录" in command("--help")[1]
    assert "docs/clients.md" in command("client", "import", "--help")[1]


def test_a_token_to_try(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command("client", "token", "C1")[0] == 2
    secret = "0123456789abcdef" * 2
    monkeypatch.setenv("ZHIKE_CLIENT_TOKEN_SECRET", secret)
    code, out, _ = command("client", "token", "C1", "--minutes", "5")
    assert code == 0 and Vouching(secret=secret).read(out.strip(), "web").subject == "C1"
