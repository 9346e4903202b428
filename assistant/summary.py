"""What a colleague needs to know when a conversation changes hands, in the client's own words. Extractive and pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.privacy import mask
from assistant.storage.records import Decision, Message

__all__ = ["LOOKS_BACK", "Summary", "summarise"]

# So many messages of a conversation are looked at.
LOOKS_BACK = 60
_MOST = 3
_LONGEST = 200
# The article by which the assistant asks back in general terms: it found nothing that it could answer with.
_ASKED_BACK = "clarify-generic"


@dataclass(frozen=True, slots=True)
class Summary:
    """`asked`: the client's last messages; `answered`: titles of the articles that answered; `failed`: the client's
    messages that got no answer, or an answer that the client called unhelpful; `reason`: why a human was called.

    Each list is in the order of the conversation, and its texts are masked and cut."""

    asked: tuple[str, ...]
    answered: tuple[str, ...]
    failed: tuple[str, ...]
    tone: str | None
    reason: str | None

    def to_dict(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def summarise(messages: Sequence[Message], decisions: Mapping[str, Decision], helpful: Mapping[str, bool]) -> Summary:
    """Messages in order; decisions and verdicts by the id of the assistant's message."""
    asked = {message.id: message for message in messages if message.sender == "client" and message.text}
    replies = [(message, decisions[message.id]) for message in messages if message.id in decisions]
    failed = [reply.in_reply_to for reply, decision in replies
              if decision.kind == "fallback" or decision.article_id == _ASKED_BACK or helpful.get(reply.id) is False]
    titles = [decision.outcome["reply"]["article"]["title"] for reply, decision in replies
              if decision.kind == "answer" and decision.outcome["reply"]["article"]]
    handed_over = [decision.reason for _, decision in replies if decision.kind == "handover"]
    tones = [decision.outcome["understanding"]["tone"]["name"] for _, decision in replies]
    return Summary(
        asked=tuple(_quoted(message.text) for message in list(asked.values())[-_MOST:]),
        answered=tuple(dict.fromkeys(titles))[-_MOST:],
        failed=tuple(_quoted(asked[name].text) for name in failed if name in asked)[-_MOST:],
        tone=tones[-1] if tones else None, reason=mask(handed_over[-1]) if handed_over else None)


def _quoted(text: str) -> str:
    shown = " ".join(mask(text).split())
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST - 1]}…"
