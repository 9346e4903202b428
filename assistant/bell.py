"""Tells the listeners of this process that a conversation has new events. Only a hint: the outbox is the record."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Bell"]

Listener = Callable[[str], None]


class Bell:
    """Rung from any thread, after commit, with the conversation's id."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; what comes back takes it away again."""
        self._listeners = (*self._listeners, listener)

        def stop() -> None:
            self._listeners = tuple(kept for kept in self._listeners if kept is not listener)

        return stop

    def ring(self, conversation_id: str) -> None:
        for listener in self._listeners:
            listener(conversation_id)
