"""A session of staff as a cookie that scripts can't read and other sites can't have sent along."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import Request, Response

__all__ = ["NAME", "clear", "keep", "read"]

NAME = "zhike_session"


def read(request: Request) -> str | None:
    """The session's token."""
    return request.cookies.get(_name(request)) or None


def keep(request: Request, response: Response, token: str, expires_at: datetime) -> None:
    left = max(0, int((expires_at - datetime.now(UTC)).total_seconds()))
    response.set_cookie(_name(request), token, max_age=left, path="/", secure=_is_secure(request), httponly=True,
                        samesite="strict")


def clear(request: Request, response: Response) -> None:
    response.delete_cookie(_name(request), path="/", secure=_is_secure(request), httponly=True, samesite="strict")


def _name(request: Request) -> str:
    # Browsers take a __Host- cookie only over https and from this very host, so no other host can plant one.
    return f"__Host-{NAME}" if _is_secure(request) else NAME


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
