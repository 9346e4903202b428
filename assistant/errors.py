"""What can go wrong in the assistant, as one tree. Each leaf has a `code` that callers may rely on.

AssistantError
├── InvalidInput
│   ├── EmptyMessage           empty_message
│   ├── MessageTooLong         message_too_long
│   ├── UnreadableText         unreadable_text
│   └── UnknownPosition        unknown_position
├── NotFound
│   ├── ConversationNotFound   conversation_not_found
│   └── ReplyNotFound          reply_not_found
├── Conflict
│   ├── ConversationClosed     conversation_closed
│   ├── IllegalMove            illegal_move
│   └── ConversationBusy       conversation_busy
├── Unauthenticated            unauthenticated
├── TooManyRequests            too_many_requests
├── NotReady                   not_ready
├── SettingsInvalid            settings_invalid
├── StorageUnavailable         storage_unavailable
├── KnowledgeRejected          knowledge_rejected
└── ModelUnavailable           model_unavailable
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AssistantError", "Conflict", "ConversationBusy", "ConversationClosed", "ConversationNotFound", "EmptyMessage",
    "IllegalMove", "InvalidInput", "KnowledgeRejected", "MessageTooLong", "ModelUnavailable", "NotFound", "NotReady",
    "ReplyNotFound", "SettingsInvalid", "StorageUnavailable", "TooManyRequests", "Unauthenticated", "UnknownPosition",
    "UnreadableText",
]


class AssistantError(Exception):
    """Base of all; the message is fit for the caller's eyes and never quotes what a client wrote."""

    code: ClassVar[str] = "internal_error"


class InvalidInput(AssistantError):
    """What was given can't be taken as it is."""

    code = "invalid_input"


class EmptyMessage(InvalidInput):
    """A message with nothing but space."""

    code = "empty_message"

    def __init__(self) -> None:
        super().__init__("The text holds nothing but space. Send at least one visible character.")


class MessageTooLong(InvalidInput):
    """A message over the limit, in characters."""

    code = "message_too_long"

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"The text has {length} characters; at most {limit} are taken. Send it in parts.")


class UnreadableText(InvalidInput):
    """Text that is not Unicode: a lone half of a surrogate pair."""

    code = "unreadable_text"

    def __init__(self) -> None:
        super().__init__("The text holds half of a surrogate pair, which is no character. Send valid Unicode.")


class UnknownPosition(InvalidInput):
    """`after` names no message of the conversation."""

    code = "unknown_position"

    def __init__(self) -> None:
        super().__init__("`after` names no message of this conversation. Leave it out to read from the start.")


class NotFound(AssistantError):
    """What was named does not exist, or not for this caller."""

    code = "not_found"


class ConversationNotFound(NotFound):
    """No such conversation for this token."""

    code = "conversation_not_found"

    def __init__(self) -> None:
        super().__init__("There is no conversation with this id that this token opens.")


class ReplyNotFound(NotFound):
    """No such reply in the conversation."""

    code = "reply_not_found"

    def __init__(self) -> None:
        super().__init__("There is no reply with this id in the conversation.")


class Conflict(AssistantError):
    """The state that was found does not allow what was asked."""

    code = "conflict"


class ConversationClosed(Conflict):
    """The conversation is over."""

    code = "conversation_closed"

    def __init__(self) -> None:
        super().__init__("The conversation is closed. Open another one.")


class IllegalMove(Conflict):
    """A move that the conversation's state does not allow."""

    code = "illegal_move"

    def __init__(self, move: str, state: str) -> None:
        super().__init__(f"A conversation in state '{state}' can't {move}.")


class ConversationBusy(Conflict):
    """Other processes kept changing the conversation; the message is kept and the same request may come again."""

    code = "conversation_busy"

    def __init__(self) -> None:
        super().__init__("The conversation changed while the reply was made. Send the same request again.")


class Unauthenticated(AssistantError):
    """No credentials, or none that can be read."""

    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__("Send the conversation's token as 'Authorization: Bearer TOKEN'.")


class TooManyRequests(AssistantError):
    """Over a rate limit; `retry_after` is in whole seconds."""

    code = "too_many_requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many requests. Try again in {retry_after} s.")
        self.retry_after = retry_after


class NotReady(AssistantError):
    """The knowledge is still loading."""

    code = "not_ready"

    def __init__(self) -> None:
        super().__init__("The service is still starting. Try again in a few seconds.")


class SettingsInvalid(AssistantError):
    """A setting that can't be used; the message names it, what was found and what was expected."""

    code = "settings_invalid"


class StorageUnavailable(AssistantError):
    """The database can't be reached or used."""

    code = "storage_unavailable"


class KnowledgeRejected(AssistantError):
    """Knowledge with errors was offered for publication or import."""

    code = "knowledge_rejected"


class ModelUnavailable(AssistantError):
    """A model is not where the settings say, or its library is not installed."""

    code = "model_unavailable"
