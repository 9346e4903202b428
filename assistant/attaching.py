"""A file becomes part of a message."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from assistant.errors import AttachmentsFull
from assistant.inbound import clean_text
from assistant.storage import Attachment, Work

__all__ = ["MOST_OF_CLIENT", "TakenFile", "attach", "words_beside"]

# Of one client in one conversation: nobody fills the disk by talking to nobody.
MOST_OF_CLIENT = 50


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file on the disk that belongs to no message yet."""

    sha256: str
    name: str
    media_type: str
    size: int
    width: int | None
    height: int | None


def attach(work: Work, file: TakenFile, conversation_id: str, message_id: str, *, of_client: bool) -> Attachment:
    """Put a file to a message of a conversation that is held. Raises AttachmentsFull."""
    if of_client and work.attachments.count_of_client(conversation_id) >= MOST_OF_CLIENT:
        raise AttachmentsFull(MOST_OF_CLIENT)
    item = Attachment(uuid4().hex, conversation_id, message_id, file.sha256, file.name, file.media_type, file.size, file.width, file.height)
    work.attachments.add(item)
    return item


def words_beside(file: TakenFile | None, text: str, *, max_length: int) -> str:
    """The text as it is kept; beside a file there may be none. Raises InvalidInput."""
    return "" if file and not text.strip() else clean_text(text, max_length=max_length)
