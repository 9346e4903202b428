"""What routes ask for: the running application, and the limits on their callers."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from api.limits import SlidingWindow
from api.live import Live
from api.metrics import Metrics
from assistant.bootstrap import Application
from assistant.errors import NotReady

__all__ = ["JsonBody", "PerAddress", "Ready", "Running"]

_JSON = re.compile(r"application/([\w.-]+\+)?json")
_LOCAL = frozenset({"127.0.0.1", "::1", "testclient"})


@dataclass(frozen=True, slots=True)
class Ready:
    """An application that is open, with what serving it takes.

    `turns` bounds the threads that compute replies; `pictures` those that draw them anew, in some 300 MB
    each; `sign_ins` those that hash passwords, which take 19 MiB each.
    """

    application: Application
    live: Live
    metrics: Metrics
    messages: SlidingWindow
    addresses: SlidingWindow
    typing: SlidingWindow
    turns: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(max(2, os.cpu_count() or 1)))
    pictures: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(2))
    sign_ins: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(2))


async def _running(request: Request) -> Ready:
    ready: Ready | None = request.app.state.ready
    if ready is None:
        raise NotReady()
    return ready


Running = Annotated[Ready, Depends(_running)]


async def _limit_address(request: Request, running: Running) -> None:
    address = request.client.host if request.client else "unknown"
    # This machine itself is a proxy that names no client, or an engineer's tool; not a client.
    if address not in _LOCAL:
        running.addresses.take(address)


async def _json_body(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not _JSON.fullmatch(media_type):
        raise HTTPException(415, "Send the body as application/json.")


PerAddress = Depends(_limit_address)
JsonBody = Depends(_json_body)
