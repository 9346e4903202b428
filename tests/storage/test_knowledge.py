"""Revisions and versions follow the knowledge in the files."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.revisions import sync_knowledge
from assistant.storage import Store


@dataclass(frozen=True)
class FakeArticle:
    text: str

    @property
    def digest(self) -> str:
        return f"digest of {self.text}"

    def to_dict(self) -> dict[str, str]:
        return {"body": self.text}


@dataclass(frozen=True)
class FakeBase:
    articles: dict[str, FakeArticle]
    facts: str = ""

    @property
    def digest(self) -> str:
        return repr(self)[:64] if len(repr(self)) <= 64 else str(hash(repr(self)))


def base(facts: str = "", **texts: str) -> FakeBase:
    return FakeBase({name: FakeArticle(text) for name, text in texts.items()}, facts)


def test_the_first_sync_makes_version_one(store: Store) -> None:
    assert sync_knowledge(store, base(a="甲", b="乙")) == (1, {"a": 1, "b": 1})


def test_the_same_knowledge_makes_no_version(store: Store) -> None:
    sync_knowledge(store, base(a="甲"))
    assert sync_knowledge(store, base(a="甲")) == (1, {"a": 1})


def test_a_changed_article_gets_a_revision_and_the_rest_keep_theirs(store: Store) -> None:
    sync_knowledge(store, base(a="甲", b="乙"))
    assert sync_knowledge(store, base(a="丙", b="乙")) == (2, {"a": 2, "b": 1})
    with store.read() as work:
        first, second = work.knowledge.get("a", 1), work.knowledge.get("a", 2)
    assert first and second and (first.article, second.article) == ({"body": "甲"}, {"body": "丙"})


def test_changed_facts_make_a_version_without_revisions(store: Store) -> None:
    sync_knowledge(store, base(a="甲"))
    assert sync_knowledge(store, base(a="甲", facts="new")) == (2, {"a": 1})


def test_an_article_that_goes_and_returns_changed_goes_on_counting(store: Store) -> None:
    sync_knowledge(store, base(a="甲", b="乙"))
    assert sync_knowledge(store, base(b="乙")) == (2, {"b": 1})
    assert sync_knowledge(store, base(a="丁", b="乙")) == (3, {"a": 2, "b": 1})


def test_a_past_version_can_be_read(store: Store) -> None:
    sync_knowledge(store, base(a="甲"))
    sync_knowledge(store, base(a="乙"))
    with store.read() as work:
        version = work.knowledge.version(1)
    assert version and version.revisions == {"a": 1}
