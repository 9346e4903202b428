"""What can go wrong in the assistant, as one tree. Each leaf has a `code` that callers may rely on.

AssistantError
├── InvalidInput
│   ├── EmptyMessage           empty_message
│   ├── MessageTooLong         message_too_long
│   ├── UnreadableText         unreadable_text
│   ├── UnknownPosition        unknown_position
│   ├── AccountNameInvalid     account_name_invalid
│   ├── RolesMissing           roles_missing
│   ├── PasswordRefused        password_refused
│   ├── ClientRecordInvalid    client_record_invalid
│   ├── ClientFileInvalid      client_file_invalid
│   ├── CatalogueInvalid       catalogue_invalid
│   ├── RecipientInvalid       recipient_invalid
│   ├── UnknownSuggestion      unknown_suggestion
│   └── OutgoingRefused        outgoing_check
├── NotFound
│   ├── ConversationNotFound   conversation_not_found
│   ├── ReplyNotFound          reply_not_found
│   ├── AccountNotFound        account_not_found
│   └── ClientNotFound         client_not_found
├── Conflict
│   ├── ConversationClosed     conversation_closed
│   ├── IllegalMove            illegal_move
│   ├── AlreadyClaimed         already_claimed
│   ├── NotClaimed             not_claimed
│   ├── ConversationBusy       conversation_busy
│   ├── AccountExists          account_exists
│   └── IdentityTaken          identity_taken
├── PreconditionFailed         precondition_failed
├── Unauthenticated            unauthenticated
│   ├── NotSignedIn            not_signed_in
│   └── BadCredentials         bad_credentials
├── Forbidden                  forbidden
│   └── CsrfTokenMissing       csrf_token_missing
├── TooManyRequests            too_many_requests
│   └── SignInLocked           sign_in_locked
├── NotReady                   not_ready
├── SettingsInvalid            settings_invalid
├── StorageUnavailable         storage_unavailable
├── KnowledgeRejected          knowledge_rejected
└── ModelUnavailable           model_unavailable
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

__all__ = [
    "AccountExists", "AccountNameInvalid", "AccountNotFound", "AlreadyClaimed", "AssistantError", "BadCredentials",
    "CatalogueInvalid", "ClientFileInvalid", "ClientNotFound", "ClientRecordInvalid", "Conflict", "ConversationBusy",
    "ConversationClosed", "ConversationNotFound", "CsrfTokenMissing", "EmptyMessage", "Forbidden", "IdentityTaken",
    "IllegalMove", "InvalidInput", "KnowledgeRejected", "MessageTooLong", "ModelUnavailable", "NotClaimed", "NotFound",
    "NotReady", "NotSignedIn", "OutgoingRefused", "PasswordRefused", "PreconditionFailed", "RecipientInvalid",
    "ReplyNotFound", "RolesMissing", "SettingsInvalid", "SignInLocked", "StorageUnavailable", "TooManyRequests",
    "Unauthenticated", "UnknownPosition", "UnknownSuggestion", "UnreadableText",
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


class AccountNameInvalid(InvalidInput):
    """A name that no account of staff can have."""

    code = "account_name_invalid"

    def __init__(self) -> None:
        super().__init__("An account's name has 1 to 64 letters, digits and . _ - @, and begins with a letter or digit.")


class RolesMissing(InvalidInput):
    """An account without a role."""

    code = "roles_missing"

    def __init__(self) -> None:
        super().__init__("An account needs at least one role.")


class PasswordRefused(InvalidInput):
    """A password that an attacker would find soon; the message says why, and never quotes it."""

    code = "password_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The password can't be taken: {reason}.")


class ClientRecordInvalid(InvalidInput):
    """A client's record that would contradict itself; the message says how, and never quotes a value."""

    code = "client_record_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The record would not hold together: {reason}.")
        self.reason = reason


class ClientFileInvalid(InvalidInput):
    """A file of client records that can't be read at all."""

    code = "client_file_invalid"


class CatalogueInvalid(InvalidInput):
    """A file of products that can't be taken as it is."""

    code = "catalogue_invalid"


class RecipientInvalid(InvalidInput):
    """A conversation was to go to somebody who can't have it."""

    code = "recipient_invalid"

    def __init__(self) -> None:
        super().__init__("`to` is the account of another agent who is active, or queue.")


class UnknownSuggestion(InvalidInput):
    """`suggestion_id` names nothing that was suggested in the conversation."""

    code = "unknown_suggestion"

    def __init__(self) -> None:
        super().__init__("`suggestion_id` names no suggestion of this conversation. Leave it out for words of one's own.")


