"""The accounts of the demonstration: active only while a server runs with it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from assistant.accounts import create, subject_of
from assistant.attempts import forget
from assistant.audit import SYSTEM, Action
from assistant.errors import AccountExists
from assistant.inbox import utc_now
from assistant.passwords import hash_password, verify_password
from assistant.roles import Role
from assistant.storage import Account, Store, Work

__all__ = ["DEMO", "DemoAccounts", "close_demo", "open_demo"]

DEMO = {
    "agent1": ("坐席一", Role.AGENT), "agent2": ("坐席二", Role.AGENT), "editor": ("知识编辑", Role.EDITOR),
    "reviewer": ("合规审核", Role.REVIEWER), "manager": ("客服主管", Role.MANAGER), "admin": ("系统管理员", Role.ADMIN),
}

_TEAMS = {"agent1": "财富组", "agent2": "两融组"}


@dataclass(frozen=True, slots=True)
class DemoAccounts:
    """Who can sign in with `password`; `taken` are names whose accounts somebody made or took over, left as they are."""

    names: tuple[str, ...]
    taken: tuple[str, ...]
    password: str = field(repr=False)


def open_demo(store: Store, given: str | None, *, clock: Callable[[], datetime] = utc_now) -> DemoAccounts:
    """Make the accounts that are missing, and the rest active, all with the given password or a random one.

    The given password may be any: the accounts guard nothing but the demonstration.
    """
    password = given or secrets.token_urlsafe(12)
    # One hash for all: it is one password, and hashing is slow on purpose.
    password_hash, now = hash_password(password), clock()
    stale = _with_other_password(store, password)
    taken = []
    with store.write() as work:
        # By name, as whoever holds all accounts does: two who want the same wait in turn.
        for name, (display_name, role) in sorted(DEMO.items()):
            if work.staff.get(name) is None:
                made = create(name, password_hash, [role], at=now, display_name=display_name, demo=True)
                _add(work, replace(made, team=_TEAMS.get(name)))
                continue
            held = work.staff.hold(name)
            if held.demo:
                _refresh(work, held, password_hash if held.password_hash in stale else None, now)
            else:
                taken.append(name)
    return DemoAccounts(tuple(name for name in DEMO if name not in taken), tuple(taken), password)


def close_demo(store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
    """Nobody signs in with a demonstration's account, and its sessions end."""
    now = clock()
    with store.read() as work:
        active = [account for account in work.staff.all() if account.demo and account.active]
    if not active:
        return
    with store.write() as work:
        for account in active:
            held = work.staff.hold(account.name)
            if held.demo and held.active:
                work.staff.change(held, now, active=False)
                work.audit.record(Action.ACCOUNT_DEACTIVATED, SYSTEM, now, subject=subject_of(held.name),
                                  details={"sessions_ended": work.sessions.end_all(held.id), "demo": True})


def _with_other_password(store: Store, password: str) -> set[str]:
    """Hashes that demonstration's accounts have of another password."""
    with store.read() as work:
        known = {account.password_hash for account in work.staff.all() if account.demo}
    return {password_hash for password_hash in known if not verify_password(password_hash, password)}


def _add(work: Work, account: Account) -> None:
    # Another server that starts at the same time may have made it.
    with suppress(AccountExists):
        work.staff.add(account)
        work.audit.record(Action.ACCOUNT_ADDED, SYSTEM, account.created_at, subject=subject_of(account.name),
                          details={"roles": [role.value for role in account.roles], "demo": True})


def _refresh(work: Work, held: Account, password_hash: str | None, now: datetime) -> None:
    # What was tried at an earlier demonstration locks nobody out of this one.
    forget(work, held)
    if not held.active:
        work.staff.change(held, now, active=True)
        work.audit.record(Action.ACCOUNT_ACTIVATED, SYSTEM, now, subject=subject_of(held.name), details={"demo": True})
    if password_hash:
        work.staff.set_password(held, now, password_hash, None, demo=True)
        work.audit.record(Action.ACCOUNT_PASSWORD_CHANGED, SYSTEM, now, subject=subject_of(held.name), details={
            "sessions_ended": work.sessions.end_all(held.id), "demo": True})
