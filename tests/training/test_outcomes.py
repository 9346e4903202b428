"""What agents said of flags, as what the head of needs learns."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import training.datasets
import training.needs
from assistant.privacy import mask
from knowledge.text import content, normalize
from tests.fakes.encoder import CountingEncoder
from training.datasets import evaluation_questions, evaluation_texts, needs_written
from training.heads import Shape
from training.needs import train_needs
from training.outcomes import judged_utterances
from training.utterances import Utterance

IDLE, GOLD, PLAIN = ("闲钱放着可惜", "钱空着没处去"), ("金条囤着", "想存点金子"), ("几点开盘", "密码忘了", "印花税多少")
WAYS = ("{}", "请问{}", "我{}", "那个{}呢", "{}怎么办", "老是{}", "听说{}", "{}啊", "又是{}", "想问{}", "朋友说{}", "今天{}", "{}了")


def line(text: str, family: str, label: bool | None, *perhaps: str) -> dict[str, Any]:
    return {"text": text, "family": family, "label": label, "perhaps": list(perhaps)}


def test_each_text_once_as_most_agents_found_it() -> None:
    found = judged_utterances([
        line("钱放着可惜", "cash", True), line("钱放着可惜。", "cash", True), line("钱放着可惜", "cash", False),
        line("钱放着可惜", "fund", None, "fund"), line("买金子", "gold", False), line("买港股", "hk", True), line("买港股", "hk", False),
        line("我走了", "retention", None, "retention"), line("早写了", "cash", True), line("〈手机号〉", "cash", True)], known={"早写了"})
    assert found == [Utterance("钱放着可惜", ("cash",), ("fund",)), Utterance("买金子", ())], "who differ, or don't know, teach nothing"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training.needs, "_SHAPE", Shape(hidden=16))
    folder = tmp_path / "data"
    folder.mkdir()
    written = [{"text": way.format(word), "labels": labels} for words, labels in ((IDLE, ["cash"]), (PLAIN, [])) for word in words
               for way in WAYS]
    (folder / "needs.jsonl").write_text("\n".join(json.dumps(item, ensure_ascii=False) for item in written), encoding="utf-8")
    return folder


def judged(words: tuple[str, ...], labels: tuple[str, ...]) -> list[Utterance]:
    return [Utterance(way.format(word), labels) for word in words for way in WAYS]


def test_the_head_learns_what_agents_found(data: Path) -> None:
    encoder = CountingEncoder(64)
    before = train_needs(data.parent / "before", encoder, data=data)
    assert before.labels == ("cash",)
    after = train_needs(data.parent / "after", encoder, data=data, judged=judged(GOLD, ("gold",)) + judged(("闲着没事",), ()))
    assert after.labels == ("cash", "gold")

    def told(head: Any, text: str, family: str) -> float:
        return float(head.probabilities(text, encoder.encode_queries([text])[0])[head.labels.index(family)])

    assert told(after, "想存点金子", "gold") > 0.6 > told(after, "几点开盘", "gold")
    assert told(after, "闲着没事", "cash") < told(before, "闲着没事", "cash")


def test_an_exported_file_gives_each_text_once(data: Path) -> None:
    lines = [*(line("存点金条", "gold", True) for _ in range(2)), line("存点金条。", "gold", False), line("买港股", "hk", True),
             line("买港股", "hk", False), line("朋友说想存点金子", "gold", True)]
    for name, part in (("needs-outcomes-2.jsonl", lines[:2]), ("needs-outcomes.jsonl", lines[2:])):
        (data / name).write_text("".join(json.dumps({"labels": [], **item}, ensure_ascii=False) + "\n" for item in part), encoding="utf-8")
    desk = {"text": "朋友说，想存点金子", "labels": []}
    (data / "needs-desk-a.jsonl").write_text(json.dumps(desk, ensure_ascii=False), encoding="utf-8")
    found = needs_written(data)
    assert [utterance for utterance in found if "gold" in utterance.labels] == [Utterance("存点金条", ("gold",))]
    assert not [utterance for utterance in found if utterance.text in ("存点金条。", "买港股", "朋友说想存点金子")]
    assert len(found) == len(IDLE + PLAIN) * len(WAYS) + 1


def test_what_is_exported_trains_as_it_is_and_evaluation_questions_never_do(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    questions, named = evaluation_questions(), "我叫张伟，能买金条吗"
    asked, masked = questions[0].turns[0], mask(named)
    monkeypatch.setattr(training.datasets, "evaluation_questions", lambda: [*questions, replace(questions[0], turns=(named,))])
    texts = cache(evaluation_texts.__wrapped__)
    monkeypatch.setattr(training.needs, "evaluation_texts", texts)
    exported = [{"labels": ["gold"], **line(text, "gold", True)} for text in ("金条囤着", asked, masked, "")]
    (data / "needs-outcomes.jsonl").write_text("\n".join(json.dumps(item, ensure_ascii=False) for item in exported), encoding="utf-8")
    assert Utterance("金条囤着", ("gold",)) in needs_written(data)
    seen: list[str] = []
    fit = training.needs.fit_layered_head
    monkeypatch.setattr(training.needs, "fit_layered_head", lambda texts, vectors, *rest, **named: (
        seen.extend(texts), fit(texts, np.asarray(vectors), *rest, **named))[1])
    found = [Utterance(asked, ("gold",)), Utterance("想存点金子", ("gold",))]
    train_needs(data.parent / "needs", CountingEncoder(64), data=data, judged=found)
    assert {"金条囤着", "想存点金子"} <= set(seen) and "" not in seen
    assert masked != named and not texts() & set(seen) and content(normalize(masked)) not in seen
