"""`zhike index`: the search index, built ahead of the first start."""

from __future__ import annotations

import typer

from api.commands.loading import opened

__all__ = ["app"]

app = typer.Typer(help="The search index 检索索引.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The search index 检索索引."""


@app.command("build")
def build() -> None:
    """Build what serving needs 建立索引 (database, index), so that the first start is quick. Does nothing twice."""
    with opened() as application:
        print(f"knowledge version {application.knowledge_version}: index ready in {application.settings.data}")
