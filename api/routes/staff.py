"""Accounts of staff, for who administers them; the commands `zhike user` do the same by the same ways."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query

from api.dependencies import JsonBody, PerAddress, Running
from api.errors import problems
from api.schemas_accounts import (
    AccountAdd,
    Accounts,
    AccountView,
    DisplayNameSet,
    RolesSet,
    ServiceSet,
    SessionList,
    TeamJoin,
    TemporaryView,
)
from api.security import Caller, requires
from assistant.roles import Permission

__all__ = ["SessionId", "router"]

router = APIRouter(prefix="/v1/staff", tags=["staff"], dependencies=[PerAddress])
Administering = Annotated[Caller, requires(Permission.ADMINISTER_STAFF)]
AccountName = Annotated[str, Path(min_length=1, max_length=128, examples=["agent1"])]
SessionId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", examples=["5f0c7d0e3a1b4c6e9d2f8a7b6c5d4e3f"])]
After = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$", description="Name of an account; later ones come.")]
Limit = Annotated[int, Query(ge=1, le=500)]
_STAFF = problems(401, 403, 422, 429, 503)
_ONE = {**_STAFF, **problems(404)}
_CHANGES = {**_ONE, **problems(400, 409, 413, 415)}


@router.get("", responses=_STAFF)
async def list_accounts(caller: Administering, running: Running, after: After = "", limit: Limit = 100) -> Accounts:
    """Accounts by name; `after` the last name goes on."""
    page = partial(running.application.accounts.page, after, limit, by=caller.by)
    return Accounts.of(await to_thread.run_sync(page))


@router.post("", status_code=201, dependencies=[JsonBody], responses={**_STAFF, **problems(400, 409, 413, 415)})
async def add_account(body: AccountAdd, caller: Administering, running: Running) -> TemporaryView:
    """Add an account, with a temporary password that is shown once."""
    add = partial(running.application.accounts.add_temporary, body.name, body.roles, by=caller.by, display_name=body.display_name or "",
                  skills=body.skills, max_conversations=body.max_conversations, team=body.team)
    return TemporaryView.given(await to_thread.run_sync(add, limiter=running.sign_ins))


@router.get("/{name}", responses=_ONE)
async def see_account(name: AccountName, caller: Administering, running: Running) -> AccountView:
    """One account."""
    return AccountView.of(await to_thread.run_sync(partial(running.application.accounts.see, name, by=caller.by)))


@router.put("/{name}/roles", dependencies=[JsonBody], responses=_CHANGES)
async def set_roles(name: AccountName, body: RolesSet, caller: Administering, running: Running) -> AccountView:
    """Roles in place of those it has, for open sessions too. 409 `last_admin` where nobody else could administer accounts then."""
    return AccountView.of(await to_thread.run_sync(partial(running.application.accounts.set_roles, name, body.roles, by=caller.by)))


@router.put("/{name}/display-name", dependencies=[JsonBody], responses=_CHANGES)
async def set_display_name(name: AccountName, body: DisplayNameSet, caller: Administering, running: Running) -> AccountView:
    """The name that colleagues see."""
    return AccountView.of(await to_thread.run_sync(partial(running.application.accounts.rename, name, body.display_name, by=caller.by)))


@router.put("/{name}/service", dependencies=[JsonBody], responses=_CHANGES)
async def set_service(name: AccountName, body: ServiceSet, caller: Administering, running: Running) -> AccountView:
    """What the queue routes to it, in place of what was said before."""
    serve = partial(running.application.accounts.serve_as, name, body.skills, body.max_conversations, by=caller.by)
    return AccountView.of(await to_thread.run_sync(serve))


@router.put("/{name}/team", dependencies=[JsonBody], responses=_CHANGES)
async def set_account_team(name: AccountName, body: TeamJoin, caller: Administering, running: Running) -> AccountView:
    """The team by which figures of service are split, or none."""
    return AccountView.of(await to_thread.run_sync(partial(running.application.accounts.join_team, name, body.team, by=caller.by)))


@router.post("/{name}/deactivate", responses={**_ONE, **problems(409)})
async def deactivate_account(name: AccountName, caller: Administering, running: Running) -> AccountView:
    """Take it out of use: all its sessions end; what it did stays on record. 409 `last_admin` as with roles."""
    return AccountView.of(await to_thread.run_sync(partial(running.application.accounts.deactivate, name, by=caller.by)))


@router.post("/{name}/activate", responses=_ONE)
async def activate_account(name: AccountName, caller: Administering, running: Running) -> AccountView:
    """Take it into use again."""
    return AccountView.of(await to_thread.run_sync(partial(running.application.accounts.activate, name, by=caller.by)))


@router.post("/{name}/unlock", responses=_ONE)
async def unlock_account(name: AccountName, caller: Administering, running: Running) -> AccountView:
    """Forget its failures to sign in, and what it has to wait for them."""
    return AccountView.of(await to_thread.run_sync(partial(running.application.accounts.unlock, name, by=caller.by)))


@router.post("/{name}/password", responses={**_ONE, **problems(409)})
async def reset_password(name: AccountName, caller: Administering, running: Running) -> TemporaryView:
    """Give it a temporary password, shown once. All its sessions end, and what locked it. 409 `own_account` for the caller's own."""
    reset = partial(running.application.accounts.set_temporary_password, name, by=caller.by)
    return TemporaryView.given(await to_thread.run_sync(reset, limiter=running.sign_ins))


@router.get("/{name}/sessions", responses=_ONE)
async def list_account_sessions(name: AccountName, caller: Administering, running: Running) -> SessionList:
    """Its open sessions, the newest first."""
    found = await to_thread.run_sync(running.application.sessions.see, name, caller.by)
    return SessionList.of(found, current=caller.signed_in.session_id)


@router.delete("/{name}/sessions", status_code=204, responses=_ONE)
async def end_account_sessions(name: AccountName, caller: Administering, running: Running) -> None:
    """Sign it out everywhere."""
    await to_thread.run_sync(running.application.sessions.end_all, name, caller.by)


@router.delete("/{name}/sessions/{session_id}", status_code=204, responses=_ONE)
async def end_account_session(name: AccountName, session_id: SessionId, caller: Administering, running: Running) -> None:
    """End one of its sessions."""
    await to_thread.run_sync(running.application.sessions.end, name, session_id, caller.by)
