"""Around every request: its id, the access log, security headers, the limit on bodies, faults."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Sequence
from functools import lru_cache
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem, unexpected
from api.metrics import Metrics

__all__ = ["AccessLog", "BodyLimit", "Faults", "SecurityHeaders"]

_REQUEST_ID = re.compile(r"[0-9A-Za-z_.-]{1,64}")
_POLICY = ("default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
           "base-uri 'none'; form-action 'self'; frame-ancestors 'self'")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# What the API sends is for programs: never kept, shown, framed or embedded (OWASP ASVS 4.0 V8.2.1, V14.4).
_API_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Disposition": 'attachment; filename="api.json"',
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class SecurityHeaders:
    """Safe defaults on every response; what a route set itself stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _defaults(scope).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def _defaults(scope: Scope) -> dict[str, str]:
    of_api = _API_HEADERS if scope["path"].startswith("/v1/") else {}
    of_https = _HTTPS_HEADERS if scope.get("scheme") == "https" else {}
    return {**_HEADERS, **of_api, **of_https}


class Faults:
    """Logs what nobody expected and answers 500, inside of the headers and the id that every response gets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception:
            if started or scope["type"] != "http":
                raise
            structlog.get_logger().exception("fault")
            await unexpected()(scope, receive, send)


class BodyLimit:
    """Answers 413 to bodies over `limit` bytes, announced or not, before anything reads them.

    `uploads` are patterns of paths with limits of their own: too much to wait in memory for a caller who may not be let in, so
    such a body is counted while its route reads it.
    """

    def __init__(self, app: ASGIApp, limit: int, uploads: Sequence[tuple[re.Pattern[str], int]] = ()) -> None:
        self._app = app
        self._limit = limit
        self._uploads = tuple(uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        upload = next((limit for path, limit in self._uploads if path.fullmatch(scope["path"])), None)
        if upload and not (announced.isdigit() and int(announced) > upload):
            await self._app(scope, _counted(receive, upload), send)
            return
        body = b""
        more = not (announced.isdigit() and int(announced) > self._limit)
        too_large = not more
        while more and not too_large:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            too_large = len(body) > self._limit
        if too_large:
            response = problem(413, "body_too_large", f"The body is larger than {upload or self._limit} bytes.",
                               headers={"Connection": "close"})
            await response(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


def _counted(receive: Receive, limit: int) -> Receive:
    """Raises HTTPException once more than `limit` bytes came."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413, f"The body is larger than {limit} bytes.", headers={"Connection": "close"})
        return message

    return counted


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


class AccessLog:
    """One line for each response, without bodies, queries or whole addresses; and the metrics of requests."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        started, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self._metrics.requests.labels(_method(scope), route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        level = "debug" if route in ("/healthz", "/readyz", "/metrics") else "info"
        structlog.get_logger("access").log(
            _LEVELS[level], "request", method=_method(scope), route=route, status=status,
            ms=round(seconds * 1000, 1), client=_masked((scope.get("client") or ("",))[0]))


_LEVELS = {"debug": 10, "info": 20}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"


@lru_cache(maxsize=1024)
def _masked(host: str) -> str:
    """The network of an address: enough to see a flood, not enough to name a person."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))
