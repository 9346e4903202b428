"""Each test here and in tests/assistant that takes `store` runs on SQLite, and on PostgreSQL where there is one."""

from tests.fakes.databases import database_url, postgresql_server, store

__all__ = ["database_url", "postgresql_server", "store"]
