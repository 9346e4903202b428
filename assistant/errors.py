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
│   ├── PasswordWrong          password_wrong
│   ├── SkillUnknown           skill_unknown
│   ├── ClientRecordInvalid    client_record_invalid
│   ├── ClientFileInvalid      client_file_invalid
│   ├── FactChangeInvalid      fact_change_invalid
│   ├── GoldenInvalid          golden_invalid
│   ├── CatalogueInvalid       catalogue_invalid
│   ├── UploadInvalid          upload_invalid
│   ├── AttachmentInvalid      attachment_invalid
│   ├── AttachmentTooLarge     attachment_too_large
│   ├── AttachmentTypeRefused  attachment_type
│   ├── AttachmentInfected     attachment_infected
│   ├── TeamInvalid            team_invalid
│   ├── TagInvalid             tag_invalid
│   ├── QuickReplyInvalid      quick_reply_invalid
│   ├── KnowledgeFileRefused   knowledge_file_invalid
│   │   ├── FileUnsupported    knowledge_file_unsupported
│   │   ├── FileUnsafe         knowledge_file_unsafe
│   │   ├── FileEncrypted      knowledge_file_encrypted
│   │   └── FileTooLarge       knowledge_file_too_large
│   ├── RecipientInvalid       recipient_invalid
│   ├── RangeInvalid           range_invalid
│   ├── UnknownSuggestion      unknown_suggestion
│   ├── CursorInvalid          cursor_invalid
│   ├── SnoozeInvalid          snooze_invalid
│   ├── DraftRefused           draft_refused
│   └── OutgoingRefused        outgoing_check
├── NotFound
│   ├── FollowUpNotFound       follow_up_not_found
│   ├── ConversationNotFound   conversation_not_found
│   ├── FactNotFound           fact_not_found
│   ├── FactChangeNotFound     fact_change_not_found
│   ├── GapNotFound            gap_not_found
│   ├── GoldenNotFound         golden_not_found
│   ├── ReplyNotFound          reply_not_found
│   ├── AttachmentNotFound     attachment_not_found
│   ├── QuickReplyNotFound     quick_reply_not_found
│   ├── AccountNotFound        account_not_found
│   ├── SessionNotFound        session_not_found
│   ├── ImportNotFound         import_not_found
│   ├── KnowledgeVersionNotFound  knowledge_version_not_found
│   ├── ArticleNotFound        article_not_found
│   ├── RevisionNotFound       revision_not_found
│   └── ClientNotFound         client_not_found
├── Conflict
│   ├── FollowUpClosed         follow_up_closed
│   ├── FollowUpHeldBack       follow_up_held_back
│   ├── FollowUpNotClaimed     follow_up_not_claimed
│   ├── ConversationClosed     conversation_closed
│   ├── IllegalMove            illegal_move
│   ├── AlreadyClaimed         already_claimed
│   ├── NotClaimed             not_claimed
│   ├── TooManyHeld            too_many_held
│   ├── ConversationBusy       conversation_busy
│   ├── AttachmentsFull        attachments_full
│   ├── IdentityDiffers        identity_differs
│   ├── ShortcutTaken          shortcut_taken
│   ├── FactChangePending      fact_change_pending
│   ├── GoldenBroken           golden_broken
│   ├── GoldenExists           golden_exists
│   ├── ImpactOutdated         impact_outdated
│   ├── AccountExists          account_exists
│   ├── LastAdmin              last_admin
│   ├── OwnAccount             own_account
│   ├── ArticleExists          article_exists
│   ├── ArticleOpen            article_open
│   ├── ArticleNeeded          article_needed
│   ├── IllegalStep            illegal_step
│   ├── KnowledgeBusy          knowledge_busy
│   └── IdentityTaken          identity_taken
├── PreconditionFailed         precondition_failed
├── PreconditionRequired       precondition_required
├── Unauthenticated            unauthenticated
│   ├── ClientTokenInvalid     client_token_invalid
│   ├── ClientTokenExpired     client_token_expired
│   ├── ClientTokenMisdirected client_token_misdirected
│   ├── ClientTokenUsed        client_token_used
│   ├── NotSignedIn            not_signed_in
│   └── BadCredentials         bad_credentials
├── Forbidden                  forbidden
│   ├── OwnRevision            own_revision
│   ├── NotTheAuthor           not_the_author
│   ├── PasswordTemporary      password_temporary
│   └── CsrfTokenMissing       csrf_token_missing
├── TooManyRequests            too_many_requests
│   └── SignInLocked           sign_in_locked
├── NotReady                   not_ready
├── SettingsInvalid            settings_invalid
├── StorageUnavailable         storage_unavailable
├── ScannerUnavailable         scanner_unavailable
├── KnowledgeRejected          knowledge_rejected
└── ModelUnavailable           model_unavailable
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

