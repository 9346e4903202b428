"""Opens the application for a command, with progress on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assistant.who_types import who_types

if TYPE_CHECKING:
    from assistant.audit import Actor
    from assistant.bootstrap import Application
    from assistant.settings import Settings
    from assistant.storage import Store

__all__ = ["one_thread_a_reply", "opened", "opened_store", "progress", "who_types"]


def one_thread_a_reply() -> None:
    """Keep NumPy's products in the thread that asks, unless the environment says otherwise; before NumPy is imported.

    A reply's are too small to share: the other threads would only spin, and take a third of the processor from other replies.
    """
    # Of OpenBLAS, which comes with NumPy; what PyTorch computes for somebody's own encoder is large enough to share.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@contextmanager
def opened(settings: Settings | None = None, by: Actor | None = None) -> Iterator[Application]:
    """The application, closed at the end; `by` takes in what changed in the files of knowledge, the service itself without."""
    one_thread_a_reply()
    from assistant.audit import SYSTEM
    from assistant.bootstrap import open_application
    from assistant.settings import load_settings

    settings = settings or load_settings()
    with progress() as report:
        application = open_application(settings, report, by or SYSTEM)
    try:
        yield application
    finally:
        application.close()


@contextmanager
def opened_store() -> Iterator[Store]:
    """Only the database, for what needs no knowledge and no models."""
    from assistant.settings import load_settings
    from assistant.storage import Store

    settings = load_settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    store = Store.open(settings.database_url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error for each long step, or nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total or None)
            bar.update(tasks[what], completed=done, total=total or None)

        yield report
