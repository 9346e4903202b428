"""Whether new models may take the place of those in use: worse on any category, beyond what chance does, and they may not.

Both answer the same questions, so the exact test of McNemar (1947) is on those that only one of them got: were they equally
good, the questions lost would be a fair coin's share of those that changed. Two things are tested of each category, each set
and all together: right replies must not be lost, wrong ones must not be won. `LEVEL` is for each test alone, on purpose
without a correction for their number: a good model refused now and then costs less than a bad one let through. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import binomtest

__all__ = ["LEVEL", "Comparison", "Gate", "compare"]

LEVEL = 0.01


@dataclass(frozen=True, slots=True)
class Comparison:
    """One outcome (`right` or `wrong` replies) on one group of `questions`: how many had it before and after, how many were
    lost to the worse and won to the better, and the one-sided p of so many lost."""

    group: str
    outcome: str
    questions: int
    before: int
    after: int
    lost: int
    won: int
    p: float

    @property
    def worse(self) -> bool:
        return self.p < LEVEL


@dataclass(frozen=True, slots=True)
class Gate:
    """All comparisons, and those that speak against the new models."""

    comparisons: tuple[Comparison, ...]

    @property
    def worse(self) -> tuple[Comparison, ...]:
        return tuple(item for item in self.comparisons if item.worse)

    @property
    def passed(self) -> bool:
        return not self.worse

    def to_dict(self) -> dict[str, Any]:
        return {"test": "McNemar, exact, one-sided", "level": LEVEL, "passed": self.passed,
                "worse": [f"{item.group}: {item.outcome}" for item in self.worse],
                "comparisons": [{**asdict(item), "p": round(item.p, 5)} for item in self.comparisons]}


def compare(before: Sequence[str], after: Sequence[str], groups: Sequence[Sequence[str]]) -> Gate:
    """From the verdicts (`scoring.VERDICTS`) of the same questions, and the groups that each question is in."""
    members: Mapping[str, list[int]] = defaultdict(list)
    for place, names in enumerate(groups):
        for name in names:
            members[name].append(place)
    return Gate(tuple(item for name in sorted(members) for item in _group(name, [(before[i], after[i]) for i in members[name]])))


def _group(name: str, pairs: Sequence[tuple[str, str]]) -> Iterator[Comparison]:
    for outcome, wanted in (("right", True), ("wrong", False)):
        good = [((old == outcome) is wanted, (new == outcome) is wanted) for old, new in pairs]
        lost, won = good.count((True, False)), good.count((False, True))
        # Nothing that changed speaks for nothing.
        p = float(binomtest(lost, lost + won, 0.5, alternative="greater").pvalue) if lost + won else 1.0
        yield Comparison(name, outcome, len(pairs), sum(old == outcome for old, _ in pairs), sum(new == outcome for _, new in pairs),
                         lost, won, p)
