"""`zhike batch`: many questions, from one file of JSON lines to another."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from api.commands.loading import opened, progress

__all__ = ["batch"]

_AHEAD = 8
_IN = 'Lines of {"q": "…"} or {"turns": ["…", "…"]}; "-" is standard input. Other keys are carried through.'
_OUT = 'Where the lines with "result" go; "-" is standard output.'
Answer = Callable[[int, bytes], tuple[bytes, bool]]


def batch(
    source: Annotated[str, typer.Argument(metavar="IN.jsonl", help=_IN)],
    out: Annotated[str, typer.Option(metavar="OUT.jsonl", help=_OUT)] = "-",
) -> None:
    """Answer a file of questions 批量应答, in order.

    A bad line gets "error" in place of "result", and the exit code is 1.

    Example: zhike batch questions.jsonl --out replies.jsonl
    """
    from api.commands.batch_lines import Answerer
    from assistant.settings import load_settings

    if out != "-" and source != "-" and Path(out).resolve() == Path(source).resolve():
        raise typer.BadParameter("is the input itself", param_hint="--out")
    settings = load_settings()
    with (_stream(source, "rb", sys.stdin.buffer, "IN.jsonl") as lines, _stream(out, "wb", sys.stdout.buffer, "--out") as sink,
          opened(settings) as application):
        answerer = Answerer(application.responder, max_length=settings.max_message_length)
        bad = _run(answerer.answer, lines, sink)
    if bad:
        print(f"zhike: {bad} lines could not be answered; see \"error\" in them", file=sys.stderr)
        raise typer.Exit(1)


def _run(answer: Answer, lines: Iterable[bytes], sink: BinaryIO) -> int:
    """Answer with a thread for each core, write in order; how many lines were bad."""
    bad = done = 0
    with progress() as report:
        for line, good in _in_order(answer, lines):
            sink.write(line)
            sink.flush()
            done, bad = done + 1, bad + (not good)
            report("answering", done, 0)
    return bad


def _in_order(answer: Answer, lines: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    workers = os.cpu_count() or 1
    running: deque[Future[tuple[bytes, bool]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            running.append(pool.submit(answer, number, line))
            # A bounded lead: input of any length streams through constant memory.
            while running and (running[0].done() or len(running) >= workers * _AHEAD):
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


@contextmanager
def _stream(path: str, mode: str, standard: BinaryIO, hint: str) -> Iterator[BinaryIO]:
    """The file, or the standard stream where the path is `-`."""
    if path == "-":
        yield standard
        return
    try:
        stream = open(path, mode)  # noqa: SIM115
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}", param_hint=hint) from None
    with stream:
        yield stream
