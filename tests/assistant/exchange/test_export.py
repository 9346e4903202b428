"""Versions go out, and come back the same."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.article_files import articles_to_csv, read_articles
from assistant.audit import Actor
from assistant.errors import KnowledgeVersionNotFound
from assistant.exchange.changes import CHANGES_FILE
from assistant.exchange.export import Export, Exported, Format, articles_to_zip
from assistant.exchange.proposals import propose
from assistant.exchange.reading import taken
from assistant.exchange.worker import result_of
from assistant.revisions import sync_knowledge
from assistant.storage import Store
from assistant.trail import AuditTrail
from knowledge.articles import Article, KnowledgeBase
from tests.assistant.test_article_files import article

BY = Actor("editor")


def base(*articles: Article) -> KnowledgeBase:
    return KnowledgeBase({item.id: item for item in articles}, {}, {}, {})


@pytest.fixture
def export(store: Store) -> Export:
    """Version 1 has a and b, version 2 b as another and c."""
    sync_knowledge(store, base(article("a"), article("b")))
    sync_knowledge(store, base(article("b", body="改了。"), article("c", category="funds")))
    return Export(store, clock=lambda: datetime(2026, 7, 1, tzinfo=UTC))


def imported(file: Exported) -> list[Article]:
    """What the import makes of it."""
    found = taken(json.loads(json.dumps(result_of(file.name, file.content))))
    proposals, left = propose(found.split.pairs, {}, lambda _: None, date(2026, 7, 1))
    assert left == []
    return sorted((item.draft.article() for item in proposals), key=lambda item: item.id)


@pytest.mark.parametrize("form", Format)
def test_a_version_and_a_difference(export: Export, store: Store, form: Format, tmp_path: Path) -> None:
    old, new, difference = (export.export(BY, form, version=version, since=since) for version, since in ((1, None), (None, None), (2, 1)))
    assert imported(old) == [article("a"), article("b")]
    assert imported(new) == imported(difference) == [article("b", body="改了。"), article("c", category="funds")]
    assert (old.version, new.version, difference.version) == (1, 2, 2)
    assert difference.changes and (difference.changes.added, difference.changes.changed, difference.changes.removed) == (("c",), ("b",), ("a",))
    assert export.export(BY, form).content == new.content
    entries = [entry for entry in AuditTrail(store).page(0, 100) if entry.action == "knowledge.exported"]
    assert [(entry.details["version"], entry.details["since"]) for entry in entries] == [(1, None), (2, None), (2, 1), (2, None)]


def test_a_difference_tells_what_was_removed(export: Export) -> None:
    with zipfile.ZipFile(io.BytesIO(export.export(BY, Format.MARKDOWN, since=1).content)) as archive:
        assert archive.namelist() == ["funds/c.md", "trading/b.md", CHANGES_FILE]
        assert json.loads(archive.read(CHANGES_FILE)) == {"version": 2, "since": 1, "added": ["c"], "changed": ["b"], "removed": ["a"]}
    table = export.export(BY, Format.CSV, since=1).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in table if line.startswith(("added", "changed", "removed"))] == [
        ["added", "c"], ["removed", "a"], ["changed", "b"]]


def test_a_version_that_is_not_there(export: Export) -> None:
    for arguments in ({"version": 3}, {"since": 9}):
        with pytest.raises(KnowledgeVersionNotFound):
            export.export(BY, Format.CSV, **arguments)


# Line breaks are \n in the store, and a list's line has none; a body neither begins nor ends with blanks.
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t=+-@'\"{}#:*|&!%-—，。？")
LINE = (st.text(CHARACTERS, min_size=2, max_size=30) | st.sampled_from(["a---", "---", "- b", "'=1", "2026-01-01", "null", "\u2028x\u2028y"])).map(
    lambda text: text.strip()).filter(lambda text: len(text) >= 2)
BODY = st.lists(LINE | st.just(""), min_size=1, max_size=6).map("\n".join).map(lambda text: text.strip()).filter(bool)
ARTICLE = st.builds(
    lambda number, **values: article(f"a{number}", **values), st.integers(0, 99), question=LINE,
    similar=st.lists(LINE, max_size=4).map(tuple), body=BODY, products=st.lists(st.sampled_from(["cash", "hk"]), unique=True).map(tuple),
    effective_from=st.dates(date(1990, 1, 1), date(2100, 1, 1)), review_by=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    sources=st.lists(st.sampled_from(["x", "y"]), unique=True).map(tuple))


@given(articles=st.lists(ARTICLE, unique_by=lambda item: item.id, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_out_and_back_is_exact(articles: list[Article], tmp_path: Path) -> None:
    table = articles_to_csv(articles)
    (tmp_path / "all.csv").write_text(table, encoding="utf-8", newline="")
    assert read_articles(tmp_path / "all.csv") == articles
    whole = sorted(articles, key=lambda item: item.id)
    assert imported(Exported("all.csv", "", table.encode(), 1, (), None)) == whole
    assert imported(Exported("all.zip", "", articles_to_zip(articles), 1, (), None)) == whole


def test_no_cell_is_a_formula() -> None:
    table = articles_to_csv([article("a", question='=HYPERLINK("x")', similar=("@a", "b"), body="'=1")])
    assert "'=HYPERLINK" in table and "'@a" in table and "''=1" in table


def test_a_part_of_the_shipped_base_goes_through_an_archive() -> None:
    articles = sorted(KnowledgeBase.load().articles.values(), key=lambda item: item.id)[::10]
    assert imported(Exported("all.zip", "", articles_to_zip(articles), 1, (), None)) == articles
