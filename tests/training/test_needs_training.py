"""The head of needs trains on little data too; a tuned reader stays beside it only where it makes the flags better."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import training.needs
from intents.layered_head import LayeredHead
from intents.tuned_head import TUNED, TunedHead
from tests.fakes.encoder import CountingEncoder
from tests.fakes.told import Knows
from training.heads import CannotTune, Shape
from training.needs import needs_taught, train_needs

IDLE, PLAIN = ("闲钱放着可惜", "钱空着没处去", "活期太低"), ("几点开盘", "密码忘了", "印花税多少")
WAYS = ("{}", "请问{}", "我{}", "那个{}呢", "{}怎么办", "老是{}", "听说{}", "{}啊", "又是{}", "想问{}", "朋友说{}", "今天{}", "{}了")


def lines(words: tuple[str, ...], labels: list[str], ways: tuple[str, ...], perhaps: list[str] | None = None) -> list[str]:
    return [json.dumps({"text": f"{way.format(word)}{mark}", "labels": labels, "perhaps": perhaps or []}, ensure_ascii=False)
            for word in words for way in ways for mark in ("", "一", "二", "三", "四", "五", "六", "七")]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training.needs, "_SHAPE", Shape(hidden=16))
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "needs.jsonl").write_text("\n".join(lines(IDLE, ["cash"], WAYS[:4]) + lines(PLAIN, [], WAYS[:4]) + lines(
        ("金条怎么买",), [], WAYS[:1], ["gold"])), encoding="utf-8")
    (folder / "needs-desk-a.jsonl").write_text("\n".join(lines(IDLE, ["cash"], WAYS[4:]) + lines(PLAIN, [], WAYS[4:])), encoding="utf-8")
    return folder


def beside(folder: Path, monkeypatch: pytest.MonkeyPatch, *, helps: bool = True, labels: tuple[str, ...] = ("cash",)) -> None:
    """Puts a tuned reader into the folder of the head."""
    place, zeros = folder / TUNED, np.zeros(len(labels), np.float32)
    place.mkdir(parents=True)
    TunedHead(labels, Knows(IDLE, 9.0, helps=helps), np.zeros(1, np.float32), np.ones((1, len(labels)), np.float32), zeros).save(place)
    (place / "encoder").mkdir()
    monkeypatch.setattr("intents.tuned_head.load_encoder", lambda _: Knows(IDLE, 9.0, helps=helps))


def unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that makes mistakes, so that a second reader can be worth something."""
    told = training.needs._told
    monkeypatch.setattr(training.needs, "_told", lambda *given: np.where(
        np.random.default_rng(1).random(len(given[3]))[:, None] < 0.3, 0.45, told(*given)))


def test_what_readers_differ_about_is_not_learned(data: Path) -> None:
    head = train_needs(data.parent / "needs", CountingEncoder(64), data=data)
    assert head.labels == ("cash",)
    card = json.loads((data.parent / "needs" / "head.json").read_text(encoding="utf-8"))
    # Two of the 432 that are written stand among the evaluation questions.
    assert card["out_of_fold_desk"]["questions"] == 430 and card["out_of_fold_desk"]["precision"] > 0.9


def test_without_labels_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"needs\*\.jsonl"):
        train_needs(tmp_path / "needs", CountingEncoder(64), data=tmp_path)


def test_a_tuned_reader_that_helps_stays_and_is_measured_anew(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unsure(monkeypatch)
    beside(data.parent / "needs", monkeypatch)
    train_needs(data.parent / "needs", CountingEncoder(64), data=data)
    tuned = TunedHead.load(data.parent / "needs" / TUNED)
    assert tuned is not None and 0 < tuned.passing < 1 and 0 < tuned.threshold < 1
    figures = json.loads((data.parent / "needs" / TUNED / "reader.json").read_text(encoding="utf-8"))["held_out_desk"]
    assert figures["recall"] > 0.95 and 100 < figures["questions"] < 432 / 2


@pytest.mark.parametrize(("other", "why"), [
    ({"helps": False}, "does not make these flags better"), ({"labels": ("cash", "gold")}, "other families")])
def test_one_that_does_not_help_goes(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
                                     other: dict[str, Any], why: str) -> None:
    unsure(monkeypatch)
    beside(data.parent / "needs", monkeypatch, **other)
    train_needs(data.parent / "needs", CountingEncoder(64), data=data)
    assert why in capsys.readouterr().out and TunedHead.load(data.parent / "needs" / TUNED) is None
    assert LayeredHead.load(data.parent / "needs").labels == ("cash",)


def test_what_it_was_taught_measures_nothing(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    beside(data.parent / "needs", monkeypatch, helps=False)
    taught = [training.needs._digest(text) for text in training.needs._examples(data).texts]
    np.save(data.parent / "needs" / TUNED / "taught.npy", np.array(taught, np.uint64))
    train_needs(data.parent / "needs", CountingEncoder(64), data=data)
    assert "0 questions are left" in capsys.readouterr().out and TunedHead.load(data.parent / "needs" / TUNED) is not None


def test_too_few_to_measure_one_are_refused_before_anything_is_tuned(data: Path) -> None:
    (data / "needs-desk-a.jsonl").write_text("\n".join(lines(PLAIN[:1], [], WAYS[:3])), encoding="utf-8")
    with pytest.raises(CannotTune, match="kept to measure"):
        needs_taught(["cash"], data)
