"""The floor runs on every store that this machine has."""

from tests.fakes.databases import database_url, postgresql_server, postgresql_tables

__all__ = ["database_url", "postgresql_server", "postgresql_tables"]
