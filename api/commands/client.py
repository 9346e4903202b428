"""`zhike client`: the records of clients, taken from the firm's own files."""

from __future__ import annotations

import csv
import sys
from contextlib import ExitStack
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.loading import opened_store, progress, who_types

if TYPE_CHECKING:
    from assistant.client_import import Rejected

__all__ = ["app"]

app = typer.Typer(help="Records of clients 客户档案: import, and tokens to try.", no_args_is_help=True)
_SHOWN = 10


@app.callback()
def _group() -> None:
    """Records of clients 客户档案: import, and tokens to try."""


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv or .parquet file; its columns: docs/clients.md.")],
    encoding: Annotated[str, typer.Option(help="Of a CSV file; gb18030 for files that Chinese Excel wrote.")] = "utf-8",
    rejected: Annotated[Path | None, typer.Option(
        help="Where the rows that were not taken are listed; FILE with .rejected.csv at its end otherwise.")] = None,
) -> None:
    """Take client records in 导入, each by its id: the same file again changes nothing. Exit code 1 with rows rejected.

    Example: zhike client import clients.parquet
    """
    from assistant.client_files import ClientFile
    from assistant.client_import import ClientImport

    report = _Report(rejected or source.with_name(f"{source.name}.rejected.csv"))
    with report, opened_store() as store, progress() as tell:
        counts = ClientImport(store, who_types()).take(ClientFile(source, encoding=encoding), report, tell)
    print(f"{counts.added} added, {counts.changed} changed, {counts.unchanged} as they were, {counts.rejected} rejected")
    if counts.rejected:
        print(f"Rows that were not taken, with reasons: {report.path}", file=sys.stderr)
        raise typer.Exit(1)


@app.command("token")
def token(
    client_id: Annotated[str, typer.Argument(metavar="ID", help="The firm's number for the client, such as DEMO-001.")],
    minutes: Annotated[int, typer.Option(min=1, max=10, help="How long it counts.")] = 10,
) -> None:
    """Print a signed token for trying 客户令牌, as the firm's back end would make one with ZHIKE_CLIENT_TOKEN_SECRET.

    Example: zhike client token DEMO-001
    """
    from datetime import timedelta

    from assistant.inbox import utc_now
    from assistant.settings import load_settings
    from assistant.vouching import Vouching

    settings = load_settings()
    secret = settings.client_token_secret
    vouching = Vouching.open(secret and secret.get_secret_value(), settings.client_token_public_key, settings.client_token_audience)
    print(vouching.issue(client_id, now=utc_now(), life=timedelta(minutes=minutes)))


class _Report:
    """Rejected rows as a CSV file, made with the first of them; the first few on standard error too."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open = ExitStack()
        self._count = 0

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def __call__(self, fault: Rejected) -> None:
        if self._count == 0:
            # With a byte order mark, or Excel takes it for another encoding.
            self._writer = csv.writer(self._open.enter_context(self.path.open("w", encoding="utf-8-sig", newline="")))
            self._writer.writerow(("row", "id", "field", "reason"))
        self._count += 1
        self._writer.writerow(astuple(fault))
        if self._count <= _SHOWN:
            field = f"{fault.field}: " if fault.field else ""
            print(f"row {fault.row}: {field}{fault.reason}", file=sys.stderr)
