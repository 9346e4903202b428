"""Each call that shows products or verdicts is one that the property of tests/assistant/test_no_unsuitable_product.py goes through."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from api.app import create_app
from assistant.audit import SYSTEM
from assistant.catalogue import read_products
from assistant.demo_data import _PRODUCTS
from assistant.follow_up_policy import load_follow_up_policy
from assistant.roles import Role
from assistant.settings import Settings
from tests.api.conftest import Talk, add_account, bearer, open_fake, running, wait_until_ready
from tests.api.test_doors import make_app
from tests.fakes import FakeResponder, FakeWords

A = "/v1/agent"
GONE_THROUGH = {
    ("GET", f"{A}/products"): "page_for",
    ("GET", f"{A}/follow-ups"): "page",
    ("GET", f"{A}/follow-ups/{{follow_up_id}}"): "look",
    ("GET", f"{A}/conversations/{{conversation_id}}/follow-ups"): "of_conversation",
    ("POST", f"{A}/follow-ups/{{follow_up_id}}/claim"): "claim",
    ("POST", f"{A}/follow-ups/{{follow_up_id}}/release"): "release",
    ("POST", f"{A}/follow-ups/{{follow_up_id}}/snooze"): "snooze",
    ("POST", f"{A}/follow-ups/{{follow_up_id}}/outcome"): "close",
    ("POST", f"{A}/follow-ups/claim"): "claim_all",
    ("POST", f"{A}/follow-ups/outcome"): "close_all",
    ("GET", f"{A}/conversations/{{conversation_id}}/suggestions"): "of",
    ("GET", f"{A}/knowledge"): "search",
    # Withdraws what there is, and so answers with none.
    ("POST", f"{A}/conversations/{{conversation_id}}/opt-out"): "opt_out",
    # Shows what was held back, as the panel of the conversation does.
    ("POST", f"{A}/conversations/{{conversation_id}}/opt-out/undo"): "undo_heard",
}
SHOWS = {"ProductView", "VerdictView"}


def test_no_call_shows_products_that_the_property_does_not_go_through() -> None:
    document = make_app().openapi()
    schemas = document["components"]["schemas"]

    def named(value: Any) -> set[str]:
        if isinstance(value, dict):
            return {str(item).rpartition("/")[2] for key, item in value.items() if key == "$ref"}.union(*map(named, value.values()))
        return set().union(*map(named, value)) if isinstance(value, list) else set()

    def reached(names: set[str]) -> set[str]:
        more = names.union(*(named(schemas[name]) for name in names))
        return names if more == names else reached(more)

    showing = {(method.upper(), path) for path, methods in document["paths"].items() for method, operation in methods.items()
               if reached(named(operation["responses"])) & SHOWS}
    assert showing == set(GONE_THROUGH)


def test_an_article_about_products_has_its_verdict_on_the_wire(settings: Settings) -> None:
    words = FakeWords()
    words.products["open-account-online"] = ("cash",)
    app = create_app(settings, open_fake(settings, FakeResponder(), words))
    with TestClient(app) as client:
        wait_until_ready(client)
        running(app).catalogue.take(read_products(_PRODUCTS), SYSTEM)
        add_account(app, "anna", Role.AGENT)
        talk = Talk.open(client)
        talk.say("怎么开户")
        client.headers.update(bearer(app, "anna"))
        (suggested,) = client.get(f"{A}/conversations/{talk.id}/suggestions").json()["suggestions"]
        (found,) = client.get(f"{A}/knowledge", params={"q": "怎么开户", "conversation_id": talk.id}).json()["articles"]
    assert suggested["verdicts"] == found["verdicts"]
    (verdict,) = suggested["verdicts"]
    assert (verdict["family"], verdict["title"]["text"], verdict["verdict"]["outcome"]) == ("cash", "闲置资金", "may_not")
    assert [reason["code"] for reason in verdict["verdict"]["reasons"]] == ["client_unknown"]
    assert verdict["warning"] == load_follow_up_policy().beside["client_unknown"]
