"""Staff sign in and out. A session is a random token, of which only the SHA-256 is kept, with two ends: after a
time without use, and after a time at all. Failures to sign in make the next attempt wait: see assistant/lockout.py.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from assistant import lockout
from assistant.accounts import account_name, find, subject_of
from assistant.attempts import Counted, count, forgive
from assistant.audit import SYSTEM, Action, Actor
from assistant.errors import BadCredentials, Forbidden, NotSignedIn, PasswordTemporary, SessionNotFound
from assistant.inbox import utc_now
from assistant.passwords import hash_password, is_outdated, verify_password
from assistant.roles import Permission, permissions_of
from assistant.storage import Account, StaffSession, Store

__all__ = ["Sessions", "SignedIn", "csrf_token"]

# A session's last use is written at most this often, and ten times in its time without use.
_TOUCH = timedelta(minutes=1)
_TEMPORARY = frozenset({Permission.OWN_SESSION})


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, until when at most; `token` and `session_id` are the session's."""

    account: Account
    token: str = field(repr=False)
    expires_at: datetime
    session_id: str

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the roles allow; with a temporary password, only what it takes to choose another."""
        return permissions_of(self.account.roles) if self.account.password_expires_at is None else _TEMPORARY


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
        counted = count(self._store, name, address, self._clock(), typed=username)
        account = self._account(name)
        right = verify_password(account and account.password_hash, password)
        refused = self._why_not(account, right, counted)
        if account and not refused:
            renewed = hash_password(password) if is_outdated(account.password_hash) else None
            by = Actor(account.name, address, request_id)
            if opened := self._open(account, by, counted, password_hash=renewed, replaces=replaces):
                return opened
        self._refuse(account, refused or "changed", counted, address, request_id)
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
        return SignedIn(account, token, session.expires_at, session.id)

    def check(self, signed_in: SignedIn, permission: Permission, by: Actor, call: str) -> None:
        """Raises Forbidden, after the refusal is in the trail, unless a role of the account has the permission.

        `call` says what was tried, such as `GET /v1/audit`.
        """
        if permission in signed_in.permissions:
            return
        with self._store.write() as work:
            work.audit.record(Action.ACCESS_REFUSED, by, self._clock(),
                              details={"permission": permission.value, "call": call})
        raise PasswordTemporary() if permission in permissions_of(signed_in.account.roles) else Forbidden()

    def sign_out(self, token: str, by: Actor) -> None:
        """End the session; one that has ended already stays so."""
        with self._store.write() as work:
            if work.sessions.end(_digest(token)):
                work.audit.record(Action.SIGNED_OUT, by, self._clock())

    def open_of(self, name: str) -> list[StaffSession]:
        """Those of the account that are open now, the newest first. Raises AccountNotFound."""
        now = self._clock()
        with self._store.read() as work:
            return work.sessions.open_of(find(work, name).id, now, unseen_since=now - self._idle)

    def see(self, name: str, by: Actor) -> list[StaffSession]:
        """As `open_of`, of somebody else's account; the look is recorded. Raises AccountNotFound."""
        found = self.open_of(name)
        with self._store.write() as work:
            work.audit.record(Action.ACCOUNT_SEEN, by, self._clock(), subject=subject_of(find(work, name).name),
                              details={"why": "sessions"})
        return found

    def end(self, name: str, session_id: str, by: Actor) -> None:
        """End one session of the account. Raises AccountNotFound or SessionNotFound."""
        with self._store.write() as work:
            account = find(work, name)
            if not work.sessions.end_by_id(account.id, session_id):
                raise SessionNotFound()
            work.audit.record(Action.SESSION_ENDED, by, self._clock(), subject=subject_of(account.name),
                              details={"session": session_id})

    def end_all(self, name: str, by: Actor) -> int:
        """Sign the account out everywhere; how many sessions it had. Raises AccountNotFound."""
        with self._store.write() as work:
            account = find(work, name)
            ended = work.sessions.end_all(account.id)
            work.audit.record(Action.SESSION_ENDED, by, self._clock(), subject=subject_of(account.name),
                              details={"sessions_ended": ended})
        return ended

    def _account(self, name: str | None) -> Account | None:
        # A name that can't be is looked for too: nothing about the time shall tell.
        with self._store.read() as work:
            return work.staff.get(name or "")

    def _why_not(self, account: Account | None, right: bool, counted: Counted) -> str | None:
        """Why an attempt opens no session; None where it does."""
        if account is None:
            return "name"
        if not right:
            return "password"
        if not account.active:
            return "not active"
        if not counted.may_succeed:
            return "locked"
        expires_at = account.password_expires_at
        return "expired" if expires_at and self._clock() >= expires_at else None

    def _open(self, verified: Account, by: Actor, counted: Counted, *, password_hash: str | None,
              replaces: str | None) -> SignedIn | None:
        """None where the account was changed since the password was verified."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = StaffSession(_digest(token), verified.id, now, now, now + self._longest, address=by.address)
        with self._store.write() as work:
            held = work.staff.hold(verified.name)
            if not held.active or held.password_hash != verified.password_hash:
                return None
            if password_hash:
                work.staff.change(held, now, password_hash=password_hash)
            forgive(work, held, counted, now)
            if replaces:
                work.sessions.end(_digest(replaces))
            work.sessions.add(session)
            work.sessions.clear_expired(now, unseen_since=now - self._idle)
            work.failures.clear_old(now - lockout.FORGET)
            work.audit.record(Action.SIGNED_IN, by, now)
        return SignedIn(replace(held, failed_sign_ins=0), token, session.expires_at, session.id)

    def _refuse(self, account: Account | None, reason: str, counted: Counted, address: str | None, request_id: str | None) -> None:
        # A name without an account is not kept: it may be a password that was typed into the wrong field.
        subject, now = account and subject_of(account.name), self._clock()
        with self._store.write() as work:
            work.audit.record(Action.SIGN_IN_FAILED, Actor(None, address, request_id), now, subject=subject, details={"reason": reason})
            if counted.locks:
                work.audit.record(Action.ACCOUNT_LOCKED, SYSTEM, now, subject=subject)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
