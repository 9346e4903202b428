"""What a client says with its labels, as trainers read it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Utterance"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """A written client utterance with its labels (families of need, or one tone).

    `perhaps`: families that two readers would differ about, which are neither right nor wrong.
    """

    text: str
    labels: tuple[str, ...]
    perhaps: tuple[str, ...] = ()
