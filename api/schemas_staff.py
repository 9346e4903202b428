"""What goes over the wire to staff."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.audit import Entry
from assistant.roles import Permission, Role
from assistant.sessions import SignedIn, csrf_token

__all__ = ["AuditEntries", "SessionView", "SignIn", "SignedInView"]


class SignIn(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    username: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    cookie: bool = Field(False, description="Give the session as a cookie that scripts can't read, for a page of ours.")


class SessionView(BaseModel):
    user: str = Field(description="Name of the account.")
    display_name: str
    roles: list[Role]
    permissions: list[Permission] = Field(description="What the roles allow, together.")
    expires_at: datetime = Field(description="When the session ends in any case; without calls it ends sooner.")
    csrf_token: str | None = Field(None, description="For X-CSRF-Token, where the session is a cookie.")

    @classmethod
    def of(cls, signed_in: SignedIn, *, has_cookie: bool) -> Self:
        return cls(**_fields(signed_in, has_cookie=has_cookie))


class SignedInView(SessionView):
    token: str | None = Field(description="Bearer token of the session, shown once; null where it is a cookie.")

    @classmethod
    def of(cls, signed_in: SignedIn, *, has_cookie: bool) -> Self:
        return cls(token=None if has_cookie else signed_in.token, **_fields(signed_in, has_cookie=has_cookie))


def _fields(signed_in: SignedIn, *, has_cookie: bool) -> dict[str, Any]:
    account = signed_in.account
    return {"user": account.name, "display_name": account.display_name, "roles": list(account.roles),
            "permissions": [permission for permission in Permission if permission in signed_in.permissions],
            "expires_at": signed_in.expires_at, "csrf_token": csrf_token(signed_in.token) if has_cookie else None}


class AuditEntryView(BaseModel):
    """One entry, with all that its hash is made of: see docs/staff.md."""

    seq: int
    at: str = Field(description="ISO 8601 in UTC, to the microsecond.")
    action: str
    actor: str | None = Field(description="Account, os:NAME at the command line, system, or null where unknown.")
    subject: str | None = Field(description="What it was done to, as kind:id.")
    details: Any
    address: str | None
    request_id: str | None
    previous_hash: str
    hash: str

    model_config = ConfigDict(from_attributes=True)


class AuditEntries(BaseModel):
    entries: list[AuditEntryView]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        return cls(entries=[AuditEntryView.model_validate(entry) for entry in entries])
