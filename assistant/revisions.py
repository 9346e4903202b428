"""Knowledge in the store: taken in from the files, and put together again as it was in any version.

The desk is where knowledge is edited; files are a way in. What an editor has worked on, files never overwrite: an article
whose file changed after the desk had it comes in as a draft. Articles that the desk never had follow their files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from assistant.audit import SYSTEM, Action, Actor
from assistant.revision_life import OPEN, RevisionState
from assistant.rule_values import with_changes
from assistant.storage import ArticleHead, ArticleRevision, KnowledgeVersion, Store, Work
from knowledge.articles import Article, KnowledgeBase

__all__ = ["base_of", "in_order", "read_version", "sync_knowledge"]


def sync_knowledge(store: Store, files: KnowledgeBase, by: Actor = SYSTEM) -> tuple[KnowledgeVersion, KnowledgeBase]:
    """Take in what changed in the files; the version that is live then, and its base. `by` is whom the audit trail names.

    Nothing is written where nothing changed. Facts, sources and the firm's values are always those of the files.
    """
    with store.read() as work:
        version, base, plan = _planned(work, files)
    if version and not plan.anything and version.digest == base.digest:
        return version, base
    with store.write() as work:
        work.knowledge.hold()
        version, base, plan = _planned(work, files)
        if version and not plan.anything and version.digest == base.digest:
            return version, base
        now = datetime.now(UTC)
        _take_in(work, plan, now)
        changed = version is None or version.digest != base.digest
        if changed:
            version = KnowledgeVersion((version.number if version else 0) + 1, base.digest, plan.live, now)
            work.knowledge.add_version(version)
        assert version
        drafts = sum(item.state is RevisionState.DRAFT for item in plan.new)
        work.audit.record(Action.KNOWLEDGE_TAKEN_IN, by, now, subject=f"knowledge:{version.number}", details={
            "digest": version.digest, "published": len(plan.new) - drafts, "drafts": drafts, "replaced": len(plan.replaced)})
        return version, base


def read_version(work: Work, version: KnowledgeVersion, around: KnowledgeBase) -> KnowledgeBase:
    """The base of a version, with the facts, sources and firm's values that are `around` it."""
    return with_changes(base_of(_articles(work, version.revisions.items()), around), work.fact_changes.published(version.number))


def base_of(articles: Iterable[Article], around: KnowledgeBase) -> KnowledgeBase:
    """A base of these articles with the facts, sources and firm's values of another."""
    return replace(around, articles=in_order(articles))


def in_order(articles: Iterable[Article]) -> dict[str, Article]:
    """By id, in the order in which the files are read, on which a base's digest depends."""
    return {article.id: article for article in sorted(articles, key=lambda article: (article.category, f"{article.id}.md"))}


@dataclass(frozen=True, slots=True)
class _Plan:
    """What taking in the files comes to: `live` maps article id to revision, as it will be."""

    live: dict[str, int]
    new_heads: list[ArticleHead] = field(default_factory=list)
    new: list[ArticleRevision] = field(default_factory=list)
    replaced: dict[str, int] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        return bool(self.new_heads or self.new or self.seen)


def _planned(work: Work, files: KnowledgeBase) -> tuple[KnowledgeVersion | None, KnowledgeBase, _Plan]:
    version = work.knowledge.version()
    live = dict(version.revisions) if version else {}
    plan = _plan(files.articles, live, work.knowledge.heads(), work.knowledge.newest(),
                 {item.article_id for item in work.knowledge.in_states(OPEN)})
    fresh = {item.article_id for item in plan.new if item.state is RevisionState.PUBLISHED}
    kept = _articles(work, ((name, revision) for name, revision in plan.live.items() if name not in fresh))
    base = base_of([*kept, *(files.articles[name] for name in fresh)], files)
    return version, with_changes(base, work.fact_changes.published()), plan


def _plan(files: Mapping[str, Article], live: Mapping[str, int], heads: Mapping[str, ArticleHead],
          newest: Mapping[str, tuple[int, str, bool]], being_edited: set[str]) -> _Plan:
    """Pure."""
    now = datetime.now(UTC)
    plan = _Plan(dict(live))
    for name, article in files.items():
        revision, _, from_desk = newest.get(name, (0, "", False))
        head = heads.get(name)
        if head and head.file_digest == article.digest and (from_desk or name in live):
            continue
        if from_desk and name in being_edited:
            # Its turn comes when the desk has done with what is open now.
            continue
        state = RevisionState.DRAFT if from_desk else RevisionState.PUBLISHED
        if head is None:
            plan.new_heads.append(ArticleHead(name, 1, article.digest, now))
        else:
            plan.seen[name] = article.digest
        plan.new.append(ArticleRevision(name, revision + 1, article.digest, article.to_dict(), state, now))
        if state is RevisionState.PUBLISHED:
            if name in live:
                plan.replaced[name] = live[name]
            plan.live[name] = revision + 1
    for name in live.keys() - files.keys():
        if not newest[name][2]:
            plan.replaced[name] = plan.live.pop(name)
    return plan


def _take_in(work: Work, plan: _Plan, at: datetime) -> None:
    for head in plan.new_heads:
        work.knowledge.add_article(head)
    work.knowledge.touch(plan.seen)
    work.knowledge.remember_files(plan.seen)
    work.knowledge.retire(plan.replaced.items(), at)
    work.knowledge.add([replace(item, created_at=at) for item in plan.new])


def _articles(work: Work, revisions: Iterable[tuple[str, int]]) -> list[Article]:
    return [Article(**item.article) for item in work.knowledge.contents(revisions).values()]
