"""Articles go out and come back the same; what is wrong is refused whole."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from assistant.article_files import export_articles, import_articles, read_articles
from assistant.errors import KnowledgeRejected
from knowledge.articles import Article, KnowledgeBase
from knowledge.check import Finding


def article(name: str = "a", **changes: object) -> Article:
    values = {"id": name, "category": "trading", "intent": "trading.hours", "question": f"{name} 几点开盘？",
              
              "similar": ("几点开始, 几点结束", '"引号"', "多：冒号"), 
              "sources": ("x", "y"), "effective_from": date(2026, 1, 1),
              "body": "上午开盘。\n\n- 一，\"二\"\n- {{\"9:30\"}}", **changes}
    return Article(**values)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "knowledge"
    export_articles([article("a"), article("b", effective_to=date(2027, 1, 1), products=("cash",))], root / "base")
    (root / "facts").mkdir()
    for name in ("sources.toml", "firm.toml"):
        (root / name).write_text("")
    return root


def nothing_wrong(_: Path) -> list[Finding]:
    return []


def tree(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", ["out.csv", "out"])
def test_out_and_back(root: Path, tmp_path: Path, name: str) -> None:
    articles = list(KnowledgeBase.load(root).articles.values())
    assert export_articles(articles, tmp_path / name) == 2
    assert read_articles(tmp_path / name) == articles


def test_import_adds_replaces_and_moves(root: Path) -> None:
    changed = [article("a", question="改了的问题"), article("b", category="funds"), article("c")]
    import_articles(changed, root, nothing_wrong)
    base = KnowledgeBase.load(root)
    assert {item.id: item.category for item in base.articles.values()} == {"a": "trading", "b": "funds", "c": "trading"}
    assert base.articles["a"].question == "改了的问题"


def test_with_an_error_nothing_is_written(root: Path) -> None:
    before = tree(root)
    seen: list[set[str]] = []

    def check(copy: Path) -> list[Finding]:
        seen.append(set(KnowledgeBase.load(copy).articles))
        return [Finding("error", "base/trading/c.md", 1, "wrong")]

    assert import_articles([article("c")], root, check)[0].message == "wrong"
    assert seen == [{"a", "b", "c"}] and tree(root) == before


def test_a_warning_does_not_keep_it_out(root: Path) -> None:
    import_articles([article("c")], root, lambda _: [Finding("warning", "", 0, "old")])
    assert "c" in KnowledgeBase.load(root).articles


@pytest.mark.parametrize(("name", "content", "complaint"), [
    ("x.csv", "id,category\na b,trading\n", "line 2"), ("x.csv", "id,nonsense\na,1\n", "nonsense"),
    ("x.md", "no front matter", "front matter"), ("x.csv", "\xff".encode("latin-1"), "x.csv"),
    ("x.csv", "id,category\na,trading,more\n", "columns"),
])
def test_what_does_not_read_is_named(tmp_path: Path, name: str, content: str | bytes, complaint: str) -> None:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(KnowledgeRejected, match=complaint):
        read_articles(tmp_path / name)


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "missing.csv", tmp_path / "missing.md", tmp_path / "empty"):
        with pytest.raises(KnowledgeRejected):
            read_articles(path)


def test_the_shipped_base_goes_through_a_table(tmp_path: Path) -> None:
    articles = list(KnowledgeBase.load().articles.values())
    export_articles(articles, tmp_path / "all.csv")
    assert [item.digest for item in read_articles(tmp_path / "all.csv")] == [item.digest for item in articles]
    shutil.rmtree(tmp_path)
