"""From starting the process until messages can be answered, and the memory that it takes then."""

from __future__ import annotations

from pathlib import Path

from benchmarks.conversations import ask
from benchmarks.figures import Figure, median
from benchmarks.questions import sample
from benchmarks.server import running
from knowledge.articles import KnowledgeBase

__all__ = ["measure"]

_STARTS = 5
_MESSAGES = 300


def measure(base: KnowledgeBase, data: Path) -> list[Figure]:
    """The first start fills `data`; the later ones find it filled."""
    environment = {"ZHIKE_DATA": str(data)}
    with running("api", "serve", environment=environment) as server:
        first = server.seconds
    seconds = []
    for _ in range(_STARTS):
        with running("api", "serve", environment=environment) as server:
            seconds.append(server.seconds)
            fresh = server.memory()
            if len(seconds) == _STARTS:
                ask(server.port, sample(base, _MESSAGES, seed=7))
                used = server.memory()
    return [
        Figure("start", "first start, index built", first, "s", "database and index made"),
        Figure("start", "cold start until ready", median(seconds), "s", f"index there; median of {_STARTS} processes"),
        Figure("start", "cold start, slowest", max(seconds), "s"),
        *_memory(fresh, used),
    ]


def _memory(fresh: dict[str, float], used: dict[str, float]) -> list[Figure]:
    if not fresh:
        return []
    return [
        Figure("start", "memory when ready", fresh["now"], "MB", "resident"),
        Figure("start", f"memory after {_MESSAGES} messages", used["now"], "MB", "resident"),
        Figure("start", "memory at its peak", used["peak"], "MB", "resident, until then"),
    ]
