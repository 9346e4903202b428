"""Client records from CSV and Parquet files: read, taken once, and what is wrong told row by row."""

from __future__ import annotations

import csv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import client_import
from assistant.audit import Actor
from assistant.client_files import COLUMNS, BadRow, ClientFile, Row
from assistant.client_import import ClientImport, Counts, Rejected
from assistant.client_record import ClientFields
from assistant.clients import Clients
from assistant.errors import ClientFileInvalid
from assistant.identity import client_ref
from assistant.storage import Store
from assistant.suitability import Kind, Losses, RiskLevel, Term, TradingPermission, Wishes
from assistant.trail import AuditTrail
from tests.assistant.clock import Clock

pyarrow = pytest.importorskip("pyarrow")

BY = Actor("os:root")
Take = Callable[..., tuple[Counts, list[Rejected]]]
WHOLE = {
    "id": "C1", "display_name": "谷雨 017", "tier": "gold", "risk_level": "C3", "assessed_on": "2026/3/1",
    "assessment_expires_on": "20270228",
    "lowest_class": "否", "investor_type": "ordinary", "qualified_until": "2027.01.01", "birth_year": "1980", "permissions": "star; fund",
    "notes": "一\n二，\"三\"", "opted_out": "yes", "wishes.term": "any", "wishes.kinds": "equity|fixed_income", "wishes.losses": "some",
    "holdings.as_of": "2026-11-20", "holdings.positions": "3", "holdings.total_assets": "352,000.50", "holdings.cash": "1000",
    "holdings.by_kind.equity": "-1.5", "identities.web": "token", "identities.wechat": ""}


@pytest.fixture
def take(store: Store) -> Take:
    def take(file: ClientFile, at: Store = store) -> tuple[Counts, list[Rejected]]:
        faults: list[Rejected] = []
        return ClientImport(at, BY, clock=Clock()).take(file, faults.append), faults

    return take


@pytest.fixture
def clients(store: Store) -> Clients:
    return Clients(store, clock=Clock())


