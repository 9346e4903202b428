"""The settings of an English desk, with folders of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from tests.english.desk import KNOWLEDGE


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads of one fit that wait for each other take minutes where tests share the processors."""
    with threadpool_limits(1):
        yield


@pytest.fixture
def english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `ZHIKE_DATA` is."""
    for name in ("ZHIKE_ENCODER", "ZHIKE_MODELS", "ZHIKE_CROSS_ENCODER", "ZHIKE_DATABASE", "ZHIKE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ZHIKE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ZHIKE_KNOWLEDGE", str(KNOWLEDGE))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"
