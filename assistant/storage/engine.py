"""The door to the database: SQLite for one machine, PostgreSQL for many."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from assistant.errors import SettingsInvalid, StorageUnavailable
from assistant.storage.migrate import migrate
from assistant.storage.signals import NotifySignals, Signals
from assistant.storage.work import Work

__all__ = ["Store"]

BUSY_MILLISECONDS = 30_000
# Seconds until what SQLite does not wait for is tried again.
_AGAIN = 0.02
# As many as the threads that a server runs.
_POOL = {"pool_size": 20, "max_overflow": 30}


class Store:
    """Units of work on one database. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        # One view for a whole unit of reading; SQLite's transactions are so by themselves.
        snapshot = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
        self._reading = engine.execution_options(**snapshot)
        self._writing = engine.execution_options(writes=True)
        # SQLite has one writer, and lets the others sleep and try again; in one process they can queue.
        self._turn = Lock() if engine.dialect.name == "sqlite" else nullcontext()
        self.signals = NotifySignals(engine) if engine.dialect.name == "postgresql" else Signals()

    @classmethod
    def open(cls, url: str) -> Store:
        """Connect and bring the tables up to date. Raises SettingsInvalid or StorageUnavailable."""
        engine = _engine(url)
        try:
            migrate(engine)
        except OperationalError as error:
            engine.dispose()
            raise StorageUnavailable(f"The database {engine.url!r} can't be used: {error.orig}") from error
        return cls(engine)

    @contextmanager
    def write(self) -> Iterator[Work]:
        """One transaction: all is kept at the end of the block, or nothing when it raises."""
        with _unavailable(), self._turn, self._writing.begin() as connection:
            work = Work(connection, writes=True)
            yield work
            work.audit.append_recorded()

    @contextmanager
    def read(self) -> Iterator[Work]:
        """One consistent view, without waiting for writers."""
        with _unavailable(), self._reading.begin() as connection:
            yield Work(connection, writes=False)

    def close(self) -> None:
        self._reading.dispose()


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StorageUnavailable(f"The database did not answer: {error.orig}") from error


def _engine(url: str) -> Engine:
    try:
        address = make_url(url)
        if address.drivername in ("postgresql", "postgres"):
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() == "sqlite":
            return _sqlite(address)
        return create_engine(address, pool_pre_ping=True, hide_parameters=True, **_POOL)
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsInvalid(f"ZHIKE_DATABASE is no database URL that can be used: {error}") from error
    except ModuleNotFoundError as error:
        raise SettingsInvalid(f"ZHIKE_DATABASE needs a driver: pip install 'zhike[postgresql]' ({error})") from error


def _sqlite(address: Any) -> Engine:
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    # Parameters hold clients' words, which must not reach a log.
    engine = create_engine(address, connect_args={"timeout": BUSY_MILLISECONDS / 1000}, hide_parameters=True,
                           **_POOL)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # The driver's own idea of transactions starts them too late for a consistent read, so SQL starts them below.
    connection.isolation_level = None
    # NORMAL keeps every commit when the process dies, and may lose the last ones when the power fails.
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    _write_ahead(connection)
    for pragma in ("foreign_keys = ON", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any) -> None:
    """Two processes may make a new database at once, and for this switch SQLite does not wait as it does for any other lock."""
    give_up = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # The lowest byte says what it is, those above it why.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
        time.sleep(_AGAIN)


def _begin_sqlite(connection: Connection) -> None:
    # A write transaction takes its lock at once: one that begins as a read can't wait for another writer.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
