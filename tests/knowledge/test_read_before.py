"""What files were read as is kept from one start to the next, and changes nothing of what is read."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import pytest

from knowledge import articles
from knowledge.articles import SHIPPED, KnowledgeBase
from knowledge.errors import ArticleInvalid


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    for name in ("facts", "base/fees"):
        shutil.copytree(SHIPPED / name, folder / name)
    for name in ("sources.toml", "firm.toml"):
        shutil.copy(SHIPPED / name, folder / name)
    return folder


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read as YAML."""
    names: list[str] = []
    parse = articles.parse_article
    monkeypatch.setattr(articles, "parse_article", lambda text, *, name: names.append(name) or parse(text, name=name))
    return names


def test_only_what_changed_is_read_again(root: Path, read: list[str], tmp_path: Path) -> None:
    kept = tmp_path / "read.json"
    first = KnowledgeBase.load(root, kept=kept)
    assert len(read) == len(first.articles) > 20
    read.clear()
    again = KnowledgeBase.load(root, kept=kept)
    assert not read and again.digest == first.digest and again.articles == first.articles
    path = root / "base" / "fees" / "stamp-duty-rate.md"
    path.write_text(path.read_text(encoding="utf-8").replace("similar:\n", "similar:\n  - 卖票抽多少水\n", 1), encoding="utf-8")
    (root / "base" / "fees" / "commission-what.md").unlink()
    changed = KnowledgeBase.load(root, kept=kept)
    assert read == ["fees/stamp-duty-rate.md"] and "卖票抽多少水" in changed.articles["stamp-duty-rate"].similar
    assert changed.digest == KnowledgeBase.load(root).digest
    assert len(json.loads(kept.read_text(encoding="utf-8"))["articles"]) == len(first.articles) - 1, "what went is not kept"
    assert [item.name for item in tmp_path.iterdir() if "read.json" in item.name] == ["read.json"]


@pytest.mark.parametrize("left", ["", "[]", '{"reads": 3}', "half"], ids=["nothing", "a list", "other", "half"])
def test_what_can_not_be_used_is_read_again(root: Path, read: list[str], tmp_path: Path, left: str) -> None:
    kept = tmp_path / "read.json"
    whole = KnowledgeBase.load(root, kept=kept)
    text = kept.read_text(encoding="utf-8")
    kept.write_text(text[:len(text) // 2] if left == "half" else left, encoding="utf-8")
    read.clear()
    assert KnowledgeBase.load(root, kept=kept).digest == whole.digest and len(read) == len(whole.articles)


def test_what_was_read_otherwise_or_is_no_article_does_not_count(root: Path, read: list[str], tmp_path: Path,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "read.json"
    whole = KnowledgeBase.load(root, kept=kept)
    stored = json.loads(kept.read_text(encoding="utf-8"))
    name = next(iter(stored["articles"]))
    del stored["articles"][name]["body"]
    kept.write_text(json.dumps(stored), encoding="utf-8")
    read.clear()
    for _ in range(2):
        assert KnowledgeBase.load(root, kept=kept).digest == whole.digest and len(read) == 1, "once, and then it is kept"
    monkeypatch.setattr(articles, "_READS", "2")
    read.clear()
    assert KnowledgeBase.load(root, kept=kept).digest == whole.digest and len(read) == len(whole.articles)


def test_a_file_system_that_can_not_be_written_is_no_matter(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(Path, "write_text", refused)
    monkeypatch.setattr(Path, "unlink", refused)
    assert KnowledgeBase.load(root, kept=tmp_path / "read.json").articles


def test_a_broken_file_is_told_each_time_and_a_folder_that_can_not_be_written_is_no_matter(root: Path, tmp_path: Path) -> None:
    assert KnowledgeBase.load(root, kept=tmp_path / "nowhere" / "read.json").articles
    (root / "base" / "fees" / "broken.md").write_text("no front matter", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ArticleInvalid, match="broken"):
            KnowledgeBase.load(root, kept=tmp_path / "read.json")
