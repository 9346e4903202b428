"""Reads the audit trail: in pages, as an export, and from its start to see that it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from assistant.audit import Action, Actor, Break, Chain, Entry
from assistant.inbox import utc_now
from assistant.storage import Store

__all__ = ["AuditTrail", "Verified"]

Progress = Callable[[str, int, int], None]
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """The last entry up to which the trail holds (None without any), and the first place where it does not."""

    head: Entry | None
    broken: Break | None


class AuditTrail:
    """Safe to share between threads. It only grows, so each page may be a transaction of its own."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def page(self, after: int, limit: int) -> list[Entry]:
        """Entries whose `seq` is greater than `after`, in order."""
        with self._store.read() as work:
            return work.audit.after(after, limit=limit)

    def export(self, by: Actor, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[Entry]:
        """Entries from `since` on and before `until`; the export itself is recorded first."""
        details = {name: moment.isoformat() for name, moment in (("since", since), ("until", until)) if moment}
        with self._store.write() as work:
            work.audit.record(Action.AUDIT_EXPORTED, by, self._clock(), details=details)
        return self._walk(since, until)

    def verify(self, *, known: tuple[int, str] | None = None, progress: Progress | None = None) -> Verified:
        """Walk the chain. `known` is the (seq, hash) of an entry that was noted elsewhere and must still be there."""
        with self._store.read() as work:
            newest = work.audit.head()
        total, chain = newest.seq if newest else 0, Chain()
        missing = known
        for entry in self._walk():
            broken = chain.follow([entry])
            if known and entry.seq == known[0]:
                missing = None
                if entry.hash != known[1]:
                    broken = broken or Break(entry.seq, "its hash is not the one that was noted")
            if broken:
                return Verified(chain.head, broken)
            if progress and (entry.seq % _AT_ONCE == 0 or entry.seq == total):
                progress("verifying", entry.seq, total)
        return Verified(chain.head, missing and Break(missing[0], "it was noted, and is missing"))

    def _walk(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Entry]:
        last = 0
        while True:
            with self._store.read() as work:
                entries = work.audit.after(last, limit=_AT_ONCE, since=since, until=until)
            yield from entries
            if len(entries) < _AT_ONCE:
                return
            last = entries[-1].seq
