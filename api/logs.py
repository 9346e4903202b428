"""Logs as one JSON object a line on standard error, ours and the server's alike, with personal data masked."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import structlog

from assistant.privacy import mask

__all__ = ["configure"]


class _Lines(structlog.WriteLogger):
    """Writes lines by itself: the standard library's way there costs several times as much, with each request."""

    def __init__(self, name: str = "root", file: TextIO | None = None) -> None:
        super().__init__(file or sys.stderr)
        self.name = name

    def msg(self, message: str) -> None:
        # Nobody's request may fail because nobody reads the log.
        with suppress(OSError, ValueError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg


def configure(level: str) -> None:
    """Called once, by the command that serves."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _masked,
    ]
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(processors=[*shared, as_json], logger_factory=_Lines,
                        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]))
    # What libraries tell.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, as_json]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


# Never a person's: ours by name, or cut to a network before they came here.
_OURS = frozenset({"timestamp", "request_id", "level", "logger", "method", "route", "client"})


def _masked(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str) and name not in _OURS:
            event[name] = mask(value)
    return event
