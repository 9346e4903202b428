"""The catalogue of products: from its file, in the store, and with verdicts for a client."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.audit import Actor
from assistant.catalogue import Catalogue, Taken, read_products
from assistant.client_record import ClientFields
from assistant.clients import Clients
from assistant.errors import CatalogueInvalid, ClientNotFound
from assistant.storage import Store
from assistant.suitability import (
    Audience,
    FirmPolicy,
    Kind,
    Outcome,
    Place,
    Product,
    ProductRisk,
    RiskLevel,
    Status,
    TradingPermission,
    digest_of,
)
from assistant.trail import AuditTrail
from tests.assistant.clock import Clock

BY = Actor("agent1")
CASH = Product("A", "现金", "cash", ProductRisk.R1, Kind.FIXED_INCOME, minimum_amount=1)
STAR = Product("B", "科创", "ipo", ProductRisk.R4, Kind.EQUITY, 30, 1000, frozenset({TradingPermission.STAR, TradingPermission.FUND}),
               Audience.QUALIFIED, True, 24)
ASSESSED = {"risk_level": "C2", "assessed_on": "2026-11-01", "assessment_expires_on": "2027-10-31",
            "wishes": {"term": "any", "kinds": ["fixed_income"], "losses": "some"}}


@pytest.fixture
def catalogue(store: Store) -> Catalogue:
    return Catalogue(store, FirmPolicy(), clock=Clock())


def test_products_come_back_as_they_were_taken(catalogue: Catalogue) -> None:
    assert catalogue.take([STAR, CASH], BY) == Taken(2, 0, 0)
    assert [(judged.product, judged.verdict) for judged in catalogue.page()] == [(CASH, None), (STAR, None)]


def test_taking_again_changes_only_what_differs(catalogue: Catalogue) -> None:
    catalogue.take([CASH, STAR], BY)
    assert catalogue.take([replace(CASH, name="别的"), STAR], BY) == Taken(0, 1, 1)
    assert catalogue.page()[0].product.name == "别的"
    assert catalogue.take([replace(CASH, code="C")], BY) == Taken(1, 0, 0)
    assert len(catalogue.page()) == 3


def test_pages_and_families(catalogue: Catalogue) -> None:
    catalogue.take([CASH, STAR, replace(CASH, code="C")], BY)
    assert [judged.product.code for judged in catalogue.page(limit=2)] == ["A", "B"]
    assert [judged.product.code for judged in catalogue.page(after="B")] == ["C"]
    assert [judged.product.code for judged in catalogue.page(family="cash")] == ["A", "C"]
    assert catalogue.page(family="gold") == []


def test_two_who_take_at_once(catalogue: Catalogue) -> None:
    products = [replace(CASH, code=f"P{number:02}") for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: catalogue.take(products[::-1], BY), range(4)))
    assert sum(item.added for item in taken) == 20 and len(catalogue.page()) == 20


def test_verdicts_for_a_client_are_a_look_at_the_record(catalogue: Catalogue, store: Store) -> None:
    catalogue.take([CASH, STAR], BY)
    Clients(store, clock=Clock()).put("C1", ClientFields.model_validate(ASSESSED), BY)
    cash, star = catalogue.page_for("C1", BY)
    assert cash.verdict and cash.verdict.outcome is Outcome.MAY_OFFER and cash.verdict.rules_as_of.isoformat() == "2026-11-24"
    assert star.verdict and star.verdict.outcome is Outcome.MAY_NOT
    (on_site, _) = catalogue.page_for("C1", BY, place=Place.SITE)
    assert on_site.verdict and on_site.verdict.outcome is Outcome.NEEDS_NOTICE
    looks = [entry for entry in AuditTrail(store).page(0, 10) if entry.action == "client.seen"]
    assert [(entry.subject, entry.details["why"]) for entry in looks] == [("client:C1", "products")] * 2
    with pytest.raises(ClientNotFound):
        catalogue.page_for("C2", BY)


def test_what_an_agent_was_shown_is_kept_once_with_what_it_rests_on(catalogue: Catalogue, store: Store) -> None:
    catalogue.take([CASH, STAR, replace(CASH, code="C")], BY)
    clients = Clients(store, clock=Clock())

    def looked(client_id: str, **how: Any) -> list[str]:
        """What the look's entry in the trail says was judged."""
        catalogue.page_for(client_id, BY, **how)
        (entry,) = [entry for entry in AuditTrail(store).page(0, 100) if entry.action == "client.seen"][-1:]
        return entry.details.get("judgements", [])

    for name in ("C1", "C2"):
        clients.put(name, ClientFields.model_validate(ASSESSED), BY)
    (first,) = looked("C1")
    assert [looked("C1"), looked("C2")] == [[first], [first]], "the same of all who are alike"
    with store.read() as work:
        kept = work.judgements.get(first)
    assert kept and digest_of([kept.verdict, kept.inputs]) == first
    assert kept.verdict["rules_as_of"] == "2026-11-24" and [item["codes"] for item in kept.verdict["products"]] == [["A", "C"], ["B"]]
    assert kept.verdict["products"][1]["outcome"] == "may_not" and "risk_too_high" in kept.verdict["products"][1]["reasons"]
    assert kept.inputs["client"]["risk_level"] == "C2" and [item["code"] for item in kept.inputs["products"]] == ["A", "B", "C"]
    assert set(kept.inputs) == {"client", "products", "firm"}
    # Another place, another assessment, another product: another verdict, of which only what is new is written.
    others = [looked("C1", place=Place.SITE), looked("C1", limit=1)]
    clients.put("C1", ClientFields.model_validate({"risk_level": "C4"}), BY)
    others += [looked("C1")]
    catalogue.take([replace(STAR, risk=ProductRisk.R5)], BY)
    others += [looked("C1"), looked("C2")]
    assert len({first, *(digest for (digest,) in others)}) == 6
    with store.read() as work:
        assert work.judgements.get(others[0][0]).inputs["place"] == "site"
    clients.put("C1", ClientFields.model_validate({"risk_level": "C4", "opted_out": True}), BY)
    (refused,) = looked("C1")
    with store.read() as work:
        kept = work.judgements.get(refused)
    assert kept and kept.inputs["refusal"] == "opted_out" and digest_of([kept.verdict, kept.inputs]) == refused
    assert looked("C1", family="gold") == []
    with store.read() as work:
        assert work.judgements.get("none") is None


