"""`zhike audit`: the audit trail, verified and exported."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from api.commands.loading import opened_store, progress, who_types
from api.commands.moments import a_moment

__all__ = ["app"]

app = typer.Typer(help="The audit trail 审计留痕: verify, export.", no_args_is_help=True)
_SINCE = "First moment, e.g. 2026-07-01 or 2026-07-01T10:30 (China time unless it says)."


@app.command("verify")
def verify(
    known: Annotated[str | None, typer.Option(
        metavar="SEQ:HASH", help="An entry that was noted elsewhere and must still be there: the head of an earlier run.")] = None,
) -> None:
    """Walk the whole chain 校验 and name the first broken entry (exit code 1), or print its head, to be noted elsewhere."""
    from assistant.trail import AuditTrail

    noted = _noted(known) if known else None
    with opened_store() as store, progress() as report:
        found = AuditTrail(store).verify(known=noted, progress=report)
    if found.broken:
        print(f"Entry {found.broken.seq} is broken: {found.broken.reason}.")
        raise typer.Exit(1)
    print(f"The trail holds: {found.head.seq} entries, head {found.head.seq}:{found.head.hash}" if found.head
          else "The trail is empty.")


@app.command("export")
def export(
    since: Annotated[str | None, typer.Option(help=_SINCE)] = None,
    until: Annotated[str | None, typer.Option(help="The moment before which it ends.")] = None,
) -> None:
    """Write entries as JSON lines 导出 to standard output. The export is itself recorded.

    Example: zhike audit export --since 2026-07-01 --until 2026-08-01 > july.jsonl
    """
    from assistant.trail import AuditTrail

    first, end = since and a_moment(since, "--since"), until and a_moment(until, "--until")
    with opened_store() as store:
        for entry in AuditTrail(store).export(who_types(), since=first or None, until=end or None):
            sys.stdout.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")


def _noted(text: str) -> tuple[int, str]:
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text)
    if not found:
        raise typer.BadParameter("is not what an earlier run printed as its head; expected SEQ:HASH", param_hint="--known")
    return int(found[1]), found[2]
