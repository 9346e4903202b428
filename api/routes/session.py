"""How a member of staff signs in and out, and minds their own sessions and password."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from api import session_cookie
from api.dependencies import JsonBody, PerAddress, Running
from api.errors import problems
from api.routes.staff import SessionId
from api.schemas_accounts import PasswordChange, SessionList
from api.schemas_staff import SessionView, SignedInView, SignIn
from api.security import Caller, actor, requires
from assistant.roles import Permission

__all__ = ["router"]

router = APIRouter(prefix="/v1/session", tags=["staff"], dependencies=[PerAddress])
Own = Annotated[Caller, requires(Permission.OWN_SESSION)]
_STAFF = problems(401, 403, 422, 429, 503)


@router.post("", dependencies=[JsonBody], responses=problems(400, 401, 413, 415, 422, 429, 503))
async def sign_in(body: SignIn, request: Request, response: Response, running: Running) -> SignedInView:
    """Sign in. 401 `bad_credentials` whatever was wrong; 429 `sign_in_locked` for a while after several failures."""
    by = actor(request, None)
    opened = await to_thread.run_sync(
        partial(running.application.sessions.sign_in, body.username, body.password, address=by.address,
                request_id=by.request_id, replaces=session_cookie.read(request) if body.cookie else None),
        limiter=running.sign_ins)
    if body.cookie:
        session_cookie.keep(request, response, opened.token, opened.expires_at)
    return SignedInView.of(opened, has_cookie=body.cookie)


@router.get("", responses=_STAFF)
async def see_session(caller: Own) -> SessionView:
    """Who is signed in, what they may do, and the CSRF token of a session that is a cookie."""
    return SessionView.of(caller.signed_in, has_cookie=caller.has_cookie)


@router.delete("", status_code=204, responses=_STAFF)
async def sign_out(caller: Own, request: Request, response: Response, running: Running) -> None:
    """Sign out: the session ends at once, everywhere."""
    await to_thread.run_sync(running.application.sessions.sign_out, caller.signed_in.token, caller.by)
    if caller.has_cookie:
        session_cookie.clear(request, response)


@router.get("/all", responses=_STAFF)
async def list_own_sessions(caller: Own, running: Running) -> SessionList:
    """The caller's open sessions, this one among them, the newest first."""
    found = await to_thread.run_sync(running.application.sessions.open_of, caller.signed_in.account.name)
    return SessionList.of(found, current=caller.signed_in.session_id)


@router.delete("/all", status_code=204, responses=_STAFF)
async def sign_out_everywhere(caller: Own, request: Request, response: Response, running: Running) -> None:
    """Sign out everywhere, here too."""
    await to_thread.run_sync(running.application.sessions.end_all, caller.signed_in.account.name, caller.by)
    if caller.has_cookie:
        session_cookie.clear(request, response)


@router.delete("/all/{session_id}", status_code=204, responses={**_STAFF, **problems(404)})
async def end_own_session(session_id: SessionId, caller: Own, running: Running) -> None:
    """End one of the caller's sessions."""
    await to_thread.run_sync(running.application.sessions.end, caller.signed_in.account.name, session_id, caller.by)


@router.put("/password", status_code=204, dependencies=[JsonBody], responses={**_STAFF, **problems(400, 413, 415)})
async def change_own_password(body: PasswordChange, caller: Own, running: Running) -> None:
    """Change the caller's password, with the one they have; all their other sessions end.

    422 `password_wrong` counts as a failure to sign in, and 429 `sign_in_locked` comes after several.
    """
    change = partial(running.application.own_password.change, caller.signed_in, body.current_password, body.new_password, caller.by)
    await to_thread.run_sync(change, limiter=running.sign_ins)
