"""Verdicts that agents were shown beside no follow-up. What they rest on is the same for many of them, and kept once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from assistant.storage.records import Judgement
from assistant.storage.rows import insert_new
from assistant.storage.tables import judgement, judgement_input
from assistant.suitability import digest_of

__all__ = ["Judgements"]

# Large, and shared by many; and what is one word.
_PARTS, _WORDS = ("client", "products", "firm"), ("place", "refusal")


class Judgements:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, items: Sequence[Judgement]) -> None:
        """Those that were shown before, as they are, are there already."""
        known = set(self._connection.scalars(select(judgement.c.digest).where(judgement.c.digest.in_([item.digest for item in items]))))
        rows, parts = dict[str, dict[str, Any]](), dict[str, Any]()
        for item in items:
            if item.digest not in known:
                named = {name: digest_of(part) for name in _PARTS if (part := item.inputs[name]) is not None}
                parts |= {digest: item.inputs[name] for name, digest in named.items()}
                rows[item.digest] = {"digest": item.digest, **named, **{name: item.inputs.get(name) for name in _WORDS},
                                     "verdict": item.verdict, "at": item.at}
        # Always in the same order, so that two who show the same wait in turn.
        for digest in sorted(parts):
            insert_new(self._connection, judgement_input, {"digest": digest, "content": parts[digest]})
        for digest in sorted(rows):
            insert_new(self._connection, judgement, rows[digest])

    def get(self, digest: str) -> Judgement | None:
        """With what it rests on."""
        row = self._connection.execute(select(judgement).where(judgement.c.digest == digest)).mappings().one_or_none()
        if row is None:
            return None
        parts = {found.digest: found.content for found in self._connection.execute(
            select(judgement_input).where(judgement_input.c.digest.in_([row[name] for name in _PARTS])))}
        inputs = {**{name: parts.get(row[name]) for name in _PARTS}, **{name: row[name] for name in _WORDS if row[name]}}
        return Judgement(digest, row["verdict"], inputs, row["at"])
