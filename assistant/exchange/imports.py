"""Knowledge in: a file is read into a preview, and what somebody accepts of it becomes drafts. Nothing goes live by this."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from assistant.audit import Action, Actor
from assistant.clock import china_day
from assistant.desk import Desk
from assistant.drafts import ArticleDraft
from assistant.errors import ArticleNotFound, AssistantError, KnowledgeFileRefused, TooManyRequests
from assistant.exchange.blocks import NotTaken
from assistant.exchange.previews import Preview, Previews
from assistant.exchange.proposals import Nearest, propose
from assistant.exchange.reading import read_file
from assistant.inbox import Responds, utc_now
from assistant.privacy import mask
from assistant.storage import Store
from knowledge.articles import Article

__all__ = ["Accepted", "Imports", "Refused"]

_AT_ONCE = 2
_SEARCH_SECONDS = 15.0
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Refused:
    """A proposal that the desk did not take."""

    key: str
    article_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Key of each proposal that is a draft now → id of its revision; and those that are none."""

    drafts: Mapping[str, str]
    refused: tuple[Refused, ...]


class Imports:
    """Safe to share between threads."""

    def __init__(self, store: Store, folder: Path, responder: Responds, desk: Desk, *,
                 clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._previews, self._responder, self._desk, self._clock = store, Previews(folder), responder, desk, clock
        self._reading = threading.BoundedSemaphore(_AT_ONCE)
        self._accepting = threading.Lock()

    def read(self, name: str, content: bytes, by: Actor) -> Preview:
        """Read a file, and keep what it comes to. Raises KnowledgeFileRefused, or TooManyRequests while others are being read."""
        name = name[-_LONGEST_NAME:]
        if not self._reading.acquire(blocking=False):
            raise TooManyRequests(10, f"{_AT_ONCE} files are being read already")
        try:
            found = read_file(name, content)
            articles, used = self._known()
            proposals, left = propose(found.split.pairs, articles, self._nearest(), china_day(self._clock()), used=used)
        except KnowledgeFileRefused as error:
            self._record(Action.KNOWLEDGE_FILE_REFUSED, by, None, {"file": name, "bytes": len(content), "code": error.code})
            raise
        finally:
            self._reading.release()
        not_taken = tuple(NotTaken(item.place, item.reason, mask(item.text)) for item in (*found.split.not_taken, *left))
        keyed = {str(number): proposal for number, proposal in enumerate(proposals, start=1)}
        preview = Preview(self._previews.new_id(), name, found.kind, by.name, self._clock(), keyed, not_taken)
        self._previews.put(preview)
        self._record(Action.KNOWLEDGE_FILE_READ, by, preview.id, {
            "file": name, "bytes": len(content), "kind": found.kind.value, "drafts": len(keyed), "not_taken": len(not_taken)})
        return preview

    def look(self, import_id: str, by: Actor) -> Preview:
        """Raises ImportNotFound."""
        preview = self._previews.get(import_id)
        self._record(Action.KNOWLEDGE_SEEN, by, import_id, {"drafts": len(preview.proposals)})
        return preview

    def accept(self, import_id: str, by: Actor, only: Collection[str] | None = None) -> Accepted:
        """Make drafts of the proposals (all, or `only` those with these keys); those that are drafts already stay.

        One that the desk refuses, such as for an article that somebody is working on, keeps no other back. Raises ImportNotFound.
        """
        with self._accepting:
            preview = self._previews.get(import_id)
            drafts, refused = dict(preview.accepted), list[Refused]()
            for key, proposal in preview.proposals.items():
                if key in drafts or (only is not None and key not in only):
                    continue
                try:
                    drafts[key] = self._start(proposal.draft, by)
                except AssistantError as error:
                    refused.append(Refused(key, proposal.draft.id, error.code, str(error)))
            self._previews.put(replace(preview, accepted=drafts))
        self._record(Action.KNOWLEDGE_IMPORTED, by, import_id, {
            "file": preview.file_name, "drafts": len(drafts) - len(preview.accepted), "refused": len(refused)})
        wanted = drafts.keys() if only is None else drafts.keys() & set(only)
        return Accepted({key: drafts[key] for key in drafts if key in wanted}, tuple(refused))

    def _start(self, draft: ArticleDraft, by: Actor) -> str:
        """Id of the new revision."""
        try:
            return self._desk.start(draft.id, draft.to_dict(), by).id
        except ArticleNotFound:
            return self._desk.create(draft, by).history[0].id

    def _known(self) -> tuple[dict[str, Article], set[str]]:
        """The articles that are live, and the ids of all that there ever were."""
        with self._store.read() as work:
            version = work.knowledge.version()
            live = work.knowledge.contents(version.revisions.items()) if version else {}
            return {name: Article(**item.article) for name, item in live.items()}, set(work.knowledge.heads())

    def _nearest(self) -> Nearest:
        """By the search that answers clients, for as long as an editor may be asked to wait."""
        until = time.monotonic() + _SEARCH_SECONDS

        def nearest(question: str) -> str | None:
            if time.monotonic() > until:
                return None
            candidates = self._responder.respond(question).candidates
            return candidates[0].article_id if candidates else None

        return nearest

    def _record(self, action: Action, by: Actor, import_id: str | None, details: Mapping[str, object]) -> None:
        with self._store.write() as work:
            work.audit.record(action, by, self._clock(), subject=f"import:{import_id}" if import_id else None, details=details)


