"""Products and clients of the demonstration: always the same, nobody real, and with something to show."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from assistant.audit import Actor
from assistant.catalogue import Catalogue, read_products
from assistant.client_record import ClientFields
from assistant.clients import Clients
from assistant.demo_clients import COUNT, demo_clients
from assistant.demo_data import _PRODUCTS, fill_demo
from assistant.identity import client_ref
from assistant.privacy import find
from assistant.storage import Store
from assistant.suitability import FirmPolicy, Outcome
from assistant.trail import AuditTrail
from intents.catalogue import FAMILIES
from tests.assistant.clock import Clock

BY = Actor("agent1")
TODAY = date(2026, 11, 24)


def test_there_are_sixty_products_and_some_of_each_family() -> None:
    products = read_products(_PRODUCTS)
    assert len(products) == 60 and {item.family for item in products} == set(FAMILIES)
    assert {item.risk for item in products} == {"R1", "R2", "R3", "R4", "R5"}


def test_the_clients_are_always_the_same_and_nobody_real() -> None:
    clients = demo_clients(TODAY)
    assert clients == demo_clients(TODAY) and len({client_id for client_id, _ in clients}) == COUNT == 200
    for client_id, given in clients:
        assert client_id.startswith("DEMO-") and given.display_name and given.display_name.endswith(client_id[-3:])
        assert not find(f"{given.display_name} {given.notes}")


def test_they_are_of_many_kinds() -> None:
    given = [item for _, item in demo_clients(TODAY)]
    assert {item.risk_level for item in given} == {"C1", "C2", "C3", "C4", "C5", None}
    expired = [item for item in given if item.assessment_expires_on and item.assessment_expires_on < TODAY]
    assert len(expired) > 5 and any(item.lowest_class for item in given) and any(item.opted_out for item in given)
    assert Counter(item.investor_type for item in given)["ordinary"] > 150 and len({item.investor_type for item in given}) == 4


def test_they_are_filled_in_once_and_what_was_changed_stays(store: Store) -> None:
    fill_demo(store, clock=Clock())
    clients = Clients(store, clock=Clock())
    clients.put("DEMO-001", ClientFields.model_validate({"notes": "改过"}), BY)
    fill_demo(store, clock=Clock())
    record = clients.look("DEMO-001", BY)
    assert record.notes == "改过" and record.demo and record.channels == ("web",)
    known = clients.known_as("web", client_ref("demo-200"))
    assert known and known.id == "DEMO-200"
    products, clients_made = [entry for entry in AuditTrail(store).page(0, 10) if entry.actor == "system"]
    assert products.action == "product.imported" and products.details["added"] == len(read_products(_PRODUCTS))
    assert len(clients_made.details["clients"]) == 200


def test_servers_may_start_together(store: Store, database_url: str) -> None:
    other = Store.open(database_url)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill_demo, [store, other]))
    other.close()
    assert len(Clients(store).page(BY, limit=300)) == 200
    assert len(Catalogue(store, FirmPolicy()).page()) == 60


def test_most_clients_may_be_offered_something_and_nobody_everything(store: Store) -> None:
    fill_demo(store, clock=Clock())
    catalogue = Catalogue(store, FirmPolicy(), clock=Clock())
    offered = []
    for number in range(1, 201, 4):
        outcomes = Counter(judged.verdict.outcome for judged in catalogue.page_for(f"DEMO-{number:03}", BY) if judged.verdict)
        offered.append(60 - outcomes[Outcome.MAY_NOT])
    assert sum(1 for count in offered if count) > 30 and max(offered) < 60 and min(offered) == 0
