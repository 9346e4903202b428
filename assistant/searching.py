"""Whether what answers has an index and models."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from assistant.inbox import Responds

if TYPE_CHECKING:
    from assistant.turn import Responder

__all__ = ["searches"]


def searches(responder: Responds) -> TypeGuard[Responder]:
    """Whether it is one with an index and models, and no double of it."""
    # Models take a second to import; whoever only needs the store should not wait for them.
    from assistant.turn import Responder

    return isinstance(responder, Responder)
