"""The audit trail: who did what to what, and when, in a chain of hashes that shows every later change. Pure.

Each entry's hash is SHA-256 over the hash before it, a line feed, and the canonical JSON of the entry's other
fields (`canonical`). So an entry can't be changed, taken out or put in without breaking all that follow.
What a chain can't show is that its newest entries were cut off: for that, note its head elsewhere now and then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from assistant.privacy import mask_all

__all__ = ["GENESIS", "SYSTEM", "Act", "Action", "Actor", "Break", "Chain", "Entry", "canonical", "moment", "sealed"]

GENESIS = "0" * 64


class Action(StrEnum):
    """What was done, in the past tense; the values are stable."""

    SIGNED_IN = "session.signed_in"
    SIGNED_OUT = "session.signed_out"
    SIGN_IN_FAILED = "session.sign_in_failed"
    SESSION_ENDED = "session.ended"
    ACCESS_REFUSED = "access.refused"
    ACCOUNT_ADDED = "account.added"
    ACCOUNT_SEEN = "account.seen"
    ACCOUNT_RENAMED = "account.renamed"
    ACCOUNT_PASSWORD_CHANGED = "account.password_changed"
    ACCOUNT_PASSWORD_REFUSED = "account.password_refused"
    ACCOUNT_ROLES_CHANGED = "account.roles_changed"
    ACCOUNT_SERVICE_CHANGED = "account.service_changed"
    ACCOUNT_TEAM_CHANGED = "account.team_changed"
    ACCOUNT_DEACTIVATED = "account.deactivated"
    ACCOUNT_ACTIVATED = "account.activated"
    ACCOUNT_LOCKED = "account.locked"
    ACCOUNT_UNLOCKED = "account.unlocked"
    AUDIT_EXPORTED = "audit.exported"
    CLIENT_SEEN = "client.seen"
    CLIENT_CHANGED = "client.changed"
    CONVERSATION_SEEN = "conversation.seen"
    CONVERSATION_CLAIMED = "conversation.claimed"
    CONVERSATION_TRANSFERRED = "conversation.transferred"
    CONVERSATION_RELEASED = "conversation.released"
    CONVERSATION_CLOSED = "conversation.closed"
    CONVERSATION_REPLIED = "conversation.replied"
    CONVERSATION_NOTED = "conversation.noted"
    CONVERSATION_TAGGED = "conversation.tagged"
    COLLEAGUE_INVITED = "colleague.invited"
    COLLEAGUE_LEFT = "colleague.left"
    QUICK_REPLY_ADDED = "quick_reply.added"
    QUICK_REPLY_CHANGED = "quick_reply.changed"
    QUICK_REPLY_REMOVED = "quick_reply.removed"
    ATTACHMENT_REFUSED = "attachment.refused"
    OUTGOING_FOUND = "outgoing.found"
    IMPACT_SEEN = "impact.seen"
    GOLDEN_SEEN = "golden.seen"
    GOLDEN_ADDED = "golden.added"
    GOLDEN_REMOVED = "golden.removed"
    GOLDEN_OVERRIDDEN = "golden.overridden"
    FACT_CHANGES_SEEN = "fact_change.seen"
    FACT_CHANGE_PROPOSED = "fact_change.proposed"
    FACT_CHANGE_APPROVED = "fact_change.approved"
    FACT_CHANGE_REJECTED = "fact_change.rejected"
    GAPS_SEEN = "gap.seen"
    GAP_DISMISSED = "gap.dismissed"
    GAP_DRAFTED = "gap.drafted"
    GAP_RESTORED = "gap.restored"
    DASHBOARD_SEEN = "dashboard.seen"
    DASHBOARD_EXPORTED = "dashboard.exported"
    KNOWLEDGE_SEEN = "knowledge.seen"
    KNOWLEDGE_TRIED = "knowledge.tried"
    KNOWLEDGE_FILE_READ = "knowledge.file_read"
    KNOWLEDGE_FILE_REFUSED = "knowledge.file_refused"
    KNOWLEDGE_IMPORTED = "knowledge.imported"
    KNOWLEDGE_EXPORTED = "knowledge.exported"
    KNOWLEDGE_PUBLISHED = "knowledge.published"
    KNOWLEDGE_TAKEN_IN = "knowledge.taken_in"
    REVISION_STARTED = "revision.started"
    REVISION_SAVED = "revision.saved"
    REVISION_SUBMITTED = "revision.submitted"
    REVISION_APPROVED = "revision.approved"
    REVISION_REJECTED = "revision.rejected"
    REVISION_RETIRED = "revision.retired"
    REVISION_COMMENTED = "revision.commented"
    FOLLOW_UP_OPENED = "follow_up.opened"
    FOLLOW_UP_SEEN = "follow_up.seen"
    FOLLOW_UP_CLAIMED = "follow_up.claimed"
    FOLLOW_UP_RELEASED = "follow_up.released"
    FOLLOW_UP_SNOOZED = "follow_up.snoozed"
    FOLLOW_UP_CLOSED = "follow_up.closed"
    FOLLOW_UP_EXPIRED = "follow_up.expired"
    FOLLOW_UP_WITHDRAWN = "follow_up.withdrawn"
    FOLLOW_UP_JOINED = "follow_up.joined"
    FOLLOW_UPS_EXPORTED = "follow_up.exported"
    OPTED_OUT = "client.opted_out"
    OPT_OUT_HEARD = "client.opt_out_heard"
    OPT_OUT_UNDONE = "client.opt_out_undone"
    PRODUCTS_IMPORTED = "product.imported"
    LEARNED = "models.learned"
    MODELS_CHOSEN = "models.chosen"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where.

    `name` is an account's, `os:NAME` of who typed a command on the machine, `system`, or None where nobody is known.
    """

    name: str | None
    address: str | None = None
    request_id: str | None = None


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Act:
    """Something done. `subject` names the one thing it was done to, as `kind:id`; `details` is JSON without floats,
    and never a client's own words."""

    action: Action
    actor: Actor
    at: datetime
    subject: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """An act in the trail, as it was hashed. `seq` counts from 1 without gaps; `at` is the text of `moment`."""

    seq: int
    at: str
    action: str
    actor: str | None
    subject: str | None
    details: Any
    address: str | None
    request_id: str | None
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain does not hold."""

    seq: int
    reason: str


def moment(at: datetime) -> str:
    """ISO 8601 in UTC, always to the microsecond: such texts sort by time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(value: Any) -> str:
    """JSON in ASCII with sorted keys and without spaces. Raises TypeError on floats, whose spelling varies."""
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def sealed(act: Act, *, seq: int, previous_hash: str) -> Entry:
    """The act as the next entry of the chain, with personal data in its details masked."""
    entry = Entry(
        seq=seq, at=moment(act.at), action=act.action.value, actor=act.actor.name, subject=act.subject,
        details=json.loads(canonical(mask_all(dict(act.details)))), address=act.actor.address,
        request_id=act.actor.request_id, previous_hash=previous_hash, hash="")
    return Entry(**{**asdict(entry), "hash": _hash(entry)})


