"""Which agents are on duty: those who may answer clients and have a session of staff that has not ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.roles import Permission, permissions_of
from assistant.storage import Account, Work

__all__ = ["Duty", "may_answer"]


def may_answer(account: Account | None) -> bool:
    """Whether a conversation may be given to them; with a temporary password they can do nothing yet."""
    return (account is not None and account.active and account.password_expires_at is None
            and Permission.REPLY in permissions_of(account.roles))


@dataclass(frozen=True, slots=True)
class Duty:
    """`idle`: without a call for so long, a session has ended."""

    idle: timedelta

    def agents(self, work: Work, now: datetime) -> list[tuple[Account, bool]]:
        """Everybody who may answer clients, by name, and whether they are on duty."""
        signed_in = work.sessions.owners(now, unseen_since=now - self.idle)
        return [(account, account.id in signed_in) for account in work.staff.all() if may_answer(account)]

    def agent(self, work: Work, name: str | None, now: datetime) -> Account | None:
        """The account, where they are on duty."""
        account = work.staff.get(name) if name else None
        if account is None or not may_answer(account):
            return None
        return account if account.id in work.sessions.owners(now, unseen_since=now - self.idle) else None
