"""Moments as they are typed for an option."""

from __future__ import annotations

from datetime import datetime

import typer

__all__ = ["a_moment"]


def a_moment(text: str, option: str) -> datetime:
    """ISO 8601, a day or a day and a time; China's time unless it says. Raises BadParameter."""
    from assistant.clock import CHINA

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no moment; expected 2026-07-01 or 2026-07-01T10:30",
                                 param_hint=option) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
