"""Fixtures: an empty store on every backend that this machine has; and a database without any tables, for the migrations."""

from __future__ import annotations

import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from assistant.storage import Store

__all__ = ["bare_database_url", "database_url", "postgresql_server", "postgresql_tables", "store"]

_BACKENDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a server: ZHIKE_TEST_DATABASE, or a private cluster for this run."""
    given = os.environ.get("ZHIKE_TEST_DATABASE")
    if given:
        yield given
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("no PostgreSQL here: apt-get install postgresql, or set ZHIKE_TEST_DATABASE to a server's URL")
    folder = Path(tempfile.mkdtemp(prefix="zhike-pg-"))
    try:
        yield from _cluster(programs[-1].parent, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _cluster(programs: Path, folder: Path) -> Iterator[str]:
    command = _unprivileged(folder)
    data = folder / "data"
    start_options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"

    def run(program: str, *arguments: str) -> None:
        subprocess.run([*command, programs / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run("initdb", "-D", str(data), "-U", "zhike", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    run("pg_ctl", "-D", str(data), "-o", start_options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql+psycopg://zhike@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def _unprivileged(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: run it as its own user then."""
    if os.getuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


@pytest.fixture(scope="session")
def postgresql_tables(postgresql_server: str) -> Iterator[str]:
    """The name of a database as the migrations make it, of which others are made."""
    with _postgresql(make_url(postgresql_server)) as url:
        Store.open(url.render_as_string(hide_password=False)).close()
        assert url.database
        yield url.database


@pytest.fixture(params=_BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database with empty tables; on SQLite they come when it is opened."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'zhike.db'}"
        return
    with _postgresql(make_url(request.getfixturevalue("postgresql_server")), request.getfixturevalue("postgresql_tables")) as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture(params=_BACKENDS)
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database without tables."""
    if request.param == "sqlite":
        sqlite3.connect(tmp_path / "zhike.db").close()
        yield f"sqlite:///{tmp_path / 'zhike.db'}"
        return
    with _postgresql(make_url(request.getfixturevalue("postgresql_server"))) as url:
        yield url.render_as_string(hide_password=False)


@contextmanager
def _postgresql(server: URL, template: str = "template1") -> Iterator[URL]:
    """A database that is gone afterwards."""
    name, engine = f"t{uuid4().hex}", create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield server.set(database=name)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.open(database_url)
    yield opened
    opened.close()