__all__ = [
    "AccountExists", "AccountNameInvalid", "AccountNotFound", "AlreadyClaimed", "ArticleExists", "ArticleNeeded", "ArticleNotFound",
    "ArticleOpen", "AssistantError", "AttachmentInfected", "AttachmentInvalid", "AttachmentNotFound", "AttachmentTooLarge",
    "AttachmentTypeRefused", "AttachmentsFull", "BadCredentials", "CatalogueInvalid", "ClientFileInvalid", "ClientNotFound",
    "ClientRecordInvalid", "ClientTokenExpired", "ClientTokenInvalid", "ClientTokenMisdirected", "ClientTokenUsed", "Conflict",
    "ConversationBusy", "ConversationClosed", "ConversationNotFound", "CsrfTokenMissing", "CursorInvalid", "DraftRefused", "EmptyMessage",
    "FactChangeInvalid", "FactChangeNotFound", "FactChangePending", "FactNotFound", "FileEncrypted", "FileTooLarge", "FileUnsafe",
    "FileUnsupported", "FollowUpClosed", "FollowUpHeldBack", "FollowUpNotClaimed", "FollowUpNotFound", "Forbidden", "GapNotFound",
    "GoldenBroken",
    "GoldenExists", "GoldenInvalid", "GoldenNotFound", "IdentityDiffers", "IdentityTaken", "IllegalMove", "IllegalStep", "ImpactOutdated",
    "ImportNotFound", "InvalidInput", "KnowledgeBusy", "KnowledgeFileRefused", "KnowledgeRejected", "KnowledgeVersionNotFound", "LastAdmin",
    "MessageTooLong", "ModelUnavailable", "NotClaimed", "NotFound", "NotReady", "NotSignedIn", "NotTheAuthor", "OutgoingRefused",
    "OwnAccount", "OwnRevision", "PasswordRefused", "PasswordTemporary", "PasswordWrong", "PreconditionFailed", "PreconditionRequired",
    "QuickReplyInvalid", "QuickReplyNotFound", "RangeInvalid", "RecipientInvalid", "ReplyNotFound", "RevisionNotFound", "RolesMissing",
    "ScannerUnavailable", "SessionNotFound", "SettingsInvalid", "ShortcutTaken", "SignInLocked", "SkillUnknown", "SnoozeInvalid",
    "StorageUnavailable", "TagInvalid", "TeamInvalid", "TooManyHeld", "TooManyRequests", "Unauthenticated", "UnknownPosition",
    "UnknownSuggestion", "UnreadableText", "UploadInvalid",
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


class PasswordWrong(InvalidInput):
    """Who is signed in would change their password, and does not give the one they have; or their account is locked."""

    code = "password_wrong"

    def __init__(self) -> None:
        super().__init__("The current password is another one.")


class SkillUnknown(InvalidInput):
    """A skill that the firm's service does not have."""

    code = "skill_unknown"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"{name} is no skill; service.toml has {', '.join(known)}.")


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


class FactChangeInvalid(InvalidInput):
    """A new value of a rule that can't be taken; the message says why."""

    code = "fact_change_invalid"


class GoldenInvalid(InvalidInput):
    """A golden question that nothing could satisfy; the message says why."""

    code = "golden_invalid"


