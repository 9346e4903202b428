"""The net behind the rules trains on little data; a tuned reader stays beside it only where both tell better what is meant."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import training.sensitive
from intents.layered_head import LayeredHead
from intents.sensitive import ORDINARY
from intents.tuned_head import SHARED, TUNED, TunedHead
from knowledge.articles import KnowledgeBase
from tests.fakes.encoder import CountingEncoder
from tests.fakes.told import Knows
from training.heads import Shape
from training.sensitive import sensitive_examples, sensitive_taught, train_sensitive

SAD, PLAIN = ("活着没意思", "撑不下去", "不想活"), ("几点开盘", "密码忘记", "印花税多少", "怎么开户")
WAYS = ("{}了", "我真的{}", "今天{}", "老是{}", "朋友说{}", "听说{}啊", "那个{}呢", "又是{}", "{}怎么办", "请教一下{}")
LABEL = "handover-distress"


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    return KnowledgeBase.load()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Half of what was written is kept from training, by a digest of the words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training.sensitive, "_SHAPE", Shape(hidden=16))
    monkeypatch.setattr(training.sensitive, "training_questions", lambda base, data: [])
    kept = training.sensitive.sensitive_texts
    monkeypatch.setattr(training.sensitive, "sensitive_texts", lambda *, to_train, data: [
        item for side in (True, False) for item in kept(to_train=side, data=data) if (sum(map(ord, item[0])) % 2 == 0) == to_train])
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "off_topic.jsonl").write_text("", encoding="utf-8")
    (folder / "sensitive.jsonl").write_text("\n".join(
        json.dumps({"q": f"{way.format(word)}{mark}", "article": LABEL if word in SAD else ""}, ensure_ascii=False)
        for word in SAD + PLAIN for way in WAYS for mark in ("", "一", "二", "三")), encoding="utf-8")
    return folder


def beside(folder: Path, monkeypatch: pytest.MonkeyPatch, *, helps: bool = True, labels: tuple[str, ...] = (LABEL, ORDINARY)) -> None:
    """Puts a tuned reader into the folder of the head, and its transformer beside all heads."""
    place = folder / TUNED
    place.mkdir(parents=True)
    (folder.parent / TUNED).mkdir()
    output = np.array([[1.0, -1.0, *[0.0] * (len(labels) - 2)]], np.float32)
    knows = Knows(SAD, 5.0, helps=helps)
    TunedHead(labels, knows, np.zeros(1, np.float32), output, np.zeros(len(labels), np.float32), encoder_at=SHARED).save(place)
    monkeypatch.setattr("intents.tuned_head.load_encoder", lambda _: knows)


def unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that is hardly ever sure, so that a second reader can be worth something."""
    told = LayeredHead.probabilities
    monkeypatch.setattr(LayeredHead, "probabilities", lambda self, text, vector: 0.3 * told(self, text, vector) + 0.35)


def test_a_tuned_reader_that_helps_stays_and_is_measured_anew(data: Path, base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    unsure(monkeypatch)
    beside(data.parent / "sensitive", monkeypatch)
    head = train_sensitive(data.parent / "sensitive", CountingEncoder(64), base=base, data=data)
    assert head is not None and head.labels == (LABEL, ORDINARY)
    tuned = TunedHead.load(data.parent / "sensitive" / TUNED)
    assert tuned is not None and 0 < tuned.passing < 1 and tuned.encoder_at == SHARED
    figures = json.loads((data.parent / "sensitive" / TUNED / "reader.json").read_text(encoding="utf-8"))["held_out"]
    assert figures["heard"] > 0.95 and figures["alarms"] < 0.05 and 100 < figures["texts"] < 200 and figures["log_loss"] < 0.3


@pytest.mark.parametrize(("other", "why"), [
    ({"helps": False}, "does not tell better"), ({"labels": (LABEL, ORDINARY, "x")}, "other labels")])
def test_one_that_does_not_help_goes(data: Path, base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, other: dict, why: str,
                                     capsys: pytest.CaptureFixture[str]) -> None:
    unsure(monkeypatch)
    beside(data.parent / "sensitive", monkeypatch, **other)
    train_sensitive(data.parent / "sensitive", CountingEncoder(64), base=base, data=data)
    assert why in capsys.readouterr().out and TunedHead.load(data.parent / "sensitive" / TUNED) is None


def test_without_data_the_rules_stand_by_themselves(data: Path, base: KnowledgeBase) -> None:
    (data / "sensitive.jsonl").write_text("", encoding="utf-8")
    assert train_sensitive(data.parent / "sensitive", CountingEncoder(64), base=base, data=data) is None
    assert not (data.parent / "sensitive").exists()


def test_a_tuned_reader_is_taught_all_that_is_sensitive_and_what_only_sounds_so(data: Path, base: KnowledgeBase) -> None:
    texts, labels = sensitive_examples(base, data)
    taught = sensitive_taught(base, (LABEL, ORDINARY), data)
    assert set(taught.texts) == set(texts) and taught.one_holds
    given = dict(zip(texts, labels, strict=True))
    assert all(row.tolist() == [given[text] == LABEL, given[text] == ORDINARY]
               for text, row in zip(taught.texts, taught.targets, strict=True))
