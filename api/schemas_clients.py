"""What goes over the wire of clients and products. What comes in is `assistant.client_record.ClientFields`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from assistant.catalogue import Judged
from assistant.client_record import ClientRecord
from assistant.family_verdicts import FamilyVerdict
from assistant.privacy import mask_name
from assistant.suitability import (
    Assessment,
    Audience,
    Certainty,
    Finding,
    InvestorType,
    Kind,
    Losses,
    Outcome,
    ProductRisk,
    Remedy,
    RiskLevel,
    Rule,
    Standing,
    Status,
    Term,
    TradingPermission,
    Verdict,
)

__all__ = ["ClientPage", "ClientView", "ProductPage"]


class HoldingsView(BaseModel):
    as_of: date
    total_assets: str
    cash: str
    by_kind: dict[str, str]
    positions: int | None


class WishesView(BaseModel):
    term: Term | None
    kinds: list[Kind]
    losses: Losses | None


class AssessmentView(BaseModel):
    """How the assessment stands today, as a verdict of suitability sees it."""

    standing: Standing
    expires_on: date | None = Field(description="The last day on which it counts: on record, or by the firm's own term.")


class ClientView(BaseModel):
    """A record in full; its ETag is the version."""

    id: str
    version: int
    display_name: str | None
    tier: str
    adviser: str | None = Field(description="Account of the client's own adviser.")
    risk_level: RiskLevel | None
    assessed_on: date | None
    assessment_expires_on: date | None = Field(description="As on record.")
    assessment: AssessmentView
    lowest_class: bool
    investor_type: InvestorType
    qualified_until: date | None
    birth_year: int | None
    permissions: list[TradingPermission]
    holdings: HoldingsView | None
    wishes: WishesView
    notes: str
    opted_out: bool
    demo: bool
    channels: list[str] = Field(description="Channels on which the client is known.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, record: ClientRecord, assessed: Assessment) -> Self:
        made = ("assessment", "wishes", "permissions", "channels")
        plain = {name: getattr(record, name) for name in cls.model_fields if name not in made}
        assessment = AssessmentView(standing=assessed.standing, expires_on=assessed.expires_on)
        wishes = WishesView(term=record.wishes.term, kinds=sorted(record.wishes.kinds), losses=record.wishes.losses)
        return cls(**plain, assessment=assessment, wishes=wishes, permissions=sorted(record.permissions), channels=list(record.channels))


class ClientLine(BaseModel):
    """A client in a list, with the name masked."""

    id: str
    display_name: str | None = Field(examples=["谷**"])
    tier: str
    risk_level: RiskLevel | None
    assessment_expires_on: date | None
    investor_type: InvestorType
    opted_out: bool

    @classmethod
    def of(cls, record: ClientRecord) -> Self:
        name = record.display_name
        return cls(id=record.id, display_name=name and mask_name(name), tier=record.tier, risk_level=record.risk_level,
                   assessment_expires_on=record.assessment_expires_on, investor_type=record.investor_type,
                   opted_out=record.opted_out)


class ClientPage(BaseModel):
    clients: list[ClientLine]

    @classmethod
    def of(cls, records: Iterable[ClientRecord]) -> Self:
        return cls(clients=[ClientLine.of(record) for record in records])


class RuleView(BaseModel):
    """Where a rule stands, as of the day of the verdict."""

    id: str
    text: str
    title: str
    issuer: str
    number: str | None
    paragraph: str | None = Field(description="Null where the number of the paragraph was not read.")
    effective_from: date
    certainty: Certainty

    @classmethod
    def of(cls, rule: Rule) -> Self:
        return cls(**{name: getattr(rule, name) for name in cls.model_fields})


class RemedyView(BaseModel):
    code: str
    text: str
    text_en: str
    rule: RuleView | None

    @classmethod
    def of(cls, remedy: Remedy) -> Self:
        return cls(code=remedy.code, text=remedy.text, text_en=remedy.text_en, rule=RuleView.of(remedy.rule) if remedy.rule else None)


class FindingView(BaseModel):
    code: str
    text: str
    text_en: str
    special: bool
    details: dict[str, Any]
    rules: list[RuleView] = Field(description="Those that hold on that day; the first decides.")
    remedy: RemedyView | None = Field(description="What would change it; only with reasons.")

    @classmethod
    def of(cls, finding: Finding) -> Self:
        remedy = finding.remedy
        return cls(code=finding.code, text=finding.text, text_en=finding.text_en, special=finding.special,
                   details=dict(finding.details), rules=[RuleView.of(rule) for rule in finding.rules],
                   remedy=RemedyView.of(remedy) if remedy else None)


class VerdictView(BaseModel):
    """May the firm offer the product to the client?"""

    outcome: Outcome
    rules_as_of: date
    reasons: list[FindingView] = Field(description="What stands against an offer; all of it.")
    steps: list[FindingView] = Field(description="What is due before a sale; `special` goes beyond what is due to every client.")

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        return cls(outcome=verdict.outcome, rules_as_of=verdict.rules_as_of,
                   reasons=[FindingView.of(item) for item in verdict.reasons],
                   steps=[FindingView.of(item) for item in verdict.steps])


class FamilyView(BaseModel):
    """How the family is called."""

    text: str
    text_en: str


class FamilyVerdictView(BaseModel):
    """Beside an article that is about products of the family: the article is information, and may be sent whatever the verdict."""

    family: str = Field(examples=["cash"])
    title: FamilyView
    verdict: VerdictView = Field(description="The best that any product of the family gets; with reasons, nothing may be offered.")
    warning: str | None = Field(description="Approved words for the client, to go with the article; null where it may be offered.")

    @classmethod
    def of(cls, item: FamilyVerdict) -> Self:
        return cls(family=item.family, title=FamilyView(text=item.policy.title, text_en=item.policy.title_en),
                   verdict=VerdictView.of(item.offer.verdict), warning=item.warning)


class ProductView(BaseModel):
    code: str
    name: str
    family: str
    risk: ProductRisk
    kind: Kind
    term_days: int | None
    minimum_amount: int = Field(description="In yuan.")
    permissions: list[TradingPermission]
    audience: Audience
    loss_beyond_principal: bool
    cooling_off_hours: int | None
    status: Status
    verdict: VerdictView | None = Field(description="Where a client was named.")

    @classmethod
    def of(cls, judged: Judged) -> Self:
        product = judged.product
        plain = {name: getattr(product, name) for name in cls.model_fields if name not in ("permissions", "verdict")}
        return cls(**plain, permissions=sorted(product.permissions), verdict=judged.verdict and VerdictView.of(judged.verdict))


class ProductPage(BaseModel):
    products: list[ProductView]

    @classmethod
    def of(cls, items: Iterable[Judged]) -> Self:
        return cls(products=[ProductView.of(item) for item in items])
