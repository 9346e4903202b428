"""What the assistant decides for one client message, and the record that makes it replayable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
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
        return asdict(self)

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
        view = asdict(self)
        reading = view.pop("reading")
        del view["context"]
        if not self.reply.choices:
            view["reply"]["choices"] = []
        for source in view["reply"]["sources"]:
            source["effective_from"] = source["effective_from"].isoformat()
        view["understanding"] = {
            "normalized": reading["normalized"],
            "intent": reading["intent"],
            "entities": reading["entities"],
            "tone": reading["tone"],
            "needs": reading["needs"],
        }
        view["models"] = dict(self.models)
        view["took_ms"] = round(self.took_ms, 2)
        return {key: view[key] for key in
                ("reply", "understanding", "candidates", "knowledge_version", "models", "took_ms")}
