"""Any client, any catalogue: on no path does an agent see a product, or words that lead to one, as fit to be offered that the verdict
forbids; and what is seen comes with its verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from assistant.catalogue import Catalogue, Judged
from assistant.client_record import ClientRecord, blank, profile
from assistant.clock import china_day
from assistant.family_verdicts import FamilyVerdict
from assistant.follow_up_task import Result
from assistant.follow_ups import Shown
from assistant.identity import client_ref
from assistant.storage import Store
from assistant.storage.follow_ups import Sought
from assistant.suitability import (
    Audience,
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
    Wishes,
    digest_of,
    plain,
    verdict,
)
from assistant.trail import AuditTrail
from tests.assistant.clock import Clock
from tests.assistant.test_follow_ups import POLICY, Floor
from tests.fakes import FakeWords

FIRM, TODAY = FirmPolicy(), china_day(Clock().now)
FAMILIES = ("cash", "fund")
OPEN_TO_ALL = Wishes(Term.ANY, frozenset(Kind), Losses.BEYOND_PRINCIPAL)
PERMISSIONS = some.sampled_from([frozenset(names) for names in ([], [TradingPermission.FUND], list(TradingPermission))])


def around(*days: int) -> some.SearchStrategy[date | None]:
    return some.sampled_from([None, *(TODAY + timedelta(days=number) for number in days)])


# What a record may hold, contradictions and all.
CLIENTS = some.none() | some.fixed_dictionaries({
    "risk_level": some.sampled_from([None, *RiskLevel, *RiskLevel]), "assessed_on": around(-400, -30, -30, -30),
    "assessment_expires_on": around(-1, 0, *[300] * 6), "lowest_class": some.sampled_from([False, False, False, True]),
    "investor_type": some.sampled_from([InvestorType.ORDINARY, InvestorType.ORDINARY, *InvestorType]),
    "qualified_until": around(-1, 0, 90), "birth_year": some.sampled_from([None, 1950, 1990, 1990, 2009]), "permissions": PERMISSIONS,
    "wishes": some.just(OPEN_TO_ALL) | some.builds(Wishes, some.none() | some.sampled_from(Term), some.frozensets(some.sampled_from(Kind)),
                          some.sampled_from([None, *Losses])),
    "holdings": some.sampled_from([None, {"as_of": "2026-11-23", "total_assets": "5000.00"}])})
# Nothing speaks against these.
FIT = {"risk_level": RiskLevel.C5, "assessed_on": TODAY, "assessment_expires_on": TODAY + timedelta(days=300), "lowest_class": False,
       "investor_type": InvestorType.ORDINARY, "qualified_until": None, "birth_year": 1990, "permissions": frozenset(TradingPermission),
       "wishes": OPEN_TO_ALL, "holdings": None}
SAFE = Product("?", "?", "?", ProductRisk.R1, Kind.FIXED_INCOME, None, 0, frozenset(), Audience.ALL, False, None, Status.ON_SALE)
CATALOGUES = some.lists(some.builds(
    Product, some.just("?"), some.just("?"), some.sampled_from(FAMILIES), some.sampled_from(ProductRisk), some.sampled_from(Kind),
    some.sampled_from([None, 30, 400, 5000]), some.sampled_from([0, 10_000]), some.just(frozenset()) | PERMISSIONS,
    some.sampled_from([Audience.ALL, Audience.ALL, *Audience]), some.booleans(), some.sampled_from([None, 24]),
    some.sampled_from([Status.ON_SALE, Status.ON_SALE, *Status])), min_size=6, max_size=6)


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('floor') / 'zhike.db'}")
    yield Floor(store)
    store.close()


class _Seen:
    """Judges what an agent sees by itself: by the record and the catalogue in the store, and the pure verdict."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.catalogue = Catalogue(floor.store, FIRM, clock=floor.clock)
        self.outcomes: set[Outcome] = set()

    def fit(self, family: str, record: ClientRecord | None) -> dict[str, Outcome]:
        """Of the products of the family that are on sale, those that may be offered."""
        products = [item.product for item in self.catalogue.page(family=family) if item.product.status is Status.ON_SALE]
        found = {item.code: verdict(profile(record), item, TODAY, firm=FIRM).outcome for item in products} if record else {}
        self.outcomes |= set(found.values())
        return {code: outcome for code, outcome in found.items() if outcome is not Outcome.MAY_NOT}

    def follow_ups(self, shown: Iterable[Shown]) -> int:
        found = list(shown)
        for item in found:
            fit, best = self.fit(item.item.family, item.client), item.offer.verdict.outcome
            assert {judged.product.code: judged.verdict and judged.verdict.outcome for judged in item.offer.products} == fit
            assert not any(judged.product.code in fit for judged in item.offer.withheld) and (best is Outcome.MAY_NOT) is not bool(fit)
            assert item.line == item.family.opening if fit else item.line in {None, *POLICY.first.values()}
            with self.floor.store.read() as work:
                assert item.offer.digest in {kept.digest for kept in work.follow_ups.verdicts(item.item.id)}
        return len(found)

    def products(self, judged: Iterable[Judged], record: ClientRecord, place: Place | None) -> None:
        for item in judged:
            assert item.verdict == verdict(profile(record), item.product, TODAY, firm=FIRM, place=place)

    def information(self, verdicts: Iterable[FamilyVerdict], record: ClientRecord | None) -> None:
        assert [item.family for item in verdicts] == list(FAMILIES)
        for item in verdicts:
            fit, best = self.fit(item.family, record), item.offer.verdict.outcome
            assert {judged.product.code for judged in item.offer.products} == set(fit)
            assert best is (min(fit.values(), key=list(Outcome).index) if fit else Outcome.MAY_NOT)
            assert bool(item.warning) is (best is not Outcome.MAY_OFFER)

    def head(self) -> int:
        """Of the trail."""
        with self.floor.store.read() as work:
            newest = work.audit.head()
        return newest.seq if newest else 0

    def kept(self, record: ClientRecord | None, since: int) -> None:
        """Each verdict that the trail names is there, and rests on the client as the record was."""
        named = [digest for entry in AuditTrail(self.floor.store).page(since, 100) for digest in entry.details.get("judgements", ())]
        with self.floor.store.read() as work:
            for digest in named:
                item = work.judgements.get(digest)
                assert item and digest_of([item.verdict, item.inputs]) == digest
                assert item.inputs["client"] == (plain(profile(record)) if record else None)
        assert len(named) == 2 * len(FAMILIES) + (2 if record else 0)


