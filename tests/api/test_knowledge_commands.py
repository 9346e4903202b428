"""`zhike kb` on a small base of its own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from assistant.article_files import export_articles, read_articles
from assistant.revisions import sync_knowledge
from assistant.settings import load_settings
from assistant.storage import Store
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


def test_a_file_of_another_kind_becomes_drafts(run: Run, root: Path, tmp_path: Path) -> None:
    (tmp_path / "faq.html").write_text("<h2>几点收盘？</h2><p>三点，问 13812345678。</p><img src='x'>")
    code, out, _ = run("kb", "import", "faq.html", "--preview")
    assert code == 0 and "line 1: new ji-dian-shou-pan: 几点收盘？" in out and "personal data: mobile" in out and "drafts made" not in out
    assert "1 drafts made" in run("kb", "import", "faq.html")[1]
    assert "not taken: A picture" in out and list(KnowledgeBase.load(root).articles) == ["a"]
    assert run("kb", "import", "missing.docx")[0] == 2
    (tmp_path / "bad.docx").write_bytes(b"x")
    code, _, err = run("kb", "import", "bad.docx")
    assert code == 2 and "knowledge_file_unsupported" in err


def test_export_of_a_version_and_of_a_difference(run: Run, root: Path) -> None:
    for more in ((), (article("b", sources=(), similar=SIMILAR, body="下午开盘。"),)):
        export_articles(more, root / "base")
        with closing(Store.open(load_settings().database_url)) as store:
            sync_knowledge(store, KnowledgeBase.load(root))
    for options, count in (((), 2), (("--version", "1"), 1), (("--since", "1"), 1)):
        for out in ("out.csv", "out.zip", "folder" + "".join(options)):
            assert f"{count} articles of knowledge version" in run("kb", "export", "--out", out, *options)[1]
    assert [item.id for item in read_articles(Path("folder--since1"))] == ["b"]
    code, _, err = run("kb", "export", "--out", "x.csv", "--version", "9")
    assert code == 2 and "knowledge_version_not_found" in err
