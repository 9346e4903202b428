"""Revisions and versions follow the knowledge in the files, until the desk has an article."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from assistant.revision_life import RevisionState
from assistant.revisions import in_order, sync_knowledge
from assistant.storage import ArticleRevision, Store
from knowledge.articles import Article, KnowledgeBase
from knowledge.sources import Source

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def article(name: str, body: str) -> Article:
    return Article(id=name, category="trading", intent="trading.hours", question="几点开盘", effective_from=date(2026, 1, 1), body=body)


def base(issuer: str = "", **bodies: str) -> KnowledgeBase:
    sources = {"rule": Source(id="rule", title="规则", issuer=issuer or "交易所", effective_from=date(2026, 1, 1))}
    return KnowledgeBase(in_order(article(name, body) for name, body in bodies.items()), {}, sources, {})


def sync(store: Store, files: KnowledgeBase) -> tuple[int, dict[str, int]]:
    version, live = sync_knowledge(store, files)
    assert version.digest == live.digest and set(version.revisions) == set(live.articles)
    return version.number, dict(version.revisions)


def test_the_first_sync_makes_version_one(store: Store) -> None:
    assert sync(store, base(a="甲", b="乙")) == (1, {"a": 1, "b": 1})


def test_the_same_knowledge_makes_no_version(store: Store) -> None:
    sync(store, base(a="甲"))
    assert sync(store, base(a="甲")) == (1, {"a": 1})


def test_a_changed_article_gets_a_revision_and_the_rest_keep_theirs(store: Store) -> None:
    sync(store, base(a="甲", b="乙"))
    assert sync(store, base(a="丙", b="乙")) == (2, {"a": 2, "b": 1})
    with store.read() as work:
        first, second = work.knowledge.get("a", 1), work.knowledge.get("a", 2)
    assert first and second and (first.article["body"], second.article["body"]) == ("甲", "丙")
    assert (first.state, second.state) == (RevisionState.RETIRED, RevisionState.PUBLISHED)


def test_changed_sources_make_a_version_without_revisions(store: Store) -> None:
    sync(store, base(a="甲"))
    assert sync(store, base("证监会", a="甲")) == (2, {"a": 1})


def test_an_article_that_goes_and_returns_goes_on_counting(store: Store) -> None:
    sync(store, base(a="甲", b="乙"))
    assert sync(store, base(b="乙")) == (2, {"b": 1})
    assert sync(store, base(a="甲", b="乙")) == (3, {"a": 2, "b": 1})


@pytest.mark.parametrize("state", [RevisionState.DRAFT, RevisionState.RETIRED])
def test_what_the_desk_has_had_follows_no_file(store: Store, state: RevisionState) -> None:
    sync(store, base(a="甲", b="乙"))
    words = article("a", "编辑的话").to_dict()
    with store.write() as work:
        work.knowledge.add([ArticleRevision("a", 2, "x", words, state, NOW, author="editor")])
    assert sync(store, base(a="丙", b="乙")) == (1, {"a": 1, "b": 1})
    with store.read() as work:
        newest = work.knowledge.of_article("a")[0]
    offered = (newest.revision, newest.state, newest.author) == (3, RevisionState.DRAFT, "os:files")
    assert offered == (state is RevisionState.RETIRED), "the file's words come in as a draft as soon as nobody works on another"
    assert sync(store, base(b="乙")) == (1, {"a": 1, "b": 1}), "and the article stays when its file goes"


def test_a_past_version_can_be_read(store: Store) -> None:
    sync(store, base(a="甲"))
    sync(store, base(a="乙"))
    with store.read() as work:
        version, latest = work.knowledge.version(1), work.knowledge.version()
        assert version and latest and version.revisions == {"a": 1}
        assert work.knowledge.version_at(latest.at) == latest
        assert work.knowledge.version_at(datetime(2000, 1, 1, tzinfo=UTC)) == version, "before there was any: the first"
