"""The numbers that rules set, each once, with its source and its dates."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.errors import KnowledgeError

__all__ = ["Fact", "FactValue", "load_facts"]


class FactValue(BaseModel):
    """A value and the days, both inclusive, on which it holds; `to` is open for the value in force."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    value: str = Field(min_length=1)
    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")
    sources: tuple[str, ...] = ()

    def holds_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


class Fact(BaseModel):
    """A named value that a rule sets; `values` newest first, without overlap."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    certainty: Literal["verified", "common", "pending"]
    values: tuple[FactValue, ...] = Field(min_length=1)
    note: str = ""

    def on(self, day: date) -> FactValue | None:
        """The value in force on `day`, or None."""
        return next((value for value in self.values if value.holds_on(day)), None)

    def before(self, day: date) -> FactValue | None:
        """The value that the one in force on `day` replaced, or None."""
        current = self.on(day)
        if current is None:
            return None
        earlier = [value for value in self.values if value.start < current.start]
        return max(earlier, key=lambda value: value.start, default=None)

    def changed(self, value: FactValue) -> Fact:
        """The fact with a new value: the one in force before ends the day before, and what was to come later does not.

        Raises ValueError where no value starts before the new one.
        """
        earlier = sorted((item for item in self.values if item.start < value.start), key=lambda item: item.start, reverse=True)
        if not earlier:
            raise ValueError(f"{self.name} has no value before {value.start}")
        last = earlier[0]
        if last.end is None or last.end >= value.start:
            last = last.model_copy(update={"end": value.start - timedelta(days=1)})
        return self.model_copy(update={"values": (value, last, *earlier[1:])})

    @property
    def first_day(self) -> date:
        return min(value.start for value in self.values)

    def overlaps(self) -> list[tuple[FactValue, FactValue]]:
        """Pairs of values that claim a common day."""
        ordered = sorted(self.values, key=lambda value: value.start)
        return [(a, b) for a, b in pairwise(ordered) if a.end is None or a.end >= b.start]


def load_facts(folder: Path) -> Mapping[str, Fact]:
    """Read every TOML file of `folder`. Raises KnowledgeError naming file and entry."""
    facts: dict[str, Fact] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            entries = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise KnowledgeError(f"facts/{path.name}: {error}") from error
        for name, entry in entries.items():
            if name in facts:
                raise KnowledgeError(f"facts/{path.name}: {name} is defined a second time")
            try:
                facts[name] = Fact(name=name, **entry)
            except (ValidationError, TypeError) as error:
                raise KnowledgeError(f"facts/{path.name}: {name}: {error}") from error
    return facts
