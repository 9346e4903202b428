"""An agent's score, from 0 to 100: satisfaction and resolution before volume, and never what was sold. Pure.

    score = 100 × (w_s × satisfaction + w_r × resolved + w_f × first response in time + w_v × volume)

Each part is between 0 and 1. The shares are made steady: `steady` conversations at the team's own share are mixed in, so that two good
ratings are no better than two hundred. Volume is the agent's contacts against the team's median, and more than the median adds nothing.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.measures import Figure
from assistant.quality import Weights

__all__ = ["Score", "scores"]


@dataclass(frozen=True, slots=True)
class Score:
    """`parts` are what is weighed, each from 0 to 1; `total` is from 0 to 100."""

    total: float
    parts: Mapping[str, float]


def scores(agents: Mapping[str, Mapping[str, Figure]], team: Mapping[str, Figure], weights: Weights) -> dict[str, Score]:
    """By agent, from the figures of each and those of all of them together."""
    usual = statistics.median(own["contacts"].n for own in agents.values()) if agents else 0
    return {name: _score(own, team, usual, weights) for name, own in agents.items()}


def _score(own: Mapping[str, Figure], team: Mapping[str, Figure], usual: float, weights: Weights) -> Score:
    shares = ("satisfaction", "resolved", "first_response")
    parts = {name: _steady(own[name], team[name], weights.steady) for name in shares}
    parts["volume"] = min(1.0, own["contacts"].n / usual) if usual else 0.0
    return Score(100 * sum(getattr(weights, name) * part for name, part in parts.items()), parts)


def _steady(own: Figure, team: Figure, steady: float) -> float:
    """A share with `steady` average ones mixed in; half where nobody has any yet."""
    usual = team.count / team.n if team.n else 0.5
    total = own.n + steady
    return (own.count + steady * usual) / total if total else usual
