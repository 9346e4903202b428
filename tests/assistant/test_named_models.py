"""Models by name: taken, gone back from, refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import ModelUnavailable
from assistant.named_models import NamedModels, check_encoder
from assistant.settings import Settings


@pytest.fixture
def models(tmp_path: Path) -> NamedModels:
    return NamedModels(tmp_path)


def make(models: NamedModels, name: str, *, made_at: str = "2026-11-26T08:00:00+00:00", passed: bool | None = True) -> Path:
    folder = models.folder(name)
    folder.mkdir(parents=True)
    compared = None if passed is None else {"passed": passed, "forced": False}
    (folder / "card.json").write_text(json.dumps({
        "made_at": made_at, "encoder": {"name": "e5", "fingerprint": "f1"}, "compared": compared}), encoding="utf-8")
    return folder


def test_the_one_in_use_is_remembered_and_gone_back_from(models: NamedModels, tmp_path: Path) -> None:
    assert models.chosen(Settings(data=tmp_path)) is None and models.all() == []
    second, first = make(models, "log-2", made_at="2026-11-27T08:00:00+00:00"), make(models, "log-1", passed=None)
    assert [item.name for item in models.all()] == ["log-1", "log-2"]
    models.use("log-2")
    assert NamedModels(tmp_path).chosen(Settings(data=tmp_path)) == second
    models.use("log-1")
    assert models.chosen(Settings(data=tmp_path)) == first
    models.use("shipped")
    assert models.chosen(Settings(data=tmp_path)) is None


def test_the_setting_goes_first_as_a_folder_or_a_name(models: NamedModels, tmp_path: Path) -> None:
    first = make(models, "log-1")
    make(models, "log-2")
    models.use("log-2")
    assert models.chosen(Settings(data=tmp_path, models=Path("log-1"))) == first
    assert models.chosen(Settings(data=tmp_path, models=first)) == first
    assert models.chosen(Settings(data=tmp_path, models=Path("shipped"))) is None
    with pytest.raises(ModelUnavailable, match="neither a folder nor"):
        models.chosen(Settings(data=tmp_path, models=Path("log-3")))


def test_worse_ones_and_strangers_are_refused(models: NamedModels) -> None:
    make(models, "bad", passed=False)
    with pytest.raises(ModelUnavailable, match="--force"):
        models.use("bad")
    models.use("bad", force=True)
    assert models.in_use() == "bad"
    with pytest.raises(ModelUnavailable, match="there are bad, shipped"):
        models.use("unknown")
    for name in ("../bad", "Bad", "", "in-use", "shipped/x"):
        with pytest.raises(ModelUnavailable):
            models.folder(name)


def test_models_of_another_encoder_are_refused(models: NamedModels, tmp_path: Path) -> None:
    folder = make(models, "log-1")
    check_encoder(folder, "e5", "f1")
    check_encoder(None, "any", "any")
    check_encoder(tmp_path, "without a card", "any")
    with pytest.raises(ModelUnavailable, match="trained for the encoder e5, not for bge"):
        check_encoder(folder, "bge", "f2")
