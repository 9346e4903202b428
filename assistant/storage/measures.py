"""Contacts in the store, which follow the events; and what else the dashboard counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, text, tuple_

from assistant.audit import Action, moment
from assistant.contacts import MOVES, Contact, Elapsed, Evidence, Replied, Talk, contacts_of
from assistant.conversation import State
from assistant.events import Recorded
from assistant.storage.tables import (
    agent_message,
    audit_entry,
    client,
    client_identity,
    contact,
    conversation,
    decision,
    event,
    feedback,
    message,
    staff,
    suggestion_use,
)
from assistant.storage.unanswered import UNANSWERED_SINCE

__all__ = ["ArticleCount", "Held", "Measures", "Raised", "Waiting"]

_CATCH_UP_LOCK = 5_318_008_610
_AT_ONCE = 500
_KNOWN = and_(client_identity.c.channel == conversation.c.channel, client_identity.c.client_ref == conversation.c.client_ref)
_WITH_CLIENT = conversation.outerjoin(client_identity, _KNOWN).outerjoin(client, client.c.id == client_identity.c.client_id)


@dataclass(frozen=True, slots=True)
class ArticleCount:
    """How often an article was the answer, and how many of these clients called unhelpful. `title` is as clients last saw it."""

    article_id: str
    title: str | None
    answers: int
    unhelpful: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation in the queue."""

    conversation_id: str
    since: datetime
    channel: str
    tone: str | None
    client_name: str | None
    tier: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation that an agent has; `unanswered_since` is since when the client waits for an answer, None where there is one. `moves`:
    in which state it has been from when on, oldest first."""

    conversation_id: str
    agent: str
    unanswered_since: datetime | None
    moves: Sequence[tuple[State, datetime]]


@dataclass(frozen=True, slots=True)
class Raised:
    """A conversation that anger or distress has raised, and who holds it; `tone` is of the client's last words."""

    conversation_id: str
    since: datetime
    state: State
    agent: str | None
    agent_name: str | None
    channel: str
    tone: str | None
    client_name: str | None
    tier: str | None


