"""Files that clients and agents send each other: taken, kept with a message, and given out to who may see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from assistant.agent import Agent, subject_of
from assistant.attaching import TakenFile
from assistant.attachments import DEFAULT_MAX_BYTES, examined
from assistant.audit import Action
from assistant.errors import AttachmentNotFound
from assistant.inbox import utc_now
from assistant.storage import Attachment, Conversation, Store
from assistant.uploads import Uploads

__all__ = ["Files"]


class Files:
    """Safe to share between threads."""

    def __init__(self, store: Store, folder: Path, *, max_bytes: int = DEFAULT_MAX_BYTES,
                 clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._uploads = Uploads(folder)
        self._max_bytes = max_bytes
        self._clock = clock

    def take(self, name: str, data: bytes) -> TakenFile:
        """Look at a file and keep it; a message may then hold it. Raises AttachmentInvalid, -TooLarge or -TypeRefused."""
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

    def _given(self, found: Attachment | None) -> tuple[Attachment, Path]:
        path = found and self._uploads.path(found.sha256)
        if found is None or path is None or not path.is_file():
            raise AttachmentNotFound()
        return found, path