class UploadInvalid(InvalidInput):
    """A body that was to bring a file, and does not."""

    code = "upload_invalid"

    def __init__(self) -> None:
        super().__init__("Send one file in the field `file` of multipart/form-data.")


class KnowledgeFileRefused(InvalidInput):
    """A file of knowledge that can't be read: it is broken, or holds nothing to read."""

    code = "knowledge_file_invalid"


class FileUnsupported(KnowledgeFileRefused):
    """A file of knowledge of another type than those that are read, or than its name says."""

    code = "knowledge_file_unsupported"


class FileUnsafe(KnowledgeFileRefused):
    """A file of knowledge that is made to do harm, or that can: macros, entities of XML, an archive that never ends."""

    code = "knowledge_file_unsafe"


class FileEncrypted(KnowledgeFileRefused):
    """A file of knowledge that opens with a password only."""

    code = "knowledge_file_encrypted"

    def __init__(self) -> None:
        super().__init__("The file opens with a password only. Save it without one.")


class FileTooLarge(KnowledgeFileRefused):
    """A file of knowledge that holds more, or takes longer, than an import may."""

    code = "knowledge_file_too_large"


class RangeInvalid(InvalidInput):
    """Days of a range that are the wrong way round, or too many."""

    code = "range_invalid"

    def __init__(self, most: int) -> None:
        super().__init__(f"`from` is no later than `to`, and a range has at most {most} days.")


class AttachmentInvalid(InvalidInput):
    """A file that is empty or broken."""

    code = "attachment_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The file can't be taken: {reason}.")


class AttachmentTooLarge(InvalidInput):
    """A file over the limit, in bytes or in pixels."""

    code = "attachment_too_large"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The file is too large: {reason}.")


class AttachmentTypeRefused(InvalidInput):
    """A file whose content is of no kind that may be sent, whatever its name says."""

    code = "attachment_type"

    def __init__(self) -> None:
        super().__init__("Files may be PNG, JPEG, WebP and GIF pictures, PDF, Word (docx) and Excel (xlsx) without macros, and plain text.")


class AttachmentInfected(InvalidInput):
    """A file in which the firm's scanner found malware. What it is called is for the trail, not for who sent it."""

    code = "attachment_infected"

    def __init__(self) -> None:
        super().__init__("The scanner found malware in the file. It was not kept.")


class TagInvalid(InvalidInput):
    """A tag that can't be set; never quoted, since it may be personal data."""

    code = "tag_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"A tag can't be set: {reason}.")


class TeamInvalid(InvalidInput):
    """A team that can't be set."""

    code = "team_invalid"

    def __init__(self, longest: int) -> None:
        super().__init__(f"A team is called by 1 to {longest} characters on one line.")


class QuickReplyInvalid(InvalidInput):
    """A phrase that can't be kept."""

    code = "quick_reply_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The phrase can't be kept: {reason}.")


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


class SnoozeInvalid(InvalidInput):
    """A follow-up was to be put off to a moment that has passed, or at which its time is up."""

    code = "snooze_invalid"

    def __init__(self) -> None:
        super().__init__("`until` is a moment with a zone, in the future and before the follow-up's expiry.")


class CursorInvalid(InvalidInput):
    """A place in a list of another order than the one asked for."""

    code = "cursor_invalid"

    def __init__(self) -> None:
        super().__init__("`after` belongs to a list in another order. Repeat the `state` and the `order` of the page that gave it.")


class OutgoingRefused(InvalidInput):
    """What an agent wrote may not go out to the client, or not before its warnings are acknowledged."""

    code = "outgoing_check"

    def __init__(self, findings: Sequence[Any]) -> None:
        super().__init__("The text may not go out as it is: see findings. Change it; a warning may also be acknowledged.")
        self.findings = tuple(findings)


class DraftRefused(InvalidInput):
    """A draft that can't go to review as it is; `faults` are (field, what is wrong)."""

    code = "draft_refused"

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        super().__init__("The draft can't go on as it is: see errors.")
        self.faults = tuple(faults)


