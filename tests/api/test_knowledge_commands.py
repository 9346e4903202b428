"""`zhike kb` on a small base of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.article_files import export_articles
from knowledge.articles import KnowledgeBase
from tests.api.test_cli import Run, run
from tests.assistant.test_article_files import article

__all__ = ["run"]

SIMILAR = tuple(f"第{word}种问法问的是几点开盘" for word in "甲乙丙丁戊己庚辛")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "knowledge"
    export_articles([article("a", sources=(), similar=SIMILAR, body="上午开盘。")], root / "base")
    (root / "facts").mkdir()
    (root / "sources.toml").write_text("")
    (root / "firm.toml").write_text("")
    monkeypatch.setenv("ZHIKE_KNOWLEDGE", str(root))
    return root


def test_check_of_a_sound_base(run: Run, root: Path) -> None:
    code, out, _ = run("kb", "check")
    assert code == 0 and "0 errors" in out


def test_check_names_file_and_line(run: Run, root: Path) -> None:
    (root / "base/trading/a.md").write_text("nonsense")
    code, out, _ = run("kb", "check")
    assert code == 1 and "base/trading/a.md:1: error" in out and "1 errors" in out


def test_export_edit_import_publish(run: Run, root: Path, tmp_path: Path) -> None:
    assert run("kb", "export", "--out", "all.csv")[0] == 0
    table = tmp_path / "all.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("上午开盘。", "改过的答案。"), encoding="utf-8")
    code, out, _ = run("kb", "import", "all.csv")
    assert code == 0 and "1 articles imported" in out
    assert KnowledgeBase.load(root).articles["a"].body == "改过的答案。"
    assert run("kb", "publish")[1].strip().endswith("knowledge version 1")


def test_an_import_with_errors_changes_nothing(run: Run, root: Path, tmp_path: Path) -> None:
    export_articles([article("b", sources=(), similar=SIMILAR[:2], body="有 5 个。")], tmp_path / "new")
    code, out, _ = run("kb", "import", "new")
    assert code == 1 and "Nothing was imported" in out and "base/trading/b.md" in out
    assert list(KnowledgeBase.load(root).articles) == ["a"]


def test_publish_refuses_a_base_with_errors(run: Run, root: Path) -> None:
    (root / "base/trading/a.md").write_text("nonsense")
    code, _, err = run("kb", "publish")
    assert code == 2 and "knowledge_rejected" in err
