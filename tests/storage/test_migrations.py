"""Migrations keep what is there."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from assistant.storage import Store
from assistant.storage.migrate import configuration, newest
from assistant.storage.queue import Wanted
from assistant.storage.quick_replies import TEAM

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def test_conversations_from_before_the_agents_are_listed_by_need(bare_database_url: str) -> None:
    engine = create_engine(bare_database_url)
    at = NOW.strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00" if engine.dialect.name == "postgresql" else "")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0003")
        for name, state in (("c1", "waiting"), ("c2", "assistant")):
            connection.execute(text(
                "INSERT INTO conversation (id, channel, token_hash, state, turn, created_at, updated_at) "
                f"VALUES ('{name}', 'web', 'x', '{state}', 0, '{at}', '{at}')"))
        for kind in ("conversation.opened", "conversation.handed_over"):
            connection.execute(text("INSERT INTO event (conversation_id, type, payload, at) "
                                    f"VALUES ('c1', '{kind}', '{{\"state\": \"waiting\", \"reason\": \"x\"}}', '{at}')"))
    engine.dispose()
    store = Store.open(bare_database_url)
    with store.read() as work:
        lines = work.queue.page("anna", Wanted())
        told = work.outbox.for_agent(0, "anna")
    store.close()
    assert [(line.conversation.id, line.conversation.needed_at, line.conversation.waiting_since) for line in lines] == [
        ("c2", NOW, None), ("c1", NOW, NOW)]
    assert [event.type for event in told] == ["conversation.handed_over"]


def test_what_one_person_had_taken_away_is_live_until_two_want_it_gone(bare_database_url: str) -> None:
    engine = create_engine(bare_database_url)
    at = NOW.strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00" if engine.dialect.name == "postgresql" else "")
    columns = "(article_id, revision, digest, article, state, created_at, updated_at, author, approver)"
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0010")
        connection.execute(text(f"INSERT INTO knowledge_version (number, digest, revisions, at) VALUES (1, 'x', '{{\"a\": 1}}', '{at}'), "
                                f"(2, 'x', '{{\"a\": 2, \"b\": 1}}', '{at}')"))
        for name, revision, state in (("a", 1, "retired"), ("a", 2, "retired"), ("b", 1, "published"), ("c", 1, "retired")):
            connection.execute(text(f"INSERT INTO article_revision {columns} VALUES "
                                    f"('{name}', {revision}, 'x', '{{}}', '{state}', '{at}', '{at}', 'anna', 'cara')"))
        connection.execute(text("INSERT INTO revision_comment (id, article_id, revision, author, text, at) "
                                f"VALUES ('k', 'a', 2, 'anna', 'x', '{at}')"))
    for revision in ("head", "0010", "head"):
        with engine.begin() as connection:
            (command.downgrade if revision == "0010" else command.upgrade)(configuration(connection), revision)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT article_id, revision, state, effect FROM article_revision ORDER BY 1, 2")).all()
    assert [tuple(row) for row in rows] == [("a", 1, "retired", "change"), ("a", 2, "published", "change"),
                                            ("b", 1, "published", "change"), ("c", 1, "retired", "change")]
    for state, approver in (("published", "NULL"), ("approved", "NULL"), ("approved", "'anna'")):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(text(
                f"INSERT INTO article_revision {columns} VALUES ('d', 1, 'x', '{{}}', '{state}', '{at}', '{at}', 'anna', {approver})"))
    engine.dispose()


def test_phrases_from_before_are_found_by_pinyin_and_the_team_begins_with_what_is_shipped_once(bare_database_url: str) -> None:
    engine = create_engine(bare_database_url)
    at = NOW.strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00" if engine.dialect.name == "postgresql" else "")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0012")
        connection.execute(text("INSERT INTO quick_reply (id, owner, title, shortcut, text, updated_at) "
                                f"VALUES ('1', 'anna', '核实身份', 'v9', 'x', '{at}')"))
        connection.execute(text(
            "INSERT INTO conversation (id, channel, token_hash, state, turn, created_at, updated_at, closed_at, closed_by) "
            f"VALUES ('c1', 'web', 'x', 'closed', 0, '{at}', '{at}', '{at}', 'anna')"))
    engine.dispose()
    for removed in range(2):
        store = Store.open(bare_database_url)
        with store.write() as work:
            (own,), team = work.quick_replies.of("anna"), work.quick_replies.of(TEAM)
            known = work.conversations.get("c1")
            assert work.quick_replies.remove(TEAM, team[0].id)
        store.close()
        assert (own.shortcut, own.initials, own.pinyin, own.instead_of) == ("v9", "hssf", "heshishenfen", ())
        assert len(team) == 16 - removed and known and known.last_agent == "anna"
    with engine.begin() as connection:
        command.downgrade(configuration(connection), "0012")
        assert connection.execute(text("SELECT owner FROM quick_reply")).scalars().all() == ["anna"]
    engine.dispose()


def test_whoever_was_signed_in_stays_so_and_their_sessions_have_ids(bare_database_url: str) -> None:
    engine = create_engine(bare_database_url)
    at = NOW.strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00" if engine.dialect.name == "postgresql" else "")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0012")
        connection.execute(text(
            "INSERT INTO staff (id, name, display_name, password_hash, roles, active, demo, created_at, updated_at) "
            f"VALUES ('s', 'anna', 'Anna', 'x', '[\"admin\"]', true, false, '{at}', '{at}')"))
        for token_hash in ("a", "b"):
            connection.execute(text("INSERT INTO staff_session (token_hash, staff_id, created_at, seen_at, expires_at) "
                                    f"VALUES ('{token_hash}', 's', '{at}', '{at}', '{at}')"))
    for revision in ("0016", "0012", "0016"):
        with engine.begin() as connection:
            (command.downgrade if revision == "0012" else command.upgrade)(configuration(connection), revision)
    engine.dispose()
    store = Store.open(bare_database_url)
    with store.read() as work:
        found = [work.sessions.get(token_hash) for token_hash in ("a", "b")]
    store.close()
    assert len({session.id for session, _ in found}) == 2 and all(len(session.id) == 32 for session, _ in found)
    assert {(account.failed_sign_ins, account.password_expires_at) for _, account in found} == {(0, None)}


def test_files_are_numbered_as_they_follow_one_another() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == newest()


def test_a_database_that_is_up_to_date_needs_no_migrations(bare_database_url: str) -> None:
    code = (f"import sys; from assistant.storage import Store; Store.open({bare_database_url!r}).close(); "
            "sys.exit('alembic.command' in sys.modules)")
    assert [subprocess.run([sys.executable, "-c", code], check=False).returncode for _ in range(2)] == [1, 0]


def test_a_database_of_a_later_version_is_refused(database_url: str) -> None:
    Store.open(database_url).close()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(CommandError):
        Store.open(database_url)
