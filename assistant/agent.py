"""A member of staff who serves clients, as the console sees them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from assistant.audit import Actor
from assistant.conversation import Party, Who
from assistant.roles import Permission
from assistant.storage import Account

__all__ = ["Agent", "subject_of"]


@dataclass(frozen=True, slots=True)
class Agent:
    """`name` is the account's, `display_name` what clients see, `by` how the audit trail names this call's caller."""

    name: str
    display_name: str
    by: Actor
    supervises: bool = False

    @classmethod
    def of(cls, account: Account, permissions: Collection[Permission], by: Actor) -> Agent:
        return cls(account.name, account.display_name, by, Permission.SUPERVISE in permissions)

    @property
    def who(self) -> Who:
        return Who(Party.AGENT, self.name, self.supervises)


def subject_of(conversation_id: str) -> str:
    """How the audit trail names a conversation."""
    return f"conversation:{conversation_id}"
