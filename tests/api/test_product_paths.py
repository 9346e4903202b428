"""Each call that shows products or verdicts is one that the property of tests/assistant/test_no_unsuitable_product.py goes through."""

from __future__ import annotations

from typing import Any

from tests.api.test_doors import make_app

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