class Chain:
    """Follows a chain from its start; `head` is the last entry that holds, or None."""

    def __init__(self) -> None:
        self.head: Entry | None = None

    def follow(self, entries: Iterable[Entry]) -> Break | None:
        """Go on with the entries that come next; the first that does not hold, if any."""
        for entry in entries:
            reason = self._fault(entry)
            if reason:
                return Break(self._next_seq if entry.seq > self._next_seq else entry.seq, reason)
            self.head = entry
        return None

    @property
    def _next_seq(self) -> int:
        return self.head.seq + 1 if self.head else 1

    def _fault(self, entry: Entry) -> str | None:
        if entry.seq != self._next_seq:
            return f"it is missing; {entry.seq} comes in its place" if entry.seq > self._next_seq else "it does not belong here"
        if entry.previous_hash != (self.head.hash if self.head else GENESIS):
            return "it does not follow from the entry before it"
        try:
            holds = _hash(entry) == entry.hash
        except (TypeError, ValueError):
            holds = False
        return None if holds else "its content does not match its hash"


def _hash(entry: Entry) -> str:
    row = {name: value for name, value in asdict(entry).items() if name not in ("hash", "previous_hash")}
    return hashlib.sha256(f"{entry.previous_hash}\n{canonical(row)}".encode()).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("A float has no one spelling; give an integer or a text.")
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)
