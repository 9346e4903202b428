"""What the tests share: the shipped knowledge with the shipped models, opened once, and tables and routes that are made once."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine
from starlette.routing import BaseRoute

import assistant.storage.engine
from assistant.storage import Store
from assistant.turn import Responder
from knowledge.articles import KnowledgeBase

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shipped() -> Responder:
    """On the index that `make install` built; built here, in a minute, when there is none."""
    return Responder.open(KnowledgeBase.load(), ROOT / "data" / "index")


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file as the migrations make it."""
    path = tmp_path_factory.mktemp("tables") / "zhike.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session", autouse=True)
def tables_made_once(sqlite_tables: Path) -> Iterator[None]:
    """A new SQLite file begins as a copy of one that was migrated: all migrations take longer than most tests."""
    migrate = assistant.storage.engine.migrate

    def quickly(engine: Engine) -> None:
        path = Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None
        if path and path.name not in ("", ":memory:") and not path.exists():
            # Whole from the moment at which it is there: another process may be starting on it.
            part = path.with_name(f"{path.name}-{uuid4().hex}")
            shutil.copy(sqlite_tables, part)
            with suppress(FileExistsError):
                os.link(part, path)
            part.unlink()
        migrate(engine)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assistant.storage.engine, "migrate", quickly)
        yield


@pytest.fixture(scope="session", autouse=True)
def routes_made_once() -> Iterator[None]:
    """An application gets the routes of those before it: FastAPI works them out at the first request, a quarter of a second each time.

    Of their application they know overrides of dependencies alone, and no test has any: one that does would not see them.
    """
    include, made = FastAPI.include_router, list[tuple[APIRouter, list[BaseRoute]]]()

    def quickly(app: FastAPI, router: APIRouter, **options: Any) -> None:
        known = next((routes for other, routes in made if other is router), None)
        if options:
            include(app, router, **options)
        elif known is None:
            before = len(app.router.routes)
            include(app, router)
            made.append((router, app.router.routes[before:]))
        else:
            app.router.routes.extend(known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FastAPI, "include_router", quickly)
        yield


@pytest.fixture(scope="session", autouse=True)
def faults_told_plainly() -> Iterator[None]:
    """As the service tells them, as a plain traceback: where nothing is configured, structlog draws each frame with all its variables,
    for half a minute."""
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
                                    structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=repr)])
    yield
    structlog.reset_defaults()
