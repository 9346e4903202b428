"""The audit trail in the store: written with the transaction that it tells of, and never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text

from assistant.audit import GENESIS, Act, Action, Actor, Entry, canonical, moment, sealed
from assistant.storage.tables import audit_entry

__all__ = ["Audit"]

_CHAIN_LOCK = 5_318_008_604
# Run in nearly every transaction, and so made once.
_HEAD = select(audit_entry).where(audit_entry.c.seq == select(func.max(audit_entry.c.seq)).scalar_subquery())
_APPEND = insert(audit_entry)


class Audit:
    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self._recorded: list[Act] = []

    def record(self, action: Action, actor: Actor, at: datetime, *, subject: str | None = None,
               details: Mapping[str, Any] | None = None) -> None:
        """Have an act written into the trail when the transaction ends, or not at all when it fails.

        A look at a client's record is `record(Action.CLIENT_SEEN, actor, now, subject=f"client:{id}")`.
        Raises RuntimeError in a unit of reading, which keeps nothing.
        """
        if not self._writes:
            raise RuntimeError("An act can only be recorded in a unit of writing.")
        self._recorded.append(Act(action, actor, at, subject, details or {}))

    def append_recorded(self) -> None:
        """The last thing that a transaction does, because it makes commits take turns."""
        if not self._recorded:
            return
        if self._connection.dialect.name == "postgresql":
            # SQLite's writers take turns anyway.
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
        head = self.head()
        for act in self._recorded:
            head = sealed(act, seq=head.seq + 1 if head else 1, previous_hash=head.hash if head else GENESIS)
            self._connection.execute(_APPEND, {**asdict(head), "details": canonical(head.details)})
        self._recorded.clear()

    def head(self) -> Entry | None:
        """The newest entry."""
        row = self._connection.execute(_HEAD).one_or_none()
        return row and _to_entry(row)

    def after(self, seq: int, *, limit: int, since: datetime | None = None,
              until: datetime | None = None) -> list[Entry]:
        """Entries with a greater `seq`, in order; where given, from `since` on and before `until`."""
        query = select(audit_entry).where(audit_entry.c.seq > seq).order_by(audit_entry.c.seq).limit(limit)
        if since:
            query = query.where(audit_entry.c.at >= moment(since))
        if until:
            query = query.where(audit_entry.c.at < moment(until))
        return [_to_entry(row) for row in self._connection.execute(query)]


def _to_entry(row: Row[Any]) -> Entry:
    values = dict(row._mapping)
    # What somebody changed into no JSON is left as found; it will not match its hash.
    with suppress(TypeError, ValueError, RecursionError):
        values["details"] = json.loads(values["details"])
    return Entry(**values)
