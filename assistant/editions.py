"""What answers from a changed base, made from what answers now: only what changed is read, encoded and indexed again."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from assistant.clock import china_day
from assistant.live_knowledge import Edition
from assistant.turn import Responder
from knowledge.articles import KnowledgeBase
from knowledge.passages import passages_of
from knowledge.snapshot import keep_index

__all__ = ["IndexKeeper", "changed_articles", "remake", "revised"]

# Any question will do: the first one on a day finds out which articles are in force.
_WARM_UP = "开户"


def remake(edition: Edition, base: KnowledgeBase, revisions: Mapping[str, int], version: int) -> Responder:
    """`LiveKnowledge`'s way to the next edition. Raises TypeError for an edition on anything but a Responder."""
    if not isinstance(edition.responder, Responder):
        raise TypeError(f"expected an edition on a Responder, found {type(edition.responder).__name__}")
    return revised(edition.responder, base, revisions, version)


def revised(responder: Responder, base: KnowledgeBase, revisions: Mapping[str, int], version: int) -> Responder:
    """A responder on `base` that shares the models, and all vectors of unchanged articles, with another."""
    changed = dict.fromkeys(changed_articles(responder.base, base))
    day = china_day()
    passages = [passage for name in changed if name in base.articles for passage in passages_of(base.articles[name], base, day)]
    index = responder.index.revised(changed, passages) if changed else responder.index
    made = responder.revised(base, changed, index, version=version, revisions=revisions)
    made.respond(_WARM_UP)
    return made


class IndexKeeper:
    """Keeps the index of each edition in a folder, in the background, so that the next start finds it and builds nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="index-keeper")
        self._newest = 0

    def __call__(self, edition: Edition) -> None:
        self._newest = edition.version
        self._writing.submit(self._keep, edition)

    def _keep(self, edition: Edition) -> None:
        if edition.version < self._newest or not isinstance(edition.responder, Responder):
            return
        try:
            keep_index(edition.responder.index, edition.base, self._folder, china_day())
        except Exception as error:
            # It will be built at the next start instead. FAISS has errors of its own kind for a full disk.
            structlog.get_logger().warning("index_not_kept", detail=str(error), exc_info=None if isinstance(error, OSError) else error)


def changed_articles(before: KnowledgeBase, after: KnowledgeBase) -> list[str]:
    """Ids of the articles whose passages may differ: other words, or other facts that they quote."""
    facts = {name for name in before.facts.keys() | after.facts.keys()
             if before.facts.get(name) is not after.facts.get(name) and before.facts.get(name) != after.facts.get(name)}
    quoting = {article for name in facts for article in after.quoted_by(name)}
    names = dict.fromkeys((*before.articles, *after.articles))
    return [name for name in names if name in quoting or _differ(before, after, name)]


def _differ(before: KnowledgeBase, after: KnowledgeBase, name: str) -> bool:
    old, new = before.articles.get(name), after.articles.get(name)
    return old is not new and (old is None or new is None or old.digest != new.digest)
