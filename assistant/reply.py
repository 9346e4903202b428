"""What the assistant decides for one client message, and the record that makes it replayable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import date
from typing import Any, Literal

from intents.reading import Reading

__all__ = ["ArticleRef", "Candidate", "Choice", "Context", "Kind", "Outcome", "Reply", "SourceRef"]

Kind = Literal["answer", "clarify", "handover", "decline", "smalltalk", "fallback"]


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """The published revision whose words the reply is."""

    id: str
    revision: int
    title: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to go on: an article, under its standard question."""

    article_id: str
    title: str


@dataclass(frozen=True, slots=True)
class SourceRef:
    """A rule behind an answer."""

    title: str
    number: str | None
    issuer: str
    effective_from: date


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that search found, with the ranker's probability that it is the right one."""

    article_id: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Reply:
    """`text` is approved Markdown; `reason` says which rule or threshold decided."""

    kind: Kind
    text: str
    confidence: float
    reason: str
    article: ArticleRef | None = None
    choices: tuple[Choice, ...] = ()
    sources: tuple[SourceRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a conversation carries from one turn to the next; stored as JSON with the conversation.

    `question` is the last client question in full, with what it took from the one before; `article_id` the article last
    answered; `choices` what was last offered; `failures` counts turns in a row that gave the client no answer (a fallback,
    or asking back in general terms).
    """

    question: str = ""
    article_id: str = ""
    intent: str = ""
    choices: tuple[Choice, ...] = ()
    failures: int = 0
    turns: int = 0

    def to_dict(self) -> dict[str, Any]:
        return _plain(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | None) -> Context:
        if not stored:
            return cls()
        context = cls(**{**stored, "choices": ()})
        return replace(context, choices=tuple(Choice(**choice) for choice in stored.get("choices", ())))


@dataclass(frozen=True, slots=True)
class Outcome:
    """One turn, decided: the reply, what it rests on, and the context for the next turn."""

    reply: Reply
    reading: Reading
    candidates: tuple[Candidate, ...]
    knowledge_version: int
    models: Mapping[str, str]
    context: Context
    took_ms: float = field(default=0.0, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The agents' view, as `zhike ask --json` prints it: plain JSON values only."""
        reading = self.reading
        return {
            "reply": _plain(self.reply),
            "understanding": {"normalized": reading.normalized, "intent": _plain(reading.intent), "entities": _plain(reading.entities),
                              "tone": _plain(reading.tone), "needs": _plain(reading.needs)},
            "candidates": _plain(self.candidates),
            "knowledge_version": self.knowledge_version,
            "models": dict(self.models),
            "took_ms": round(self.took_ms, 2),
        }


def _plain(value: Any) -> Any:
    """Values as JSON has them. For every reply, so without the copies that `dataclasses.asdict` makes."""
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
