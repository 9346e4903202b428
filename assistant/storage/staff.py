"""Members of staff, and their sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from assistant.errors import AccountExists, AccountNotFound
from assistant.roles import Role, in_order
from assistant.storage.records import Account, StaffSession
from assistant.storage.rows import clear_away, insert_new
from assistant.storage.tables import staff, staff_session

__all__ = ["Staff", "StaffSessions"]

# Run for every call of staff, and so made once.
_SESSION = select(staff_session, staff).join_from(staff_session, staff, staff.c.id == staff_session.c.staff_id).where(
    staff_session.c.token_hash == bindparam("token_hash"))


class Staff:
    """`hold` locks an account until the transaction ends; what changes it holds it first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: Account) -> None:
        """Raises AccountExists."""
        values = {name: getattr(item, name) for name in item.__dataclass_fields__}
        if not insert_new(self._connection, staff, {**values, "roles": [role.value for role in item.roles], "skills": list(item.skills)}):
            raise AccountExists()

    def get(self, name: str) -> Account | None:
        row = self._connection.execute(select(staff).where(staff.c.name == name)).mappings().one_or_none()
        return row and _to_account(row)

    def hold(self, name: str) -> Account:
        """Raises AccountNotFound."""
        query = select(staff).where(staff.c.name == name).with_for_update()
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise AccountNotFound()
        return _to_account(row)

    def all(self) -> list[Account]:
        """By name."""
        return [_to_account(row) for row in self._connection.execute(select(staff).order_by(staff.c.name)).mappings()]

    def serve_as(self, held: Account, at: datetime, skills: tuple[str, ...], max_conversations: int | None) -> None:
        """Set what the routing of the queue knows of them."""
        self._connection.execute(update(staff).where(staff.c.id == held.id).values(
            updated_at=at, skills=list(skills), max_conversations=max_conversations))

    def join_team(self, held: Account, at: datetime, team: str | None) -> None:
        """None: they belong to no team."""
        self._connection.execute(update(staff).where(staff.c.id == held.id).values(updated_at=at, team=team))

    def change(self, held: Account, at: datetime, *, password_hash: str | None = None,
               roles: tuple[Role, ...] | None = None, active: bool | None = None, demo: bool | None = None) -> None:
        """Set what is given."""
        given: dict[str, Any] = {"password_hash": password_hash, "active": active, "demo": demo,
                                 "roles": None if roles is None else [role.value for role in roles]}
        self._connection.execute(update(staff).where(staff.c.id == held.id).values(
            updated_at=at, **{name: value for name, value in given.items() if value is not None}))


class StaffSessions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: StaffSession) -> None:
        values = {name: getattr(item, name) for name in item.__dataclass_fields__}
        self._connection.execute(insert(staff_session).values(values))

    def get(self, token_hash: str) -> tuple[StaffSession, Account] | None:
        """The session and whose it is; whether it has expired is for the caller to say."""
        row = self._connection.execute(_SESSION, {"token_hash": token_hash}).one_or_none()
        if row is None:
            return None
        values = row._mapping
        return (StaffSession(**{column.name: values[column] for column in staff_session.c}),
                _to_account({column.name: values[column] for column in staff.c}))

    def touch(self, token_hash: str, at: datetime) -> None:
        """It was used; a session that has ended meanwhile stays ended."""
        self._connection.execute(update(staff_session).where(
            staff_session.c.token_hash == token_hash, staff_session.c.seen_at < at).values(seen_at=at))

    def end(self, token_hash: str) -> bool:
        """Whether there was one."""
        ended = self._connection.execute(delete(staff_session).where(staff_session.c.token_hash == token_hash))
        return ended.rowcount == 1

    def end_all(self, staff_id: str) -> int:
        """How many there were."""
        return self._connection.execute(delete(staff_session).where(staff_session.c.staff_id == staff_id)).rowcount

    def owners(self, now: datetime, *, unseen_since: datetime) -> set[str]:
        """Ids of the accounts that have a session which has not expired and was used since."""
        return set(self._connection.scalars(select(staff_session.c.staff_id).where(
            staff_session.c.expires_at > now, staff_session.c.seen_at >= unseen_since)))

    def clear_expired(self, now: datetime, *, unseen_since: datetime) -> None:
        clear_away(self._connection, staff_session,
                   or_(staff_session.c.expires_at <= now, staff_session.c.seen_at < unseen_since))


def _to_account(row: Mapping[str, Any]) -> Account:
    return Account(**{**row, "roles": in_order(row["roles"]), "skills": tuple(row["skills"])})
