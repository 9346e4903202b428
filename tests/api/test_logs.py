"""Logs are lines of JSON without personal data, and nobody's request fails because a line can't be written."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from api.logs import configure


class Full(io.StringIO):
    """A disk without room."""

    def write(self, _: str) -> int:
        raise OSError("No space left on device")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, told = root.handlers[:], root.level, structlog.get_config()
    yield
    structlog.configure(**told)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_has_what_was_said_and_no_phone_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", written := io.StringIO())
    configure("info")
    structlog.get_logger("access").info("request", text="我的手机13800138000", route="/v1/x")
    structlog.get_logger("access").debug("too fine")
    logging.getLogger("uvicorn").warning("a library says %s", "this")
    ours, theirs = map(json.loads, written.getvalue().splitlines())
    assert (ours["event"], ours["logger"], ours["level"], ours["route"]) == ("request", "access", "info", "/v1/x")
    assert "13800138000" not in ours["text"] and ours["timestamp"]
    assert (theirs["event"], theirs["logger"]) == ("a library says this", "uvicorn")


def test_a_line_that_cannot_be_written_is_lost_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Full())
    configure("info")
    structlog.get_logger().error("fault", exc_info=ValueError("x"))
