"""Rows that two transactions may want to make or clear away at the same time, or that are more than one statement takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["clear_away", "in_parts", "insert_new", "put_in_place"]

_AT_ONCE = 500
# Pairs count twice, and the oldest SQLite takes 999.
_IN_A_STATEMENT = 400
Item = TypeVar("Item")


def in_parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items, in order, as many together as a statement may name on every backend."""
    rest = iter(items)
    while some := list(islice(rest, _IN_A_STATEMENT)):
        yield some


def insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row unless one with its key is there; whether it was inserted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    made = dialect.insert(table).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return connection.execute(made, values).first() is not None


def put_in_place(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """Insert a row; one with its key that is there has the values from then on."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    made = dialect.insert(table).on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=values)
    connection.execute(made, values)


def clear_away(connection: Connection, table: Table, old: ColumnElement[bool]) -> None:
    """Delete some rows that nobody needs; those that another transaction holds are left, so nobody waits."""
    (key,) = table.primary_key.columns
    held = connection.scalars(select(key).where(old).limit(_AT_ONCE).with_for_update(skip_locked=True)).all()
    if held:
        connection.execute(delete(table).where(key.in_(held)))
