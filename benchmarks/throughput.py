"""Messages a second through HTTP, beside an endpoint that does nothing, on the same server in the same run."""

from __future__ import annotations

from pathlib import Path

from benchmarks.conversations import ask
from benchmarks.figures import Figure, median, quantile
from benchmarks.load import CONNECTIONS, Load, post, send
from benchmarks.questions import sample
from benchmarks.server import running
from knowledge.articles import KnowledgeBase

__all__ = ["measure"]

_MESSAGES = 1500
_WARM_UP = 128
_EMPTY = 15_000


def measure(base: KnowledgeBase, data: Path) -> list[Figure]:
    questions = sample(base, _MESSAGES + _WARM_UP, seed=3)
    with running("api", "serve", environment={"ZHIKE_DATA": str(data)}) as server:
        ask(server.port, questions[_MESSAGES:])
        first = ask(server.port, questions[:_MESSAGES])
        again = ask(server.port, questions[:_MESSAGES])
    with running("benchmarks.empty") as server:
        request = post("/empty", {"text": questions[0]})
        send(server.port, [request] * _WARM_UP)
        empty = send(server.port, [request] * _EMPTY).require(200)
    share = "1 worker; the sender shares the machine"
    return [
        *_figures("messages, first time", first, f"{_MESSAGES:,} messages, {CONNECTIONS} connections, SQLite; {share}"),
        *_figures("messages, asked before", again, "the same questions in new conversations"),
        *_figures("empty FastAPI endpoint", empty, f"{_EMPTY:,} requests, {CONNECTIONS} connections; {share}"),
        Figure("HTTP", "empty endpoint over messages, first time", empty.rate / first.rate, "times"),
        Figure("HTTP", "empty endpoint over messages, asked before", empty.rate / again.rate, "times"),
    ]


def _figures(name: str, load: Load, note: str) -> list[Figure]:
    return [
        Figure("HTTP", f"{name}, requests a second", load.rate, "", note),
        Figure("HTTP", f"{name}, median wait", median(load.milliseconds), "ms"),
        Figure("HTTP", f"{name}, 99 of 100 under", quantile(load.milliseconds, 0.99), "ms"),
    ]
