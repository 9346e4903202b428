"""`zhike config`: what is set, and where."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["config"]


def config(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show every setting 查看设置, its value and where it came from: the environment, the file, or its default."""
    import json
    from dataclasses import asdict

    from assistant.settings import PREFIX, load_settings, origins, settings_file

    settings = origins(load_settings())
    if as_json:
        print(json.dumps([asdict(setting) for setting in settings], ensure_ascii=False, indent=2))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("Setting", "Value", "From", "Meaning", box=box.SIMPLE)
    for setting in settings:
        style = "" if setting.origin == "default" else "bold"
        name = f"{PREFIX}{setting.name.upper()}"
        table.add_row(name, setting.value, setting.origin, setting.description, style=style)
    console = Console(markup=False, highlight=False)
    console.print(table)
    path = settings_file()
    console.print(f"File: {path} ({'read' if path.is_file() else 'not there'})")
