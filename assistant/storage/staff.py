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
_FAILED = update(staff).where(staff.c.name == bindparam("called")).values(
    failed_sign_ins=staff.c.failed_sign_ins + 1).returning(staff.c.failed_sign_ins)


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

    def page(self, after: str, limit: int) -> list[Account]:
        """By name, those whose names come after."""
        query = select(staff).where(staff.c.name > after).order_by(staff.c.name).limit(limit)
        return [_to_account(row) for row in self._connection.execute(query).mappings()]

    def hold_all(self) -> list[Account]:
        """Every account, each locked, in the order of names."""
        query = select(staff).order_by(staff.c.name).with_for_update()
        return [_to_account(row) for row in self._connection.execute(query).mappings()]

    def count_failure(self, name: str) -> int:
        """How many sign-ins have failed in a row with one more; 0 for a name without an account, which costs the same statement."""
        return self._connection.scalar(_FAILED, {"called": name}) or 0

    def forget_failures(self, held: Account) -> None:
        """No sign-in has failed since."""
        self._connection.execute(update(staff).where(staff.c.id == held.id).values(failed_sign_ins=0))

    def rename(self, held: Account, at: datetime, display_name: str) -> None:
        self._connection.execute(update(staff).where(staff.c.id == held.id).values(updated_at=at, display_name=display_name))

    def set_password(self, held: Account, at: datetime, password_hash: str, expires_at: datetime | None, *, demo: bool) -> None:
        """With `expires_at` it is a temporary one. `demo`: whether the account stays, or is, the demonstration's."""
        self._connection.execute(update(staff).where(staff.c.id == held.id).values(
            updated_at=at, password_hash=password_hash, password_expires_at=expires_at, demo=demo))

    def serve_as(self, held: Account, at: datetime, skills: tuple[str, ...], max_conversations: int | None) -> None:
        """Set what the routing of the queue knows of them."""
        self._connection.execute(update(staff).where(staff.c.id == held.id).values(
            updated_at=at, skills=list(skills), max_conversations=max_conversations))

    def join_team(self, held: Account, at: datetime, team: str | None) -> None:
        """None: they belong to no team."""
        self._connection.execute(update(staff).where(staff.c.id == held.id).values(updated_at=at, team=team))

    def change(self, held: Account, at: datetime, *, password_hash: str | None = None,
               roles: tuple[Role, ...] | None = None, active: bool | None = None) -> None:
        """Set what is given."""
        given: dict[str, Any] = {"password_hash": password_hash, "active": active,
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

    def end_by_id(self, staff_id: str, session_id: str) -> bool:
        """Whether the account had one that is called so."""
        ended = self._connection.execute(delete(staff_session).where(
            staff_session.c.staff_id == staff_id, staff_session.c.id == session_id))
        return ended.rowcount == 1

    def end_all(self, staff_id: str, *, but: str = "") -> int:
        """How many there were; `but` is the id of one that goes on."""
        return self._connection.execute(delete(staff_session).where(
            staff_session.c.staff_id == staff_id, staff_session.c.id != but)).rowcount

    def open_of(self, staff_id: str, now: datetime, *, unseen_since: datetime) -> list[StaffSession]:
        """Those of the account that have not expired and were used since, the newest first."""
        rows = self._connection.execute(select(staff_session).where(
            staff_session.c.staff_id == staff_id, staff_session.c.expires_at > now, staff_session.c.seen_at >= unseen_since,
        ).order_by(staff_session.c.created_at.desc(), staff_session.c.id)).mappings()
        return [StaffSession(**row) for row in rows]

    def owners(self, now: datetime, *, unseen_since: datetime) -> set[str]:
        """Ids of the accounts that have a session which has not expired and was used since."""
        return set(self._connection.scalars(select(staff_session.c.staff_id).where(
            staff_session.c.expires_at > now, staff_session.c.seen_at >= unseen_since)))

    def clear_expired(self, now: datetime, *, unseen_since: datetime) -> None:
        clear_away(self._connection, staff_session,
                   or_(staff_session.c.expires_at <= now, staff_session.c.seen_at < unseen_since))


def _to_account(row: Mapping[str, Any]) -> Account:
    return Account(**{**row, "roles": in_order(row["roles"]), "skills": tuple(row["skills"])})
