"""Words between the processes of one database, for what is worth telling now and nothing later.

PostgreSQL carries them (NOTIFY) to all who listen, once and kept nowhere. SQLite serves one machine, and one process there:
nobody else is told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

__all__ = ["NotifySignals", "Signals"]

# (topic, body) of what another process said.
Hears = Callable[[str, str], None]

_CHANNEL = "zhike_signals"
_LOOK_SECONDS = 0.1
_AGAIN_SECONDS = 2.0


class Signals:
    """Of a database that carries none."""

    def send(self, topic: str, body: str) -> None:
        """To all other processes that listen now. Never raises: what is fleeting may be lost."""

    def listen(self, hears: Hears) -> Callable[[], None]:
        """`hears` is called from a thread of its own; what comes back ends it."""
        return lambda: None


class NotifySignals(Signals):
    """By LISTEN and NOTIFY; a listener holds one connection outside of the pool, and connects again when it is lost."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._own = uuid4().hex

    def send(self, topic: str, body: str) -> None:
        with suppress(SQLAlchemyError), self._engine.begin() as connection:
            connection.execute(text("SELECT pg_notify(:channel, :payload)"),
                               {"channel": _CHANNEL, "payload": json.dumps([self._own, topic, body])})

    def listen(self, hears: Hears) -> Callable[[], None]:
        ended = Event()
        listening = Thread(target=self._listen, args=(hears, ended), name="signals", daemon=True)
        listening.start()

        def stop() -> None:
            ended.set()
            # It may be waiting for a server that does not answer.
            listening.join(_AGAIN_SECONDS)

        return stop

    def _listen(self, hears: Hears, ended: Event) -> None:
        import psycopg

        while not ended.is_set():
            try:
                with self._connection() as connection:
                    connection.execute(f"LISTEN {_CHANNEL}")
                    while not ended.is_set():
                        for notice in connection.notifies(timeout=_LOOK_SECONDS):
                            sender, topic, body = json.loads(notice.payload)
                            if sender != self._own:
                                hears(topic, body)
            except (psycopg.Error, SQLAlchemyError):
                ended.wait(_AGAIN_SECONDS)

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        """The driver's own, which belongs to the pool no more and is closed at the end."""
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        try:
            connection.autocommit = True
            yield connection
        finally:
            pooled.close()
