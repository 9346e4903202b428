"""Brings the tables of a database up to date, from wherever the package is installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["configuration", "migrate", "newest"]

_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do that no other program on the same database uses.
_MIGRATION_LOCK = 5_318_008_601


def configuration(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> None:
    """Apply the migrations that are missing; processes that start together wait for each other."""
    if _applied(engine) == newest():
        return
    # It takes a tenth of a second to import, and most starts find nothing to do.
    from alembic import command

    with engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        command.upgrade(configuration(connection), "head")


def newest() -> str:
    """The last migration that is there: files are named by their numbers, `v0012_teams.py`."""
    return max(path.stem[1:5] for path in (_MIGRATIONS / "versions").glob("v*.py"))


def _applied(engine: Engine) -> str | None:
    """The last migration of a database; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
