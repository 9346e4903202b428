"""The rules that answers rest on."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.errors import KnowledgeError

__all__ = ["Source", "load_sources"]


class Source(BaseModel):
    """One rule: its name, the issuer's document number where it has one, and the days it is in force."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    issuer: str
    effective_from: date
    number: str | None = None
    effective_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


def load_sources(path: Path) -> Mapping[str, Source]:
    """Read `sources.toml`. Raises KnowledgeError naming the entry that is wrong."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: Source(id=name, **entry) for name, entry in entries.items()}
    except (tomllib.TOMLDecodeError, ValidationError, TypeError) as error:
        raise KnowledgeError(f"{path.name}: {error}") from error
