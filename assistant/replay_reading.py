"""Reads each past question once, for the responder before a change and the one after it: to read costs more than to search."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from assistant.inbox import Responds
from assistant.searching import searches
from knowledge.text import normalize

if TYPE_CHECKING:
    from intents.understand import Understander, Understood
    from knowledge.encoder import Encoder
    from knowledge.nearby import Nearby

__all__ = ["reading_once"]


class _Knowing:
    """In place of an encoder, for queries: those whose vectors are known are not computed."""

    def __init__(self, encoder: Encoder, vectors: Mapping[str, np.ndarray]) -> None:
        self._encoder, self._vectors = encoder, vectors

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        if all(text in self._vectors for text in texts):
            return np.stack([self._vectors[text] for text in texts])
        return self._encoder.encode_queries(texts)


class _ReadOnce:
    """In place of an Understander. Each thread remembers its last text, and what it read; `as_read`: nothing is repaired again."""

    def __init__(self, understander: Understander, *, as_read: bool) -> None:
        self._understander, self._as_read, self._last = understander, as_read, threading.local()
        self.versions, self.entity_types = understander.versions, understander.entity_types

    def repaired(self, text: str) -> str:
        if self._as_read:
            return normalize(text)
        if getattr(self._last, "text", None) != text:
            self._last.repaired, self._last.text = self._understander.repaired(text), text
        return cast("str", self._last.repaired)

    def read(self, text: str, *, said: str | None = None, as_question: str | None = None) -> Understood:
        key = (text, said, as_question)
        if getattr(self._last, "key", None) != key:
            self._last.value = self._understander.read(text, said=said or self.repaired(text), as_question=as_question)
            self._last.key = key
        return cast("Understood", self._last.value)


def reading_once(before: Responds, after: Responds, *, as_read: bool = True, vectors: Mapping[str, np.ndarray] | None = None,
                 nearby: Nearby | None = None) -> tuple[Responds, Responds]:
    """Responders that answer as these two do; the same ones where nothing is known of them.

    `as_read`: as they do what was read and repaired before. `vectors` of questions, by what is searched for, are not computed again;
    what lies nearest to them in what both indexes share is searched for once, where there is a `nearby` to keep it.
    """
    if not searches(before) or not searches(after) or before.understander is not after.understander:
        return before, after
    known = cast("Encoder", _Knowing(before.index.encoder, vectors)) if vectors else None
    reading = _ReadOnce(before.understander.replaying(known), as_read=as_read)
    shared = copy.copy(before), copy.copy(after)
    for responder in shared:
        responder.understander = cast("Understander", reading)
        if nearby is not None:
            responder.index = responder.index.remembering(nearby)
    return shared
