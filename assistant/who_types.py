"""Who runs a command on the machine, as the audit trail names them."""

from __future__ import annotations

import getpass
import os

from assistant.audit import Actor

__all__ = ["who_types"]


def who_types() -> Actor:
    """By the operating system's account."""
    try:
        return Actor(f"os:{getpass.getuser()}"[:80])
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        return Actor(f"os:{os.getuid()}")
