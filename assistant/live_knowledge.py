"""The knowledge that answers now: one version, whole, and exchanged whole while others are being answered.

Whoever answers takes the edition that is current once, and keeps to it: an answer comes from the old version or the new
one, never from both. The next edition is made off to the side; a failure there leaves the current one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from assistant.clock import china_day
from assistant.inbox import Responds
from assistant.remembered import Remembered
from assistant.reply import Context, Outcome
from assistant.revisions import base_of
from assistant.rule_values import with_changes
from assistant.storage import KnowledgeVersion, Store
from assistant.wording import ApprovedWords, Words
from knowledge.articles import Article, KnowledgeBase

__all__ = ["Edition", "LiveKnowledge", "Remake"]

_PAST_EDITIONS = 3
# Next editions that are kept: what was tried, looked through or made ready is often asked for again.
_NEXT_EDITIONS = 4


@dataclass(frozen=True, slots=True)
class Edition:
    """One knowledge version: its base, the revision of each article, and what answers from them."""

    version: int
    base: KnowledgeBase
    revisions: Mapping[str, int]
    responder: Responds

    def words(self) -> Words:
        return ApprovedWords(self.base, self.revisions, self.version)


# Makes what answers from (base, revisions, version) out of an edition from which most of it can be taken.
Remake = Callable[[Edition, KnowledgeBase, Mapping[str, int], int], Responds]


class LiveKnowledge:
    """Safe to share between threads. It responds and gives words as whatever edition is current.

    `around` has the facts, sources and firm's values as they came with the files, before the desk changed any; `files` reads
    them again, for versions that another process made of other files.
    """

    def __init__(self, store: Store, edition: Edition, remake: Remake, *, around: KnowledgeBase | None = None,
                 files: Callable[[], KnowledgeBase] | None = None, on_change: Callable[[Edition], None] | None = None) -> None:
        self._store = store
        self._around = around or edition.base
        self._files = files
        self._edition = edition
        self._remake = remake
        self._on_change = on_change
        self._changing = threading.Lock()
        self._next: Remembered[Edition] = Remembered(_NEXT_EDITIONS)
        self._past: Remembered[Edition] = Remembered(_PAST_EDITIONS)

    @property
    def current(self) -> Edition:
        return self._edition

    @property
    def version(self) -> int:
        return self._edition.version

    def respond(self, text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        return self._edition.responder.respond(text, context, at)

    def words(self) -> Words:
        return self._edition.words()

    def edition_of(self, base: KnowledgeBase, revisions: Mapping[str, int], version: int, *, like: Edition | None = None) -> Edition:
        """An edition off to the side, such as the current one with a draft in it; what did not change is shared.

        It is made once for the same contents on the same day, on which facts and answers depend: who asks for what is being
        made waits for it.
        """
        like = like or self._edition
        key = (like.version, like.base.digest, version, base.digest, frozenset(revisions.items() - like.revisions.items()), china_day())
        return self._next.of(key, lambda: self._made(base, revisions, version, like))

    def base_of(self, version: KnowledgeVersion) -> KnowledgeBase:
        """The base of a version; articles that the current one has too are not read again."""
        current = self._edition
        known: dict[str, Article] = {name: current.base.articles[name] for name, revision in version.revisions.items()
                                     if current.revisions.get(name) == revision and name in current.base.articles}
        unknown = {name: revision for name, revision in version.revisions.items() if name not in known}
        with self._store.read() as work:
            read, values = work.knowledge.contents(unknown.items()), work.fact_changes.published(version.number)
        base = base_of([*known.values(), *(Article(**item.article) for item in read.values())], self._around)
        return with_changes(base, values)

    def take(self, edition: Edition) -> None:
        """Answer from this edition from now on, unless a later one is current already."""
        with self._changing:
            if edition.version <= self._edition.version:
                return
            self._edition = edition
            # What was made on top of the last one is of no use any more.
            self._next.clear()
        if self._on_change:
            self._on_change(edition)

    def catch_up(self) -> bool:
        """Take the newest version of the store, when another process made one; whether there was one."""
        with self._store.read() as work:
            number = work.knowledge.newest_number()
            version = work.knowledge.version(number) if number > self.version else None
        if version is None:
            return False
        base = self.base_of(version)
        if base.digest != version.digest and self._files:
            self._around = self._files()
            base = self.base_of(version)
        self.take(self._made(base, version.revisions, version.number, self._edition))
        return True

    def as_of(self, moment: datetime) -> Edition:
        """The edition that was live at a moment; before there was any, the first."""
        with self._store.read() as work:
            version = work.knowledge.version_at(moment)
        if version is None or version.number == self.version:
            return self._edition
        return self._past.of(
            version.number, lambda: self._made(self.base_of(version), version.revisions, version.number, self._edition))

    def _made(self, base: KnowledgeBase, revisions: Mapping[str, int], version: int, like: Edition) -> Edition:
        return Edition(version, base, revisions, self._remake(like, base, revisions, version))
