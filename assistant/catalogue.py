"""The firm's products, and the verdict of suitability on each for a client."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from assistant.audit import Action, Actor
from assistant.client_record import profile
from assistant.clients import seen
from assistant.clock import china_day
from assistant.errors import CatalogueInvalid, ClientNotFound
from assistant.follow_up_opening import of_client, refusal_of
from assistant.inbox import utc_now
from assistant.refusal import Refusal, refused
from assistant.storage import Judgement, Store
from assistant.suitability import (
    Audience,
    Client,
    FirmPolicy,
    Kind,
    Place,
    Product,
    ProductRisk,
    Status,
    TradingPermission,
    Verdict,
    codes_of,
    digest_of,
    plain,
    verdict,
)
from intents.catalogue import FAMILIES

__all__ = ["Catalogue", "Judged", "Taken", "read_products"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A product, with the verdict on it where a client was named."""

    product: Product
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Taken:
    """How many products a file added, changed, and had as they are; `withdrawn` are those of the changed that are on sale no more."""

    added: int
    changed: int
    unchanged: int
    withdrawn: int = 0


class Catalogue:
    """Safe to share between threads."""

    def __init__(self, store: Store, firm: FirmPolicy, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._firm = firm
        self._clock = clock

    def page(self, *, after: str = "", limit: int = 100, family: str | None = None) -> list[Judged]:
        """Products in the order of their codes."""
        with self._store.read() as work:
            return [Judged(item, None) for item in work.products.page(after, limit, family=family)]

    def page_for(self, client_id: str, by: Actor, *, place: Place | None = None, after: str = "", limit: int = 100,
                 family: str | None = None) -> list[Judged]:
        """The same with the verdicts for a client, whose record is thereby looked at; their no to offers stands against each product.
        They are kept with what they rest on, once for all who see the same. Raises ClientNotFound."""
        now = self._clock()
        with self._store.read() as work:
            record = work.clients.get(client_id)
            if record is None:
                raise ClientNotFound()
            items, refusal = work.products.page(after, limit, family=family), refusal_of(work, record, [of_client(record.id)])
        # Hundreds of verdicts are made before anybody is kept from writing.
        client, day = profile(record), china_day(now)
        judged = [Judged(item, refused(verdict(client, item, day, firm=self._firm, place=place), refusal)) for item in items]
        kept = [_kept(client, judged, day, self._firm, place, refusal, now)] if judged else []
        with self._store.write() as work:
            work.judgements.add(kept)
            seen(work, record, by, now, why="products", judgements=[item.digest for item in kept])
        return judged

    def take(self, products: list[Product], by: Actor) -> Taken:
        """Add or change products by their codes, all or none; those that are not named stay."""
        added = changed = withdrawn = 0
        with self._store.write() as work:
            # Always in the same order, so that two who take the same wait in turn.
            for item in sorted(products, key=lambda item: item.code):
                if work.products.add(item):
                    added += 1
                elif before := work.products.change(item):
                    changed += 1
                    withdrawn += before.status is Status.ON_SALE and item.status is not Status.ON_SALE
            taken = Taken(added, changed, len(products) - added - changed, withdrawn)
            work.audit.record(Action.PRODUCTS_IMPORTED, by, self._clock(), details=asdict(taken))
        return taken


def _kept(client: Client, judged: Sequence[Judged], day: date, firm: FirmPolicy, place: Place | None, refusal: Refusal | None,
          now: datetime) -> Judgement:
    """The verdicts by codes; products that got the same stand together."""
    alike: dict[tuple[str, ...], dict[str, Any]] = {}
    for item in judged:
        if item.verdict:
            said = {"outcome": item.verdict.outcome.value, "reasons": codes_of(item.verdict.reasons), "steps": codes_of(item.verdict.steps)}
            alike.setdefault((said["outcome"], *said["reasons"], *said["steps"]), {**said, "codes": []})["codes"].append(item.product.code)
    shown = {"rules_as_of": day.isoformat(), "products": list(alike.values())}
    inputs = {"client": plain(client), "products": [plain(item.product) for item in judged], "firm": plain(firm),
              **({"place": place.value} if place else {}), **({"refusal": refusal.value} if refusal else {})}
    return Judgement(digest_of([shown, inputs]), shown, inputs, now)


class _Row(BaseModel):
    """A `[[product]]` of the file; names as in `suitability.Product`."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,31}$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    family: str
    risk: ProductRisk
    kind: Kind
    term_days: int | None = Field(None, ge=1, le=36500)
    minimum_amount: int = Field(0, ge=0, le=10**12)
    permissions: frozenset[TradingPermission] = frozenset()
    audience: Audience = Audience.ALL
    loss_beyond_principal: bool = False
    cooling_off_hours: int | None = Field(None, ge=1, le=720)
    status: Status = Status.ON_SALE

    @field_validator("family")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in FAMILIES:
            raise ValueError(f"expected one of {', '.join(FAMILIES)}")
        return value


def read_products(path: Path) -> list[Product]:
    """The products of a TOML file with one `[[product]]` each. Raises CatalogueInvalid, which lists what is wrong."""
    try:
        given: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueInvalid(f"{path} can't be read: {error}") from error
    rows = given.get("product")
    if set(given) != {"product"} or not isinstance(rows, list):
        raise CatalogueInvalid(f"{path}: expected nothing but [[product]] tables")
    products, faults = [], []
    for number, row in enumerate(rows, 1):
        try:
            products.append(Product(**dict(_Row.model_validate(row))))
        except ValidationError as error:
            faults += [f"product {number}, {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
    codes = [item.code for item in products]
    faults += [f"code {code} stands twice" for code in sorted({code for code in codes if codes.count(code) > 1})]
    if faults:
        raise CatalogueInvalid(f"{path}: " + "; ".join(faults[:20]))
    return products
