"""Reads each past question once, for the responder before a change and the one after it: to read costs more than to search."""

from __future__ import annotations

import copy
import threading
from typing import TYPE_CHECKING, cast

from assistant.inbox import Responds
from assistant.reaching import searches
from knowledge.text import normalize

if TYPE_CHECKING:
    from intents.understand import Understander, Understood

__all__ = ["reading_once"]


class _ReadOnce:
    """In place of an Understander, of what it has read already: nothing is repaired again. Each thread remembers its last text."""

    def __init__(self, understander: Understander) -> None:
        self._understander, self._last = understander, threading.local()
        self.versions, self.entity_types = understander.versions, understander.entity_types

    def repaired(self, text: str) -> str:
        return normalize(text)

    def read(self, text: str, *, said: str | None = None, as_question: str | None = None) -> Understood:
        key = (text, said, as_question)
        if getattr(self._last, "key", None) != key:
            self._last.value = self._understander.read(text, said=said or normalize(text), as_question=as_question)
            self._last.key = key
        return cast("Understood", self._last.value)


def reading_once(before: Responds, after: Responds) -> tuple[Responds, Responds]:
    """Responders that answer as these two do what was read and repaired before; the same ones where nothing is known of them."""
    if not searches(before) or not searches(after) or before.understander is not after.understander:
        return before, after
    reading = _ReadOnce(before.understander)
    shared = copy.copy(before), copy.copy(after)
    for responder in shared:
        responder.understander = cast("Understander", reading)
    return shared
