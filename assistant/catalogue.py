"""The firm's products, and the verdict of suitability on each for a client."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from assistant.audit import Actor
from assistant.client_record import profile
from assistant.clients import look_at
from assistant.clock import china_day
from assistant.errors import CatalogueInvalid
from assistant.follow_up_opening import of_client, refusal_of
from assistant.inbox import utc_now
from assistant.refusal import refused
from assistant.storage import Store
from assistant.suitability import (
    Audience,
    FirmPolicy,
    Kind,
    Place,
    Product,
    ProductRisk,
    Status,
    TradingPermission,
    Verdict,
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
    """How many products a file added, changed, and had as they are."""

    added: int
    changed: int
    unchanged: int


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
        Raises ClientNotFound."""
        now = self._clock()
        with self._store.write() as work:
            record = look_at(work, client_id, by, now, why="products")
            items, refusal = work.products.page(after, limit, family=family), refusal_of(work, record, [of_client(record.id)])
        client, day = profile(record), china_day(now)
        return [Judged(item, refused(verdict(client, item, day, firm=self._firm, place=place), refusal)) for item in items]

    def take(self, products: list[Product]) -> Taken:
        """Add or change products by their codes, all or none; those that are not named stay."""
        added = changed = 0
        with self._store.write() as work:
            # Always in the same order, so that two who take the same wait in turn.
            for item in sorted(products, key=lambda item: item.code):
                if work.products.add(item):
                    added += 1
                elif work.products.change(item):
                    changed += 1
        return Taken(added, changed, len(products) - added - changed)


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