def test_who_brought_in_products_and_how_many_is_in_the_trail(catalogue: Catalogue, store: Store) -> None:
    catalogue.take([CASH, STAR], BY)
    ended = [replace(CASH, name="别的", status=Status.ENDED), replace(STAR, minimum_amount=5), replace(CASH, code="C")]
    assert catalogue.take(ended, BY) == Taken(1, 2, 0, withdrawn=1)
    entries = [entry for entry in AuditTrail(store).page(0, 10) if entry.action == "product.imported"]
    assert [(entry.actor, entry.details) for entry in entries] == [
        ("agent1", {"added": 2, "changed": 0, "unchanged": 0, "withdrawn": 0}),
        ("agent1", {"added": 1, "changed": 2, "unchanged": 0, "withdrawn": 1})]


def test_the_firm_s_policy_is_the_one_that_counts(store: Store) -> None:
    strict = Catalogue(store, FirmPolicy(matching=dict.fromkeys(RiskLevel, ProductRisk.R1)), clock=Clock())
    strict.take([replace(CASH, risk=ProductRisk.R2)], BY)
    Clients(store, clock=Clock()).put("C1", ClientFields.model_validate(ASSESSED), BY)
    (judged,) = strict.page_for("C1", BY)
    assert judged.verdict and judged.verdict.outcome is Outcome.MAY_NOT


@pytest.mark.parametrize(("content", "complaint"), [
    ("", "nothing but"), ("[[product]]\n", "product 1, code"), ("product = 1", "nothing but"), ("x = [", "can't be read"),
    ("[[products]]\ncode = 'A'", "nothing but"), ("[[product]]\ncode='A'\nname='a'\nfamily='cash'\nrisk='R6'\nkind='equity'", "risk"),
    ("[[product]]\ncode='A'\nname='a'\nfamily='shoes'\nrisk='R1'\nkind='equity'", "family.*cash"),
    ("[[product]]\ncode='A'\nname='a'\nfamily='cash'\nrisk='R1'\nkind='equity'\ntems=1", "tems"),
    ("[[product]]\ncode='A b'\nname='a'\nfamily='cash'\nrisk='R1'\nkind='equity'", "code"),
    ("[[product]]\ncode='A'\nname='a'\nfamily='cash'\nrisk='R1'\nkind='equity'\n" * 2, "A stands twice")])
def test_a_file_with_faults_says_which(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "products.toml").write_text(content)
    with pytest.raises(CatalogueInvalid, match=complaint):
        read_products(tmp_path / "products.toml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogueInvalid, match=r"missing\.toml"):
        read_products(tmp_path / "missing.toml")
