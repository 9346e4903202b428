"""Files that clients and agents send each other: taken, kept with a message, and given out to who may see them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from assistant.agent import Agent, subject_of
from assistant.attaching import TakenFile
from assistant.attachments import DEFAULT_MAX_BYTES, examined
from assistant.audit import SYSTEM, Action, Actor
from assistant.errors import AttachmentInfected, AttachmentNotFound
from assistant.inbox import utc_now
from assistant.scanning import Scans, no_scan
from assistant.storage import Attachment, Conversation, Store
from assistant.uploads import Uploads

__all__ = ["Files"]


class Files:
    """Safe to share between threads."""

    def __init__(self, store: Store, folder: Path, *, max_bytes: int = DEFAULT_MAX_BYTES, scan: Scans = no_scan,
                 orphans_after: timedelta = timedelta(hours=24), clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._uploads = Uploads(folder)
        self._max_bytes = max_bytes
        self._scan = scan
        self._orphans_after = orphans_after
        self._clock = clock

    def take(self, name: str, data: bytes, *, conversation_id: str, by: Actor = SYSTEM) -> TakenFile:
        """Look at a file and keep it; a message may then hold it. `by` is the agent who sends it, or the system for a client.

        Raises AttachmentInvalid, -TooLarge, -TypeRefused or -Infected, or ScannerUnavailable.
        """
        if len(data) <= self._max_bytes and (found := self._scan(data)):
            with self._store.write() as work:
                work.audit.record(Action.ATTACHMENT_REFUSED, by, self._clock(), subject=subject_of(conversation_id), details={
                    "found": found, "sha256": sha256(data).hexdigest(), "sender": "client" if by == SYSTEM else "agent"})
            raise AttachmentInfected()
        file = examined(name, data, max_bytes=self._max_bytes)
        return TakenFile(self._uploads.keep(file.data), file.name, file.media_type, len(file.data), file.width, file.height)

    def for_client(self, conversation: Conversation, attachment_id: str) -> tuple[Attachment, Path]:
        """Of the conversation, or of the history that a client who was vouched for may see. Raises AttachmentNotFound."""
        with self._store.read() as work:
            found = work.attachments.get(attachment_id)
            own = found is not None and (found.conversation_id == conversation.id or (
                conversation.vouched and work.histories.joins(conversation, found.conversation_id)))
        return self._given(found if own else None)

    def for_agent(self, conversation_id: str, attachment_id: str, agent: Agent) -> tuple[Attachment, Path]:
        """The look is kept in the audit trail. Raises AttachmentNotFound."""
        with self._store.write() as work:
            found = work.attachments.get(attachment_id)
            if found is None or found.conversation_id != conversation_id:
                raise AttachmentNotFound()
            work.audit.record(Action.CONVERSATION_SEEN, agent.by, self._clock(), subject=subject_of(conversation_id),
                              details={"why": "attachment", "attachment": attachment_id})
        return self._given(found)

    def sweep(self) -> int:
        """Take away files that belong to no message and that nobody has sent for a time, as a crash or a refused message leaves them;
        how many there were."""
        before = time.time() - self._orphans_after.total_seconds()
        untouched = set(self._uploads.untouched_since(before))
        with self._store.read() as work:
            orphans = untouched - work.attachments.known(untouched)
        return sum(self._uploads.remove(digest, untouched_since=before) for digest in sorted(orphans))

    def _given(self, found: Attachment | None) -> tuple[Attachment, Path]:
        path = found and self._uploads.path(found.sha256)
        if found is None or path is None or not path.is_file():
            raise AttachmentNotFound()
        return found, path
