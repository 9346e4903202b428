"""What may be offered of a family of products, with a follow-up or beside information: one verdict over all of them. Pure.

Nobody unknown is offered anything, since no verdict can be had on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.catalogue import Judged
from assistant.refusal import Refusal, refused
from assistant.suitability import (
    Client,
    Finding,
    FirmPolicy,
    Outcome,
    Product,
    Remedy,
    Status,
    Verdict,
    codes_of,
    digest_of,
    in_force,
    plain,
    verdict,
)

__all__ = ["Offer", "offer"]

_ORDER = tuple(Outcome)


@dataclass(frozen=True, slots=True)
class Offer:
    """`verdict` is the best that any product of the family gets: with what stands against all of them, or the special steps
    of those that may be offered. `products` may be offered, the best first; `withheld` may not. `inputs` is what it all
    rests on, as JSON; `digest` is SHA-256 as hex of verdict and inputs."""

    verdict: Verdict
    products: tuple[Judged, ...]
    withheld: tuple[Judged, ...]
    inputs: dict[str, Any]

    @property
    def allowed(self) -> bool:
        return self.verdict.outcome is not Outcome.MAY_NOT

    def shown(self) -> dict[str, Any]:
        """The verdict by codes, as it is kept."""
        return {"outcome": self.verdict.outcome.value, "rules_as_of": self.verdict.rules_as_of.isoformat(),
                "reasons": codes_of(self.verdict.reasons), "steps": codes_of(self.verdict.steps),
                "products": [{"code": item.product.code, "outcome": item.verdict.outcome.value, "reasons": codes_of(item.verdict.reasons),
                              "steps": codes_of(item.verdict.steps)} for item in (*self.products, *self.withheld) if item.verdict]}

    @property
    def digest(self) -> str:
        return digest_of([self.shown(), self.inputs])


def offer(client: Client | None, products: Sequence[Product], day: date, firm: FirmPolicy, *, refusal: Refusal | None = None) -> Offer:
    """Over the products of one family, for a client (None: an unknown one) on a day. Whoever refuses is offered none."""
    made = _suitable(client, products, day, firm)
    if refusal is None:
        return made
    withheld = tuple(Judged(item.product, item.verdict and refused(item.verdict, refusal)) for item in (*made.products, *made.withheld))
    return Offer(refused(made.verdict, refusal), (), withheld, {**made.inputs, "refusal": refusal.value})


def _suitable(client: Client | None, products: Sequence[Product], day: date, firm: FirmPolicy) -> Offer:
    inputs = {"client": client and plain(client), "products": [plain(item) for item in products], "firm": plain(firm)}
    if client is None:
        return Offer(Verdict(Outcome.MAY_NOT, day, (_unknown_client(day),)), (), (), inputs)
    judged = [Judged(item, verdict(client, item, day, firm=firm)) for item in products if item.status is Status.ON_SALE]
    allowed = sorted((item for item in judged if _outcome(item) is not Outcome.MAY_NOT),
                     key=lambda item: (_ORDER.index(_outcome(item)), item.product.risk, item.product.code))
    withheld = tuple(item for item in judged if _outcome(item) is Outcome.MAY_NOT)
    if allowed:
        best = _outcome(allowed[0])
        special = [step for item in allowed if item.verdict and _outcome(item) is best for step in item.verdict.steps if step.special]
        return Offer(Verdict(best, day, (), tuple(_once(special))), tuple(allowed), withheld, inputs)
    against = [list(item.verdict.reasons) for item in withheld if item.verdict]
    common = [reason for reason in against[0] if all(reason.code in codes_of(others) for others in against)] if against else [_NO_PRODUCT]
    reasons = common or _once([reason for reasons in against for reason in reasons])
    return Offer(Verdict(Outcome.MAY_NOT, day, tuple(reasons)), (), withheld, inputs)


def _outcome(item: Judged) -> Outcome:
    return item.verdict.outcome if item.verdict else Outcome.MAY_NOT


def _once(findings: Sequence[Finding]) -> list[Finding]:
    return list({finding.code: finding for finding in findings}.values())


def _unknown_client(day: date) -> Finding:
    rule = in_force(day).get("know_and_match")
    return Finding(
        "client_unknown", "客户身份未知，无法判断适当性，不得推介。",
        "Nobody knows who the client is, so nothing can be judged or offered.", (rule,) if rule else (),
        Remedy("identify", "客户登录或由坐席核实身份，关联客户档案。", "The client signs in, or an agent verifies who it is.", rule))


_NO_PRODUCT = Finding("no_product", "产品目录中没有这一类在售的产品或者服务。", "The catalogue has nothing of this family on sale.", ())
