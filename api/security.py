"""The doors to guarded data: a client reaches a conversation only through `Admitted`, staff a call only through
`requires(permission)`."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from anyio import to_thread
from fastapi import Depends, Path, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from api import session_cookie
from api.dependencies import Running
from assistant.audit import Actor
from assistant.errors import CsrfTokenMissing, Forbidden, NotSignedIn, Unauthenticated
from assistant.roles import Permission
from assistant.sessions import SignedIn, csrf_token
from assistant.storage import Conversation

__all__ = ["STAFF_SCHEMES", "Admitted", "AdmittedId", "Caller", "actor", "admitted", "call_of", "requires"]

_bearer = HTTPBearer(auto_error=False, scheme_name="conversation",
                     description="The token that opening the conversation gave.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
ConversationId = Annotated[str, Path(min_length=1, max_length=64, examples=["5f0c7d0e3a1b4c6e9d2f8a7b6c5d4e3f"])]


async def admitted(conversation_id: ConversationId, credentials: Credentials, running: Running) -> Conversation:
    """The conversation that the bearer token opens; 401 without a token, 404 with one that opens no such thing."""
    if credentials is None or not credentials.credentials:
        raise Unauthenticated()
    return await to_thread.run_sync(running.application.conversations.admit, conversation_id, credentials.credentials)


Admitted = Annotated[Conversation, Depends(admitted)]


async def _admitted_id(conversation_id: ConversationId, credentials: Credentials, running: Running) -> str:
    """Its id alone, for which the store is asked only the first time."""
    known = credentials is not None and running.application.conversations.has_admitted(conversation_id, credentials.credentials)
    return conversation_id if known else (await admitted(conversation_id, credentials, running)).id


AdmittedId = Annotated[str, Depends(_admitted_id)]

_staff_bearer = HTTPBearer(auto_error=False, scheme_name="staff", description="The token that POST /v1/session gave.")
_staff_cookie = APIKeyCookie(
    name=session_cookie.NAME, auto_error=False, scheme_name="staffCookie",
    description="What POST /v1/session set, with `__Host-` before its name over https. Changes need X-CSRF-Token too.")
STAFF_SCHEMES = ("staff", "staffCookie")
StaffBearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_staff_bearer)]
StaffCookie = Annotated[str | None, Depends(_staff_cookie)]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """A member of staff whose call was let in; `by` is how the audit trail names them."""

    signed_in: SignedIn
    by: Actor
    has_cookie: bool


def requires(permission: Permission) -> Any:
    """What each call of staff declares: `caller: Annotated[Caller, requires(Permission.SEE_AUDIT)]`.

    401 not_signed_in without a session, 403 csrf_token_missing, 403 forbidden where no role has the permission.
    """
    return Security(_let_in, scopes=[permission.value])


def actor(request: Request, name: str | None) -> Actor:
    """Who makes this request, and from where."""
    return Actor(name, _address(request), structlog.contextvars.get_contextvars().get("request_id"))


async def _let_in(needed: SecurityScopes, request: Request, bearer: StaffBearer, _: StaffCookie,
                  running: Running) -> Caller:
    sessions, cookie = running.application.sessions, None
    token = bearer.credentials if bearer else None
    if bearer is None:
        token = cookie = session_cookie.read(request)
    if not token:
        raise NotSignedIn()
    signed_in = await to_thread.run_sync(sessions.admit, token)
    if cookie and request.method not in _SAFE and not _has_csrf_token(request, cookie):
        raise CsrfTokenMissing()
    by = actor(request, signed_in.account.name)
    if not needed.scopes:
        # A door without a permission is a mistake, and stays shut.
        raise Forbidden()
    for permission in map(Permission, needed.scopes):
        # A thread only for a refusal, which is written down.
        if permission not in signed_in.permissions:
            await to_thread.run_sync(sessions.check, signed_in, permission, by, call_of(request))
    return Caller(signed_in, by, cookie is not None)


def _has_csrf_token(request: Request, cookie: str) -> bool:
    given = request.headers.get("x-csrf-token", "")
    return hmac.compare_digest(given.encode("utf-8", "replace"), csrf_token(cookie).encode())


def call_of(request: Request) -> str:
    """How the audit trail names a call that was refused."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '')}"


def _address(request: Request) -> str | None:
    try:
        return str(ipaddress.ip_address(request.client.host if request.client else ""))[:64]
    except ValueError:
        return None
