"""The HTTP application, as a factory: nothing is opened before the server starts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

import structlog
from anyio import to_thread
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from api import errors, pages
from api.dependencies import Ready
from api.floor import Floor
from api.housekeeping import Housekeeping
from api.limits import SlidingWindow
from api.live import Live
from api.metrics import Metrics
from api.middleware import AccessLog, BodyLimit, Faults, SecurityHeaders
from api.routes import (
    attachments,
    audit,
    clients,
    console,
    conversations,
    dashboard,
    follow_ups,
    helping,
    knowledge,
    knowledge_files,
    knowledge_review,
    products,
    session,
    staff,
    system,
)
from api.uploading import ROOM_FOR_FIELDS
from assistant.bootstrap import Application
from assistant.errors import AssistantError
from assistant.settings import Settings

__all__ = ["create_app"]

Opener = Callable[[], Application]
OnReady = Callable[[Application], None]
OnFailure = Callable[[BaseException], None]


def create_app(settings: Settings, opener: Opener, *, demo: bool = True, on_failure: OnFailure | None = None,
               on_ready: OnReady | None = None) -> FastAPI:
    """An application that opens itself in the background by `opener` when the server starts.

    Until then /readyz and all of /v1 answer 503. `on_failure` hears what kept it from opening.
    """
    app = FastAPI(
        title="Zhike 知客", version=_version(), docs_url=None, redoc_url=None, openapi_url="/openapi.json",
        description="Client-service assistant for a securities brokerage. Errors are problem+json with a stable code.",
        lifespan=lambda app: _lifespan(app, opener, on_failure, on_ready))
    app.state.ready = None
    app.state.metrics = Metrics()
    errors.install(app)
    app.include_router(conversations.router)
    app.include_router(session.router)
    app.include_router(staff.router)
    app.include_router(audit.router)
    app.include_router(console.router)
    app.include_router(attachments.router)
    app.include_router(helping.router)
    app.include_router(clients.router)
    app.include_router(products.router)
    app.include_router(follow_ups.router)
    app.include_router(dashboard.router)
    app.include_router(knowledge.router)
    app.include_router(knowledge_files.router)
    app.include_router(knowledge_review.router)
    app.include_router(system.router)
    pages.install(app, demo=demo)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    app.add_middleware(Faults)
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes, uploads=[
        (re.compile(r"/v1/(agent/)?conversations/[^/]+/attachments"), settings.max_attachment_bytes + ROOM_FOR_FIELDS),
        (re.compile(knowledge_files.IMPORTS), settings.max_import_bytes + ROOM_FOR_FIELDS)])
    app.add_middleware(
        CORSMiddleware, allow_origins=list(settings.cors_origins), allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID"], max_age=3600,
        expose_headers=["Retry-After", "X-Request-ID"])
    app.add_middleware(SecurityHeaders)
    app.add_middleware(AccessLog, metrics=app.state.metrics)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI, opener: Opener, on_failure: OnFailure | None,
                    on_ready: OnReady | None) -> AsyncIterator[None]:
    opening = asyncio.create_task(_open(app, opener, on_ready))
    opening.add_done_callback(lambda task: _tell_failure(task, on_failure))
    yield
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    ready: Ready | None = app.state.ready
    app.state.ready = None
    if ready:
        await app.state.floor.close()
        await app.state.housekeeping.close()
        await ready.live.close()
        ready.application.close()


def _tell_failure(opening: asyncio.Task[None], on_failure: OnFailure | None) -> None:
    error = None if opening.cancelled() else opening.exception()
    if error is not None:
        expected = isinstance(error, AssistantError)
        structlog.get_logger().error("not_opened", detail=str(error), exc_info=None if expected else error)
        if on_failure:
            on_failure(error)


async def _open(app: FastAPI, opener: Opener, on_ready: OnReady | None) -> None:
    application = await to_thread.run_sync(opener)
    settings, metrics = application.settings, app.state.metrics
    live = Live(application, metrics)
    app.state.ready = Ready(
        application, live, metrics, messages=SlidingWindow(settings.messages_per_minute),
        addresses=SlidingWindow(settings.requests_per_minute), typing=SlidingWindow(settings.messages_per_minute))
    app.state.floor = Floor(application, live)
    app.state.housekeeping = Housekeeping(application)
    metrics.ready.set(1)
    metrics.knowledge_version.set_function(lambda: application.knowledge_version)
    application.watch.start()
    application.impacts.keep_ready()
    if on_ready:
        on_ready(application)


def _openapi(app: FastAPI) -> dict[str, object]:
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        schemas = document["components"]["schemas"]
        schemas["Problem"] = errors.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schemas["Problem"].pop("$defs"))
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = document
    return app.openapi_schema


def _version() -> str:
    try:
        return version("zhike")
    except PackageNotFoundError:
        return "0"
