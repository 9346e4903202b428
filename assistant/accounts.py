"""Accounts of staff: made, changed, taken out of use; each change with an entry in the audit trail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from assistant.attempts import forget
from assistant.audit import Action, Actor
from assistant.errors import AccountNameInvalid, AccountNotFound, LastAdmin, OwnAccount, RolesMissing, SkillUnknown
from assistant.inbound import clean_text
from assistant.inbox import utc_now
from assistant.lockout import MOST_IN_A_ROW
from assistant.passwords import MIN_LENGTH, check_password, hash_password, new_password
from assistant.roles import Role, in_order
from assistant.storage import Account, Store, Work
from assistant.teams import clean_team

__all__ = ["Accounts", "Temporary", "account_name", "create", "find", "replace_password", "subject_of"]

_NAME = re.compile(r"[^\W_][\w.@-]{0,63}")
_MAX_DISPLAY_NAME = 64
# OWASP ASVS 4.0 2.3.1: what an admin hands out is for a short time, and for the first sign-in only.
_TEMPORARY = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Temporary:
    """An account with a new password that opens it only for its owner to choose another; the password is kept nowhere."""

    account: Account
    password: str = field(repr=False)


def account_name(typed: str) -> str | None:
    """The name of the account that is meant, whatever its case and width; None where none can be."""
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", typed).strip().casefold())
    return name if _NAME.fullmatch(name) else None


def subject_of(name: str) -> str:
    """How the audit trail names an account."""
    return f"account:{name}"


def find(work: Work, name: str) -> Account:
    """The account that is meant, whatever its case and width. Raises AccountNotFound."""
    known = account_name(name)
    account = work.staff.get(known) if known else None
    if account is None:
        raise AccountNotFound()
    return account


class Accounts:
    """`skills` are those that the firm's service has; without them any will do. Safe to share between threads."""

    def __init__(self, store: Store, *, min_password: int = MIN_LENGTH, skills: Collection[str] | None = None,
                 clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._min_password = min_password
        self._skills = skills
        self._clock = clock

    def all(self) -> list[Account]:
        """By name."""
        with self._store.read() as work:
            return work.staff.all()

    def page(self, after: str, limit: int, *, by: Actor) -> list[Account]:
        """By name, those whose names come after; the look is recorded."""
        with self._store.write() as work:
            found = work.staff.page(after, limit)
            work.audit.record(Action.ACCOUNT_SEEN, by, self._clock(), details={"why": "list", "accounts": [item.name for item in found]})
        return found

    def see(self, name: str, *, by: Actor) -> Account:
        """The account; the look is recorded. Raises AccountNotFound."""
        with self._store.write() as work:
            found = find(work, name)
            _record(work, Action.ACCOUNT_SEEN, found.name, by, self._clock(), why="account")
        return found

    def add(self, name: str, password: str, roles: Iterable[Role], *, by: Actor, display_name: str = "", skills: Iterable[str] = (),
            max_conversations: int | None = None, team: str | None = None) -> Account:
        """Raises AccountNameInvalid, RolesMissing, PasswordRefused, SkillUnknown, TeamInvalid or AccountExists."""
        return self._add(name, password, roles, by, display_name, skills, max_conversations, team)

    def add_temporary(self, name: str, roles: Iterable[Role], *, by: Actor, display_name: str = "", skills: Iterable[str] = (),
                      max_conversations: int | None = None, team: str | None = None) -> Temporary:
        """As `add`, with a temporary password. Raises what `add` raises."""
        password = new_password(self._min_password)
        added = self._add(name, password, roles, by, display_name, skills, max_conversations, team, temporary=True)
        return Temporary(added, password)

    def set_password(self, name: str, password: str, *, by: Actor) -> None:
        """Ends all sessions of the account, and what locked it; one of the demonstration's is a real one from then on, so this is for who
        is at the machine. Raises AccountNotFound or PasswordRefused."""
        account = self._get(name)
        check_password(password, account.name, account.display_name, least=self._min_password)
        self._replace_password(account, password, by, takes_over=True)

    def set_temporary_password(self, name: str, *, by: Actor) -> Temporary:
        """For the owner to choose another at once; else as `set_password`, but a demonstration's stays one. Raises AccountNotFound, or
        OwnAccount of the caller's account."""
        account = self._get(name)
        if by.name == account.name:
            raise OwnAccount()
        password = new_password(self._min_password)
        return Temporary(self._replace_password(account, password, by, temporary=True), password)

    def set_roles(self, name: str, roles: Iterable[Role], *, by: Actor) -> Account:
        """In place of those it had; sessions go on with the new ones. Raises AccountNotFound, RolesMissing or LastAdmin."""
        given, known = _at_least_one(roles), self._get(name).name
        with self._store.write() as work:
            held, now = _hold_with_admins(work, known, stays=Role.ADMIN in given), self._clock()
            work.staff.change(held, now, roles=given)
            _record(work, Action.ACCOUNT_ROLES_CHANGED, held.name, by, now, before=_names(held.roles), after=_names(given))
            return find(work, known)

    def rename(self, name: str, display_name: str, *, by: Actor) -> Account:
        """What colleagues and clients see. Raises AccountNotFound, EmptyMessage or MessageTooLong."""
        shown, known = _one_line(display_name), self._get(name).name
        with self._store.write() as work:
            held, now = work.staff.hold(known), self._clock()
            if held.display_name != shown:
                work.staff.rename(held, now, shown)
                _record(work, Action.ACCOUNT_RENAMED, held.name, by, now, before=held.display_name, after=shown)
            return find(work, known)

    def serve_as(self, name: str, skills: Iterable[str], max_conversations: int | None, *, by: Actor) -> Account:
        """What the routing of the queue knows of them, in place of what it knew: no skills for a generalist, None for the firm's limit.

        Raises AccountNotFound or SkillUnknown.
        """
        given, known = self._known(skills), self._get(name).name
        with self._store.write() as work:
            _serve_as(work, work.staff.hold(known), given, max_conversations, by, self._clock())
            return find(work, known)

    def join_team(self, name: str, team: str | None, *, by: Actor) -> Account:
        """The account as it is then; None takes it out of its team. Raises AccountNotFound or TeamInvalid."""
        given, known = clean_team(team) if team is not None else None, self._get(name).name
        with self._store.write() as work:
            _join_team(work, work.staff.hold(known), given, by, self._clock())
            return find(work, known)

    def deactivate(self, name: str, *, by: Actor) -> Account:
        """Nobody signs in any more, and all sessions end; the account stays for what it did. Raises AccountNotFound or LastAdmin."""
        return self._switch(name, by=by, active=False)

    def activate(self, name: str, *, by: Actor) -> Account:
        """Undo `deactivate`. Raises AccountNotFound."""
        return self._switch(name, by=by, active=True)

    def unlock(self, name: str, *, by: Actor) -> Account:
        """Forget what failed to sign in, and so what locked the account. Raises AccountNotFound."""
        known = self._get(name).name
        with self._store.write() as work:
            held = work.staff.hold(known)
            forget(work, held)
            _record(work, Action.ACCOUNT_UNLOCKED, held.name, by, self._clock(), failed_sign_ins=held.failed_sign_ins)
            return find(work, known)

    def _add(self, name: str, password: str, roles: Iterable[Role], by: Actor, display_name: str, skills: Iterable[str],
             max_conversations: int | None, team: str | None, *, temporary: bool = False) -> Account:
        known = account_name(name)
        if known is None:
            raise AccountNameInvalid()
        shown = _one_line(display_name or name)
        given, joined = self._known(skills), clean_team(team) if team is not None else None
        if not temporary:
            check_password(password, known, shown, least=self._min_password)
        now = self._clock()
        expires_at = now + _TEMPORARY if temporary else None
        account = create(known, hash_password(password), roles, at=now, display_name=shown, expires_at=expires_at)
        with self._store.write() as work:
            # Whom the demonstration's admin adds goes with the demonstration.
            adds = work.staff.get(by.name) if by.name else None
            account = replace(account, demo=adds is not None and adds.demo)
            work.staff.add(account)
            _record(work, Action.ACCOUNT_ADDED, account.name, by, now, roles=_names(account.roles))
            if given or max_conversations:
                _serve_as(work, account, given, max_conversations, by, now)
            _join_team(work, account, joined, by, now)
            return find(work, known)

    def _replace_password(self, account: Account, password: str, by: Actor, *, temporary: bool = False,
                          takes_over: bool = False) -> Account:
        password_hash, now = hash_password(password), self._clock()
        with self._store.write() as work:
            held, expires_at = work.staff.hold(account.name), now + _TEMPORARY if temporary else None
            replace_password(work, held, password_hash, by, now, expires_at=expires_at, demo=held.demo and not takes_over)
            return find(work, account.name)

    def _switch(self, name: str, *, by: Actor, active: bool) -> Account:
        known = self._get(name).name
        with self._store.write() as work:
            held, now = _hold_with_admins(work, known, stays=active), self._clock()
            if held.active == active:
                return held
            work.staff.change(held, now, active=active)
            ended = work.sessions.end_all(held.id)
            action = Action.ACCOUNT_ACTIVATED if active else Action.ACCOUNT_DEACTIVATED
            _record(work, action, held.name, by, now, **({} if active else {"sessions_ended": ended}))
            return find(work, known)

    def _known(self, skills: Iterable[str]) -> tuple[str, ...]:
        given = tuple(dict.fromkeys(skills))
        for skill in given if self._skills is not None else ():
            if skill not in self._skills:
                raise SkillUnknown(skill, self._skills)
        return given

    def _get(self, name: str) -> Account:
        with self._store.read() as work:
            return find(work, name)


def create(name: str, password_hash: str, roles: Iterable[Role], *, at: datetime, display_name: str,
           demo: bool = False, expires_at: datetime | None = None) -> Account:
    """A new account, active, not yet stored; a password that expires is a temporary one. Raises RolesMissing."""
    return Account(id=uuid4().hex, name=name, display_name=display_name, password_hash=password_hash,
                   roles=_at_least_one(roles), active=True, demo=demo, created_at=at, updated_at=at, password_expires_at=expires_at)


def replace_password(work: Work, held: Account, password_hash: str, by: Actor, at: datetime, *, demo: bool,
                     expires_at: datetime | None = None, goes_on: str = "") -> None:
    """End the account's sessions, but for the one that `goes_on`, and what locked it; a password that expires is temporary."""
    work.staff.set_password(held, at, password_hash, expires_at, demo=demo)
    forget(work, held)
    details = {"sessions_ended": work.sessions.end_all(held.id, but=goes_on)}
    _record(work, Action.ACCOUNT_PASSWORD_CHANGED, held.name, by, at, **details, **({"temporary": True} if expires_at else {}))


def _hold_with_admins(work: Work, name: str, *, stays: bool) -> Account:
    """The account, locked; unless it `stays` an active admin, with all others, so that no two take each other's place away.

    Raises AccountNotFound, or LastAdmin where nobody else could administer accounts then. The demonstration's admin is
    there only as long as the demonstration, and so stands in for nobody but its own.
    """
    if stays:
        return work.staff.hold(name)
    accounts = work.staff.hold_all()
    held = next((account for account in accounts if account.name == name), None)
    if held is None:
        raise AccountNotFound()
    others = [account for account in accounts if account.name != name and _administers(account) and _signs_in(account)
              and (held.demo or not account.demo)]
    if _administers(held) and not others:
        raise LastAdmin()
    return held


def _administers(account: Account) -> bool:
    return account.active and Role.ADMIN in account.roles


def _signs_in(account: Account) -> bool:
    """Whether its own password opens it."""
    return account.password_expires_at is None and account.failed_sign_ins < MOST_IN_A_ROW


def _serve_as(work: Work, held: Account, skills: tuple[str, ...], max_conversations: int | None, by: Actor, at: datetime) -> None:
    work.staff.serve_as(held, at, skills, max_conversations)
    _record(work, Action.ACCOUNT_SERVICE_CHANGED, held.name, by, at, skills=list(skills), max_conversations=max_conversations)


def _join_team(work: Work, held: Account, team: str | None, by: Actor, at: datetime) -> None:
    if held.team != team:
        work.staff.join_team(held, at, team)
        _record(work, Action.ACCOUNT_TEAM_CHANGED, held.name, by, at, before=held.team, after=team)


def _one_line(display_name: str) -> str:
    """Without line breaks, and without what only turns the direction of others' words."""
    visible = "".join(char for char in display_name if unicodedata.category(char) != "Cf")
    return clean_text(" ".join(visible.split()), max_length=_MAX_DISPLAY_NAME)


def _at_least_one(roles: Iterable[Role]) -> tuple[Role, ...]:
    given = in_order(roles)
    if not given:
        raise RolesMissing()
    return given


def _names(roles: Iterable[Role]) -> list[str]:
    return [role.value for role in roles]


def _record(work: Work, action: Action, name: str, by: Actor, at: datetime, **details: Any) -> None:
    work.audit.record(action, by, at, subject=subject_of(name), details=details)
