"""Reads one file in a process of its own, which may neither connect, nor start programs, nor write files, nor use up the machine.

Called as `python -m assistant.exchange.worker NAME` with the file on standard input; it prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Any, NoReturn

from assistant.errors import FileTooLarge, KnowledgeFileRefused
from assistant.exchange.kinds import kind_of
from assistant.exchange.limits import MAX_MEMORY, MAX_SECONDS
from assistant.exchange.readers import reader_of
from assistant.exchange.split import split

__all__ = ["main", "result_of"]

_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.remove", "os.rename",
              "os.truncate", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "shutil.", "ftplib.", "urllib.", "webbrowser.")


def main(name: str) -> None:
    content = sys.stdin.buffer.read()
    _limit()
    json.dump(result_of(name, content), sys.stdout)


def result_of(name: str, content: bytes) -> dict[str, Any]:
    """What is in the file, or why it was refused, as JSON values."""
    try:
        return _read(name, content)
    except KnowledgeFileRefused as error:
        return {"refused": type(error).__name__, "detail": str(error)}


def _read(name: str, content: bytes) -> dict[str, Any]:
    try:
        kind = kind_of(content, name)
        return {"kind": kind, **asdict(split(reader_of(kind)(content)))}
    except KnowledgeFileRefused:
        raise
    except (MemoryError, RecursionError) as error:
        raise FileTooLarge("Reading the file takes more memory than an import may.") from error
    except Exception as error:
        # Whatever a library meets in a broken file; what it says may quote the file, so that only its kind is told.
        raise KnowledgeFileRefused(f"The file is damaged, or not what its name says ({type(error).__name__}).") from error


def _limit() -> None:
    """From here on the process can only compute, for a while."""
    import resource

    for what, most in ((resource.RLIMIT_AS, MAX_MEMORY), (resource.RLIMIT_CPU, MAX_SECONDS), (resource.RLIMIT_FSIZE, 0),
                       (resource.RLIMIT_CORE, 0)):
        # Not every system has every limit; the caller's clock holds everywhere.
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN) or (event == "open" and _writes(arguments)):
        _stop(event)


def _writes(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) or any(letter in (mode or "") for letter in "wax+")


def _stop(event: str) -> NoReturn:
    raise PermissionError(f"{event} is not allowed while a file is read")


if __name__ == "__main__":
    main(sys.argv[1])