def test_on_no_path(floor: Floor) -> None:
    seen, numbers = _Seen(floor), count(1)
    assert isinstance(floor.words, FakeWords)
    floor.words.products["open-account-online"] = (*FAMILIES, "retention")

    @given(CLIENTS, CATALOGUES)
    @example(FIT, [replace(SAFE, family=family) for family in FAMILIES * 3])
    @settings(max_examples=20, deadline=None, database=None, derandomize=True)
    def check(given: dict[str, object] | None, products: list[Product]) -> None:
        number, now = next(numbers), floor.clock.now
        seen.catalogue.take([replace(item, code=f"P{place}", name=f"产品{place}") for place, item in enumerate(products)], floor.boss.by)
        record = _recorded(floor, f"C{number}", given, now) if given is not None else None
        talk = floor.open(f"{' '.join(FAMILIES)} 怎么开户", client_token=f"token-{number}")
        since = seen.head()
        assert seen.follow_ups(floor.work.page(floor.anna, Sought(newest_first=True), limit=6).shown)
        theirs = floor.work.of_conversation(talk, floor.anna).shown
        assert seen.follow_ups(theirs) == len(FAMILIES)
        first, second = (item.item.id for item in theirs)
        moves: list[Callable[[], Shown]] = [
            lambda: floor.work.look(first, floor.anna), lambda: floor.work.claim(first, floor.anna),
            lambda: floor.work.snooze(first, now + timedelta(hours=1), floor.anna), lambda: floor.work.release(first, floor.anna),
            lambda: floor.work.close(first, Result.REACHED, "", floor.anna)]
        assert all(seen.follow_ups([move()]) for move in moves)
        several = floor.work.claim_all([first, second], floor.bert) + floor.work.close_all([second], Result.DONE, "", floor.bert)
        assert seen.follow_ups(done.shown for done in several if done.shown) == 2
        if record:
            for place in (None, Place.SITE):
                seen.products(seen.catalogue.page_for(record.id, floor.anna.by, place=place), record, place)
        (suggested,) = floor.suggestions.of(talk, floor.anna)
        seen.information(suggested.verdicts, record)
        (found,) = floor.suggestions.search("怎么开户", floor.anna, talk)
        seen.information(found.verdicts, record)
        seen.kept(record, since)

    check()
    assert seen.outcomes == set(Outcome), "some of each"


def _recorded(floor: Floor, name: str, given: dict[str, object], now: datetime) -> ClientRecord:
    record = replace(blank(name, now), **given)  # type: ignore[arg-type]
    with floor.store.write() as work:
        work.clients.add(record)
        work.clients.add_ref(name, "web", client_ref(f"token-{name[1:]}"))
    return record
