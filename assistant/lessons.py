"""What use says about which article answers a question: by clients and agents, as frozen values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Lesson", "Voice"]


class Voice(StrEnum):
    """Who said that an article answers a question, or that it does not; the values are stable."""

    CHOSEN = "chosen"
    """The client was asked back, and chose it."""
    SENT = "sent"
    """An agent sent it as it stands."""
    EDITED = "edited"
    """An agent sent it, rewritten."""
    HELPFUL = "helpful"
    """It was the assistant's answer, and helped the client."""
    UNHELPFUL = "unhelpful"
    """It was the assistant's answer, and did not help."""
    REPLACED = "replaced"
    """It was the assistant's answer, and an agent sent another one."""

    @property
    def speaks_for(self) -> bool:
        return self not in (Voice.UNHELPFUL, Voice.REPLACED)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One voice on one question, which is masked and reads as the assistant understood it. `at` is UTC."""

    question: str
    article_id: str
    voice: Voice
    at: datetime
