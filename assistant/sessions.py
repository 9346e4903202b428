"""Staff sign in and out. A session is a random token, of which only the SHA-256 is kept, with two ends: after a
time without use, and after a time at all. Failures to sign in make the next attempt wait: see assistant/lockout.py.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assistant import lockout
from assistant.accounts import account_name, subject_of
from assistant.audit import Action, Actor
from assistant.errors import BadCredentials, Forbidden, NotSignedIn, SignInLocked
from assistant.inbox import utc_now
from assistant.passwords import hash_password, is_outdated, verify_password
from assistant.roles import Permission, permissions_of
from assistant.storage import Account, StaffSession, Store, Work

__all__ = ["Sessions", "SignedIn", "csrf_token"]

# A session's last use is written at most this often, and ten times in its time without use.
_TOUCH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, until when at most; `token` is the session's."""

    account: Account
    token: str = field(repr=False)
    expires_at: datetime

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.account.roles)


def csrf_token(token: str) -> str:
    """What a page that has the session as a cookie sends with each change. It follows from the session's token, which
    such a page can't read and other sites can't know; so it needs no place in the store."""
    return hmac.new(token.encode("utf-8", "replace"), b"zhike csrf", hashlib.sha256).hexdigest()


class Sessions:
    """Safe to share between threads."""

    def __init__(self, store: Store, *, idle: timedelta, longest: timedelta,
                 clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._idle = idle
        self._longest = longest
        self._touch = min(_TOUCH, idle / 10)
        self._clock = clock

    def sign_in(self, username: str, password: str, *, address: str | None = None, request_id: str | None = None,
                replaces: str | None = None) -> SignedIn:
        """Open a session, in place of the one whose token is `replaces`. Raises BadCredentials or SignInLocked.

        A wrong password, an unknown name and an account that is not active are told apart neither by the error nor
        by the work that is done.
        """
        name = account_name(username)
        rules = {lockout.account_key(name or username): lockout.ACCOUNT}
        if key := lockout.address_key(address):
            rules[key] = lockout.ADDRESS
        attempts = self._count(rules)
        account = self._account(name)
        right = verify_password(account and account.password_hash, password)
        if account and right and account.active:
            renewed = hash_password(password) if is_outdated(account.password_hash) else None
            by = Actor(account.name, address, request_id)
            if opened := self._open(account, by, attempts, password_hash=renewed, replaces=replaces):
                return opened
        reason = "name" if account is None else "not active" if right else "password"
        self._refuse(account, reason, address, request_id)
        raise BadCredentials()

    def admit(self, token: str, *, use: bool = True) -> SignedIn:
        """Who holds the token. Raises NotSignedIn. A `use` keeps the session alive; that a stream stays open is none."""
        token_hash, now = _digest(token), self._clock()
        with self._store.read() as work:
            found = work.sessions.get(token_hash)
        if found is None:
            raise NotSignedIn()
        session, account = found
        if not account.active or now >= session.expires_at or now - session.seen_at > self._idle:
            raise NotSignedIn()
        if use and now - session.seen_at >= self._touch:
            with self._store.write() as work:
                work.sessions.touch(token_hash, now)
        return SignedIn(account, token, session.expires_at)

    def check(self, signed_in: SignedIn, permission: Permission, by: Actor, call: str) -> None:
        """Raises Forbidden, after the refusal is in the trail, unless a role of the account has the permission.

        `call` says what was tried, such as `GET /v1/audit`.
        """
        if permission in signed_in.permissions:
            return
        with self._store.write() as work:
            work.audit.record(Action.ACCESS_REFUSED, by, self._clock(),
                              details={"permission": permission.value, "call": call})
        raise Forbidden()

    def sign_out(self, token: str, by: Actor) -> None:
        """End the session; one that has ended already stays so."""
        with self._store.write() as work:
            if work.sessions.end(_digest(token)):
                work.audit.record(Action.SIGNED_OUT, by, self._clock())

    def _count(self, rules: dict[str, lockout.Rule]) -> dict[str, lockout.Attempt]:
        """Count an attempt as a failure before it is made; `_open` forgives it. Raises SignInLocked."""
        now = self._clock()
        with self._store.write() as work:
            held = work.failures.hold(rules, now)
            left = max(lockout.seconds_left(failures, now) for failures in held.values())
            if left > 0:
                raise SignInLocked(math.ceil(left))
            attempts = {key: lockout.Attempt(rule, held[key], lockout.failed(held[key], rule, now))
                        for key, rule in rules.items()}
            for key, attempt in attempts.items():
                work.failures.set(key, attempt.counted)
        return attempts

    def _account(self, name: str | None) -> Account | None:
        # A name that can't be is looked for too: nothing about the time shall tell.
        with self._store.read() as work:
            return work.staff.get(name or "")

    def _open(self, verified: Account, by: Actor, attempts: dict[str, lockout.Attempt], *, password_hash: str | None,
              replaces: str | None) -> SignedIn | None:
        """None where the account was changed since the password was verified."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = StaffSession(_digest(token), verified.id, now, now, now + self._longest)
        with self._store.write() as work:
            held = work.staff.hold(verified.name)
            if not held.active or held.password_hash != verified.password_hash:
                return None
            if password_hash:
                work.staff.change(held, now, password_hash=password_hash)
            _forgive(work, attempts, now)
            if replaces:
                work.sessions.end(_digest(replaces))
            work.sessions.add(session)
            work.sessions.clear_expired(now, unseen_since=now - self._idle)
            work.failures.clear_old(now - lockout.FORGET)
            work.audit.record(Action.SIGNED_IN, by, now)
        return SignedIn(held, token, session.expires_at)

    def _refuse(self, account: Account | None, reason: str, address: str | None, request_id: str | None) -> None:
        # A name without an account is not kept: it may be a password that was typed into the wrong field.
        with self._store.write() as work:
            work.audit.record(Action.SIGN_IN_FAILED, Actor(None, address, request_id), self._clock(),
                              subject=account and subject_of(account.name), details={"reason": reason})


def _forgive(work: Work, attempts: dict[str, lockout.Attempt], now: datetime) -> None:
    """The account's failures are over; of the address's only this attempt, which was none."""
    held = work.failures.hold(attempts, now)
    for key, attempt in attempts.items():
        if attempt.rule is lockout.ACCOUNT:
            work.failures.forget(key)
        else:
            work.failures.set(key, lockout.forgiven(held[key], attempt))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
