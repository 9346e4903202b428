"""Follow-ups, the verdicts shown with them, and who refused them or was heard to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from assistant.follow_up_task import LIVE, Result, TaskState
from assistant.refusal import Refusal
from assistant.storage.records import FollowUp, HeardRefusal, ShownVerdict
from assistant.storage.rows import in_parts, insert_new, put_in_place
from assistant.storage.tables import client, contact, conversation, follow_up, follow_up_refusal, follow_up_verdict, heard_refusal

__all__ = ["FollowUpEnd", "FollowUps", "Position", "Sought"]

_AT_ONCE = 500
# About whom a no was heard that nobody has settled, or stands.
_HELD_BACK = or_(exists().where(heard_refusal.c.subject == follow_up.c.subject),
                 exists().where(follow_up_refusal.c.subject == follow_up.c.subject),
                 exists().where(client.c.id == follow_up.c.client_id, client.c.opted_out))


@dataclass(frozen=True, slots=True)
class Position:
    """Of a follow-up in a list; `moment` is the one that the list is ordered by."""

    moment: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Sought:
    """Which follow-ups: in one of the states, of one of the families, of one agent, about one of the subjects or from the
    conversation; of any where empty. `newest_first`: by their last change, else by when they are due. What a client's no holds
    back is none of those that may be worked."""

    states: frozenset[TaskState] = LIVE
    families: frozenset[str] = frozenset()
    agent: str | None = None
    subjects: tuple[str, ...] = ()
    conversation_id: str | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class FollowUpEnd:
    """Where a follow-up stands: `end` is its outcome, or its state without one; `agent` had it last. `category` is that of the contact in
    which it was opened, once there is one."""

    family: str
    end: str
    agent: str | None
    channel: str
    opened_at: datetime
    category: str | None


class FollowUps:
    """`hold` locks follow-ups until the transaction ends; what changes one holds it first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: FollowUp) -> bool:
        """Whether it was added; not where one of the same family about the same subject is worked."""
        return insert_new(self._connection, follow_up, _values(item))

    def get(self, follow_up_id: str) -> FollowUp | None:
        return next(iter(self._read(select(follow_up).where(follow_up.c.id == follow_up_id))), None)

    def hold(self, ids: Iterable[str]) -> dict[str, FollowUp]:
        """Those that are there. Always in the same order, so that two who want the same wait in turn."""
        wanted = sorted(set(ids))
        return {item.id: item for item in self._hold(follow_up.c.id.in_(wanted))}

    def hold_about(self, subjects: Collection[str], *, live: bool = False) -> list[FollowUp]:
        """All about any of the subjects; `live`: that may still be worked."""
        wanted = follow_up.c.subject.in_(list(subjects))
        return self._hold(wanted & follow_up.c.state.in_(LIVE) if live else wanted)

    def hold_due_to_change(self, now: datetime) -> list[FollowUp]:
        """Whose time is up, or which were put off until now; what another transaction holds is left to it."""
        late = or_(and_(follow_up.c.state.in_(LIVE), follow_up.c.expires_at <= now),
                   and_(follow_up.c.state == TaskState.SNOOZED, follow_up.c.snoozed_until <= now))
        return self._read(select(follow_up).where(late).order_by(follow_up.c.id).limit(_AT_ONCE).with_for_update(skip_locked=True))

    def change(self, item: FollowUp) -> bool:
        """Write one that is held; False where another of its family about its subject is worked meanwhile."""
        try:
            with self._connection.begin_nested():
                self._connection.execute(update(follow_up).where(follow_up.c.id == item.id).values(_values(item)))
        except IntegrityError:
            return False
        return True

    def page(self, sought: Sought, *, after: Position | None = None, limit: int = 50) -> list[FollowUp]:
        """Those behind `after`, in order."""
        moment, last = follow_up.c.updated_at if sought.newest_first else follow_up.c.due_at, follow_up.c.id
        query = select(follow_up).where(*_where(sought)).limit(limit)
        if after and sought.newest_first:
            query = query.where(or_(moment < after.moment, and_(moment == after.moment, last < after.id)))
        elif after:
            query = query.where(or_(moment > after.moment, and_(moment == after.moment, last > after.id)))
        return self._read(query.order_by(*((moment.desc(), last.desc()) if sought.newest_first else (moment, last))))

    def origins(self, conversation_ids: Iterable[str]) -> dict[str, tuple[str, str | None]]:
        """Conversation → its channel, and who wrote there as the channel knows them."""
        rows = self._connection.execute(select(conversation.c.id, conversation.c.channel, conversation.c.client_ref).where(
            conversation.c.id.in_(sorted(set(conversation_ids)))))
        return {row.id: (row.channel, row.client_ref) for row in rows}

    def counts(self, agent: str, now: datetime) -> tuple[int, int, int]:
        """How many are open, are with the agent, and of both how many are late."""
        is_open, mine = follow_up.c.state == TaskState.OPEN, and_(follow_up.c.state == TaskState.CLAIMED, follow_up.c.agent == agent)
        row = self._connection.execute(select(
            func.count().filter(is_open), func.count().filter(mine), func.count().filter(follow_up.c.due_at <= now),
        ).where(or_(is_open, mine), ~_HELD_BACK)).one()
        return row[0], row[1], row[2]

    def outcomes(self, since: datetime | None, until: datetime | None) -> list[tuple[str, TaskState, Result | None, int]]:
        """Of those opened from `since` on and before `until`: (family, state, outcome, how many)."""
        kinds = (follow_up.c.family, follow_up.c.state, follow_up.c.outcome)
        rows = self._connection.execute(select(*kinds, func.count()).where(*_opened(since, until)).group_by(*kinds).order_by(*kinds))
        return [(family, TaskState(state), Result(outcome) if outcome else None, count) for family, state, outcome, count in rows]

    def ends(self, since: datetime, until: datetime) -> list[FollowUpEnd]:
        """Where each of those opened from `since` on and before `until` stands, in the order of opening."""
        began = and_(contact.c.conversation_id == follow_up.c.conversation_id, contact.c.started_at <= follow_up.c.opened_at)
        category = select(contact.c.category).where(began).order_by(contact.c.number.desc()).limit(1).scalar_subquery()
        query = select(follow_up.c.family, follow_up.c.state, follow_up.c.outcome, follow_up.c.agent, conversation.c.channel,
                       follow_up.c.opened_at, category.label("category")).join(
            conversation, conversation.c.id == follow_up.c.conversation_id)
        rows = self._connection.execute(query.where(*_opened(since, until)).order_by(follow_up.c.opened_at, follow_up.c.id))
        return [FollowUpEnd(row.family, row.outcome or row.state, row.agent, row.channel, row.opened_at, row.category)
                for row in rows]

    def judged(self, after: str, limit: int, since: datetime | None, until: datetime | None) -> list[FollowUp]:
        """Those with an outcome and greater ids, in the order of their ids."""
        return self._read(select(follow_up).where(
            follow_up.c.id > after, follow_up.c.outcome.is_not(None), *_opened(since, until)).order_by(follow_up.c.id).limit(limit))

    def of_messages(self, items: Sequence[FollowUp]) -> dict[str, list[FollowUp]]:
        """All follow-ups that the messages of some opened, by message."""
        found: dict[str, list[FollowUp]] = {item.message_id: [] for item in items}
        for part in in_parts({item.conversation_id for item in items}):
            for item in self._read(select(follow_up).where(follow_up.c.conversation_id.in_(part))):
                if item.message_id in found:
                    found[item.message_id].append(item)
        return found

    def add_verdicts(self, items: Sequence[ShownVerdict]) -> None:
        """Those that were shown before, as they are, are there already."""
        rows = self._connection.execute(select(follow_up_verdict.c.follow_up_id, follow_up_verdict.c.digest).where(
            follow_up_verdict.c.follow_up_id.in_([item.follow_up_id for item in items])))
        known = {(row.follow_up_id, row.digest) for row in rows}
        for item in items:
            if (item.follow_up_id, item.digest) not in known:
                insert_new(self._connection, follow_up_verdict, {name: getattr(item, name) for name in item.__dataclass_fields__})

    def verdicts(self, follow_up_id: str) -> list[ShownVerdict]:
        """In the order in which they were first shown."""
        rows = self._connection.execute(select(follow_up_verdict).where(
            follow_up_verdict.c.follow_up_id == follow_up_id).order_by(follow_up_verdict.c.at)).mappings()
        return [ShownVerdict(**row) for row in rows]

    def refuse(self, subject: str, at: datetime) -> None:
        insert_new(self._connection, follow_up_refusal, {"subject": subject, "at": at})

    def refused(self, subjects: Collection[str]) -> bool:
        return self._connection.execute(select(follow_up_refusal.c.subject).where(
            follow_up_refusal.c.subject.in_(list(subjects)))).first() is not None

    def refusals(self, subjects: Collection[str]) -> dict[str, Refusal]:
        """Those of the subjects who want none: an agent recorded it, or else it was heard."""
        wanted, found = list(subjects), dict[str, Refusal]()
        for table, kind in ((heard_refusal, Refusal.HEARD), (follow_up_refusal, Refusal.OPTED_OUT)):
            found |= dict.fromkeys(self._connection.scalars(select(table.c.subject).where(table.c.subject.in_(wanted))), kind)
        return found

    def forget_refusals(self, subjects: Collection[str]) -> None:
        """Both those that were recorded and those that were heard."""
        for table in (follow_up_refusal, heard_refusal):
            self._connection.execute(delete(table).where(table.c.subject.in_(list(subjects))))

    def hear_refusal(self, item: HeardRefusal) -> None:
        """It takes the place of one that was heard before about the same subject."""
        put_in_place(self._connection, heard_refusal, {name: getattr(item, name) for name in item.__dataclass_fields__})

    def heard_refusals(self, subjects: Collection[str]) -> list[HeardRefusal]:
        """In the order in which they were heard."""
        rows = self._connection.execute(select(heard_refusal).where(heard_refusal.c.subject.in_(list(subjects))).order_by(
            heard_refusal.c.at, heard_refusal.c.subject)).mappings()
        return [HeardRefusal(**row) for row in rows]

    def unhear_refusals(self, items: Iterable[HeardRefusal]) -> None:
        """Just these: one that another transaction has put in the place of one of them stays."""
        for item in items:
            self._connection.execute(delete(heard_refusal).where(
                heard_refusal.c.subject == item.subject, heard_refusal.c.message_id == item.message_id))

    def _hold(self, wanted: ColumnElement[bool]) -> list[FollowUp]:
        return self._read(select(follow_up).where(wanted).order_by(follow_up.c.id).with_for_update())

    def _read(self, query: Select[Any]) -> list[FollowUp]:
        return [_to_follow_up(row) for row in self._connection.execute(query).mappings()]


def _where(sought: Sought) -> list[ColumnElement[bool]]:
    wanted = [follow_up.c.state.in_(sought.states)]
    if sought.states & LIVE:
        wanted.append(or_(follow_up.c.state.not_in(LIVE), ~_HELD_BACK))
    if sought.families:
        wanted.append(follow_up.c.family.in_(sought.families))
    if sought.agent:
        wanted.append(follow_up.c.agent == sought.agent)
    if sought.subjects or sought.conversation_id:
        wanted.append(or_(follow_up.c.subject.in_(sought.subjects), follow_up.c.conversation_id == sought.conversation_id))
    return wanted


def _opened(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    return [*([follow_up.c.opened_at >= since] if since else []), *([follow_up.c.opened_at < until] if until else [])]


def _values(item: FollowUp) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in item.__dataclass_fields__}
    return {**values, "models": dict(item.models), "live_key": f"{item.family}|{item.subject}" if item.state in LIVE else None}


def _to_follow_up(row: Mapping[str, Any]) -> FollowUp:
    values = {name: row[name] for name in FollowUp.__dataclass_fields__}
    return FollowUp(**{**values, "state": TaskState(row["state"]), "outcome": Result(row["outcome"]) if row["outcome"] else None})
