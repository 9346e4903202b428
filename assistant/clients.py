"""The records of clients: looked at, changed, found; each look and each change with an entry in the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from assistant.audit import SYSTEM, Action, Actor
from assistant.client_record import ClientFields, ClientRecord, blank, changed, merged, profile
from assistant.clock import china_day
from assistant.condition import ALWAYS, Condition
from assistant.errors import ClientNotFound, IdentityTaken, PreconditionFailed
from assistant.follow_up_opening import adopt, held_client, of_client, tell, withdraw
from assistant.follow_up_task import visitor
from assistant.identity import client_ref
from assistant.inbox import utc_now
from assistant.storage import Conversation, FollowUp, Store, Work
from assistant.suitability import Assessment, FirmPolicy, assessment

__all__ = ["Clients", "Plan", "Put", "carry_out", "follow_ups_after", "identified", "look_at", "planned", "seen", "subject_of"]

_USUAL = FirmPolicy()


@dataclass(frozen=True, slots=True)
class Put:
    """A record as it is now, and whether it was made by this."""

    record: ClientRecord
    created: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change comes to: the record after it, identities that go and that come, and what the trail will say."""

    before: ClientRecord | None
    after: ClientRecord
    going: tuple[str, ...]
    coming: Mapping[str, str]
    differences: Mapping[str, Any]


def subject_of(client_id: str) -> str:
    """How the audit trail names a client."""
    return f"client:{client_id}"


class Clients:
    """Safe to share between threads."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now, firm: FirmPolicy = _USUAL) -> None:
        self._store = store
        self._clock = clock
        self._firm = firm

    def look(self, client_id: str, by: Actor, *, why: str = "record") -> ClientRecord:
        """The record; the look is kept in the audit trail, with `why`. Raises ClientNotFound."""
        with self._store.write() as work:
            return look_at(work, client_id, by, self._clock(), why=why)

    def page(self, by: Actor, *, after: str = "", limit: int = 50, words: str = "") -> list[ClientRecord]:
        """Records in the order of their ids, for a list that masks names; one entry in the trail names all of them."""
        with self._store.write() as work:
            records = work.clients.page(after, limit, words=words)
            if records:
                work.audit.record(Action.CLIENT_SEEN, by, self._clock(), details={
                    "why": "list", "clients": [record.id for record in records]})
            return records

    def put(self, client_id: str, given: ClientFields, by: Actor, *, condition: Condition = ALWAYS) -> Put:
        """Write what is given into the record, or make one.

        Raises PreconditionFailed where the record is not as `condition` says, ClientRecordInvalid or IdentityTaken.
        """
        with self._store.write() as work:
            while True:
                now, held = self._clock(), work.clients.hold([client_id]).get(client_id)
                if not condition.holds(held and held.version):
                    raise PreconditionFailed()
                plan = planned(client_id, given, held, work.clients.refs([client_id])[client_id], now)
                record = carry_out(work, plan, by, now)
                # None: somebody else made the record at this very moment, and has finished; it is there to hold now.
                if record:
                    touched = follow_ups_after(work, plan, record, by, now)
                    if plan.differences:
                        tell(work, touched, now, clients=[record.id])
                    return Put(record, created=held is None)

    def assessed(self, record: ClientRecord) -> Assessment:
        """How the record's assessment stands today, as a verdict of suitability sees it."""
        return assessment(profile(record), china_day(self._clock()), self._firm)

    def known_as(self, channel: str, ref: str) -> ClientRecord | None:
        """Whose identity it is; for the service itself, which tells nobody and so leaves no entry."""
        with self._store.read() as work:
            return work.clients.by_identity(channel, ref)


def look_at(work: Work, client_id: str, by: Actor, at: datetime, *, why: str) -> ClientRecord:
    """Raises ClientNotFound."""
    record = work.clients.get(client_id)
    if record is None:
        raise ClientNotFound()
    seen(work, record, by, at, why=why)
    return record


