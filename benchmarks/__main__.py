"""Measures speed and memory. `python -m benchmarks [--only NAME …]`"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.figures import Figure

NAMES = ("start", "throughput", "replies", "update", "impact", "cache", "peers", "floor", "publish")
# Each takes longer than all others together.
ASKED_FOR = ("floor", "publish")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure speed and memory. Minutes.")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=tuple(name for name in NAMES if name not in ASKED_FOR),
                        help="only these; floor and publish run only when they are named")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks.json"), help="where the figures go, as JSON")
    floor = parser.add_argument_group("floor", "How many, for how long, and on what.")
    floor.add_argument("--widgets", type=int, default=2000)
    floor.add_argument("--agents", type=int, default=50)
    floor.add_argument("--seconds", type=float, default=300.0)
    floor.add_argument("--rate", type=float, default=100.0, help="messages a second, both ways together")
    floor.add_argument("--processes", type=int, default=1, help="of the service; more than one need PostgreSQL")
    floor.add_argument("--database", help="SQLAlchemy URL of an empty database; SQLite otherwise")
    floor.add_argument("--no-kill", action="store_true", help="without the kill -9 in the middle")
    parser.add_argument("--articles", nargs="+", type=int, default=[400, 10_000, 100_000], help="sizes of the bases of publish")
    given = parser.parse_args()
    # Every stack gets one thread, so that their times can be compared; this has to be set before they are imported.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    # Haystack would report its use to its makers.
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

    from benchmarks.report import print_table, surroundings, write

    figures: list[Figure] = []
    try:
        with tempfile.TemporaryDirectory(prefix="zhike-benchmarks-") as data:
            figures.extend(_measure(given, Path(data)))
    finally:
        # What was measured stays measured when a later part fails.
        print_table(figures)
        write(given.out, figures, surroundings())
        print(f"All figures: {given.out}")
    return 0


def _measure(given: argparse.Namespace, data: Path) -> Iterator[Figure]:
    names = given.only
    if "floor" in names:
        from benchmarks.floor import Scale, measure

        scale = Scale(given.widgets, given.agents, given.seconds, given.rate, given.processes, given.database, not given.no_kill)
        yield from _said("floor", measure(data, scale))
    if names == ["floor"]:
        return

    from assistant.settings import Settings
    from assistant.turn import Responder
    from benchmarks import cache, impact, peers, publish, replies, start, throughput, update
    from knowledge.articles import KnowledgeBase

    base = KnowledgeBase.load()
    # Servers first: this process takes no memory from them then.
    if "start" in names:
        yield from _said("start", start.measure(base, data))
    if "throughput" in names:
        yield from _said("throughput", throughput.measure(base, data))
    if "cache" in names:
        yield from _said("cache", cache.measure(base))
    if not {"replies", "update", "impact", "publish", "peers"} & set(names):
        return
    responder = Responder.open(base, Settings(data=data).indexes)
    if "replies" in names:
        yield from _said("replies", replies.measure(responder))
    if "update" in names:
        yield from _said("update", update.measure(responder))
    if "impact" in names:
        yield from _said("impact", impact.measure(responder, data))
    if "publish" in names:
        yield from _said("publish", publish.measure(responder, given.articles))
    if "peers" in names:
        figures, missing = peers.measure(responder)
        for name in missing:
            print(f"{name} is not installed and was left out; pip install -e '.[benchmarks]'", file=sys.stderr)
        yield from _said("peers", figures)


def _said(name: str, figures: Iterable[Figure]) -> Iterator[Figure]:
    """The figures, each told as soon as it is measured."""
    for figure in figures:
        print(f"{name}: {figure.name}: {figure.shown}", file=sys.stderr, flush=True)
        yield figure


if __name__ == "__main__":
    sys.exit(main())
