"""On which version of a thing a change may be made: `If-Match` and `If-None-Match` of RFC 9110, without the HTTP."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ALWAYS", "Condition"]


@dataclass(frozen=True, slots=True)
class Condition:
    """`versions`: only on one of these, None on any. `exists`: only where there is one (True), or none yet (False)."""

    versions: frozenset[int] | None = None
    exists: bool | None = None

    def holds(self, version: int | None) -> bool:
        """Whether a change may be made on this version; None where there is nothing yet."""
        if self.exists is not None and self.exists != (version is not None):
            return False
        return self.versions is None or version in self.versions


ALWAYS = Condition()
