"""What a client's message means: the frozen result of understanding."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Entity", "Intent", "Need", "Reading", "Tone"]


@dataclass(frozen=True, slots=True)
class Intent:
    """A leaf of the catalogue, `category.leaf`, with the classifier's calibrated probability."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Entity:
    """A span of the client's own text. `start` and `end` count characters of that text, end exclusive."""

    type: str
    text: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tone:
    """`name` is one of neutral, polite, worried, angry, distressed; `urgent` asks for a human soon."""

    name: str
    confidence: float
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """A latent need: a family of the ontology, its probability, and the client's words that show it."""

    family: str
    probability: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One message, understood. `normalized` is what search and classifiers read."""

    text: str
    normalized: str
    intent: Intent
    entities: tuple[Entity, ...] = ()
    tone: Tone = Tone("neutral", 1.0)
    needs: tuple[Need, ...] = ()