def seen(work: Work, record: ClientRecord, by: Actor, at: datetime, *, why: str, judgements: Sequence[str] = ()) -> None:
    """A look at a client's record, in the audit trail; with the digests of what was judged by it, if anything was."""
    work.audit.record(Action.CLIENT_SEEN, by, at, subject=subject_of(record.id), details={
        "why": why, **({"judgements": list(judgements)} if judgements else {})})


def planned(client_id: str, given: ClientFields, held: ClientRecord | None, known: Mapping[str, str], at: datetime) -> Plan:
    """What writing `given` into a held record (None: there is none) with the `known` identities comes to. Pure.

    Raises ClientRecordInvalid.
    """
    before = held or blank(client_id, at)
    after = merged(before, given, today=china_day(at))
    refs = {channel: client_ref(token) if token is not None else None for channel, token in sorted(given.identities.items())}
    refs = {channel: ref for channel, ref in refs.items() if known.get(channel) != ref}
    coming = {channel: ref for channel, ref in refs.items() if ref is not None}
    going = tuple(channel for channel in refs if channel in known)
    differences = {**changed(before, after), **({} if held else {"created": True}), **({"identities": list(refs)} if refs else {})}
    channels = tuple(sorted((known.keys() - set(going)) | coming.keys()))
    return Plan(held, replace(after, channels=channels), going, coming, differences)


def carry_out(work: Work, plan: Plan, by: Actor, at: datetime, **details: Any) -> ClientRecord | None:
    """Write what differs, with an entry in the trail that has `details` too; None where somebody else made the record meanwhile.

    Raises IdentityTaken.
    """
    record = plan.after
    if not plan.differences:
        return record
    visitors = [visitor(channel, ref) for channel, ref in plan.coming.items()]
    if not record.opted_out and work.follow_ups.refused(visitors):
        # What somebody said before they were known holds for the client whom they turn out to be.
        record, details = replace(record, opted_out=True), {**details, "opted_out": "as a visitor"}
    if plan.before:
        record = replace(record, version=record.version + 1, updated_at=at)
        work.clients.change(record)
    elif not work.clients.add(record):
        return None
    for channel in plan.going:
        work.clients.remove_ref(record.id, channel)
    for channel, ref in plan.coming.items():
        if not work.clients.add_ref(record.id, channel, ref):
            raise IdentityTaken(channel)
    work.audit.record(Action.CLIENT_CHANGED, by, at, subject=subject_of(record.id), details={**plan.differences, **details})
    return record


def follow_ups_after(work: Work, plan: Plan, record: ClientRecord, by: Actor, at: datetime) -> list[FollowUp]:
    """What a record that was written changes of follow-ups: those of a visitor become the client's, as does a no that was heard, and
    with the client's no on record all are withdrawn. Those that were touched."""
    if not plan.differences:
        return []
    about, touched = of_client(record.id), list[FollowUp]()
    visitors = [visitor(channel, ref) for channel, ref in plan.coming.items()]
    if visitors:
        touched += adopt(work, [about, *visitors], record.id, at)[1]
    if record.opted_out and (visitors or not (plan.before and plan.before.opted_out)):
        work.follow_ups.forget_refusals([about, *visitors])
        touched += withdraw(work, work.follow_ups.hold_about([about], live=True), by, at, why="opted_out")
    return touched


def identified(work: Work, conversation: Conversation, at: datetime) -> tuple[list[FollowUp], list[str]]:
    """Who writes in a held conversation is known now: what was flagged there becomes theirs, and a no that they said, there or on their
    channel, holds for all of it. Follow-ups that were touched, and whose record was written."""
    record, about = held_client(work, conversation)
    touched, wants_none = adopt(work, about, record and record.id, at)[1], record is not None and record.opted_out
    if not wants_none and not work.follow_ups.refused(about):
        return touched, []
    work.follow_ups.forget_refusals(about)
    written = list[str]()
    if record is None:
        work.follow_ups.refuse(about[0], at)
    elif not wants_none:
        plan = planned(record.id, ClientFields(opted_out=True), record, work.clients.refs([record.id])[record.id], at)
        carry_out(work, plan, SYSTEM, at, why="said before they were known")
        written.append(record.id)
    return touched + withdraw(work, work.follow_ups.hold_about(about, live=True), SYSTEM, at, why="opted_out"), written
