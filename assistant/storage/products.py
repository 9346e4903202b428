"""The firm's catalogue of products."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from assistant.storage.rows import insert_new
from assistant.storage.tables import product
from assistant.suitability import Audience, Kind, Product, ProductRisk, Status, TradingPermission

__all__ = ["Products"]


class Products:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: Product) -> bool:
        """Whether it was added; not where there is a product with its code."""
        return insert_new(self._connection, product, _values(item))

    def change(self, item: Product) -> Product | None:
        """In place of the product with its code; the one before, None where there was none or it was the same."""
        held = self._connection.execute(select(product).where(product.c.code == item.code).with_for_update()).mappings().one_or_none()
        before = held and _to_product(held)
        if before is None or before == item:
            return None
        self._connection.execute(update(product).where(product.c.code == item.code).values(_values(item)))
        return before

    def page(self, after: str, limit: int, *, family: str | None = None) -> list[Product]:
        """Products with greater codes, in order."""
        query = select(product).where(product.c.code > after).order_by(product.c.code).limit(limit)
        if family:
            query = query.where(product.c.family == family)
        return [_to_product(row) for row in self._connection.execute(query).mappings()]


def _values(item: Product) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in item.__dataclass_fields__}
    return {**values, "permissions": sorted(item.permissions)}


def _to_product(row: RowMapping) -> Product:
    return Product(**{
        **row, "risk": ProductRisk(row["risk"]), "kind": Kind(row["kind"]), "audience": Audience(row["audience"]),
        "status": Status(row["status"]), "permissions": frozenset(TradingPermission(item) for item in row["permissions"])})
