"""Prints the published yardsticks: one table a set, or for question pairs one a measure, with others' figures under ours."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from training.published import published_on
from training.suite import YARDSTICKS

__all__ = ["print_suite"]


def print_suite(figures: dict[str, Any], console: Console | None = None) -> None:
    console = console or Console()
    for title, columns in _tables(figures["sets"]).items():
        table = Table(title=f"{title}, 95 % interval under ours")
        table.add_column("", overflow="fold")
        for heading, _, _ in columns:
            table.add_column(heading, justify="right", overflow="fold")
        table.add_row(f"Zhike\n{_encoder(figures, columns[0][1])}",
                      *(_ours(figures["sets"][name]["figures"][measure]) for _, name, measure in columns))
        if all(measure == "accuracy" for _, _, measure in columns):
            table.add_row("always the commoner label", *(f"{100 * figures['sets'][name]['commoner_label']:.1f}" for _, name, _ in columns))
        sources = defaultdict(list)
        for other in published_on({name for _, name, _ in columns}):
            values = [other.figures.get(name, {}).get(measure) for _, name, measure in columns]
            if any(value is not None for value in values):
                table.add_row(other.system, *("–" if value is None else str(value) for value in values))
                sources[other.source].append(f"{other.system} ({other.note})" if other.note else other.system)
        console.print(table)
        for source, systems in sources.items():
            console.print(f"{', '.join(systems)}: {source}")
        console.print()
    for name, files in figures["missing"].items():
        console.print(f"Not measured: {name}, for want of {', '.join(files)}")


def _tables(sets: dict[str, Any]) -> dict[str, list[tuple[str, str, str]]]:
    """Columns by table: heading, name of the set, measure."""
    tables = defaultdict(list)
    for item in YARDSTICKS:
        for measure in sets.get(item.name, {}).get("figures", ()):
            if item.kind == "pairs":
                unit = "times 100" if measure == "Spearman" else "in per cent"
                tables[f"Chinese question pairs: {measure} {unit}"].append((item.title, item.name, measure))
            else:
                tables[f"{item.title}: per cent"].append((measure, item.name, measure))
    return dict(tables)


def _encoder(figures: dict[str, Any], name: str) -> str:
    language = next(item.language for item in YARDSTICKS if item.name == name)
    # A name with its organisation, or a folder with its parent.
    return "/".join(Path(figures["encoders"][language]["name"]).parts[-2:])


def _ours(figure: dict[str, Any]) -> str:
    return f"{100 * figure['value']:.1f}\n{100 * figure['low']:.1f}–{100 * figure['high']:.1f}"
