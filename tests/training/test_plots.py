"""The page of the models: plots and tables from what was found, whatever stands around them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from knowledge.articles import Article, KnowledgeBase
from knowledge.found import Hit
from knowledge.rank import FEATURES
from tests.fakes.encoder import CountingEncoder
from training.datasets import LabelledQuestion
from training.held_out import HeldOut, Size, held_out, learning_curve, risks
from training.models_page import fill_page
from training.ranker import Example
from training.ranking import Gathered
from training.sizes import measured, size_table

ARTICLES = {name: Article(id=name, category="money", intent="money.cash", question=f"怎么办{name}？", effective_from=date(2024, 1, 1),
                          body="好的。")
            for name in ("a", "b")}
TABLE = [{"max_wrong_answer_rate": 0.02, "answer": 0.8, "answered": 0.5, "wrong": 0.01}]


@pytest.fixture(scope="module")
def gathered() -> list[Gathered]:
    """300 questions with two candidates each; a feature tells the right one nine times in ten."""
    random = np.random.default_rng(3)
    found = []
    for number in range(300):
        right = np.array([True, False]) if random.random() < 0.5 else np.array([False, True])
        signal = right if random.random() < 0.9 else ~right
        features = np.zeros((2, len(FEATURES)))
        features[:, :2] = np.column_stack([signal + random.normal(0, 0.3, 2), random.normal(0, 1, 2)])
        category = "money" if number % 3 else "fees"
        question = LabelledQuestion(str(number), ("问|题",), ("answer",), ("a" if right[0] else "b",), None, category)
        example = Example((Hit("a"), Hit("b")), features, right, right, number, np.zeros((0, 3)), right[:0])
        found.append(Gathered(question, example))
    return found


def test_what_is_held_out_is_right_as_often_as_can_be_told(gathered: list[Gathered]) -> None:
    found = held_out(gathered)
    assert 0.8 < found.right.mean() < 0.96
    assert all((name in item.question.articles) == right for name, right, item in zip(found.article, found.right, gathered, strict=True))
    sizes = learning_curve(gathered, (0.2, 1.0))
    assert [size.questions for size in sizes] == [48, 240] and all(0.7 < size.right < 1 for size in sizes)


def test_an_encoder_s_size_is_what_it_finds_takes_and_weighs(gathered: list[Gathered], tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"0" * 2_000_000)
    size = measured("four layers", tmp_path, CountingEncoder(), gathered)
    assert (size.megabytes, size.questions) == (2.0, 300) and 0 < size.milliseconds < 50
    assert 0.8 < size.alone == size.with_bm25 < 0.97 and 0.8 < size.ranked < 0.97 and 0 < size.answered < 1
    none, *rows = size_table([size], 0.5)[2:]
    assert "50.0% (44.4%–55.6%)" in none and len(rows) == 1 and rows[0].startswith("| four layers | 2.0 |")


def test_risk_is_counted_from_the_surest_on() -> None:
    answered, wrong, of_answered = risks(np.array([0.2, 0.9, 0.8, 0.5]), np.array([False, True, False, True]))
    assert answered.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert wrong.tolist() == [0, 0.25, 0.25, 0.5] and of_answered.tolist() == [0, 0.5, 1 / 3, 0.5]


def test_the_page_is_filled_between_its_markers(gathered: list[Gathered], tmp_path: Path) -> None:
    page = tmp_path / "models.md"
    names = ("ships", "thresholds", "held-out", "categories", "errors")
    page.write_text("before\n" + "".join(f"<!-- {name} -->\nstale\n<!-- /{name} -->\n" for name in names), encoding="utf-8")
    base = KnowledgeBase(ARTICLES, {}, {}, {})
    found = HeldOut(np.linspace(0, 1, 300), ("a",) * 300, np.array([item.question.articles == ("a",) for item in gathered]))
    fill_page(page, base, gathered, found, TABLE)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n") and "stale" not in text and "| fees | 100 |" in text and "| 2.0% | 0.800 |" in text
    assert "| money | 问 题 | 怎么办a？ (" in text and "| ranker |" in text
    fill_page(page, base, gathered, found, TABLE)
    assert page.read_text(encoding="utf-8") == text, "the same figures give the same page"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="has 0 places for"):
        fill_page(page, base, gathered, found, TABLE)


def test_plots_are_drawn_alike(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra training")
    from training.plots import draw

    found = HeldOut(np.linspace(0, 1, 50), ("a",) * 50, np.arange(50) > 20)
    files = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        draw(found, [Size(100, 0.8, 0.05), Size(1000, 0.9, 0.02)], folder)
        files.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert files[0] == files[1] and set(files[0]) == {"reliability.svg", "risk.svg", "learning.svg"}
