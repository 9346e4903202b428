"""The vectors of clients' questions, kept in the store: a replay and a grouping need them by the thousand."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from assistant.storage import Store

__all__ = ["Encodes", "QuestionVectors"]

Progress = Callable[[int, int], None]
_AT_ONCE = 64


class Encodes(Protocol):
    """What of an encoder is needed here."""

    @property
    def dimension(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray: ...


class QuestionVectors:
    """Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def kept(self, texts: Sequence[str], encoder: Encodes) -> dict[str, np.ndarray]:
        """Text → vector (d,), of those that are known; nothing is computed."""
        with self._store.read() as work:
            return work.questions.vectors(encoder.fingerprint, dict.fromkeys(texts))

    def of(self, texts: Sequence[str], encoder: Encodes, progress: Progress | None = None) -> np.ndarray:
        """(len(texts), d) float32, as search would encode each; those that were not known are computed, and kept.

        `texts` are masked, and read as search reads them (`text.content`).
        """
        wanted, fingerprint = list(dict.fromkeys(texts)), encoder.fingerprint
        with self._store.read() as work:
            found = work.questions.vectors(fingerprint, wanted)
        new = [text for text in wanted if text not in found]
        parts = [new[start:start + _AT_ONCE] for start in range(0, len(new), _AT_ONCE)]
        done = 0
        # The model runs without Python's lock.
        pool = ThreadPoolExecutor(os.cpu_count() or 1)
        try:
            for part, vectors in zip(parts, pool.map(encoder.encode_queries, parts), strict=True):
                made = dict(zip(part, vectors, strict=True))
                with self._store.write() as work:
                    work.questions.keep_vectors(fingerprint, made)
                found.update(made)
                done += len(part)
                if progress:
                    progress(done, len(new))
        finally:
            pool.shutdown(cancel_futures=True)
        return np.stack([found[text] for text in texts]) if texts else np.empty((0, encoder.dimension), np.float32)
