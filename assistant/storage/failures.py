"""Failures to sign in, counted where all processes see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from assistant.lockout import Failures
from assistant.storage.rows import clear_away, insert_new
from assistant.storage.tables import sign_in_failures

__all__ = ["SignInFailures"]


class SignInFailures:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self, keys: Iterable[str], at: datetime) -> dict[str, Failures]:
        """What is known under each key, locked until the transaction ends; a key without failures gets a row too."""
        held = {}
        # Always in the same order, so that two who want the same two wait for each other in turn.
        for key in sorted(set(keys)):
            held[key] = self._hold(key, at)
        return held

    def _hold(self, key: str, at: datetime) -> Failures:
        query = select(sign_in_failures).where(sign_in_failures.c.key == key).with_for_update()
        while True:
            insert_new(self._connection, sign_in_failures, {"key": key, "count": 0, "last_at": at, "locked_until": at})
            row = self._connection.execute(query).mappings().one_or_none()
            # Another transaction may have forgotten the row that was in the way of ours.
            if row is not None:
                return Failures(row["count"], row["last_at"], row["locked_until"])

    def set(self, key: str, failures: Failures) -> None:
        self._connection.execute(update(sign_in_failures).where(sign_in_failures.c.key == key).values(asdict(failures)))

    def forget(self, key: str) -> None:
        self._connection.execute(delete(sign_in_failures).where(sign_in_failures.c.key == key))

    def clear_old(self, before: datetime) -> None:
        clear_away(self._connection, sign_in_failures, sign_in_failures.c.last_at < before)
