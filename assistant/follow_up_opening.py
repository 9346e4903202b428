"""What opens follow-ups, joins them to the client whom they turn out to be about, holds them back and withdraws them at the client's no.

Part of the transactions of others: a message or a reply that is kept, a record that is written. Whoever wants no follow-ups is
looked at under the lock of their record, so that none opens beside their no.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from assistant.agent import subject_of as conversation_subject
from assistant.audit import SYSTEM, Action, Actor
from assistant.client_record import ClientRecord
from assistant.events import ClientChanged, FollowUpChanged
from assistant.follow_up_policy import FollowUpPolicy
from assistant.follow_up_task import LIVE, Move, Standing, as_of, closed, may_open, subjects_of
from assistant.overheard import Overheard
from assistant.privacy import mask
from assistant.refusal import Refusal
from assistant.storage import Conversation, FollowUp, HeardRefusal, Message, Work
from intents.reading import Need

__all__ = ["adopt", "change_of", "expire", "hear_refusal", "held_client", "of_client", "open_follow_ups", "refusal_of", "standing_as",
           "subject_of", "subjects", "tell", "withdraw"]


def subject_of(follow_up_id: str) -> str:
    """How the audit trail names a follow-up."""
    return f"follow_up:{follow_up_id}"


def of_client(client_id: str) -> str:
    """Whom follow-ups about a known client name."""
    return subjects_of(client_id=client_id, channel="", client_ref=None, conversation_id="")[0]


def subjects(conversation: Conversation, client_id: str | None) -> tuple[str, ...]:
    """Whom follow-ups of a conversation may name, best known first."""
    return subjects_of(client_id=client_id, channel=conversation.channel, client_ref=conversation.client_ref,
                       conversation_id=conversation.id)


def open_follow_ups(work: Work, conversation: Conversation, message: Message, overheard: Overheard, policy: FollowUpPolicy,
                    now: datetime) -> list[FollowUp]:
    """Follow-ups for the needs that a message of a held conversation shows; all that were opened or changed. Of one message each
    opens once, however often it is read."""
    needs = policy.worth(overheard)
    if not needs:
        return []
    record, about = held_client(work, conversation)
    if refusal_of(work, record, about):
        return []
    earlier, touched = adopt(work, about, record and record.id, now)
    for need in needs:
        item = _opened(need, conversation, message, overheard, policy, now, subject=about[0], client_id=record and record.id)
        same = [other for other in earlier if other.family == need.family]
        was_read = any(other.message_id == message.id for other in same)
        if was_read or not may_open([other.standing for other in same], policy.families[need.family].quiet, now):
            continue
        touched += expire(work, [other for other in same if other.state in LIVE], now)
        if work.follow_ups.add(item):
            work.audit.record(Action.FOLLOW_UP_OPENED, SYSTEM, now, subject=subject_of(item.id), details={
                "family": item.family, "conversation": item.conversation_id, "message": item.message_id, "about": item.subject})
            touched.append(item)
    return touched


def hear_refusal(work: Work, conversation: Conversation, message: Message, now: datetime) -> tuple[list[FollowUp], ClientRecord | None]:
    """A client's message of a held conversation says no to offers. It holds at once, for the client where they are known: what may be
    worked is held back until an agent confirms the no or undoes it. One that was heard before gives way to it, so that who undoes
    that one undoes none that they have not seen. What is held back, and whose record agents should look at again."""
    record, about = held_client(work, conversation)
    if refusal_of(work, record, about) is Refusal.OPTED_OUT:
        return [], None
    found, touched = adopt(work, about, record and record.id, now)
    work.follow_ups.hear_refusal(HeardRefusal(about[0], conversation.id, message.id, now))
    held_back = [item for item in found if item.state in LIVE]
    work.audit.record(Action.OPT_OUT_HEARD, SYSTEM, now, subject=conversation_subject(conversation.id), details={
        "about": about[0], "message": message.id, "held_back": [item.id for item in held_back]})
    return [*touched, *held_back], record


def refusal_of(work: Work, record: ClientRecord | None, about: Sequence[str]) -> Refusal | None:
    """Whether a client wants no offers: by their record, or under any name that follow-ups have for them."""
    found = {Refusal.OPTED_OUT} if record and record.opted_out else set(work.follow_ups.refusals(about).values())
    return next((kind for kind in Refusal if kind in found), None)


def held_client(work: Work, conversation: Conversation) -> tuple[ClientRecord | None, tuple[str, ...]]:
    """The record of who writes in a held conversation, held too, where there is one; and whom its follow-ups may name."""
    known = work.clients.by_identity(conversation.channel, conversation.client_ref) if conversation.client_ref else None
    record = work.clients.hold([known.id]).get(known.id) if known else None
    return record, subjects(conversation, record and record.id)


def adopt(work: Work, about: Sequence[str], client_id: str | None, now: datetime) -> tuple[list[FollowUp], list[FollowUp]]:
    """All follow-ups about any of the subjects, as those about the first; where two of a family may be worked then, the
    one that stood there stays. And those of them that agents should hear of. A no that was heard comes along, and holds for all; of
    several the newest."""
    kept, touched = list[FollowUp](), list[FollowUp]()
    found = work.follow_ups.hold_about(about)
    heard = work.follow_ups.heard_refusals(about)
    if strays := [item for item in heard if item.subject != about[0]]:
        work.follow_ups.unhear_refusals(strays)
        work.follow_ups.hear_refusal(replace(heard[-1], subject=about[0]))
        touched += [item for item in found if item.subject == about[0] and item.state in LIVE]
    worked = {item.family for item in found if item.subject == about[0] and item.state in LIVE}
    for item in sorted(found, key=lambda item: (item.subject != about[0], item.opened_at, item.id)):
        if item.subject == about[0]:
            kept.append(item)
            continue
        moved = replace(item, subject=about[0], client_id=client_id, updated_at=now)
        if (item.state in LIVE and item.family in worked) or not work.follow_ups.change(moved):
            withdraw(work, [item], SYSTEM, now, why="joined")
            moved = replace(_withdrawn(item, now), subject=about[0], client_id=client_id)
            work.follow_ups.change(moved)
            touched.append(moved)
        else:
            if item.state in LIVE:
                worked.add(item.family)
                touched.append(moved)
            work.audit.record(Action.FOLLOW_UP_JOINED, SYSTEM, now, subject=subject_of(item.id),
                              details={"from": item.subject, "to": about[0]})
        kept.append(moved)
    return kept, touched


def withdraw(work: Work, items: Iterable[FollowUp], by: Actor, now: datetime, *, why: str) -> list[FollowUp]:
    """Close what is held and may still be worked; those that were."""
    touched = list[FollowUp]()
    for item in items:
        if item.state not in LIVE:
            continue
        gone = _withdrawn(item, now)
        work.follow_ups.change(gone)
        work.audit.record(Action.FOLLOW_UP_WITHDRAWN, by, now, subject=subject_of(item.id), details={"why": why})
        touched.append(gone)
    return touched


def expire(work: Work, items: Iterable[FollowUp], now: datetime) -> list[FollowUp]:
    """Bring what is held to where it stands by the clock; those that stood elsewhere."""
    touched = list[FollowUp]()
    for item in items:
        standing = as_of(item.standing, now)
        if standing == item.standing:
            continue
        after = standing_as(item, standing, now)
        work.follow_ups.change(after)
        if standing.state not in LIVE:
            work.audit.record(Action.FOLLOW_UP_EXPIRED, SYSTEM, now, subject=subject_of(item.id), details={"family": item.family})
        touched.append(after)
    return touched


def tell(work: Work, items: Iterable[FollowUp], now: datetime, *, clients: Iterable[str] = ()) -> None:
    """Let agents hear where follow-ups stand now, each once as it was touched last, and of records that were written: the last thing
    that a transaction does. Of a client who has never written, nobody waits for news."""
    for item in {item.id: item for item in items}.values():
        work.outbox.append(item.conversation_id, now, change_of(item))
    for client_id, conversation_id in work.clients.latest_conversations(clients).items():
        work.outbox.append(conversation_id, now, ClientChanged(client_id))


def change_of(item: FollowUp) -> FollowUpChanged:
    return FollowUpChanged(item.id, item.family, item.state.value)


def standing_as(item: FollowUp, standing: Standing, now: datetime) -> FollowUp:
    return replace(item, state=standing.state, agent=standing.agent, snoozed_until=standing.snoozed_until, closed_at=standing.closed_at,
                   outcome=standing.result, updated_at=now)


def _withdrawn(item: FollowUp, now: datetime) -> FollowUp:
    return standing_as(item, closed(item.standing, Move.WITHDRAW, now), now)


def _opened(need: Need, conversation: Conversation, message: Message, overheard: Overheard, policy: FollowUpPolicy, now: datetime, *,
            subject: str, client_id: str | None) -> FollowUp:
    family = policy.families[need.family]
    return FollowUp(
        id=uuid4().hex, subject=subject, client_id=client_id, conversation_id=conversation.id, message_id=message.id,
        family=need.family, evidence=_masked(need.evidence, overheard.reading.normalized), probability=round(need.probability, 4),
        models=dict(overheard.models), opened_at=now, due_at=now + family.due, expires_at=now + family.valid, updated_at=now)


def _masked(evidence: str, text: str) -> str:
    """A part may lack the words by which personal data is known; where something was masked in it, the whole stands."""
    whole = mask(text)
    return evidence if evidence in whole else whole