class NotFound(AssistantError):
    """What was named does not exist, or not for this caller."""

    code = "not_found"


class ConversationNotFound(NotFound):
    """No such conversation for this token."""

    code = "conversation_not_found"

    def __init__(self) -> None:
        super().__init__("There is no conversation with this id that this token opens.")


class FollowUpNotFound(NotFound):
    """No follow-up with this id."""

    code = "follow_up_not_found"

    def __init__(self) -> None:
        super().__init__("There is no follow-up with this id.")


class ReplyNotFound(NotFound):
    """No such reply in the conversation."""

    code = "reply_not_found"

    def __init__(self) -> None:
        super().__init__("There is no reply with this id in the conversation.")


class AttachmentNotFound(NotFound):
    """No such file for this caller."""

    code = "attachment_not_found"

    def __init__(self) -> None:
        super().__init__("There is no file with this id in the conversation.")


class QuickReplyNotFound(NotFound):
    """No such phrase of the caller's own, or of the team."""

    code = "quick_reply_not_found"

    def __init__(self) -> None:
        super().__init__("There is no quick reply with this id.")


class AccountNotFound(NotFound):
    """No account of staff with this name."""

    code = "account_not_found"

    def __init__(self) -> None:
        super().__init__("There is no account with this name. See: zhike user list")


class SessionNotFound(NotFound):
    """No open session of the account with this id."""

    code = "session_not_found"

    def __init__(self) -> None:
        super().__init__("The account has no open session with this id; it may have ended.")


class ClientNotFound(NotFound):
    """No record of a client with this id."""

    code = "client_not_found"

    def __init__(self) -> None:
        super().__init__("There is no record of a client with this id.")


class ImportNotFound(NotFound):
    """No such import, or one that has expired."""

    code = "import_not_found"

    def __init__(self) -> None:
        super().__init__("There is no import with this id, or it has expired. Send the file again.")


class ArticleNotFound(NotFound):
    """No article with this id, or not yet at the moment that was asked for."""

    code = "article_not_found"

    def __init__(self) -> None:
        super().__init__("There is no article with this id.")


class KnowledgeVersionNotFound(NotFound):
    """No such version of the knowledge."""

    code = "knowledge_version_not_found"

    def __init__(self) -> None:
        super().__init__("There is no version of the knowledge with this number.")


class RevisionNotFound(NotFound):
    """No such revision of an article."""

    code = "revision_not_found"

    def __init__(self) -> None:
        super().__init__("There is no revision with this id.")


class FactNotFound(NotFound):
    """No fact with this name."""

    code = "fact_not_found"

    def __init__(self) -> None:
        super().__init__("There is no fact with this name.")


class FactChangeNotFound(NotFound):
    """No change of a fact's value with this id."""

    code = "fact_change_not_found"

    def __init__(self) -> None:
        super().__init__("There is no change of a fact with this id.")


class GapNotFound(NotFound):
    """No group of missed questions with this id, or not any more."""

    code = "gap_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such group of questions now. Read the gaps again.")


class GoldenNotFound(NotFound):
    """No golden question in force with this id."""

    code = "golden_not_found"

    def __init__(self) -> None:
        super().__init__("There is no golden question with this id.")


class Conflict(AssistantError):
    """The state that was found does not allow what was asked."""

    code = "conflict"


class ConversationClosed(Conflict):
    """The conversation is over."""

    code = "conversation_closed"

    def __init__(self) -> None:
        super().__init__("The conversation is closed. It opens again when the client writes.")


class FollowUpClosed(Conflict):
    """The follow-up is done, dismissed, expired or withdrawn."""

    code = "follow_up_closed"

    def __init__(self) -> None:
        super().__init__("The follow-up is closed. Only who recorded its outcome may correct it.")


class FollowUpHeldBack(Conflict):
    """The client wants no follow-ups, or was heard to want none and nobody has settled that yet."""

    code = "follow_up_held_back"

    def __init__(self) -> None:
        super().__init__("The client wants no follow-ups. Where that was only heard, confirm it or undo it before this is worked.")


