"""One transformer is tuned for two heads, is measured, and only then lies beside them; training from use carries it along."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from intents.layered_head import LayeredHead
from intents.tuned_head import CARD, SHARED, TUNED, TunedHead
from knowledge.articles import KnowledgeBase
from knowledge.encoder import load_encoder
from tests.fakes.encoder import CountingEncoder
from training import from_log, second_reader
from training.heads import Shape, fit_layered_head
from training.taught import Taught, reader_beside

NAMES = {"needs": ("cash", "gold"), "sensitive": ("handover-distress", "none")}
LESSONS = {
    "needs": Taught(NAMES["needs"], ["甲", "乙"], np.array([[1, 0], [0, 0]])),
    "sensitive": Taught(NAMES["sensitive"], ["乙", "丙"], np.array([[1, 0], [0, 1]]), one_holds=True),
}


def zeros(labels: tuple[str, ...], **other: Any) -> TunedHead:
    return TunedHead(labels, load_encoder(), np.zeros(384, np.float32), np.zeros((384, len(labels)), np.float32),
                     np.zeros(len(labels), np.float32), **other)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with both heads."""
    texts = ["甲甲", "乙乙", "甲丙", "乙丙"] * 5
    vectors = CountingEncoder(8).encode_passages(texts)
    for name, labels in NAMES.items():
        given = [{labels["乙" in text]} for text in texts] if name == "needs" else [labels["乙" in text] for text in texts]
        fit_layered_head(texts, vectors, given, Shape(hidden=4), multi_label=name == "needs").save(tmp_path / name)
    assert {name: LayeredHead.load(tmp_path / name).labels for name in NAMES} == NAMES
    return tmp_path


def test_what_is_known_of_each_text_is_learned_and_what_was_made_is_put_beside_both(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tuned, measured = [], []

    def tune(base: str, work: Path, texts: list[str], tasks: list[SimpleNamespace], *, name: str, epochs: float) -> list[TunedHead]:
        tuned.append((base, texts, tasks, epochs))
        encoder = work / "served" / "encoder"
        encoder.mkdir(parents=True)
        (encoder / "model.onnx").write_text("made")
        return [zeros(tuple(task.labels)) for task in tasks]

    def measure(reader: TunedHead, folder: Path, *_: Any) -> None:
        assert (folder / CARD).is_file() and not (models / TUNED).exists(), "nobody reads with it yet"
        measured.append(folder.name)

    monkeypatch.setitem(sys.modules, "training.tuned_head", SimpleNamespace(
        SERVED="served", Task=lambda labels, targets, known, one_holds, weight: SimpleNamespace(**locals()), tune=tune))
    monkeypatch.setattr(second_reader, "needs_taught", lambda labels, data: LESSONS["needs"])
    monkeypatch.setattr(second_reader, "sensitive_taught", lambda base, labels, data: LESSONS["sensitive"])
    monkeypatch.setattr(second_reader, "sensitive_kept", lambda base, data: {})
    for name in NAMES:
        monkeypatch.setattr(second_reader, f"measure_{name}", measure)
    second_reader.tune_second("some", models, CountingEncoder(8), base=KnowledgeBase({}, {}, {}, {}), work=models / "work", epochs=2)
    ((base, texts, tasks, epochs),) = tuned
    assert (base, texts, epochs) == ("some", ["甲", "乙", "丙"], 2)
    needs, sensitive = tasks
    assert needs.known.tolist() == [True, True, False] and needs.targets.tolist() == [[1, 0], [0, 0], [0, 0]] and not needs.one_holds
    assert sensitive.known.tolist() == [False, True, True] and sensitive.one_holds
    assert sensitive.targets.tolist() == [[0, 0], [1, 0], [0, 1]]
    assert needs.weight > sensitive.weight
    assert measured == ["needs", "sensitive"]
    assert (models / TUNED / "model.onnx").read_text() == "made"
    assert (models / "needs" / TUNED / "taught.npy").is_file()
    assert all(f'"encoder": "{SHARED}"' in (models / name / TUNED / CARD).read_text(encoding="utf-8") for name in NAMES)
    assert not (models / "work").exists()


def test_what_training_from_use_carries_along_is_of_one_folder(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, names in ((before, ("", "needs")), (after, ("", "needs", "sensitive"))):
        for name in names:
            (folder / name / TUNED).mkdir(parents=True)
            for file in ("README.md", folder.name):
                (folder / name / TUNED / file).write_text("x")
    from_log._keep_tuned(before, after)
    files = sorted(path.relative_to(after).as_posix() for path in after.rglob("*") if path.is_file())
    assert files == ["needs/tuned/before", "tuned/before"]


def test_a_reader_whose_transformer_is_gone_or_another_goes_when_its_head_is_trained(tmp_path: Path,
                                                                                    capsys: pytest.CaptureFixture[str]) -> None:
    head = tmp_path / "needs"
    (head / TUNED).mkdir(parents=True)
    zeros(NAMES["needs"], encoder_at=SHARED).save(head / TUNED)
    assert reader_beside(head) is None and not (head / TUNED).exists() and "--transformer" in capsys.readouterr().out
    assert reader_beside(head) is None and not capsys.readouterr().out
