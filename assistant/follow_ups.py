"""What an agent does with follow-ups: find them with what may be offered, take them, put them off, say what came of them.

Each look and each move has its entry in the audit trail, in the same transaction; each verdict that is shown is kept with
its inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from assistant.agent import Agent
from assistant.agent import subject_of as conversation_subject
from assistant.audit import Action, Actor
from assistant.bell import Bell
from assistant.client_record import ClientFields, ClientRecord, profile
from assistant.clients import carry_out, follow_ups_after, planned
from assistant.clock import china_day
from assistant.errors import AssistantError, ConversationNotFound, FollowUpHeldBack, FollowUpNotFound, OptOutChanged
from assistant.follow_up_lessons import lesson_of, teaches
from assistant.follow_up_offer import Offer, offer
from assistant.follow_up_opening import adopt, expire, held_client, refusal_of, standing_as, subject_of, subjects, tell, withdraw
from assistant.follow_up_policy import FamilyPolicy, FollowUpPolicy
from assistant.follow_up_task import LIVE, Move, Result, moved
from assistant.inbox import utc_now
from assistant.privacy import mask
from assistant.refusal import Refusal
from assistant.storage import Conversation, FollowUp, ShownVerdict, Store, Work
from assistant.storage.follow_ups import Position, Sought
from assistant.suitability import FirmPolicy
from knowledge.text import content, normalize

__all__ = ["Counts", "Done", "FollowUpPage", "FollowUps", "HeardNo", "OfConversation", "Precision", "Shown"]

_AT_ONCE = 500
_ACTIONS = {Move.CLAIM: Action.FOLLOW_UP_CLAIMED, Move.RELEASE: Action.FOLLOW_UP_RELEASED, Move.SNOOZE: Action.FOLLOW_UP_SNOOZED,
            Move.CLOSE: Action.FOLLOW_UP_CLOSED}


@dataclass(frozen=True, slots=True)
class Shown:
    """A follow-up as an agent sees it. `line` is what may be said to the client now, approved; None where nothing may be.
    `held_back`: the client's no stands, or was heard and isn't settled, and it can't be worked."""

    item: FollowUp
    family: FamilyPolicy
    offer: Offer
    line: str | None
    channel: str
    client_ref: str | None
    client: ClientRecord | None
    held_back: bool = False


@dataclass(frozen=True, slots=True)
class HeardNo:
    """The words of a client that sound like a no to offers, masked, and where and when they stand."""

    words: str
    conversation_id: str
    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """`late` are those of both whose due time has passed."""

    open: int
    mine: int
    late: int


@dataclass(frozen=True, slots=True)
class FollowUpPage:
    """Follow-ups, how many there are to work, and the id of the last event that they include."""

    shown: Sequence[Shown]
    counts: Counts
    last_event_id: int


