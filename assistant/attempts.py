"""Attempts to prove who one is by a password: counted before they are made, and forgiven when they were right.

The counts are in the store, so that all processes see them; the rules are those of assistant/lockout.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from assistant import lockout
from assistant.errors import SignInLocked
from assistant.storage import Account, Store, Work

__all__ = ["Counted", "count", "forget", "forgive"]


@dataclass(frozen=True, slots=True)
class Counted:
    """An attempt that stands as a failure for now; `in_a_row` says the how manieth it is of the account, 0 of a name without one."""

    by_key: dict[str, lockout.Attempt]
    in_a_row: int

    @property
    def may_succeed(self) -> bool:
        return self.in_a_row <= lockout.MOST_IN_A_ROW

    @property
    def locks(self) -> bool:
        """Whether the account is locked once this one has failed."""
        return self.in_a_row == lockout.MOST_IN_A_ROW


def count(store: Store, name: str | None, address: str | None, now: datetime, *, typed: str = "") -> Counted:
    """Count an attempt as a failure of the account and of the address. Raises SignInLocked, and then it does not count.

    What was `typed` stands for a name where that can be none.
    """
    rules = {lockout.account_key(name or typed): lockout.ACCOUNT}
    if key := lockout.address_key(address):
        rules[key] = lockout.ADDRESS
    with store.write() as work:
        # The account first and its delays after it, as where an attempt is forgiven: two who want both wait in turn.
        in_a_row = work.staff.count_failure(name or "")
        held = work.failures.hold(rules, now)
        left = max(lockout.seconds_left(failures, now) for failures in held.values())
        if left > 0:
            raise SignInLocked(math.ceil(left))
        by_key = {key: lockout.Attempt(rule, held[key], lockout.failed(held[key], rule, now)) for key, rule in rules.items()}
        for key, attempt in by_key.items():
            work.failures.set(key, attempt.counted)
    return Counted(by_key, in_a_row)


def forgive(work: Work, held: Account, counted: Counted, now: datetime) -> None:
    """The account's failures are over; of the address's only this attempt, which was none."""
    work.staff.forget_failures(held)
    failures = work.failures.hold(counted.by_key, now)
    for key, attempt in counted.by_key.items():
        if attempt.rule is lockout.ACCOUNT:
            work.failures.forget(key)
        else:
            work.failures.set(key, lockout.forgiven(failures[key], attempt))


def forget(work: Work, held: Account) -> None:
    """All that the account failed, and what it has to wait for it."""
    work.staff.forget_failures(held)
    work.failures.forget(lockout.account_key(held.name))
