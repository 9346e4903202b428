"""`zhike product`: the firm's catalogue of products."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.loading import opened_store, who_types

__all__ = ["app"]

app = typer.Typer(help="The catalogue of products 产品目录: import.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The catalogue of products 产品目录: import."""


@app.command("import")
def import_(source: Annotated[Path, typer.Argument(metavar="FILE", help="A TOML file; its fields: docs/suitability.md.")]) -> None:
    """Add or change products 导入 by their codes, all or none. A product that is sold no more gets status = "ended".

    Example: zhike product import products.toml
    """
    from assistant.catalogue import Catalogue, read_products
    from assistant.suitability import FirmPolicy

    products = read_products(source)
    with opened_store() as store:
        taken = Catalogue(store, FirmPolicy()).take(products, who_types())
    print(f"{taken.added} added, {taken.changed} changed, {taken.unchanged} as they were")
