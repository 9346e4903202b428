"""`zhike evaluate` and `zhike train`: commands that other packages bring, found by entry point when called."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import entry_points

import typer

__all__ = ["add"]

GROUP = "zhike.commands"
_HELP = {
    "evaluate": "Measure the assistant 评测 on the project's own questions; prints a table and writes JSON.",
    "train": "Train a model 训练: encoder, intents, needs or ranker; from data to a model folder, resumable.",
}
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def add(app: typer.Typer) -> None:
    """Register the commands by name only; nothing of theirs is imported before one is called."""
    for name, text in _HELP.items():
        app.command(name, help=text, context_settings=_PASS_ON, add_help_option=False)(_delegate(name))


def _delegate(name: str) -> Callable[[typer.Context], None]:
    def run(context: typer.Context) -> None:
        found = next(iter(entry_points(group=GROUP, name=name)), None)
        if found is None:
            _missing(name, "the package is not installed; run 'make install' or pip install -e .")
        try:
            plugin = found.load()
        except ModuleNotFoundError as error:
            _missing(name, f"{error.name} is not installed; pip install 'zhike[training]'")
        plugin(args=context.args, prog_name=f"zhike {name}")

    return run


def _missing(name: str, why: str) -> None:
    print(f"zhike: {name} is not there: {why}", file=sys.stderr)
    raise typer.Exit(2)
