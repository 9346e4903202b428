"""Files are shown to the firm's scanner, and files that belong to nothing go in time."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assistant.audit import Actor
from assistant.errors import AttachmentInfected, AttachmentNotFound, ScannerUnavailable, SettingsInvalid
from assistant.files import Files
from assistant.scanning import Clamd, no_scan
from assistant.storage import Store
from assistant.uploads import Uploads
from tests.assistant.office import Office
from tests.fakes.clamd import BAD, FakeClamd

DAY = 86_400


@pytest.mark.parametrize("by_path", [True, False], ids=["socket", "network"])
def test_clamd_says_what_it_found(tmp_path: Path, by_path: bool) -> None:
    with FakeClamd(tmp_path if by_path else None) as clamd:
        scan = Clamd(clamd.address)
        large = bytes(range(256)) * 2000
        assert scan(b"harmless") is None and scan(b"") is None and scan(large) is None
        assert scan(b"..." + BAD) == "Test.Pattern-1"
        assert clamd.seen == [b"harmless", b"", large, b"..." + BAD]


@pytest.mark.parametrize("answer", [
    b"", b"\0", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK but not quite\0", b"\xff\xfe\0", b"x" * 9000],
    ids=["nothing", "empty", "too large", "another", "no text", "endless"])
def test_what_was_not_looked_at_is_not_taken(answer: bytes) -> None:
    with FakeClamd(answer=answer) as clamd, pytest.raises(ScannerUnavailable):
        Clamd(clamd.address)(b"x")


def test_no_scanner_where_one_is_set(tmp_path: Path) -> None:
    for address in (str(tmp_path / "none"), "127.0.0.1:1"):
        with pytest.raises(ScannerUnavailable):
            Clamd(address)(b"x")
    assert no_scan(BAD) is None


@given(some.text(max_size=40).filter(lambda text: not text.startswith("/")))
def test_an_address_is_a_path_or_a_place_in_the_network(text: str) -> None:
    host, _, port = text.rpartition(":")
    try:
        Clamd(text)
    except SettingsInvalid as refused:
        assert "ZHIKE_CLAMD" in str(refused)
    else:
        assert host and 0 < int(port) < 65536


def test_a_file_found_bad_is_refused_and_in_the_trail(store: Store, tmp_path: Path) -> None:
    office = Office(store)
    name = office.open("怎么开户")
    with FakeClamd() as clamd:
        files = Files(store, tmp_path / "uploads", scan=Clamd(clamd.address), clock=office.clock)
        for by in ({}, {"by": Actor("anna")}):
            with pytest.raises(AttachmentInfected):
                files.take("a.txt", b"hello " + BAD, conversation_id=name, **by)
        assert files.take("b.txt", b"hello", conversation_id=name).size == 5
    found = [entry for entry in office.trail(name) if entry.action == "attachment.refused"]
    assert [(entry.actor, entry.details["sender"], entry.details["found"]) for entry in found] == [
        ("system", "client", "Test.Pattern-1"), ("anna", "agent", "Test.Pattern-1")]
    assert len([path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]) == 1


def test_files_that_no_message_has_are_taken_away_in_time(store: Store, tmp_path: Path) -> None:
    office, folder = Office(store), tmp_path / "uploads"
    files, uploads = Files(store, folder, clock=office.clock), Uploads(folder)
    name = office.open("怎么开户")
    sent = office.inbox.receive(name, "f1", "", file=files.take("sent.txt", b"sent", conversation_id=name)).attachment
    orphan, fresh = (files.take("a.txt", data, conversation_id=name).sha256 for data in (b"orphan", b"fresh"))
    unfinished = uploads.path(orphan).with_name(".unfinished")
    unfinished.write_bytes(b"half")
    assert sent and files.sweep() == 0
    for path in (uploads.path(sent.sha256), uploads.path(orphan), unfinished):
        os.utime(path, (time.time() - 2 * DAY,) * 2)
    assert files.sweep() == 1 and files.sweep() == 0
    assert not uploads.path(orphan).exists() and not unfinished.exists() and uploads.path(fresh).exists()
    with store.read() as work:
        conversation = work.conversations.get(name)
    assert conversation and files.for_client(conversation, sent.id)[1].read_bytes() == b"sent"
    with pytest.raises(AttachmentNotFound):
        files.for_client(conversation, "0")
    # Sent again after it went, it is there again.
    assert uploads.path(files.take("a.txt", b"orphan", conversation_id=name).sha256).read_bytes() == b"orphan"


def test_bytes_that_are_sent_again_while_they_are_swept_stay(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    digest = uploads.keep(b"old")
    os.utime(uploads.path(digest), (time.time() - 2 * DAY,) * 2)
    before = time.time() - DAY
    assert list(uploads.untouched_since(before)) == [digest]
    assert uploads.keep(b"old") == digest
    assert not uploads.remove(digest, untouched_since=before)
    assert uploads.path(digest).read_bytes() == b"old"
    assert not uploads.remove("0" * 64, untouched_since=before)


def test_a_folder_that_is_not_there_yet(store: Store, tmp_path: Path) -> None:
    assert Files(store, tmp_path / "none").sweep() == 0
