"""One table for a person, one file for a program."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure

__all__ = ["print_table", "surroundings", "write"]

_PACKAGES = (
    "zhike",
    "faiss-cpu",
    "tantivy",
    "onnxruntime",
    "numpy",
    "fastapi",
    "uvicorn",
    "sqlalchemy",
    "txtai",
    "haystack-ai",
    "torch",
)


def surroundings() -> dict[str, object]:
    """Machine, versions and time: without them a figure says nothing."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": _cores(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": _versions(),
    }


def print_table(figures: Sequence[Figure], console: Console | None = None) -> None:
    table = Table("", "measured", "value", "how", box=box.SIMPLE)
    table.columns[2].justify = "right"
    group = ""
    for figure in figures:
        if figure.group != group and group:
            table.add_section()
        table.add_row("" if figure.group == group else figure.group, figure.name, figure.shown, figure.note)
        group = figure.group
    (console or Console(highlight=False)).print(table)


def write(path: Path, figures: Sequence[Figure], around: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {**around, "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.is_file() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