class OptOutChanged(Conflict):
    """A no that was heard was to be undone, and the client has said another since."""

    code = "opt_out_changed"

    def __init__(self) -> None:
        super().__init__("The client has said no again since. Read what they said, and confirm or undo that.")


class FollowUpNotClaimed(Conflict):
    """A follow-up was to be given back that nobody has."""

    code = "follow_up_not_claimed"

    def __init__(self) -> None:
        super().__init__("Nobody has claimed the follow-up.")


class IllegalMove(Conflict):
    """A move that the conversation's state does not allow."""

    code = "illegal_move"

    def __init__(self, move: str, state: str) -> None:
        super().__init__(f"A conversation in state '{state}' can't {move}.")


class AlreadyClaimed(Conflict):
    """A colleague has it; `agent` is the name of their account."""

    code = "already_claimed"

    def __init__(self, agent: str | None, what: str = "conversation") -> None:
        super().__init__(f"{agent or 'A colleague'} has the {what}.")
        self.agent = agent


class TooManyHeld(Conflict):
    """An agent claims while they hold as many conversations as they may."""

    code = "too_many_held"

    def __init__(self, most: int) -> None:
        super().__init__(f"You hold {most} conversations, as many as you may. Close one, transfer it or release it first.")


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


class AttachmentsFull(Conflict):
    """A client sent as many files as one conversation takes."""

    code = "attachments_full"

    def __init__(self, most: int) -> None:
        super().__init__(f"The conversation has {most} files of the client's already; no more are taken.")


class IdentityDiffers(Conflict):
    """A conversation was vouched for as another client's."""

    code = "identity_differs"

    def __init__(self) -> None:
        super().__init__("The conversation is another client's. Open a new one with this client's token.")


class ShortcutTaken(Conflict):
    """Another phrase of the agent's own, or of the team, has the shortcut."""

    code = "shortcut_taken"

    def __init__(self) -> None:
        super().__init__("Another of these quick replies has this shortcut.")


class AccountExists(Conflict):
    """The name is taken, perhaps by an account that is not active."""

    code = "account_exists"

    def __init__(self) -> None:
        super().__init__("There is an account with this name already. See: zhike user list")


class LastAdmin(Conflict):
    """The last who may administer accounts would lose that."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__("No other active account has the role admin. Give it to another one first.")


class OwnAccount(Conflict):
    """Who administers accounts would set their own password without giving the one they have."""

    code = "own_account"

    def __init__(self) -> None:
        super().__init__("Change your own password with PUT /v1/session/password, which asks for the one you have.")


class ArticleExists(Conflict):
    """The id of a new article is another's already."""

    code = "article_exists"

    def __init__(self) -> None:
        super().__init__("There is an article with this id already. Start a revision of it, or take another id.")


class IllegalStep(Conflict):
    """A step that the state of a revision does not allow."""

    code = "illegal_step"

    def __init__(self, step: str, state: str) -> None:
        super().__init__(f"A revision in state '{state}' can't {step}.")


class ArticleOpen(Conflict):
    """A live article would be taken away while somebody works on a revision of it, or worked on while it is to be taken away."""

    code = "article_open"

    def __init__(self) -> None:
        super().__init__("Somebody works on a revision of the article. Let it be published or discarded first.")


class ArticleNeeded(Conflict):
    """An article would be taken away that the assistant answers with whatever else the base holds."""

    code = "article_needed"

    def __init__(self) -> None:
        super().__init__("The assistant can't do without this article. Change its words instead.")


class KnowledgeBusy(Conflict):
    """Others kept publishing at the same time; nothing was published, and the same request may come again."""

    code = "knowledge_busy"

    def __init__(self) -> None:
        super().__init__("The knowledge changed while this was made ready. Send the same request again.")