class OutgoingRefused(InvalidInput):
    """What an agent wrote may not go out to the client, or not before its warnings are acknowledged."""

    code = "outgoing_check"

    def __init__(self, findings: Sequence[Any]) -> None:
        super().__init__("The text may not go out as it is: see findings. Change it; a warning may also be acknowledged.")
        self.findings = tuple(findings)


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


class AccountNotFound(NotFound):
    """No account of staff with this name."""

    code = "account_not_found"

    def __init__(self) -> None:
        super().__init__("There is no account with this name. See: zhike user list")


class ClientNotFound(NotFound):
    """No record of a client with this id."""

    code = "client_not_found"

    def __init__(self) -> None:
        super().__init__("There is no record of a client with this id.")


class Conflict(AssistantError):
    """The state that was found does not allow what was asked."""

    code = "conflict"


class ConversationClosed(Conflict):
    """The conversation is over."""

    code = "conversation_closed"

    def __init__(self) -> None:
        super().__init__("The conversation is closed. It opens again when the client writes.")


class IllegalMove(Conflict):
    """A move that the conversation's state does not allow."""

    code = "illegal_move"

    def __init__(self, move: str, state: str) -> None:
        super().__init__(f"A conversation in state '{state}' can't {move}.")


class AlreadyClaimed(Conflict):
    """A colleague holds the conversation; `agent` is the name of their account."""

    code = "already_claimed"

    def __init__(self, agent: str | None) -> None:
        super().__init__(f"{agent or 'A colleague'} has the conversation.")
        self.agent = agent


class NotClaimed(Conflict):
    """An agent writes in a conversation that nobody has claimed."""

    code = "not_claimed"

    def __init__(self) -> None:
        super().__init__("Nobody has claimed the conversation. Claim it first.")


class ConversationBusy(Conflict):
    """Other processes kept changing the conversation; the message is kept and the same request may come again."""

    code = "conversation_busy"

    def __init__(self) -> None:
        super().__init__("The conversation changed while the reply was made. Send the same request again.")


class AccountExists(Conflict):
    """The name is taken, perhaps by an account that is not active."""

    code = "account_exists"

    def __init__(self) -> None:
        super().__init__("There is an account with this name already. See: zhike user list")


class IdentityTaken(Conflict):
    """A client's identity on a channel that is another client's already."""

    code = "identity_taken"

    def __init__(self, channel: str) -> None:
        super().__init__(f"The identity on channel '{channel}' belongs to another client.")


class PreconditionFailed(AssistantError):
    """`If-Match` or `If-None-Match` does not hold: somebody changed the thing meanwhile."""

    code = "precondition_failed"

    def __init__(self) -> None:
        super().__init__("It was changed meanwhile. Read it again, and send the change with its new ETag as If-Match.")


class Unauthenticated(AssistantError):
    """No credentials, or none that can be read."""

    code = "unauthenticated"

    def __init__(self, message: str = "Send the conversation's token as 'Authorization: Bearer TOKEN'.") -> None:
        super().__init__(message)


class NotSignedIn(Unauthenticated):
    """No session of staff, or one that has ended."""

    code = "not_signed_in"

    def __init__(self) -> None:
        super().__init__("Sign in with POST /v1/session; the session may have ended.")


class BadCredentials(Unauthenticated):
    """Name and password open no account; which of the two was wrong is not told."""

    code = "bad_credentials"

    def __init__(self) -> None:
        super().__init__("No active account has this name and password.")


class Forbidden(AssistantError):
    """The roles of who is signed in do not allow it."""

    code = "forbidden"

    def __init__(self, message: str = "Your roles do not allow this.") -> None:
        super().__init__(message)


class CsrfTokenMissing(Forbidden):
    """A change by a session that came as a cookie, without the token that shows that our own page asked for it."""

    code = "csrf_token_missing"

    def __init__(self) -> None:
        super().__init__("With the session as a cookie, send its CSRF token in the header X-CSRF-Token.")


class TooManyRequests(AssistantError):
    """Over a rate limit; `retry_after` is in whole seconds."""

    code = "too_many_requests"

    def __init__(self, retry_after: int, what: str = "Too many requests") -> None:
        super().__init__(f"{what}. Try again in {retry_after} s.")
        self.retry_after = retry_after


class SignInLocked(TooManyRequests):
    """Too many failures to sign in, for this account or from this address."""

    code = "sign_in_locked"

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after, "Too many failures to sign in")


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