@dataclass(frozen=True, slots=True)
class OfConversation:
    """The follow-ups of whoever is in a conversation; whether they want none, or were heard to, which holds all back until
    an agent confirms it or undoes it."""

    shown: Sequence[Shown]
    opted_out: bool
    heard: HeardNo | None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one of several: the follow-up after it, or why not."""

    id: str
    shown: Shown | None = None
    error: AssistantError | None = None


@dataclass(frozen=True, slots=True)
class Precision:
    """How right the flags of a family were. `outcomes` counts what agents said, each outcome by its name."""

    family: str
    flagged: int
    outcomes: dict[str, int]

    @property
    def judged(self) -> int:
        return sum(self.outcomes.values())

    @property
    def right(self) -> float | None:
        """Share of the judged that were no wrong flags; None where none was judged."""
        return 1 - self.outcomes.get(Result.WRONG_FLAG, 0) / self.judged if self.judged else None

    @property
    def interested(self) -> float | None:
        """Share of the judged in which the client took it up."""
        taken_up = self.outcomes.get(Result.INTERESTED, 0) + self.outcomes.get(Result.DONE, 0)
        return taken_up / self.judged if self.judged else None


class FollowUps:
    """Safe to share between threads. Callers have seen to it that the agent's roles allow the call."""

    def __init__(self, store: Store, bell: Bell, policy: FollowUpPolicy, firm: FirmPolicy, *,
                 clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._bell = bell
        self._policy = policy
        self._firm = firm
        self._clock = clock

    def page(self, agent: Agent, sought: Sought, *, after: Position | None = None, limit: int = 50) -> FollowUpPage:
        """Follow-ups behind `after`. One entry in the trail names all of them."""
        now = self._clock()
        with self._store.write() as work:
            touched = expire(work, work.follow_ups.hold_due_to_change(now), now)
            shown = self._shown(work, work.follow_ups.page(sought, after=after, limit=limit), now)
            self._seen(work, shown, agent, now, "list")
            tell(work, touched, now)
            return FollowUpPage(shown, Counts(*work.follow_ups.counts(agent.name, now)), work.outbox.last_id())

    def look(self, follow_up_id: str, agent: Agent) -> Shown:
        """One of them. Raises FollowUpNotFound."""
        now = self._clock()
        with self._store.write() as work:
            held = work.follow_ups.hold([follow_up_id])
            if not held:
                raise FollowUpNotFound()
            touched = expire(work, held.values(), now)
            shown = self._shown(work, list(work.follow_ups.hold([follow_up_id]).values()), now)
            self._seen(work, shown, agent, now, "one")
            tell(work, touched, now)
            return shown[0]

    def of_conversation(self, conversation_id: str, agent: Agent) -> OfConversation:
        """What may be worked for whoever is in the conversation, in the order in which it is due. Raises ConversationNotFound."""
        now = self._clock()
        with self._store.write() as work:
            conversation, record = _who(work, work.conversations.get(conversation_id))
            found, touched = self._of_conversation(work, conversation, record, agent, now)
            tell(work, touched, now)
        return found

    def claim(self, follow_up_id: str, agent: Agent) -> Shown:
        """Take it; again changes nothing. Raises FollowUpNotFound, FollowUpHeldBack, AlreadyClaimed or FollowUpClosed."""
        return self._one(follow_up_id, Move.CLAIM, agent)

    def release(self, follow_up_id: str, agent: Agent) -> Shown:
        """Give it back to all. Raises FollowUpNotFound, FollowUpNotClaimed, AlreadyClaimed or FollowUpClosed."""
        return self._one(follow_up_id, Move.RELEASE, agent)

    def snooze(self, follow_up_id: str, until: datetime, agent: Agent) -> Shown:
        """Put it off: it is the agent's again then.

        Raises FollowUpNotFound, FollowUpHeldBack, AlreadyClaimed, FollowUpClosed or SnoozeInvalid.
        """
        return self._one(follow_up_id, Move.SNOOZE, agent, until=until)

    def close(self, follow_up_id: str, result: Result, note: str, agent: Agent) -> Shown:
        """Say what came of it; who said so may correct it. The note is kept masked.

        Raises FollowUpNotFound, AlreadyClaimed or FollowUpClosed.
        """
        return self._one(follow_up_id, Move.CLOSE, agent, result=result, note=note)

    def claim_all(self, ids: Sequence[str], agent: Agent) -> list[Done]:
        """Each by itself: what can't be taken leaves the others."""
        return self._several(ids, Move.CLAIM, agent)

    def close_all(self, ids: Sequence[str], result: Result, note: str, agent: Agent) -> list[Done]:
        return self._several(ids, Move.CLOSE, agent, result=result, note=note)

    def opt_out(self, conversation_id: str, agent: Agent) -> OfConversation:
        """The client in the conversation wants no follow-ups, and said so: those that may be worked are withdrawn, and none
        opens any more, on no channel. Again changes nothing. Raises ConversationNotFound."""
        now = self._clock()
        with self._store.write() as work:
            conversation, record = _who(work, work.conversations.hold(conversation_id))
            about, touched = subjects(conversation, record and record.id), list[FollowUp]()
            if record:
                held = work.clients.hold([record.id])[record.id]
                plan = planned(record.id, ClientFields(opted_out=True), held, work.clients.refs([record.id])[record.id], now)
                written = carry_out(work, plan, agent.by, now, why="asked in conversation")
                touched += follow_ups_after(work, plan, written, agent.by, now) if written else []
            elif not work.follow_ups.refused(about):
                work.follow_ups.refuse(about[0], now)
                work.audit.record(Action.OPTED_OUT, agent.by, now, subject=conversation_subject(conversation_id),
                                  details={"about": about[0]})
            work.follow_ups.unhear_refusals(work.follow_ups.heard_refusals(about))
            touched += withdraw(work, work.follow_ups.hold_about(about, live=True), agent.by, now, why="opted_out")
            tell(work, touched, now, clients=[record.id] if record else [])
        self._bell.ring(conversation_id)
        return OfConversation([], True, None)

    def undo_heard(self, conversation_id: str, agent: Agent, *, message_id: str | None = None) -> OfConversation:
        """The client in the conversation did not mean the no that was heard, the one in `message_id` where that is given: what it held
        back can be worked again. Again, or where none was heard, changes nothing; what is on record only the record takes back.

        Raises ConversationNotFound, or OptOutChanged where another no stands by now.
        """
        now = self._clock()
        with self._store.write() as work:
            conversation = work.conversations.hold(conversation_id)
            record, about = held_client(work, conversation)
            all_heard = work.follow_ups.heard_refusals(about)
            heard = next(reversed(all_heard), None)
            if heard and message_id not in (None, heard.message_id):
                raise OptOutChanged()
            if heard:
                work.follow_ups.unhear_refusals(all_heard)
                work.audit.record(Action.OPT_OUT_UNDONE, agent.by, now, subject=conversation_subject(conversation_id), details={
                    "about": heard.subject, "message": heard.message_id})
            found, touched = self._of_conversation(work, conversation, record, agent, now)
            again = [item.item for item in found.shown] if heard else []
            tell(work, (*touched, *again), now, clients=[record.id] if heard and record else [])
        self._bell.ring(conversation_id)
        return found

    def precision(self, *, since: datetime | None = None, until: datetime | None = None) -> list[Precision]:
        """By family, of those opened from `since` on and before `until`."""
        found: dict[str, Precision] = {}
        with self._store.read() as work:
            for family, _, result, count in work.follow_ups.outcomes(since, until):
                before = found.setdefault(family, Precision(family, 0, {}))
                outcomes = {**before.outcomes, result.value: before.outcomes.get(result, 0) + count} if result else before.outcomes
                found[family] = replace(before, flagged=before.flagged + count, outcomes=outcomes)
        return list(found.values())

    def export(self, by: Actor, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Flags with what came of them, for training, masked; the export itself is recorded first. Left out is what no model may
        learn from: golden questions, and messages of which masking leaves nothing."""
        details = {name: moment.isoformat() for name, moment in (("since", since), ("until", until)) if moment}
        with self._store.write() as work:
            work.audit.record(Action.FOLLOW_UPS_EXPORTED, by, self._clock(), details=details)
            golden = {content(text) for item in work.golden.in_force() for text in (item.normalized, normalize(mask(item.question)))}
        last = ""
        while True:
            with self._store.read() as work:
                items = work.follow_ups.judged(last, _AT_ONCE, since, until)
                messages = work.conversations.messages_by_id([item.message_id for item in items])
                flagged = work.follow_ups.of_messages(items)
            lines = (lesson_of(item, messages[item.message_id].text, flagged[item.message_id]) for item in items)
            yield from (line for line in lines if teaches(line["text"]) and content(normalize(line["text"])) not in golden)
            if len(items) < _AT_ONCE:
                return
            last = items[-1].id

    def _one(self, follow_up_id: str, move: Move, agent: Agent, **given: Any) -> Shown:
        (done,) = self._several([follow_up_id], move, agent, **given)
        if done.error:
            raise done.error
        assert done.shown
        return done.shown

    def _several(self, ids: Sequence[str], move: Move, agent: Agent, *, note: str | None = None, until: datetime | None = None,
                 result: Result | None = None) -> list[Done]:
        now, done, touched = self._clock(), dict[str, AssistantError | None](), list[FollowUp]()
        with self._store.write() as work:
            held = work.follow_ups.hold(ids)
            refusals = _refusals(work, held.values(), work.clients.by_id(item.client_id for item in held.values() if item.client_id))
            for follow_up_id in dict.fromkeys(ids):
                item = held.get(follow_up_id)
                if item is None:
                    done[follow_up_id] = FollowUpNotFound()
                    continue
                touched += expire(work, [item], now)
                try:
                    if move in (Move.CLAIM, Move.SNOOZE) and item.state in LIVE and follow_up_id in refusals:
                        raise FollowUpHeldBack()
                    standing = moved(item.standing, move, agent.name, now, supervises=agent.supervises, until=until, result=result)
                except AssistantError as error:
                    done[follow_up_id] = error
                    continue
                done[follow_up_id] = None
                after = replace(standing_as(item, standing, now), note=item.note if note is None else mask(note))
                if replace(after, updated_at=item.updated_at) != item:
                    work.follow_ups.change(after)
                    work.audit.record(_ACTIONS[move], agent.by, now, subject=subject_of(item.id), details=_details(after, item))
                    touched.append(after)
            shown = {item.item.id: item for item in self._shown(work, list(work.follow_ups.hold(
                [name for name, error in done.items() if error is None]).values()), now)}
            tell(work, touched, now)
        for conversation_id in {item.conversation_id for item in touched}:
            self._bell.ring(conversation_id)
        return [Done(name, shown.get(name), error) for name, error in done.items()]

    def _of_conversation(self, work: Work, conversation: Conversation, record: ClientRecord | None, agent: Agent,
                         now: datetime) -> tuple[OfConversation, list[FollowUp]]:
        """What may be worked, and follow-ups that agents should hear of."""
        about = subjects(conversation, record and record.id)
        found, touched = adopt(work, about, record and record.id, now)
        touched += expire(work, [item for item in found if item.state in LIVE], now)
        shown = self._shown(work, work.follow_ups.page(Sought(subjects=about), limit=_AT_ONCE), now)
        self._seen(work, shown, agent, now, "conversation", conversation=conversation.id)
        refusal = refusal_of(work, record, about)
        heard = self._heard(work, about) if refusal is Refusal.HEARD else None
        return OfConversation(shown, refusal is Refusal.OPTED_OUT, heard), touched

    def _heard(self, work: Work, about: Sequence[str]) -> HeardNo | None:
        newest = next(reversed(work.follow_ups.heard_refusals(about)), None)
        message = newest and work.conversations.message(newest.message_id)
        if newest is None or message is None:
            return None
        # The firm's patterns may be others by now.
        return HeardNo(mask(self._policy.refuses(message.text) or message.text), newest.conversation_id, newest.message_id, newest.at)

    def _shown(self, work: Work, items: Sequence[FollowUp], now: datetime) -> list[Shown]:
        day = china_day(now)
        records = work.clients.by_id(item.client_id for item in items if item.client_id)
        origins = work.follow_ups.origins(item.conversation_id for item in items)
        products = {family: work.products.page("", _AT_ONCE, family=family) for family in {item.family for item in items}}
        refusals = _refusals(work, items, records)
        shown, verdicts = [], []
        for item in items:
            record, family = records.get(item.client_id or ""), self._policy.families[item.family]
            refusal = refusals.get(item.id)
            made = offer(profile(record) if record else None, products[item.family], day, self._firm, refusal=refusal)
            channel, client_ref = origins[item.conversation_id]
            line = None if refusal else self._line(family, made)
            held_back = refusal is not None and item.state in LIVE
            shown.append(Shown(item, family, made, line, channel, client_ref, record, held_back))
            verdicts.append(ShownVerdict(item.id, made.digest, made.verdict.outcome.value, made.shown(), made.inputs, now))
        work.follow_ups.add_verdicts(verdicts)
        return shown

    def _line(self, family: FamilyPolicy, made: Offer) -> str | None:
        """The opening where something may be offered or none is; else what clears the first obstacle, if there are words for it."""
        if made.allowed or not family.offers:
            return family.opening
        return next((self._policy.first[reason.code] for reason in made.verdict.reasons if reason.code in self._policy.first), None)

    def _seen(self, work: Work, shown: Sequence[Shown], agent: Agent, now: datetime, why: str, **details: Any) -> None:
        if shown:
            work.audit.record(Action.FOLLOW_UP_SEEN, agent.by, now, details={
                "why": why, "follow_ups": [item.item.id for item in shown], **details})


def _who(work: Work, conversation: Conversation | None) -> tuple[Conversation, ClientRecord | None]:
    if conversation is None:
        raise ConversationNotFound()
    record = work.clients.by_identity(conversation.channel, conversation.client_ref) if conversation.client_ref else None
    return conversation, record


def _refusals(work: Work, items: Collection[FollowUp], records: Mapping[str, ClientRecord]) -> dict[str, Refusal]:
    """Those of the follow-ups about who wants none, by one of the records or by what was said."""
    said = work.follow_ups.refusals({item.subject for item in items})
    refusing = {client_id for client_id, record in records.items() if record.opted_out}
    return {item.id: Refusal.OPTED_OUT if item.client_id in refusing else said[item.subject]
            for item in items if item.client_id in refusing or item.subject in said}


def _details(after: FollowUp, before: FollowUp) -> dict[str, Any]:
    return {"from": before.state.value, "to": after.state.value, "family": after.family,
            **({"until": after.snoozed_until.isoformat()} if after.snoozed_until else {}),
            **({"outcome": after.outcome.value} if after.outcome else {})}