class IdentityTaken(Conflict):
    """A client's identity on a channel that is another client's already."""

    code = "identity_taken"

    def __init__(self, channel: str) -> None:
        super().__init__(f"The identity on channel '{channel}' belongs to another client.")


class FactChangePending(Conflict):
    """A fact whose last change is not decided or not published yet."""

    code = "fact_change_pending"

    def __init__(self) -> None:
        super().__init__("Another change of this fact waits already. Decide on it, or publish it, first.")


class GoldenBroken(Conflict):
    """What is to be published breaks golden questions, each a `replay.Broken`, and no reviewer has said why it may."""

    code = "golden_broken"

    def __init__(self, broken: Iterable[Any]) -> None:
        super().__init__("Golden questions would not get what they must get: see broken. A reviewer may go on, with `because`.")
        self.broken = tuple(broken)


class GoldenExists(Conflict):
    """A golden question that reads the same is there already."""

    code = "golden_exists"

    def __init__(self) -> None:
        super().__init__("There is a golden question that reads the same already.")


class ImpactOutdated(Conflict):
    """The impact that was named is not that of what is to be approved as knowledge stands now."""

    code = "impact_outdated"

    def __init__(self) -> None:
        super().__init__("The draft or the knowledge around it has changed since that impact was computed. Look at it again.")


class PreconditionFailed(AssistantError):
    """`If-Match` or `If-None-Match` does not hold: somebody changed the thing meanwhile."""

    code = "precondition_failed"

    def __init__(self) -> None:
        super().__init__("It was changed meanwhile. Read it again, and send the change with its new ETag as If-Match.")


class PreconditionRequired(AssistantError):
    """A change that would replace somebody's words says not which state it was made on."""

    code = "precondition_required"

    def __init__(self) -> None:
        super().__init__("Send the ETag of what the change was made on as If-Match.")


class Unauthenticated(AssistantError):
    """No credentials, or none that can be read."""

    code = "unauthenticated"

    def __init__(self, message: str = "Send the conversation's token as 'Authorization: Bearer TOKEN'.") -> None:
        super().__init__(message)


class ClientTokenInvalid(Unauthenticated):
    """What should vouch for a client does not: another key or algorithm, or not the claims that are expected."""

    code = "client_token_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The client_token vouches for nobody: {reason}.")


class ClientTokenExpired(Unauthenticated):
    """The token was good once."""

    code = "client_token_expired"

    def __init__(self) -> None:
        super().__init__("The client_token has expired. Ask the firm's back end for a new one.")


class ClientTokenMisdirected(Unauthenticated):
    """A good token for another audience or channel."""

    code = "client_token_misdirected"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The client_token is not for here: {reason}.")


class ClientTokenUsed(Unauthenticated):
    """A token with a `jti` that came before."""

    code = "client_token_used"

    def __init__(self) -> None:
        super().__init__("The client_token has been used already. Ask the firm's back end for a new one.")


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


class OwnRevision(Forbidden):
    """The author of a revision would judge it; somebody else must."""

    code = "own_revision"

    def __init__(self) -> None:
        super().__init__("Nobody approves or rejects a revision of their own. Ask a reviewer.")


class NotTheAuthor(Forbidden):
    """Somebody else's draft; `author` is the name of their account."""

    code = "not_the_author"

    def __init__(self, author: str | None) -> None:
        super().__init__(f"The draft is {author or 'somebody'}'s. Start a revision of your own from it.")


class PasswordTemporary(Forbidden):
    """Somebody else set the password; until its owner has chosen another, it opens nothing else."""

    code = "password_temporary"

    def __init__(self) -> None:
        super().__init__("The password is a temporary one. Choose your own with PUT /v1/session/password.")


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


class ScannerUnavailable(AssistantError):
    """The scanner that the firm has set can't be reached, or could not look at a file."""

    code = "scanner_unavailable"


class KnowledgeRejected(AssistantError):
    """Knowledge with errors was offered for publication or import."""

    code = "knowledge_rejected"


class ModelUnavailable(AssistantError):
    """A model is not where the settings say, or its library is not installed."""

    code = "model_unavailable"
