"""`zhike follow-up`: what came of the needs that were flagged."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from api.commands.loading import opened_store, who_types
from api.commands.moments import a_moment

__all__ = ["app"]

app = typer.Typer(help="Follow-ups 跟进: export of outcomes.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Follow-ups 跟进: export of outcomes."""


@app.command("export")
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="File to write; - is standard output.")],
    since: Annotated[str | None, typer.Option(help="Opened from this moment on, such as 2026-07-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Opened before this moment.")] = None,
) -> None:
    """Write flags with what agents said of them 导出, one a line and masked: data that the reader of needs can be trained on.

    Example: zhike follow-up export outcomes.jsonl --since 2026-07-01
    """
    import sys

    from assistant.bell import Bell
    from assistant.follow_up_policy import load_follow_up_policy
    from assistant.follow_ups import FollowUps
    from assistant.suitability import FirmPolicy

    moments = {name: a_moment(text, f"--{name}") for name, text in (("since", since), ("until", until)) if text}
    written = 0
    with opened_store() as store, nullcontext(sys.stdout) if str(out) == "-" else out.open("w", encoding="utf-8") as lines:
        for line in FollowUps(store, Bell(), load_follow_up_policy(), FirmPolicy()).export(who_types(), **moments):
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
            written += 1
    print(f"{written} outcomes", file=sys.stderr)