def write_csv(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> ClientFile:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return ClientFile(path, encoding=encoding.replace("-sig", ""))


def write_text(path: Path, text: str) -> ClientFile:
    path.write_text(text, encoding="utf-8")
    return ClientFile(path)


def write_parquet(path: Path, columns: dict[str, list[Any]]) -> ClientFile:
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(columns), path)
    return ClientFile(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_whole_row_of_csv(take: Take, clients: Clients, tmp_path: Path, encoding: str) -> None:
    counts, faults = take(write_csv(tmp_path / "clients.csv", [WHOLE], encoding))
    assert counts == Counts(added=1) and faults == []
    record = clients.look("C1", BY)
    assert (record.display_name, record.tier, record.risk_level, record.notes) == ("谷雨 017", "gold", RiskLevel.C3, '一\n二，"三"')
    assert (record.assessed_on, record.assessment_expires_on, record.qualified_until) == (
        date(2026, 3, 1), date(2027, 2, 28), date(2027, 1, 1))
    assert (record.lowest_class, record.opted_out, record.birth_year) == (False, True, 1980)
    assert record.permissions == {TradingPermission.STAR, TradingPermission.FUND}
    assert record.wishes == Wishes(Term.ANY, frozenset({Kind.EQUITY, Kind.FIXED_INCOME}), Losses.SOME)
    assert record.holdings == {
        "as_of": "2026-11-20", "total_assets": "352000.50", "cash": "1000", "by_kind": {"equity": "-1.5"}, "positions": 3}
    assert record.channels == ("web",)
    assert clients.known_as("web", client_ref("token")) == record


def test_a_whole_row_of_parquet(take: Take, clients: Clients, tmp_path: Path) -> None:
    counts, faults = take(write_parquet(tmp_path / "clients.parquet", {
        "id": ["C1", "C2"], "risk_level": ["C3", None], "assessed_on": [date(2026, 3, 1), None],
        "assessment_expires_on": [datetime(2027, 2, 28, 12), None], "lowest_class": [False, True], "birth_year": [1980, None],
        "permissions": [["star", "fund"], []], "holdings.as_of": ["2026-11-20", None],
        "holdings.total_assets": [Decimal("352000.50"), None], "holdings.cash": [1000.0, None], "opted_out": [None, True]}))
    assert counts == Counts(added=2) and faults == []
    record = clients.look("C1", BY)
    assert (record.assessed_on, record.assessment_expires_on, record.birth_year) == (date(2026, 3, 1), date(2027, 2, 28), 1980)
    assert record.permissions == {TradingPermission.STAR, TradingPermission.FUND} and record.opted_out is False
    assert record.holdings and (record.holdings["total_assets"], record.holdings["cash"]) == ("352000.50", "1000.00")
    assert clients.look("C2", BY).lowest_class and clients.look("C2", BY).opted_out


def test_the_same_file_again_changes_nothing(take: Take, clients: Clients, store: Store, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "clients.csv", [WHOLE, {**WHOLE, "id": "C2", "identities.web": "other"}])
    assert take(file)[0] == Counts(added=2)
    before, trail = clients.page(BY), len(AuditTrail(store).page(0, 100))
    assert take(file)[0] == Counts(unchanged=2)
    assert clients.page(BY) == before and len(AuditTrail(store).page(0, 100)) == trail + 1


def test_what_differs_is_changed_and_each_change_is_in_the_trail(take: Take, clients: Clients, store: Store, tmp_path: Path) -> None:
    take(write_text(tmp_path / "a.csv", "id,tier,notes\nC1,gold,机密\nC2,gold,\nC3,gold,\n"))
    counts, _ = take(write_text(tmp_path / "b.csv", "id,tier\nC3,gold\nC2,silver\nC4,\n"))
    assert counts == Counts(added=1, changed=1, unchanged=1)
    assert clients.look("C1", BY).notes == "机密" and clients.look("C4", BY).tier == "standard"
    changes = [(entry.actor, entry.subject, entry.details) for entry in AuditTrail(store).page(0, 100) if entry.action == "client.changed"]
    assert [subject for _, subject, _ in changes] == ["client:C1", "client:C2", "client:C3", "client:C2", "client:C4"]
    assert changes[3] == ("os:root", "client:C2", {
        "changed": ["tier"], "before": {"tier": "gold"}, "after": {"tier": "silver"}, "source": "b.csv"})
    assert "机密" not in repr(changes)


def test_an_empty_cell_takes_away_where_a_record_can_be_without(take: Take, clients: Clients, tmp_path: Path) -> None:
    take(write_csv(tmp_path / "a.csv", [WHOLE]))
    take(write_csv(tmp_path / "b.csv", [{**dict.fromkeys(WHOLE, " "), "id": "C1"}]))
    record = clients.look("C1", BY)
    assert (record.display_name, record.risk_level, record.assessed_on, record.birth_year, record.holdings) == (None,) * 5
    assert record.wishes == Wishes() and record.channels == ("web",)
    assert (record.tier, record.notes, record.permissions) == ("gold", '一\n二，"三"', {TradingPermission.STAR, TradingPermission.FUND})


def test_a_file_signs_nobody_up_again_for_follow_ups(take: Take, clients: Clients, tmp_path: Path) -> None:
    clients.put("C1", ClientFields.model_validate({"opted_out": True}), BY)
    assert take(write_text(tmp_path / "a.csv", "id,opted_out\nC1,false\nC2,false\nC3,1\n"))[0] == Counts(added=2, unchanged=1)
    assert [clients.look(client_id, BY).opted_out for client_id in ("C1", "C2", "C3")] == [True, False, True]


def test_rows_that_are_wrong_are_told_and_the_others_are_taken(take: Take, clients: Clients, tmp_path: Path) -> None:
    clients.put("C9", ClientFields.model_validate({"identities": {"web": "taken"}}), BY)
    counts, faults = take(write_text(tmp_path / "a.csv", "\n".join((
        "id,risk_level,assessed_on,birth_year,permissions,identities.web", "C1,C3,2026-01-01,1980,star,one", "C2,C6,soon,x,star moon,",
        "C3,C3,2026-01-01,1980,star", "C1,C1,,,,", ",C1,,,,", "坏 号,C1,,,,", "C4,,2026-01-01,,,", "C5,C2,2027-01-01,,,", "C6,,,,,taken",
        "C7,,,,,one", "C8,C2,,,,last", "C10,C2,,,,,,"))))
    assert (counts.added, counts.rejected) == (2, 10)
    assert [(fault.row, fault.id, fault.field) for fault in faults if fault.row != 3] == [
        (4, "", ""), (5, "C1", "id"), (6, "", "id"), (7, "", "id"), (13, "", ""), (8, "C4", ""), (9, "C5", ""), (10, "C6", "identities"),
        (11, "C7", "identities")]
    assert {fault.field for fault in faults if fault.row == 3} == {"risk_level", "assessed_on", "birth_year", "permissions.1"}
    assert not any(word in fault.reason for fault in faults for word in ("C6'", "soon", "moon", "taken", "坏", "'x'"))
    assert {record.id for record in clients.page(BY)} == {"C1", "C8", "C9"}
    assert clients.look("C1", BY).risk_level is RiskLevel.C3


def test_a_row_after_a_wrong_one_with_the_same_id_is_taken(take: Take, clients: Clients, tmp_path: Path) -> None:
    counts, _ = take(write_text(tmp_path / "a.csv", "id,tier\nC1,a b\nC1,gold\n"))
    assert (counts.added, counts.rejected) == (1, 1) and clients.look("C1", BY).tier == "gold"


def test_identities_may_change_hands_within_a_file(take: Take, clients: Clients, tmp_path: Path) -> None:
    take(write_text(tmp_path / "a.csv", "id,identities.web\nC1,x\nC2,y\n"))
    assert take(write_text(tmp_path / "b.csv", "id,identities.web\nC1,z\nC2,x\n"))[0] == Counts(changed=2)
    owner = clients.known_as("web", client_ref("x"))
    assert owner and owner.id == "C2" and clients.known_as("web", client_ref("y")) is None


@pytest.mark.parametrize(("name", "content", "complaint"), [
    ("a.csv", b"", "can't be read"), ("a.csv", b"name\nx\n", "unknown: name"), ("a.csv", b"tier\ngold\n", "no column 'id'"),
    ("a.csv", b"id,risk\nC1,C2\n", "unknown: risk"), ("a.csv", b"id,id\nC1,C2\n", "twice: id"), ("a.csv", b"id;tier\nC1;gold\n", "unknown"),
    ("a.csv", "id,tier\nC1,黄金\n".encode("gb18030"), "gb18030"), ("a.parquet", b"PAR1", "can't be read"),
    ("a.parquet", b"nonsense that is long enough", "can't be read"), ("a.xlsx", b"", "expected a file that ends"),
    ("a", b"", "ends in .csv")])
def test_a_file_that_can_not_be_read_is_said(take: Take, tmp_path: Path, name: str, content: bytes, complaint: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ClientFileInvalid, match=complaint):
        take(ClientFile(tmp_path / name))


@pytest.mark.parametrize("name", ["missing.csv", "missing.parquet", "."])
def test_a_file_that_is_not_there_is_said(take: Take, tmp_path: Path, name: str) -> None:
    with pytest.raises(ClientFileInvalid):
        take(ClientFile(tmp_path / name))


def test_an_encoding_that_is_none_is_said(take: Take, tmp_path: Path) -> None:
    write_text(tmp_path / "a.csv", "id\nC1\n")
    with pytest.raises(ClientFileInvalid):
        take(ClientFile(tmp_path / "a.csv", encoding="klingon"))


def test_a_file_without_rows_adds_nothing(take: Take, tmp_path: Path) -> None:
    assert take(write_text(tmp_path / "a.csv", "id,tier\n"))[0] == Counts()
    assert take(write_parquet(tmp_path / "a.parquet", {"id": pyarrow.array([], pyarrow.string())}))[0] == Counts()


def test_progress_is_told_and_many_rows_go_in_by_hundreds(store: Store, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [{"id": f"C{number:05}", "birth_year": "1970"} for number in range(1234)])
    heard: list[tuple[str, int, int]] = []
    counts = ClientImport(store, BY).take(file, lambda _: None, lambda *step: heard.append(step))
    assert counts == Counts(added=1234) and [done for _, done, _ in heard] == [501, 1001, 1235]
    assert {total for *_, total in heard} == {1235} and file.count() == 1235
    assert AuditTrail(store).verify().broken is None


def test_what_was_cut_off_is_finished_by_running_it_again(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_csv(tmp_path / "a.csv", [{"id": f"C{number:02}", "birth_year": "1970"} for number in range(25)])
    monkeypatch.setattr(client_import, "_AT_ONCE", 10)

    def stop(_: str, done: int, __: int) -> None:
        if done > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ClientImport(store, BY).take(file, lambda _: None, stop)
    assert ClientImport(store, BY).take(file, lambda _: None) == Counts(added=5, unchanged=20)


def test_two_who_import_the_same_file_at_once(store: Store, database_url: str, tmp_path: Path) -> None:
    rows = [{"id": f"C{number:03}", "birth_year": "1970", "identities.web": f"w{number}"} for number in range(300)]
    forwards, backwards = write_csv(tmp_path / "a.csv", rows), write_csv(tmp_path / "b.csv", rows[::-1])
    other = Store.open(database_url)

    def take(job: tuple[Store, ClientFile]) -> Counts:
        return ClientImport(job[0], BY).take(job[1], lambda _: None)

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(take, [(store, forwards), (other, backwards)]))
    other.close()
    assert sum(item.added for item in counts) == 300 and sum(item.unchanged for item in counts) == 300
    assert sum(item.rejected for item in counts) == 0


CELLS = st.text(max_size=12) | st.sampled_from(
    ["C3", "2026-01-01", "star;fund", "true", "1980", "12.5", "any", "equity", "\x00", "=1+1"])


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.fixed_dictionaries({name: CELLS for name in COLUMNS}), min_size=1, max_size=4))
def test_any_text_in_any_cell_is_taken_or_told(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]) -> None:
    path = tmp_path_factory.mktemp("any") / "a.csv"
    store = Store.open(f"sqlite:///{path.with_name('zhike.db')}")
    try:
        file = write_csv(path, [{**row, "id": f"C{number}"} for number, row in enumerate(rows)], "utf-8")
        faults: list[Rejected] = []
        counts = ClientImport(store, BY, clock=Clock()).take(file, faults.append)
        assert counts.added + counts.rejected == len(rows) and bool(counts.rejected) == bool(faults)
    except ClientFileInvalid:
        pass
    finally:
        store.close()


def test_row_numbers_are_those_of_the_table(tmp_path: Path) -> None:
    file = write_text(tmp_path / "a.csv", "id,tier\nA\nB,x\nC,y,z\nD\nE,v\nF\n")
    assert [(row.number, type(row).__name__) for row in file.rows()] == [
        (2, "BadRow"), (3, "Row"), (4, "BadRow"), (5, "BadRow"), (6, "Row"), (7, "BadRow")]
    assert [row.id for row in file.rows() if isinstance(row, Row)] == ["B", "E"]
    assert all("header has 2" in row.reason for row in file.rows() if isinstance(row, BadRow))
