"""Each test here and in tests/assistant that takes `store` runs on SQLite, and on PostgreSQL where there is one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.guard import check_guards
from intents.entities import EntityReader
from knowledge.text import normalize
from tests.fakes.databases import database_url, postgresql_server, postgresql_tables, store

__all__ = ["call", "database_url", "postgresql_server", "postgresql_tables", "store"]


@pytest.fixture(scope="session")
def call() -> Callable[[str], str | None]:
    """The name of the guard that a client's words call."""
    reader = EntityReader()

    def called(text: str) -> str | None:
        verdict = check_guards(normalize(text), {entity.type for entity in reader.read(text)})
        return verdict.name if verdict else None

    return called
