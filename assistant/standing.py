"""Whether a rule that is not plain, or a suspicion, stands against what else is known of a question. Pure.

Patterns that hear much hear much that was not meant: of 8,000 questions written as clients ask them, rules that are not plain were called
by one in fourteen, and in seven of ten cases wrongly. What the net behind the rules and the ranker make of the same words tells them apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from assistant.guard import Verdict
from intents.sensitive import Overtone

__all__ = ["EVIDENCE", "STANDS", "Evidence", "Standing"]

# From which probability on that a question may not be answered what replies to it stands, by its kind. A human too many does little
# harm, and one too few where money is on its way out does much.
STANDS: Mapping[str, float] = {"handover": 0.25, "decline": 0.4}
_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a question that a rule or a suspicion is about, as numbers that add up.

    `rule` and `hint`: whether a rule was called, or only hints at something; of the net, `suspected` is the probability of the article
    that would reply and `ordinary` the log-odds that there is nothing; of the ranker, the log-odds of the best `answer`, and of all
    refusals and hand-overs together.
    """

    rule: float
    hint: float
    suspected: float
    ordinary: float
    answer: float
    refusals: float

    @classmethod
    def of(cls, verdict: Verdict, overtone: Overtone, *, answer: float, refusals: float) -> Evidence:
        """About a verdict; `answer` and `refusals` are the ranker's probabilities."""
        suspicion = overtone.suspicion
        named = suspicion is not None and suspicion.article_id == verdict.article_id
        return cls(float(verdict.by_rule and not verdict.yields), float(verdict.by_rule and verdict.yields),
                   suspicion.probability if named else 0.0, _log_odds(overtone.ordinary), _log_odds(answer), _log_odds(refusals))


EVIDENCE = tuple(Evidence.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Standing:
    """A logistic regression over EVIDENCE, fitted with the ranker's thresholds (`training.ranker`)."""

    weights: Mapping[str, float]
    intercept: float

    def probability(self, evidence: Evidence) -> float:
        """That the question is one to refuse or to hand over."""
        total = self.intercept + sum(self.weights[name] * value for name, value in asdict(evidence).items())
        return 1 / (1 + math.exp(-total))


def _log_odds(probability: float) -> float:
    kept = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(kept / (1 - kept))
