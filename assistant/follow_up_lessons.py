"""What agents said of follow-ups, as lines that the reader of needs trains on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from assistant.privacy import mask
from assistant.storage import FollowUp
from knowledge.text import content, normalize

__all__ = ["lesson_of", "teaches"]

_PLACEHOLDER = re.compile(r"〈[^〉]*〉")
# Nobody reads a need in fewer characters.
_FEWEST_CHARACTERS = 3


def teaches(masked: str) -> bool:
    """Whether anything that could show a need is left of a text where personal data is masked."""
    return len(content(normalize(_PLACEHOLDER.sub("", masked)))) >= _FEWEST_CHARACTERS


def lesson_of(item: FollowUp, text: str, of_message: Iterable[FollowUp]) -> dict[str, Any]:
    """One line, which can stand in a data folder as it is. `labels` and `perhaps` are of the message: families that were really
    there, by all its follow-ups, and those of which no outcome says. `label` is of this family, null where its outcome does not say.
    """
    shown = {other.family: other.outcome.shows_need if other.outcome else None for other in of_message}
    return {"text": mask(text), "labels": sorted(family for family, there in shown.items() if there),
            "perhaps": sorted(family for family, there in shown.items() if there is None), "family": item.family,
            "label": item.outcome.shows_need if item.outcome else None, "outcome": item.outcome and item.outcome.value,
            "evidence": item.evidence, "probability": item.probability, "note": item.note, "models": dict(item.models),
            "opened_at": item.opened_at.isoformat()}
