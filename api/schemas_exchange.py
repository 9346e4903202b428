"""Knowledge in and out, as it goes over the wire to staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.exchange.blocks import NotTaken, Place
from assistant.exchange.imports import Accepted
from assistant.exchange.kinds import Kind
from assistant.exchange.previews import LIFE_HOURS, Preview
from assistant.exchange.proposals import Proposal
from assistant.exchange.reasons import REASONS

__all__ = ["ImportAccept", "ImportAccepted", "ImportView"]

Key = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,5}$")]


class PlaceView(BaseModel):
    """Where something stands in the file; `number` counts from 1, within `part` (a sheet, a table, a file of an archive)."""

    kind: Literal["line", "row", "paragraph", "page", "file"]
    number: int
    part: str

    @classmethod
    def of(cls, place: Place) -> Self:
        return cls(kind=place.kind, number=place.number, part=place.part)


class ProposalView(BaseModel):
    """A draft that the file would make; `article` as in the front matter."""

    key: str
    place: PlaceView
    article: Mapping[str, Any]
    replaces: bool = Field(description="There is an article of this id, which the draft would change.")
    said_category: str = Field(description="What the file calls its topic.")
    nearest: str | None = Field(description="Id of the article whose category and intent were taken over.")
    personal: list[str] = Field(description="Kinds of personal data that stand in it.")
    warnings: list[Literal["not_a_question", "long_question", "long_answer", "numbers"]]
    accepted: str | None = Field(description="Id of the revision that it has become.")

    @classmethod
    def of(cls, key: str, proposal: Proposal, accepted: str | None) -> Self:
        return cls(key=key, place=PlaceView.of(proposal.place), article=proposal.draft.to_dict(), replaces=proposal.replaces,
                   said_category=proposal.said_category, nearest=proposal.nearest, personal=list(proposal.personal),
                   warnings=list(proposal.warnings), accepted=accepted)  # type: ignore[arg-type]


class NotTakenView(BaseModel):
    """What became no draft; `text` is how it begins, masked."""

    place: PlaceView
    reason: str
    reason_zh: str
    reason_en: str
    text: str

    @classmethod
    def of(cls, item: NotTaken) -> Self:
        zh, en = REASONS[item.reason]
        return cls(place=PlaceView.of(item.place), reason=item.reason, reason_zh=zh, reason_en=en, text=item.text)


class ImportView(BaseModel):
    """What a file came to. Nothing of it is a draft before it is accepted."""

    id: str
    file_name: str
    kind: Kind
    by: str | None
    at: datetime
    expires_at: datetime
    drafts: list[ProposalView]
    not_taken: list[NotTakenView]

    @classmethod
    def of(cls, preview: Preview) -> Self:
        return cls(id=preview.id, file_name=preview.file_name, kind=preview.kind, by=preview.by, at=preview.at,
                   expires_at=preview.at + timedelta(hours=LIFE_HOURS), not_taken=[NotTakenView.of(item) for item in preview.not_taken],
                   drafts=[ProposalView.of(key, item, preview.accepted.get(key)) for key, item in preview.proposals.items()])


class ImportAccept(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    drafts: Annotated[list[Key], Field(max_length=10_000)] | None = Field(None, description="Keys of the drafts to take; all without.")


class DraftMade(BaseModel):
    key: str
    article_id: str
    revision_id: str


class DraftRefusedView(BaseModel):
    """Why the desk did not take a draft, with the `code` of the error that starting it would give."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    article_id: str
    code: str
    detail: str


class ImportAccepted(BaseModel):
    drafts: list[DraftMade]
    refused: list[DraftRefusedView]

    @classmethod
    def of(cls, accepted: Accepted) -> Self:
        made = [DraftMade(key=key, article_id=name.rpartition("@")[0], revision_id=name) for key, name in accepted.drafts.items()]
        return cls(drafts=made, refused=[DraftRefusedView.model_validate(item) for item in accepted.refused])
