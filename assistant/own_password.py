"""Who is signed in changes their own password: with the one they have, which is guessed at no more often than at the door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from assistant.accounts import replace_password, subject_of
from assistant.attempts import Counted, count, forgive
from assistant.audit import SYSTEM, Action, Actor
from assistant.errors import PasswordRefused, PasswordWrong
from assistant.inbox import utc_now
from assistant.passwords import MIN_LENGTH, check_password, hash_password, is_same, verify_password
from assistant.sessions import SignedIn
from assistant.storage import Account, Store

__all__ = ["OwnPassword"]


class OwnPassword:
    """Safe to share between threads."""

    def __init__(self, store: Store, *, min_password: int = MIN_LENGTH, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._min_password = min_password
        self._clock = clock

    def change(self, signed_in: SignedIn, current: str, new: str, by: Actor) -> None:
        """All other sessions of the account end. Raises PasswordRefused, UnreadableText, SignInLocked or PasswordWrong."""
        account = signed_in.account
        # Before the one they have is looked at: what is refused here tells nothing of it, and costs no attempt.
        check_password(new, account.name, account.display_name, least=self._min_password)
        if is_same(current, new):
            raise PasswordRefused("it is the one that it would replace")
        counted = count(self._store, account.name, by.address, self._clock())
        right = verify_password(account.password_hash, current) and counted.may_succeed
        if right and self._replace(signed_in, hash_password(new), counted, by):
            return
        self._refuse(account, counted, by)
        raise PasswordWrong()

    def _replace(self, signed_in: SignedIn, password_hash: str, counted: Counted, by: Actor) -> bool:
        """False where the account was changed since the password was verified."""
        verified, now = signed_in.account, self._clock()
        with self._store.write() as work:
            held = work.staff.hold(verified.name)
            expired = held.password_expires_at is not None and now >= held.password_expires_at
            if not held.active or expired or held.password_hash != verified.password_hash:
                return False
            forgive(work, held, counted, now)
            replace_password(work, held, password_hash, by, now, demo=held.demo, goes_on=signed_in.session_id)
        return True

    def _refuse(self, account: Account, counted: Counted, by: Actor) -> None:
        subject, now = subject_of(account.name), self._clock()
        with self._store.write() as work:
            work.audit.record(Action.ACCOUNT_PASSWORD_REFUSED, by, now, subject=subject,
                              details={} if counted.may_succeed else {"reason": "locked"})
            if counted.locks:
                work.audit.record(Action.ACCOUNT_LOCKED, SYSTEM, now, subject=subject)
