"""What goes over the wire of follow-ups."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from api.schemas_clients import FamilyView, ProductView, VerdictView
from api.schemas_console import ClientLine
from assistant.follow_up_task import Result, TaskState
from assistant.follow_ups import Counts, Done, FollowUpPage, OfConversation, Precision, Shown
from assistant.privacy import mask_name
from assistant.storage.follow_ups import Position

__all__ = ["BatchClaim", "BatchDone", "BatchOutcome", "ConversationFollowUps", "FollowUpList", "FollowUpView", "Moment", "OptOutUndo",
           "OutcomeGive", "PrecisionList", "Snooze", "position_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _as_text(value: Any) -> Any:
    """A number would be read as seconds since 1970, which nobody means."""
    if not isinstance(value, str) or "-" not in value[1:]:
        raise ValueError("expected a moment with a zone such as 2026-07-01T10:30:00+08:00")
    return value


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_as_text)]
Note = Annotated[str, StringConstraints(max_length=2000)]
FollowUpId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
MessageId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]


def position_of(cursor: str) -> Position:
    """What `next` of a page says: microseconds and id."""
    microseconds, _, follow_up_id = cursor.partition("-")
    return Position(_EPOCH + int(microseconds) * _MICROSECOND, follow_up_id)


class _In(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class WhyNow(BaseModel):
    """Why somebody should speak to the client now; for agents."""

    text: str
    text_en: str


class FollowUpView(BaseModel):
    """A task for an agent, with what may be offered. Nothing of it is for the client's eyes but the opening line."""

    id: str
    family: str = Field(examples=["cash"])
    title: FamilyView
    state: TaskState
    evidence: str = Field(description="The client's own words, masked.")
    probability: float
    why_now: WhyNow
    verdict: VerdictView = Field(description="The best that any product of the family gets; with reasons, nothing may be offered.")
    products: list[ProductView] = Field(description="Those that may be offered, the best first, each with what is due before a sale.")
    withheld: list[ProductView] = Field(description="Those that may not, each with its reasons and what would change them.")
    opening_line: str | None = Field(description="Approved words for the client: the opening, or what comes before an offer; or null.")
    due: datetime
    opened_at: datetime
    expires_at: datetime
    updated_at: datetime
    snoozed_until: datetime | None
    agent: str | None = Field(description="Account of who has it, or closed it.")
    outcome: Result | None
    note: str
    closed_at: datetime | None
    channel: str
    conversation_id: str
    message_id: str = Field(description="The client's message that shows the need.")
    client: ClientLine
    held_back: bool = Field(description="The client wants none, or was heard to: it can't be worked. What was heard an agent confirms or "
                                       "undoes.")

    @classmethod
    def of(cls, shown: Shown) -> Self:
        item, family, record = shown.item, shown.family, shown.client
        ref = shown.client_ref and shown.client_ref.rpartition(":")[2][:16]
        name = record and record.display_name
        plain = {field: getattr(item, field) for field in (
            "id", "family", "state", "evidence", "probability", "opened_at", "expires_at", "updated_at", "snoozed_until", "agent",
            "outcome", "note", "closed_at", "conversation_id", "message_id")}
        return cls(
            **plain, title=FamilyView(text=family.title, text_en=family.title_en), due=item.due_at, channel=shown.channel,
            why_now=WhyNow(text=family.why_now, text_en=family.why_now_en), verdict=VerdictView.of(shown.offer.verdict),
            products=[ProductView.of(judged) for judged in shown.offer.products],
            withheld=[ProductView.of(judged) for judged in shown.offer.withheld], opening_line=shown.line,
            held_back=shown.held_back,
            client=ClientLine(ref=ref, id=record and record.id, display_name=name and mask_name(name), tier=record and record.tier))


class CountsView(BaseModel):
    open: int
    mine: int = Field(description="Claimed by the caller.")
    late: int = Field(description="Of both, those whose due time has passed.")

    @classmethod
    def of(cls, counts: Counts) -> Self:
        return cls(open=counts.open, mine=counts.mine, late=counts.late)


class FollowUpList(BaseModel):
    follow_ups: list[FollowUpView]
    counts: CountsView
    next: str | None = Field(description="`after` of the next page; null on the last one.")
    last_event_id: int = Field(description="Follow the events after this one to miss no change of the list.")

    @classmethod
    def of(cls, page: FollowUpPage, *, limit: int, newest_first: bool) -> Self:
        last = page.shown[-1].item if len(page.shown) == limit else None
        moment = last and (last.updated_at if newest_first else last.due_at)
        return cls(follow_ups=[FollowUpView.of(item) for item in page.shown], counts=CountsView.of(page.counts),
                   next=f"{(moment - _EPOCH) // _MICROSECOND}-{last.id}" if last and moment else None, last_event_id=page.last_event_id)


class ConversationFollowUps(BaseModel):
    """Of whoever is in the conversation, on whatever channel they arose."""

    follow_ups: list[FollowUpView]
    opted_out: bool = Field(description="The client wants none.")
    opt_out_heard: str | None = Field(description="Words of the client that ask for no offers, masked: all is held back until an "
                                                  "agent confirms that, or undoes it.")
    opt_out_heard_at: datetime | None
    opt_out_heard_in: str | None = Field(description="Id of the conversation in which they stand.")
    opt_out_heard_message: str | None = Field(description="Id of the message in which they stand, for undoing just that.")

    @classmethod
    def of(cls, found: OfConversation) -> Self:
        heard = found.heard
        return cls(
            follow_ups=[FollowUpView.of(item) for item in found.shown], opted_out=found.opted_out, opt_out_heard=heard and heard.words,
            opt_out_heard_at=heard and heard.at, opt_out_heard_in=heard and heard.conversation_id,
            opt_out_heard_message=heard and heard.message_id)


class Snooze(_In):
    until: Moment = Field(description="With a zone; in the future and before `expires_at`.")


class OutcomeGive(_In):
    outcome: Annotated[Result, Field(strict=False)]
    note: Note = Field("", description="For colleagues; kept masked.")


class OptOutUndo(_In):
    message_id: MessageId | None = Field(None, description="`opt_out_heard_message` as the agent saw it; 409 where another stands by now.")


class BatchClaim(_In):
    ids: list[FollowUpId] = Field(min_length=1, max_length=100)


class BatchOutcome(OutcomeGive):
    ids: list[FollowUpId] = Field(min_length=1, max_length=100)


class OneDone(BaseModel):
    id: str
    follow_up: FollowUpView | None = Field(description="As it is now; null where it could not be done.")
    code: str | None = Field(description="Why it could not be done, as the code of an error.")


class BatchDone(BaseModel):
    results: list[OneDone]

    @classmethod
    def of(cls, done: Iterable[Done]) -> Self:
        return cls(results=[OneDone(id=one.id, follow_up=FollowUpView.of(one.shown) if one.shown else None,
                                    code=one.error.code if one.error else None) for one in done])


class PrecisionView(BaseModel):
    """How right the flags of a family were."""

    family: str
    flagged: int
    judged: int
    outcomes: dict[str, int]
    right: float | None = Field(description="Share of the judged that were no wrong flags; null where none was judged.")
    interested: float | None = Field(description="Share of the judged in which the client took it up.")

    @classmethod
    def of(cls, item: Precision) -> Self:
        values: dict[str, Any] = {name: getattr(item, name) for name in cls.model_fields}
        return cls(**values)


class PrecisionList(BaseModel):
    families: list[PrecisionView]

    @classmethod
    def of(cls, items: Iterable[Precision]) -> Self:
        return cls(families=[PrecisionView.of(item) for item in items])