class Measures:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_behind(self) -> bool:
        """Whether there are events that no contact includes yet."""
        return (self._connection.scalar(select(func.max(event.c.id))) or 0) > self._reached()

    def catch_up(self, waits: Elapsed) -> bool:
        """Make the contacts of the conversations that the next events are of anew; False where there are no more.

        Ids of events rise in the order of commits, so the newest that a contact includes is how far all of them have come.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CATCH_UP_LOCK})
        rows = self._connection.execute(
            select(event.c.id, event.c.conversation_id).where(event.c.id > self._reached()).order_by(event.c.id).limit(_AT_ONCE)).all()
        if not rows:
            return False
        ids = sorted({row.conversation_id for row in rows})
        made = self._contacts(ids, waits, until=rows[-1].id)
        self._connection.execute(delete(contact).where(contact.c.conversation_id.in_(ids)))
        self._connection.execute(insert(contact), [asdict(item) for item in made])
        return len(rows) == _AT_ONCE

    def contacts(self, since: datetime, until: datetime) -> list[Contact]:
        """Those that began from `since` on and before `until`, in order."""
        rows = self._connection.execute(select(contact).where(contact.c.started_at >= since, contact.c.started_at < until).order_by(
            contact.c.started_at, contact.c.conversation_id, contact.c.number)).mappings()
        return [Contact(**row) for row in rows]

    def findings(self, since: datetime, until: datetime) -> list[tuple[str, datetime]]:
        """Conversation and moment of each entry of the audit trail that the outgoing check made, in order."""
        at, subject = audit_entry.c.at, audit_entry.c.subject
        rows = self._connection.execute(select(subject, at).where(
            audit_entry.c.action == Action.OUTGOING_FOUND.value, at >= moment(since), at < moment(until)).order_by(audit_entry.c.seq))
        return [(row.subject.removeprefix("conversation:"), datetime.fromisoformat(row.at)) for row in rows if row.subject]

    def articles(self, since: datetime, until: datetime) -> list[ArticleCount]:
        """The articles that were answers from `since` on and before `until`."""
        unhelpful = and_(feedback.c.message_id == decision.c.message_id, feedback.c.helpful.is_(False))
        title: Any = decision.c.outcome["reply"]["article"]["title"].as_string()
        rows = self._connection.execute(select(
            decision.c.article_id, func.max(title), func.count(decision.c.message_id), func.count(feedback.c.message_id),
        ).select_from(decision.outerjoin(feedback, unhelpful)).where(
            decision.c.article_id.is_not(None), decision.c.kind == "answer", decision.c.at >= since, decision.c.at < until,
        ).group_by(decision.c.article_id).order_by(decision.c.article_id))
        return [ArticleCount(*row) for row in rows]

    def first_words(self, contacts: Sequence[Contact]) -> dict[tuple[str, int], str]:
        """What the client wrote first in each contact, raw; those without a word are left out."""
        wanted = [(item.conversation_id, item.number) for item in contacts]
        if not wanted:
            return {}
        first = select(contact.c.conversation_id, contact.c.number, func.min(message.c.seq).label("seq")).join(
            message, and_(message.c.conversation_id == contact.c.conversation_id, message.c.at >= contact.c.started_at)).where(
            tuple_(contact.c.conversation_id, contact.c.number).in_(wanted), message.c.sender == "client").group_by(
            contact.c.conversation_id, contact.c.number).subquery()
        rows = self._connection.execute(select(first.c.conversation_id, first.c.number, message.c.text).join(
            message, and_(message.c.conversation_id == first.c.conversation_id, message.c.seq == first.c.seq)))
        return {(row.conversation_id, row.number): row.text for row in rows}

    def states(self, active_since: datetime) -> dict[str, int]:
        """How many conversations are in each state that are not over: with the assistant, those with a word since `active_since`."""
        rows = self._connection.execute(select(conversation.c.state, func.count()).where(or_(
            conversation.c.state.in_((State.WAITING, State.AGENT)),
            and_(conversation.c.state == State.ASSISTANT, conversation.c.updated_at >= active_since))).group_by(conversation.c.state))
        return {state: count for state, count in rows}

    def closed_since(self, since: datetime) -> int:
        return self._connection.scalar(select(func.count()).select_from(conversation).where(
            conversation.c.state == State.CLOSED, conversation.c.closed_at >= since)) or 0

    def waiting(self, limit: int) -> list[Waiting]:
        """Who waits longest first."""
        rows = self._connection.execute(select(
            conversation.c.id, conversation.c.waiting_since, conversation.c.channel, conversation.c.tone, client.c.display_name,
            client.c.tier,
        ).select_from(_WITH_CLIENT).where(conversation.c.state == State.WAITING, conversation.c.waiting_since.is_not(None)).order_by(
            conversation.c.waiting_since, conversation.c.id).limit(limit))
        return [Waiting(*row) for row in rows]

    def raised(self, limit: int) -> list[Raised]:
        """Who has been raised longest first, whoever holds the conversation."""
        rows = self._connection.execute(select(
            conversation.c.id, conversation.c.raised_at, conversation.c.state, conversation.c.agent, staff.c.display_name,
            conversation.c.channel, conversation.c.tone, client.c.display_name, client.c.tier,
        ).select_from(_WITH_CLIENT.outerjoin(staff, staff.c.name == conversation.c.agent)).where(
            conversation.c.raised_at.is_not(None)).order_by(conversation.c.raised_at, conversation.c.id).limit(limit))
        return [Raised(row[0], row[1], State(row[2]), *row[3:]) for row in rows]

    def count_raised(self) -> int:
        return self._connection.scalar(select(func.count()).select_from(conversation).where(conversation.c.raised_at.is_not(None))) or 0

    def held(self) -> list[Held]:
        """All that agents have now."""
        rows = self._connection.execute(select(conversation.c.id, conversation.c.agent, UNANSWERED_SINCE).where(
            conversation.c.state == State.AGENT).order_by(conversation.c.needed_at, conversation.c.id))
        moves = self._moves()
        return [Held(row.id, row.agent or "", row.unanswered_since, moves.get(row.id, [])) for row in rows]

    def _moves(self) -> dict[str, list[tuple[State, datetime]]]:
        """Of each conversation that an agent has."""
        state: Any = event.c.payload["state"].as_string()
        rows = self._connection.execute(select(event.c.conversation_id, state.label("state"), event.c.at).join(
            conversation, conversation.c.id == event.c.conversation_id).where(
            conversation.c.state == State.AGENT, event.c.type.in_(MOVES)).order_by(event.c.id))
        found: dict[str, list[tuple[State, datetime]]] = {}
        for row in rows:
            found.setdefault(row.conversation_id, []).append((State(row.state), row.at))
        return found

    def _reached(self) -> int:
        return self._connection.scalar(select(func.max(contact.c.last_event_id))) or 0

    def _contacts(self, ids: Sequence[str], waits: Elapsed, *, until: int) -> list[Contact]:
        talks = self._connection.execute(select(conversation.c.id, conversation.c.channel, conversation.c.client_ref).where(
            conversation.c.id.in_(ids))).all()
        events: dict[str, list[Recorded]] = {}
        rows = self._connection.execute(select(event).where(event.c.conversation_id.in_(ids), event.c.id <= until).order_by(event.c.id))
        for row in rows:
            events.setdefault(row.conversation_id, []).append(
                Recorded(row.id, row.conversation_id, row.type, row.payload, row.at, row.agent))
        evidence = Evidence(self._replies(ids), self._suggested(ids))
        return [made for talk in talks for made in contacts_of(Talk(*talk), events.get(talk.id, []), evidence, waits=waits)]

    def _replies(self, ids: Sequence[str]) -> dict[str, Replied]:
        intent: Any = decision.c.outcome["understanding"]["intent"]["name"].as_string()
        rows = self._connection.execute(select(decision.c.message_id, decision.c.kind, intent, decision.c.article_id).where(
            decision.c.conversation_id.in_(ids)))
        return {message_id: Replied(kind, name, article_id) for message_id, kind, name, article_id in rows}

    def _suggested(self, ids: Sequence[str]) -> dict[str, bool]:
        rows = self._connection.execute(select(suggestion_use.c.message_id, suggestion_use.c.edited).join(
            agent_message, agent_message.c.message_id == suggestion_use.c.message_id).where(agent_message.c.conversation_id.in_(ids)))
        return {message_id: edited for message_id, edited in rows}
