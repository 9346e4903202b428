"""Accounts of staff: made, changed, taken out of use; each change with an entry in the audit trail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from assistant.audit import Action, Actor
from assistant.errors import AccountNameInvalid, AccountNotFound, RolesMissing
from assistant.inbound import clean_text
from assistant.inbox import utc_now
from assistant.lockout import account_key
from assistant.passwords import check_password, hash_password
from assistant.roles import Role, in_order
from assistant.storage import Account, Store, Work
from assistant.teams import clean_team

__all__ = ["Accounts", "account_name", "create", "subject_of"]

_NAME = re.compile(r"[^\W_][\w.@-]{0,63}")
_MAX_DISPLAY_NAME = 64


def account_name(typed: str) -> str | None:
    """The name of the account that is meant, whatever its case and width; None where none can be."""
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", typed).strip().casefold())
    return name if _NAME.fullmatch(name) else None


def subject_of(name: str) -> str:
    """How the audit trail names an account."""
    return f"account:{name}"


class Accounts:
    """Safe to share between threads."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> list[Account]:
        """By name."""
        with self._store.read() as work:
            return work.staff.all()

    def add(self, name: str, password: str, roles: Iterable[Role], *, by: Actor, display_name: str = "") -> Account:
        """Raises AccountNameInvalid, RolesMissing, PasswordRefused or AccountExists."""
        known = account_name(name)
        if known is None:
            raise AccountNameInvalid()
        shown = clean_text(display_name or name, max_length=_MAX_DISPLAY_NAME)
        check_password(password, known, shown)
        account = create(known, hash_password(password), roles, at=self._clock(), display_name=shown)
        with self._store.write() as work:
            work.staff.add(account)
            _record(work, Action.ACCOUNT_ADDED, account.name, by, account.created_at, roles=_names(account.roles))
        return account

    def set_password(self, name: str, password: str, *, by: Actor) -> None:
        """Ends all sessions of the account, and what locked it. Raises AccountNotFound or PasswordRefused."""
        account = self._get(name)
        check_password(password, account.name, account.display_name)
        password_hash, now = hash_password(password), self._clock()
        with self._store.write() as work:
            held = work.staff.hold(account.name)
            # With a password of its owner's the account is no demonstration any more.
            work.staff.change(held, now, password_hash=password_hash, demo=False)
            work.failures.forget(account_key(held.name))
            _record(work, Action.ACCOUNT_PASSWORD_CHANGED, held.name, by, now,
                    sessions_ended=work.sessions.end_all(held.id))

    def set_roles(self, name: str, roles: Iterable[Role], *, by: Actor) -> None:
        """In place of those it had; sessions go on with the new ones. Raises AccountNotFound or RolesMissing."""
        given, known = _at_least_one(roles), self._get(name).name
        with self._store.write() as work:
            held, now = work.staff.hold(known), self._clock()
            work.staff.change(held, now, roles=given)
            _record(work, Action.ACCOUNT_ROLES_CHANGED, held.name, by, now, before=_names(held.roles), after=_names(given))

    def serve_as(self, name: str, skills: Iterable[str], max_conversations: int | None, *, by: Actor) -> None:
        """What the routing of the queue knows of them, in place of what it knew: no skills for a generalist, None for the firm's limit.

        Raises AccountNotFound.
        """
        given, known = tuple(dict.fromkeys(skills)), self._get(name).name
        with self._store.write() as work:
            held, now = work.staff.hold(known), self._clock()
            work.staff.serve_as(held, now, given, max_conversations)
            _record(work, Action.ACCOUNT_SERVICE_CHANGED, held.name, by, now, skills=list(given), max_conversations=max_conversations)

    def join_team(self, name: str, team: str | None, *, by: Actor) -> Account:
        """The account as it is then; None takes it out of its team. Raises AccountNotFound or TeamInvalid."""
        given, known = clean_team(team) if team is not None else None, self._get(name).name
        with self._store.write() as work:
            held, now = work.staff.hold(known), self._clock()
            if held.team != given:
                work.staff.join_team(held, now, given)
                _record(work, Action.ACCOUNT_TEAM_CHANGED, held.name, by, now, before=held.team, after=given)
        return replace(held, team=given)

    def deactivate(self, name: str, *, by: Actor) -> None:
        """Nobody signs in any more, and all sessions end; the account stays for what it did. Raises AccountNotFound."""
        self._switch(name, by=by, active=False)

    def activate(self, name: str, *, by: Actor) -> None:
        """Undo `deactivate`. Raises AccountNotFound."""
        self._switch(name, by=by, active=True)

    def _switch(self, name: str, *, by: Actor, active: bool) -> None:
        known = self._get(name).name
        with self._store.write() as work:
            held, now = work.staff.hold(known), self._clock()
            if held.active == active:
                return
            work.staff.change(held, now, active=active)
            ended = work.sessions.end_all(held.id)
            action = Action.ACCOUNT_ACTIVATED if active else Action.ACCOUNT_DEACTIVATED
            _record(work, action, held.name, by, now, **({} if active else {"sessions_ended": ended}))

    def _get(self, name: str) -> Account:
        known = account_name(name)
        with self._store.read() as work:
            account = work.staff.get(known) if known else None
        if account is None:
            raise AccountNotFound()
        return account


def create(name: str, password_hash: str, roles: Iterable[Role], *, at: datetime, display_name: str,
           demo: bool = False) -> Account:
    """A new account, active, not yet stored. Raises RolesMissing."""
    return Account(id=uuid4().hex, name=name, display_name=display_name, password_hash=password_hash,
                   roles=_at_least_one(roles), active=True, demo=demo, created_at=at, updated_at=at)


def _at_least_one(roles: Iterable[Role]) -> tuple[Role, ...]:
    given = in_order(roles)
    if not given:
        raise RolesMissing()
    return given


def _names(roles: Iterable[Role]) -> list[str]:
    return [role.value for role in roles]


def _record(work: Work, action: Action, name: str, by: Actor, at: datetime, **details: Any) -> None:
    work.audit.record(action, by, at, subject=subject_of(name), details=details)
