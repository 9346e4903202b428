"""The verdict on offering a product to a client: every check in turn, each with the rule that asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assistant.suitability.assessment import Assessment, Standing, assessment
from assistant.suitability.findings import Finding, reason, step
from assistant.suitability.policy import FirmPolicy
from assistant.suitability.rules import Rule, in_force
from assistant.suitability.terms import Audience, Client, Kind, Losses, Place, Product, ProductRisk, Status

__all__ = ["Outcome", "Verdict", "verdict"]

_ADULT = 18
_USUAL = FirmPolicy()


class Outcome(StrEnum):
    """From best to worst."""

    MAY_OFFER = "may_offer"
    NEEDS_NOTICE = "needs_notice"
    MAY_NOT = "may_not"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons` stand against an offer, and all are given; `steps` are due before a sale, and none with a reason.

    needs_notice: at least one step goes beyond what is due to every client.
    """

    outcome: Outcome
    rules_as_of: date
    reasons: tuple[Finding, ...] = ()
    steps: tuple[Finding, ...] = ()


def verdict(client: Client, product: Product, rules_as_of: date, *, firm: FirmPolicy = _USUAL,
            place: Place | None = None) -> Verdict:
    """May the firm offer the product to the client on the day `rules_as_of`, by the rules that hold then?

    `place` is where the sale is to take place, None while that is open. A product over the client's risk level is never
    offered: that a client may ask for it on their own initiative (办法第十九条) is no ground for an offer.
    """
    rules = in_force(rules_as_of)
    if "no_higher_risk" not in rules:
        return Verdict(Outcome.MAY_NOT, rules_as_of, (reason("rules_unknown", rules),))
    case = _Case(client, product, rules_as_of, firm, rules)
    reasons = (*case.not_admitted(), *(() if case.professional else case.not_suitable()))
    if reasons:
        return Verdict(Outcome.MAY_NOT, rules_as_of, reasons)
    steps = tuple(case.steps(place))
    outcome = Outcome.NEEDS_NOTICE if any(item.special for item in steps) else Outcome.MAY_OFFER
    return Verdict(outcome, rules_as_of, (), steps)


@dataclass(frozen=True, slots=True)
class _Case:
    client: Client
    product: Product
    day: date
    firm: FirmPolicy
    rules: Mapping[str, Rule]

    @property
    def professional(self) -> bool:
        """A record that contradicts itself, professional and in the lowest class, gets the protection of the lowest."""
        return self.client.investor in self.firm.professional_classes and not self.lowest

    @property
    def assessed(self) -> Assessment:
        return assessment(self.client, self.day, self.firm)

    @property
    def expired(self) -> bool:
        """Also of a professional investor, who has days but needs no level."""
        expires_on = self.assessed.expires_on
        return expires_on is not None and expires_on < self.day

    @property
    def maybe_minor(self) -> bool:
        """With only a year of birth, whoever may still be under 18 counts as a minor."""
        born = self.client.birth_year
        return born is not None and self.day.year - born - 1 < _ADULT

    @property
    def elder(self) -> bool:
        """With only a year of birth, whoever reaches the age within this year counts as an elder."""
        born, age = self.client.birth_year, self.firm.elder_age
        return born is not None and age is not None and self.day.year - born >= age

    @property
    def lowest(self) -> bool:
        return self.client.lowest_class or self.client.wishes.losses is Losses.NONE or self.maybe_minor

    def not_admitted(self) -> Iterator[Finding]:
        """What bars every client, professional or not."""
        client, product = self.client, self.product
        if product.status is not Status.ON_SALE:
            yield self._reason("not_on_sale")
        if missing := sorted(product.permissions - client.permissions):
            yield self._reason("permission_missing", permissions=[item.value for item in missing])
        if product.audience is Audience.QUALIFIED and (client.qualified_until is None or client.qualified_until < self.day):
            yield self._reason("not_qualified")
        if product.audience is Audience.PROFESSIONAL and not self.professional:
            yield self._reason("not_professional")

    def not_suitable(self) -> Iterator[Finding]:
        """What bars an ordinary investor: the assessment, the level, the goals."""
        yield from self._assessment()
        yield from self._level()
        yield from self._goals()

    def _assessment(self) -> Iterator[Finding]:
        assessed = self.assessed
        if assessed.standing is Standing.EXPIRED and assessed.expires_on:
            yield self._reason("assessment_expired", expired_on=assessed.expires_on.isoformat())
        elif assessed.standing is not Standing.VALID:
            yield self._reason(f"assessment_{assessed.standing}")

    def _level(self) -> Iterator[Finding]:
        risk, level = self.product.risk, self.client.risk_level
        if self.lowest and risk > ProductRisk.R1:
            # A level on record that says otherwise does not count: the lowest class lies within C1.
            yield self._reason("maybe_minor" if self.maybe_minor else "lowest_class")
        elif level and risk > self.firm.matching[level]:
            yield self._reason("risk_too_high", risk=risk.value, level=level.value, highest=self.firm.matching[level].value)
        if self.elder and self.firm.elder_max_risk and risk > self.firm.elder_max_risk:
            yield self._reason("elder_limit", highest=self.firm.elder_max_risk.value)

    def _goals(self) -> Iterator[Finding]:
        product, wishes = self.product, self.client.wishes
        longest = wishes.term.days if wishes.term else None
        if product.term_days is not None and longest is not None and product.term_days > longest:
            yield self._reason("term_too_long")
        if wishes.kinds and product.kind not in wishes.kinds and product.kind is not Kind.SERVICE:
            yield self._reason("kind_not_wished")
        if product.loss_beyond_principal and wishes.losses not in (None, Losses.BEYOND_PRINCIPAL):
            yield self._reason("loss_not_accepted")

    def steps(self, place: Place | None) -> Iterator[Finding]:
        """What is due before a sale to a client who may be offered the product."""
        if self.professional:
            yield step("disclose", self.rules)
            if self.expired:
                yield step("renew_class", self.rules)
        else:
            yield from self._steps_for_ordinary(place)
        if self.client.assets is not None and self.client.assets < self.product.minimum_amount:
            yield step("confirm_amount", self.rules, minimum=self.product.minimum_amount)
        if self.product.cooling_off_hours:
            yield step("cooling_off", self.rules, hours=self.product.cooling_off_hours)

    def _steps_for_ordinary(self, place: Place | None) -> Iterator[Finding]:
        for code in ("inform", "confirm_in_writing"):
            yield step(code, self.rules)
        where = {Place.SITE: "record_on_site", Place.REMOTE: "confirm_remotely", None: "record_if_on_site"}
        yield step(where[place], self.rules)
        if self.product.risk >= self.firm.high_risk_from:
            yield step("high_risk_care", self.rules)
        if self.product.loss_beyond_principal:
            yield step("warn_beyond_principal", self.rules)
        if self.elder:
            yield step("elder_care", self.rules)
        if not self.client.wishes.complete and self.product.kind is not Kind.SERVICE:
            yield step("confirm_goals", self.rules)

    def _reason(self, code: str, **details: object) -> Finding:
        return reason(code, self.rules, **details)
