"""`zhike models`: the trained models, by name."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.loading import opened_store, who_types

__all__ = ["app"]

app = typer.Typer(help="Trained models 模型: list, and use one or go back to another by name.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """List the models that were trained here 模型列表, oldest first; a star marks those in use."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from assistant.named_models import SHIPPED, NamedModels
    from assistant.settings import load_settings

    settings = load_settings()
    models = NamedModels(settings.data)
    used = str(settings.models) if settings.models else models.in_use()
    table = Table("", "Name", "Made", "Encoder", "Compared", box=box.SIMPLE)
    table.add_row("*" if used == SHIPPED else "", SHIPPED, "", "", "")
    verdicts = {None: "no", True: "not worse, or forced", False: "worse: refused"}
    for item in models.all():
        table.add_row("*" if used in (item.name, str(item.folder)) else "", item.name, f"{item.made_at:%Y-%m-%d %H:%M}", item.encoder,
                      verdicts[item.passed])
    Console(markup=False, highlight=False).print(table)
    if settings.models:
        print(f"ZHIKE_MODELS names {settings.models}, and goes before zhike models use.")


@app.command("use")
def use(
    name: Annotated[str, typer.Argument(help="As zhike models list shows it; shipped for those that came with Zhike.")],
    force: Annotated[bool, typer.Option("--force", help="Even models that were found worse.")] = False,
) -> None:
    """Serve with these models from the next start on 选用模型. The same command goes back to earlier ones."""
    from datetime import UTC, datetime

    from assistant.audit import Action
    from assistant.named_models import NamedModels
    from assistant.settings import load_settings

    settings = load_settings()
    models = NamedModels(settings.data)
    before = models.in_use()
    models.use(name, force=force)
    with opened_store() as store, store.write() as work:
        work.audit.record(Action.MODELS_CHOSEN, who_types(), datetime.now(UTC), subject=f"models:{name}",
                          details={"before": before, "forced": force})
    print(f"{name} in use from the next start on; before: {before}")
    if settings.models:
        print(f"ZHIKE_MODELS names {settings.models}, and goes before this choice.")
