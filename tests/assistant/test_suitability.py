"""Suitability: every cell of the table, and what holds of every client and every product."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.suitability import (
    RULES,
    Audience,
    Certainty,
    Client,
    FirmPolicy,
    InvestorType,
    Kind,
    Losses,
    Outcome,
    Place,
    Product,
    ProductRisk,
    RiskLevel,
    Status,
    Term,
    TradingPermission,
    Verdict,
    Wishes,
    in_force,
    verdict,
)
from assistant.suitability.findings import REASONS, REMEDIES, STEPS

TODAY = date(2026, 11, 26)
OPEN_TO_ALL = Wishes(Term.ANY, frozenset(Kind), Losses.BEYOND_PRINCIPAL)
C3 = Client(risk_level=RiskLevel.C3, assessed_on=date(2026, 3, 1), assessment_expires_on=date(2027, 2, 28), birth_year=1985,
            wishes=OPEN_TO_ALL)
R2 = Product("P", "产品", "fund", ProductRisk.R2, Kind.EQUITY)
OFFER, NOTICE, NOT = Outcome.MAY_OFFER, Outcome.NEEDS_NOTICE, Outcome.MAY_NOT
PROFESSIONALS = [InvestorType.PROFESSIONAL_A, InvestorType.PROFESSIONAL_B, InvestorType.PROFESSIONAL_C]

# Rows are clients, columns are R1 to R5. R4 and R5 count as high risk, which asks for special care (办法第二十条).
TABLE = {
    "lowest": (OFFER, NOT, NOT, NOT, NOT),
    "C1": (OFFER, NOT, NOT, NOT, NOT),
    "C2": (OFFER, OFFER, NOT, NOT, NOT),
    "C3": (OFFER, OFFER, OFFER, NOT, NOT),
    "C4": (OFFER, OFFER, OFFER, NOTICE, NOT),
    "C5": (OFFER, OFFER, OFFER, NOTICE, NOTICE),
    "unassessed": (NOT,) * 5,
    "expired": (NOT,) * 5,
    "professional": (OFFER,) * 5,
}
CELLS = [(row, risk, outcome) for row, outcomes in TABLE.items() for risk, outcome in zip(ProductRisk, outcomes, strict=True)]


def client(row: str) -> Client:
    if row == "lowest":
        return replace(C3, risk_level=RiskLevel.C1, lowest_class=True)
    if row == "unassessed":
        return replace(C3, risk_level=None, assessed_on=None, assessment_expires_on=None)
    if row == "expired":
        return replace(C3, risk_level=RiskLevel.C5, assessment_expires_on=TODAY - timedelta(days=1))
    if row == "professional":
        return Client(investor=InvestorType.PROFESSIONAL_B)
    return replace(C3, risk_level=RiskLevel(row))


def codes(found: Verdict) -> set[str]:
    return {item.code for item in found.reasons + found.steps}


def special(found: Verdict) -> set[str]:
    return {item.code for item in found.steps if item.special}


@pytest.mark.parametrize(("row", "risk", "outcome"), CELLS)
def test_every_cell(row: str, risk: ProductRisk, outcome: Outcome) -> None:
    assert verdict(client(row), replace(R2, risk=risk), TODAY).outcome is outcome


def test_a_product_over_the_level_names_the_rule_and_that_an_offer_is_no_way_round_it() -> None:
    (found,) = verdict(C3, replace(R2, risk=ProductRisk.R4), TODAY).reasons
    assert (found.code, found.details) == ("risk_too_high", {"risk": "R4", "level": "C3", "highest": "R3"})
    assert (found.rules[0].number, found.rules[0].paragraph) == ("证监会令第130号", "第二十二条第（三）项")
    assert found.remedy and found.remedy.code == "own_initiative_only" and "R4" in found.text
    assert found.remedy.rule and found.remedy.rule.paragraph == "第十九条"


@pytest.mark.parametrize("change", [
    {"lowest_class": True}, {"wishes": replace(OPEN_TO_ALL, losses=Losses.NONE)}, {"birth_year": 2012}, {"birth_year": 2008}])
@pytest.mark.parametrize("level", RiskLevel)
def test_the_lowest_class_is_never_above_r1_whatever_the_level_on_record(level: RiskLevel, change: dict[str, object]) -> None:
    lowest = replace(C3, risk_level=level, **change)  # type: ignore[arg-type]
    found = verdict(lowest, R2, TODAY)
    assert [item.code for item in found.reasons] == ["maybe_minor" if "birth_year" in change else "lowest_class"]
    assert found.reasons[0].remedy and found.reasons[0].remedy.code == "none"
    assert verdict(lowest, replace(R2, risk=ProductRisk.R1), TODAY).outcome is OFFER


def test_who_may_be_eighteen_or_not_counts_as_a_minor_until_the_year_is_over() -> None:
    assert verdict(replace(C3, birth_year=2007), R2, TODAY).outcome is OFFER
    assert verdict(replace(C3, birth_year=2008), R2, TODAY).outcome is NOT


@pytest.mark.parametrize(("expires", "outcome"), [
    (TODAY + timedelta(days=1), OFFER), (TODAY, OFFER), (TODAY - timedelta(days=1), NOT), (date.min, NOT), (date.max, OFFER)])
def test_an_assessment_counts_to_its_last_day(expires: date, outcome: Outcome) -> None:
    found = verdict(replace(C3, assessed_on=None, assessment_expires_on=expires), R2, TODAY)
    assert found.outcome is outcome
    if outcome is NOT:
        assert codes(found) == {"assessment_expired"}
        assert found.reasons[0].remedy and found.reasons[0].remedy.code == "assess"


@pytest.mark.parametrize(("assessed", "months", "day", "outcome"), [
    (date(2025, 11, 26), 12, TODAY, OFFER), (date(2025, 11, 25), 12, TODAY, NOT), (date(2024, 2, 29), 12, date(2025, 2, 28), OFFER),
    (date(2024, 2, 29), 12, date(2025, 3, 1), NOT), (date(2025, 8, 31), 6, date(2026, 2, 28), OFFER),
    (date(2025, 12, 31), 24, TODAY, OFFER)])
def test_without_an_expiry_on_record_the_firm_s_own_term_counts(assessed: date, months: int, day: date, outcome: Outcome) -> None:
    old = replace(C3, assessed_on=assessed, assessment_expires_on=None)
    assert verdict(old, R2, day, firm=FirmPolicy(assessment_valid_months=months)).outcome is outcome


def test_an_assessment_of_which_nobody_knows_how_long_it_counts_does_not() -> None:
    undated = replace(C3, assessed_on=None, assessment_expires_on=None)
    assert codes(verdict(undated, R2, TODAY)) == {"assessment_undated"}
    dated = replace(C3, assessment_expires_on=None)
    assert codes(verdict(dated, R2, TODAY, firm=FirmPolicy(assessment_valid_months=None))) == {"assessment_undated"}
    assert codes(verdict(replace(C3, assessed_on=TODAY + timedelta(days=1)), R2, TODAY)) == {"assessment_not_yet"}


@pytest.mark.parametrize("investor", PROFESSIONALS)
@pytest.mark.parametrize("risk", ProductRisk)
def test_professional_investors_need_no_level_but_still_admission(investor: InvestorType, risk: ProductRisk) -> None:
    professional, product = Client(investor=investor), replace(R2, risk=risk)
    assert verdict(professional, product, TODAY, place=Place.SITE).outcome is OFFER
    needs = replace(product, permissions=frozenset({TradingPermission.OPTIONS}), audience=Audience.QUALIFIED)
    assert codes(verdict(professional, needs, TODAY)) == {"permission_missing", "not_qualified"}


def test_a_professional_whose_assessment_has_expired_is_looked_at_again_first() -> None:
    professional = Client(investor=InvestorType.PROFESSIONAL_C, assessment_expires_on=date(2026, 1, 1))
    found = verdict(professional, R2, TODAY)
    assert found.outcome is NOTICE and special(found) == {"renew_class"}


def test_class_d_is_ordinary_until_the_firm_says_otherwise() -> None:
    own = Client(investor=InvestorType.PROFESSIONAL_D)
    assert codes(verdict(own, R2, TODAY)) == {"assessment_missing"}
    assert verdict(own, R2, TODAY, firm=FirmPolicy(professional_classes=frozenset({InvestorType.PROFESSIONAL_D}))).outcome is OFFER
    strict = FirmPolicy(professional_classes=frozenset({InvestorType.PROFESSIONAL_A}))
    assert verdict(Client(investor=InvestorType.PROFESSIONAL_C), R2, TODAY, firm=strict).outcome is NOT


def test_a_record_that_is_professional_and_in_the_lowest_class_gets_the_protection_of_the_lowest() -> None:
    odd = replace(C3, investor=InvestorType.PROFESSIONAL_B, lowest_class=True)
    assert "lowest_class" in codes(verdict(odd, R2, TODAY))


@pytest.mark.parametrize(("born", "age", "cared"), [
    (1961, 65, True), (1962, 65, False), (1962, 64, True), (1930, None, False), (None, 65, False), (1956, 70, True)])
def test_elders_get_the_firm_s_care_from_the_firm_s_age(born: int | None, age: int | None, cared: bool) -> None:
    found = verdict(replace(C3, birth_year=born), R2, TODAY, firm=FirmPolicy(elder_age=age))
    assert ("elder_care" in special(found)) is cared
    assert found.outcome is (NOTICE if cared else OFFER)


def test_the_firm_may_set_a_limit_for_elders() -> None:
    firm, elder = FirmPolicy(elder_max_risk=ProductRisk.R2), replace(C3, birth_year=1950)
    assert verdict(elder, R2, TODAY, firm=firm).outcome is NOTICE
    assert codes(verdict(elder, replace(R2, risk=ProductRisk.R3), TODAY, firm=firm)) == {"elder_limit"}
    assert verdict(C3, replace(R2, risk=ProductRisk.R3), TODAY, firm=firm).outcome is OFFER


def test_missing_permissions_are_named() -> None:
    needs = replace(R2, permissions=frozenset({TradingPermission.STAR, TradingPermission.HK_CONNECT, TradingPermission.FUND}))
    (found,) = verdict(replace(C3, permissions=frozenset({TradingPermission.FUND})), needs, TODAY).reasons
    assert found.details == {"permissions": ["hk_connect", "star"]} and "港股通、科创板" in found.text
    assert found.rules[0].paragraph == "第二十二条第（一）项" and found.remedy and found.remedy.code == "open_permission"
    every = replace(C3, permissions=frozenset(TradingPermission))
    assert verdict(every, needs, TODAY).outcome is OFFER


@pytest.mark.parametrize(("until", "outcome"), [(None, NOT), (TODAY - timedelta(days=1), NOT), (TODAY, NOTICE)])
def test_what_is_for_qualified_investors_needs_a_confirmation_that_counts(until: date | None, outcome: Outcome) -> None:
    private = replace(R2, audience=Audience.QUALIFIED, cooling_off_hours=24)
    found = verdict(replace(C3, qualified_until=until), private, TODAY)
    assert found.outcome is outcome
    if outcome is NOTICE:
        assert special(found) == {"cooling_off"} and "24" in found.steps[-1].text
    else:
        assert [rule.title for rule in found.reasons[0].rules][1:] == ["私募投资基金监督管理条例"]


def test_what_is_for_professional_investors_is_for_no_others() -> None:
    bond = replace(R2, audience=Audience.PROFESSIONAL)
    assert codes(verdict(replace(C3, risk_level=RiskLevel.C5), bond, TODAY)) == {"not_professional"}
    assert verdict(Client(investor=InvestorType.PROFESSIONAL_B), bond, TODAY).outcome is OFFER


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.ENDED])
@pytest.mark.parametrize("investor", InvestorType)
def test_what_is_not_on_sale_is_offered_to_nobody(status: Status, investor: InvestorType) -> None:
    assert "not_on_sale" in codes(verdict(replace(C3, investor=investor), replace(R2, status=status), TODAY))


@pytest.mark.parametrize(("wishes", "product", "code"), [
    (replace(OPEN_TO_ALL, term=Term.ONE_YEAR), replace(R2, term_days=367), "term_too_long"),
    (replace(OPEN_TO_ALL, term=Term.FIVE_YEARS), replace(R2, term_days=1828), "term_too_long"),
    (replace(OPEN_TO_ALL, kinds=frozenset({Kind.FIXED_INCOME})), R2, "kind_not_wished"),
    (replace(OPEN_TO_ALL, losses=Losses.LARGE), replace(R2, loss_beyond_principal=True), "loss_not_accepted")])
def test_what_does_not_fit_the_goals_is_not_offered(wishes: Wishes, product: Product, code: str) -> None:
    (found,) = verdict(replace(C3, wishes=wishes), product, TODAY).reasons
    assert found.code == code and found.rules[0].paragraph == "第二十二条第（四）项"


@pytest.mark.parametrize(("wishes", "product"), [
    (replace(OPEN_TO_ALL, term=Term.ONE_YEAR), replace(R2, term_days=366)), (replace(OPEN_TO_ALL, term=Term.ONE_YEAR), R2),
    (OPEN_TO_ALL, replace(R2, term_days=36500)),
    (replace(OPEN_TO_ALL, kinds=frozenset({Kind.FIXED_INCOME})), replace(R2, kind=Kind.SERVICE))])
def test_what_fits_the_goals_may_be_offered(wishes: Wishes, product: Product) -> None:
    assert verdict(replace(C3, wishes=wishes), product, TODAY).outcome is OFFER


@pytest.mark.parametrize("wishes", [
    Wishes(), replace(OPEN_TO_ALL, term=None), replace(OPEN_TO_ALL, kinds=frozenset()), replace(OPEN_TO_ALL, losses=None)])
def test_goals_that_are_not_known_are_asked_for_first(wishes: Wishes) -> None:
    found = verdict(replace(C3, wishes=wishes), R2, TODAY)
    assert found.outcome is NOTICE and special(found) == {"confirm_goals"}


def test_on_site_the_sale_to_an_ordinary_investor_is_recorded() -> None:
    on_site = verdict(C3, R2, TODAY, place=Place.SITE)
    assert on_site.outcome is NOTICE and special(on_site) == {"record_on_site"}
    assert next(item for item in on_site.steps if item.special).rules[0].paragraph == "第二十五条"
    remote = verdict(C3, R2, TODAY, place=Place.REMOTE)
    assert remote.outcome is OFFER and "confirm_remotely" in codes(remote)
    assert "record_if_on_site" in codes(verdict(C3, R2, TODAY))


def test_more_than_the_principal_may_be_lost_is_a_special_warning() -> None:
    assert "warn_beyond_principal" in special(verdict(C3, replace(R2, loss_beyond_principal=True), TODAY))


@pytest.mark.parametrize(("assets", "asked"), [(None, False), (Decimal("99999.99"), True), (Decimal(100000), False), (Decimal(0), True)])
def test_a_minimum_over_the_client_s_assets_is_asked_about(assets: Decimal | None, asked: bool) -> None:
    found = verdict(replace(C3, assets=assets), replace(R2, minimum_amount=100_000), TODAY)
    assert ("confirm_amount" in special(found)) is asked


def test_every_reason_is_given_not_only_the_first() -> None:
    found = verdict(client("expired"), replace(R2, status=Status.ENDED, permissions=frozenset({TradingPermission.STAR})), TODAY)
    assert [item.code for item in found.reasons] == ["not_on_sale", "permission_missing", "assessment_expired"]
    assert found.steps == ()


@pytest.mark.parametrize(("day", "title"), [
    (date(2017, 7, 1), "证券公司监督管理条例"), (date(2020, 2, 29), "证券公司监督管理条例"), (date(2020, 3, 1), "中华人民共和国证券法")])
def test_the_rules_of_the_day_are_quoted(day: date, title: str) -> None:
    (found,) = verdict(Client(), R2, day).reasons
    assert found.code == "assessment_missing" and found.rules[0].title == title


@pytest.mark.parametrize("day", [date.min, date(2017, 6, 30)])
def test_before_there_were_rules_nothing_is_offered(day: date) -> None:
    found = verdict(Client(investor=InvestorType.PROFESSIONAL_A), R2, day)
    assert found.outcome is NOT and codes(found) == {"rules_unknown"}


def test_a_firm_may_be_stricter_than_the_table() -> None:
    strict = FirmPolicy(matching={**dict(zip(RiskLevel, ProductRisk, strict=True)), RiskLevel.C3: ProductRisk.R2})
    assert verdict(C3, replace(R2, risk=ProductRisk.R3), TODAY, firm=strict).outcome is NOT
    assert verdict(C3, R2, TODAY, firm=FirmPolicy(high_risk_from=ProductRisk.R2)).outcome is NOTICE


# What holds of all clients and all products.

DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
WISHES = st.builds(Wishes, st.none() | st.sampled_from(Term), st.frozensets(st.sampled_from(Kind)), st.none() | st.sampled_from(Losses))
CLIENTS = st.builds(
    Client, investor=st.sampled_from(InvestorType), risk_level=st.none() | st.sampled_from(RiskLevel), assessed_on=st.none() | DAYS,
    assessment_expires_on=st.none() | DAYS, lowest_class=st.booleans(), birth_year=st.none() | st.integers(1900, 2035),
    permissions=st.frozensets(st.sampled_from(TradingPermission)), qualified_until=st.none() | DAYS, wishes=WISHES,
    assets=st.none() | st.decimals(-1000, 10**9, places=2))
PRODUCTS = st.builds(
    Product, st.just("P"), st.just("产品"), st.just("fund"), st.sampled_from(ProductRisk), st.sampled_from(Kind),
    term_days=st.none() | st.integers(1, 4000), minimum_amount=st.integers(0, 10**7),
    permissions=st.frozensets(st.sampled_from(TradingPermission), max_size=2), audience=st.sampled_from(Audience),
    loss_beyond_principal=st.booleans(), cooling_off_hours=st.none() | st.integers(1, 72), status=st.sampled_from(Status))
RANK = {outcome: place for place, outcome in enumerate(Outcome)}


@st.composite
def firms(draw: st.DrawFn) -> FirmPolicy:
    highest = sorted(draw(st.lists(st.sampled_from(ProductRisk), min_size=5, max_size=5)))
    matching = {level: min(risk, usual) for level, risk, usual in zip(RiskLevel, highest, ProductRisk, strict=True)}
    age = draw(st.none() | st.integers(50, 90))
    return FirmPolicy(
        matching=matching, high_risk_from=draw(st.sampled_from(ProductRisk)), elder_age=age,
        elder_max_risk=draw(st.none() | st.sampled_from(ProductRisk)) if age else None,
        assessment_valid_months=draw(st.none() | st.integers(1, 48)),
        professional_classes=draw(st.frozensets(st.sampled_from([*PROFESSIONALS, InvestorType.PROFESSIONAL_D]))))


PLACES = st.none() | st.sampled_from(Place)


@settings(max_examples=600, deadline=None)
@given(CLIENTS, PRODUCTS, DAYS, firms(), PLACES, st.sampled_from(ProductRisk))
def test_more_risk_never_makes_a_verdict_better(who: Client, product: Product, day: date, firm: FirmPolicy, place: Place | None,
                                                other: ProductRisk) -> None:
    lower, higher = sorted((product.risk, other))
    better, worse = (verdict(who, replace(product, risk=risk), day, firm=firm, place=place) for risk in (lower, higher))
    assert RANK[better.outcome] <= RANK[worse.outcome]


@settings(max_examples=600, deadline=None)
@given(CLIENTS, PRODUCTS, DAYS, firms(), PLACES)
def test_an_expired_assessment_never_leads_to_an_offer(who: Client, product: Product, day: date, firm: FirmPolicy,
                                                       place: Place | None) -> None:
    expired = replace(who, assessment_expires_on=day - timedelta(days=1))
    found = verdict(expired, product, day, firm=firm, place=place)
    assert found.outcome is not OFFER
    if who.investor not in firm.professional_classes:
        assert found.outcome is NOT


@settings(max_examples=600, deadline=None)
@given(CLIENTS, PRODUCTS, DAYS, firms(), PLACES)
def test_no_path_offers_an_unsuitable_product(who: Client, product: Product, day: date, firm: FirmPolicy, place: Place | None) -> None:
    found = verdict(who, product, day, firm=firm, place=place)
    if found.outcome is NOT:
        return
    assert product.status is Status.ON_SALE and product.permissions <= who.permissions
    assert day >= date(2017, 7, 1)
    lowest = who.lowest_class or who.wishes.losses is Losses.NONE
    professional = who.investor in firm.professional_classes
    if not professional or lowest:
        assert who.risk_level is not None and product.risk <= firm.matching[who.risk_level]
        assert product.audience is not Audience.PROFESSIONAL
        assert not who.wishes.kinds or product.kind in who.wishes.kinds or product.kind is Kind.SERVICE
    if lowest:
        assert product.risk is ProductRisk.R1
    if product.audience is Audience.QUALIFIED:
        assert who.qualified_until is not None and who.qualified_until >= day


@settings(max_examples=400, deadline=None)
@given(CLIENTS, PRODUCTS, DAYS, firms(), PLACES)
def test_every_verdict_explains_itself(who: Client, product: Product, day: date, firm: FirmPolicy, place: Place | None) -> None:
    found = verdict(who, product, day, firm=firm, place=place)
    assert bool(found.reasons) == (found.outcome is NOT)
    assert any(step.special for step in found.steps) == (found.outcome is NOTICE)
    assert not (found.reasons and found.steps)
    for item in found.reasons + found.steps:
        assert item.text and item.text_en and "{" not in item.text + item.text_en
        assert (item.remedy is not None) == (item in found.reasons)
        assert all(rule.holds_on(day) for rule in item.rules)
        assert item.rules or item.code == "rules_unknown"
    again = verdict(who, product, day, firm=firm, place=place)
    assert again == found


@settings(max_examples=300, deadline=None)
@given(CLIENTS, PRODUCTS, DAYS)
def test_a_stricter_firm_never_offers_more(who: Client, product: Product, day: date) -> None:
    usual, strict = FirmPolicy(), FirmPolicy(matching=dict.fromkeys(RiskLevel, ProductRisk.R1))
    assert RANK[verdict(who, product, day, firm=usual).outcome] <= RANK[verdict(who, product, day, firm=strict).outcome]


# The rules as data.

def test_versions_of_a_rule_follow_each_other() -> None:
    by_id: dict[str, list[tuple[date, date]]] = {}
    for rule in RULES:
        last = rule.effective_to or date.max
        assert rule.effective_from <= last
        by_id.setdefault(rule.id, []).append((rule.effective_from, last))
    for spans in by_id.values():
        spans.sort()
        assert all(end < start for (_, end), (start, _) in pairwise(spans))


def test_every_rule_says_where_it_stands_or_that_nobody_read_the_number() -> None:
    for rule in RULES:
        assert rule.title and rule.issuer and rule.text
        assert (rule.paragraph is not None) or rule.certainty is not Certainty.VERIFIED


def test_today_every_finding_has_its_rule_and_every_remedy_is_known() -> None:
    rules = in_force(TODAY)
    for words in (*REASONS.values(), *STEPS.values()):
        assert set(words.rules) <= rules.keys()
        assert words.remedy is None or words.remedy in REMEDIES
    assert all(words.remedy for words in REASONS.values()) and not any(words.remedy for words in STEPS.values())
    quoted = {name for words in (*REASONS.values(), *STEPS.values()) for name in words.rules} | {rule for rule, *_ in REMEDIES.values()}
    assert rules.keys() <= quoted
    assert quoted <= {*rules, ""}


USUAL = dict(zip(RiskLevel, ProductRisk, strict=True))


@pytest.mark.parametrize("bad", [
    {"matching": {RiskLevel.C1: ProductRisk.R1}}, {"matching": {**USUAL, RiskLevel.C1: ProductRisk.R2}},
    {"matching": {**USUAL, RiskLevel.C4: ProductRisk.R1}},
    {"professional_classes": frozenset({InvestorType.ORDINARY})}, {"elder_age": None, "elder_max_risk": ProductRisk.R3}])
def test_a_policy_that_is_looser_than_the_rules_or_contradicts_itself_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        FirmPolicy(**bad)  # type: ignore[arg-type]
