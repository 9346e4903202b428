"""A client's record: what it holds, what may be written into it, and what a record must keep to. Pure.

`ClientFields` is the one reader of values from outside, for the API and for files alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from assistant.errors import ClientRecordInvalid
from assistant.suitability import Client, InvestorType, Kind, Losses, RiskLevel, Term, TradingPermission, Wishes

__all__ = ["CLIENT_ID", "ClientFields", "ClientRecord", "blank", "changed", "merged", "profile", "shown"]

CLIENT_ID = r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,63}$"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _clean(text: str) -> str:
    """Without control characters, but line breaks and tabs, and without space at its ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) != "Cc").strip()


def _day(value: Any) -> Any:
    if value is None or type(value) is date:
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("expected a day such as 2026-07-01")
    return date.fromisoformat(value)


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", _clean(text))


ClientId = Annotated[str, StringConstraints(pattern=CLIENT_ID)]
Day = Annotated[date, Field(strict=False), BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Money = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,13}(\.[0-9]{1,2})?$")]
Name = Annotated[str, StringConstraints(max_length=128), AfterValidator(_tidy)]
Tier = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_\u4e00-\u9fff-]{1,32}$")]
Adviser = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[^\W_][\w.@-]{0,63}$")]
Notes = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_clean)]
Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Identity = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
_Risk = Annotated[RiskLevel, Field(strict=False)]
_Investor = Annotated[InvestorType, Field(strict=False)]
_Kind = Annotated[Kind, Field(strict=False)]
_Permission = Annotated[TradingPermission, Field(strict=False)]


