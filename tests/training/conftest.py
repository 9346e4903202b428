"""The settings of an English desk, with folders of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.english.desk import KNOWLEDGE


@pytest.fixture
def english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `ZHIKE_DATA` is."""
    for name in ("ZHIKE_ENCODER", "ZHIKE_MODELS", "ZHIKE_CROSS_ENCODER", "ZHIKE_DATABASE", "ZHIKE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ZHIKE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ZHIKE_KNOWLEDGE", str(KNOWLEDGE))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"
