"""What goes over the wire of accounts of staff and their sessions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.accounts import Temporary
from assistant.lockout import MOST_IN_A_ROW
from assistant.roles import Role
from assistant.storage import Account, StaffSession

__all__ = ["AccountAdd", "AccountView", "Accounts", "DisplayNameSet", "PasswordChange", "RolesSet", "ServiceSet", "SessionList", "TeamJoin",
           "TemporaryView"]

Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
DisplayName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Roles = Annotated[list[Annotated[Role, Field(strict=False)]], Field(min_length=1, max_length=len(Role))]
Skills = Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=64)]], Field(
    max_length=64, description="What clients are routed by, as named in service.toml; none: a generalist.", examples=[["margin"]])]
Most = Annotated[int | None, Field(ge=1, le=1000, description="Conversations at once; null: the firm's limit.")]
Team = Annotated[str | None, Field(max_length=200, description="1 to 32 characters on one line; null for no team.", examples=["两融组"])]
_GIVEN = ConfigDict(extra="forbid", strict=True)


class AccountAdd(BaseModel):
    model_config = _GIVEN

    name: Annotated[str, StringConstraints(min_length=1, max_length=128)] = Field(
        description="To sign in with: 1 to 64 letters of any script, digits and . _ - @; case and width make no difference.")
    roles: Roles
    display_name: DisplayName | None = Field(None, description="Name that colleagues see; the name itself otherwise.")
    skills: Skills = []
    max_conversations: Most = None
    team: Team = None


class RolesSet(BaseModel):
    model_config = _GIVEN

    roles: Roles


class DisplayNameSet(BaseModel):
    model_config = _GIVEN

    display_name: DisplayName


class ServiceSet(BaseModel):
    model_config = _GIVEN

    skills: Skills
    max_conversations: Most


class TeamJoin(BaseModel):
    model_config = _GIVEN

    team: Team


class PasswordChange(BaseModel):
    model_config = _GIVEN

    current_password: Password
    new_password: Password


class AccountView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    display_name: str
    roles: list[Role]
    active: bool
    demo: bool = Field(description="Of the demonstration, and gone with it.")
    locked: bool = Field(description="After 100 failures to sign in in a row; until somebody unlocks it or sets a password.")
    skills: list[str]
    max_conversations: int | None
    team: str | None
    password_expires_at: datetime | None = Field(description="When a temporary password does; null where the owner chose it.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(**_account(account))


class Accounts(BaseModel):
    accounts: list[AccountView]

    @classmethod
    def of(cls, accounts: Iterable[Account]) -> Self:
        return cls(accounts=[AccountView.of(account) for account in accounts])


class TemporaryView(AccountView):
    password: str = Field(description="Temporary, and shown once: its owner signs in with it to choose another.")

    @classmethod
    def given(cls, temporary: Temporary) -> Self:
        return cls(password=temporary.password, **_account(temporary.account))


class SessionSummary(BaseModel):
    id: str
    began_at: datetime
    last_used_at: datetime = Field(description="To the minute or so.")
    expires_at: datetime = Field(description="When it ends in any case; without calls it ends sooner.")
    address: str | None = Field(description="From where it was begun.")
    current: bool = Field(description="Whether this call is of it.")


class SessionList(BaseModel):
    sessions: list[SessionSummary]

    @classmethod
    def of(cls, sessions: Iterable[StaffSession], *, current: str) -> Self:
        """`current` is the id of the session of who asks."""
        return cls(sessions=[SessionSummary(
            id=item.id, began_at=item.created_at, last_used_at=item.seen_at, expires_at=item.expires_at, address=item.address,
            current=item.id == current) for item in sessions])


def _account(account: Account) -> dict[str, Any]:
    shown = (name for name in AccountView.model_fields if name != "locked")
    return {"locked": account.failed_sign_ins >= MOST_IN_A_ROW, **{name: getattr(account, name) for name in shown}}
