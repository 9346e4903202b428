"""What is read in words to a human: with the models that read the others, by the rules and the net that decide, and without a search."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from assistant.follow_up_policy import load_follow_up_policy
from assistant.turn import Responder
from intents.reading import Intent, Need, Reading, Tone
from intents.sensitive import UNHEARD, Overtone, Suspicion
from knowledge.text import normalize


class Reads:
    """In place of an Understander: 利息 shows idle cash, and the net suspects distress where somebody can't go on."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def overhear(self, text: str) -> tuple[Reading, np.ndarray]:
        needs = (Need("cash", 0.8, "利息"),) if "利息" in text else ()
        return Reading(text, normalize(text), Intent("unknown", 0.0), tone=Tone("worried", 0.9), needs=needs), np.zeros(2)

    def entity_types(self, text: str) -> set[str]:
        self.asked.append(text)
        return set()

    def overtone(self, said: str, vector: np.ndarray) -> Overtone:
        return Overtone(Suspicion("distress", 0.6, said), 0.1) if "难受" in said else UNHEARD


@pytest.mark.parametrize(("text", "families"), [
    ("账上的钱有利息吗", ["cash"]), ("我爸去世了，他账上的钱还有利息吗", []), ("心里难受，账上的钱有利息吗", []), ("好的", [])])
def test_rules_and_net_silence_what_is_said_to_a_human(text: str, families: list[str]) -> None:
    understander, policy = Reads(), load_follow_up_policy()
    overhears = Responder.overhears(SimpleNamespace(understander=understander, models={"needs": "1"}))  # type: ignore[arg-type]
    found = overhears(text)
    assert found and found.reading.tone.name == "worried" and found.models == {"needs": "1"}
    assert [need.family for need in policy.worth(found)] == families
    assert understander.asked == ([text] if found.reading.needs else []), "rules are asked only where something may open"
