"""The floor, small: clients and agents on real processes, of which one is killed in the middle, on a real store."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.floor import Scale, measure


def told(folder: Path, *, widgets: int = 6, agents: int = 3, **scale: object) -> float:
    found = {figure.name: figure.value for figure in measure(
        folder, Scale(widgets=widgets, agents=agents, seconds=3.0, rate=20.0, **scale))}  # type: ignore[arg-type]
    assert found["longest delivery around the kill"] < 120
    return found["messages, each told once and in order to both"]


def test_a_kill_in_the_middle_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert told(tmp_path) == 60


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_nor_does_the_kill_of_one_of_two_processes(database_url: str, tmp_path: Path) -> None:
    assert told(tmp_path, widgets=20, agents=4, database=database_url, processes=2) == 60


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_nor_does_it_on_each_store_and_with_two_processes(database_url: str, tmp_path: Path, processes: int) -> None:
    if processes > 1 and database_url.startswith("sqlite"):
        pytest.skip("several processes share PostgreSQL")
    assert told(tmp_path, database=database_url, processes=processes) == 60
