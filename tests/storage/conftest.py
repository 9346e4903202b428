"""Each test here and in tests/assistant that takes `store` runs on SQLite, and on PostgreSQL where there is one."""

from tests.fakes.databases import bare_database_url, database_url, postgresql_server, postgresql_tables, store

__all__ = ["bare_database_url", "database_url", "postgresql_server", "postgresql_tables", "store"]