class _In(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class HoldingsFields(_In):
    """A summary of what the client holds, in yuan, as of a day; amounts are texts, so that none is rounded."""

    as_of: Day
    total_assets: Money = Field(examples=["352000.00"])
    cash: Money = Field("0", examples=["12000.50"])
    by_kind: dict[_Kind, Money] = Field({}, description="Market value by kind of product.")
    positions: int | None = Field(None, ge=0, le=1_000_000, description="How many different securities and products.")


class WishesFields(_In):
    """What the client said in the assessment of term, kinds and bearable loss."""

    term: Annotated[Term, Field(strict=False)] | None = None
    kinds: list[_Kind] = Field([], max_length=20)
    losses: Annotated[Losses, Field(strict=False)] | None = None


class ClientFields(_In):
    """What may be written into a record. What is left out stays as it is; null takes a value away.

    The days of the assessment belong to the level: a level that changes takes away the days that are not sent with it.
    """

    display_name: Name | None = None
    tier: Tier = Field("standard", description="The firm's service tier.", examples=["gold"])
    adviser: Adviser | None = Field(None, description="Account of the client's own adviser.", examples=["zhangsan"])
    risk_level: _Risk | None = Field(None, description="C1 to C5, as the client's own assessment found it.")
    assessed_on: Day | None = None
    assessment_expires_on: Day | None = Field(None, description="The last day on which the assessment counts.")
    lowest_class: bool = Field(False, description="风险承受能力最低类别, within C1.")
    investor_type: _Investor = InvestorType.ORDINARY
    qualified_until: Day | None = Field(None, description="The last day of the confirmation as a qualified investor.")
    birth_year: int | None = Field(None, ge=1900, le=2200)
    permissions: list[_Permission] = Field([], max_length=50, description="Trading permissions that the client has.")
    holdings: HoldingsFields | None = None
    wishes: WishesFields | None = None
    notes: Notes = ""
    opted_out: bool = Field(False, description="The client wants no follow-ups.")
    identities: dict[Channel, Identity | None] = Field(
        {}, max_length=16, description="The client's own word on a channel, kept as a digest; null takes it away.")


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """`id` is the firm's own number for the client. `channels`: on which the client is known. `version` counts changes."""

    id: str
    created_at: datetime
    updated_at: datetime
    version: int = 1
    display_name: str | None = field(default=None, repr=False)
    tier: str = "standard"
    adviser: str | None = None
    risk_level: RiskLevel | None = None
    assessed_on: date | None = None
    assessment_expires_on: date | None = None
    lowest_class: bool = False
    investor_type: InvestorType = InvestorType.ORDINARY
    qualified_until: date | None = None
    birth_year: int | None = field(default=None, repr=False)
    permissions: frozenset[TradingPermission] = frozenset()
    holdings: Mapping[str, Any] | None = field(default=None, repr=False)
    wishes: Wishes = field(default_factory=Wishes, repr=False)
    notes: str = field(default="", repr=False)
    opted_out: bool = False
    demo: bool = False
    channels: tuple[str, ...] = ()


_READERS = {
    "display_name": lambda given: given or None,
    "permissions": frozenset,
    "holdings": lambda given: given and given.model_dump(mode="json"),
    "wishes": lambda given: Wishes(given.term, frozenset(given.kinds), given.losses) if given else Wishes(),
}
_ASSESSMENT = ("assessed_on", "assessment_expires_on")
# Personal, or a client's own words: the audit trail says that they changed, and not from what to what.
_UNTOLD = frozenset({"display_name", "birth_year", "holdings", "wishes", "notes"})
_KEPT = frozenset({"id", "created_at", "updated_at", "version", "demo", "channels"})


def blank(client_id: str, at: datetime) -> ClientRecord:
    """The record of a client of whom nothing is known."""
    return ClientRecord(client_id, at, at)


def merged(record: ClientRecord, given: ClientFields, *, today: date) -> ClientRecord:
    """The record with what was given. Raises ClientRecordInvalid where it would contradict itself."""
    values = {name: _READERS.get(name, lambda value: value)(getattr(given, name))
              for name in given.model_fields_set - {"identities"}}
    if "risk_level" in values and values["risk_level"] is not record.risk_level:
        values = {**dict.fromkeys(_ASSESSMENT), **values}
    after = replace(record, **values)
    _check(after, today)
    return after


def changed(before: ClientRecord, after: ClientRecord) -> dict[str, Any]:
    """For the audit trail: names of what differs, with before and after of what is not personal. Empty where nothing does."""
    names = [item.name for item in fields(ClientRecord)
             if item.name not in _KEPT and getattr(before, item.name) != getattr(after, item.name)]
    told = [name for name in names if name not in _UNTOLD]
    if not names:
        return {}
    return {"changed": names, "before": {name: shown(getattr(before, name)) for name in told},
            "after": {name: shown(getattr(after, name)) for name in told}}


def shown(value: Any) -> Any:
    """A value of a record as JSON has it."""
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    return value.isoformat() if isinstance(value, date) else value


def profile(record: ClientRecord) -> Client:
    """What suitability needs to know of the client."""
    assets = Decimal(record.holdings["total_assets"]) if record.holdings else None
    return Client(
        investor=record.investor_type, risk_level=record.risk_level, assessed_on=record.assessed_on,
        assessment_expires_on=record.assessment_expires_on, lowest_class=record.lowest_class, birth_year=record.birth_year,
        permissions=record.permissions, qualified_until=record.qualified_until, wishes=record.wishes, assets=assets)


def _check(record: ClientRecord, today: date) -> None:
    first, last = record.assessed_on, record.assessment_expires_on
    if record.risk_level is None and (first or last):
        raise ClientRecordInvalid("the assessment has days but no risk_level")
    if first and last and last < first:
        raise ClientRecordInvalid("assessment_expires_on is before assessed_on")
    if first and first > today:
        raise ClientRecordInvalid("assessed_on is in the future")
    if record.lowest_class and record.risk_level not in (None, RiskLevel.C1):
        raise ClientRecordInvalid("lowest_class lies within C1; risk_level is higher")
    if record.lowest_class and record.investor_type is not InvestorType.ORDINARY:
        raise ClientRecordInvalid("lowest_class is a class of ordinary investors; investor_type is not ordinary")
    if record.birth_year and record.birth_year > today.year:
        raise ClientRecordInvalid("birth_year is in the future")
