"""What a client's message says beside what it asks: its tone and its needs, whether the assistant decides it or a human reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from assistant.reply import Outcome
from intents.reading import Reading

__all__ = ["Overheard", "Overhears", "nothing_overheard"]

_GUARD = re.compile(r"(?:guard|suspected [\d.]+):([\w-]+)")


@dataclass(frozen=True, slots=True)
class Overheard:
    """`guards`: the rules of the assistant that the message calls; `models`: who read it."""

    reading: Reading
    guards: frozenset[str]
    models: Mapping[str, str]

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """Of a message that is decided."""
        guard = _GUARD.match(outcome.reply.reason)
        return cls(outcome.reading, frozenset({guard[1]} if guard else ()), outcome.models)


# Reads what a client writes to a human, and decides nothing; None where nobody reads along.
Overhears = Callable[[str], Overheard | None]


def nothing_overheard(_: str) -> Overheard | None:
    return None
