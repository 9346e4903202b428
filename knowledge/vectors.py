"""Vectors of texts in one small file, so that what was computed once need not be computed at every first start."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

__all__ = ["SHIPPED", "StoredVectors"]

# Of the questions and answers that ship, under the encoder that ships; `zhike train vectors` writes it.
SHIPPED = Path(__file__).parent / "models" / "vectors.npz"
_LEVELS = 127


class StoredVectors(Mapping[str, np.ndarray]):
    """Text to its unit vector, float32 (d,), kept as one byte a number: the cosine to what was computed is above 0.9999.

    Texts are known by a digest alone, so they can be looked up, not listed.
    """

    def __init__(self, digests: np.ndarray, codes: np.ndarray) -> None:
        """`digests` uint64 (n,) and `codes` int8 (n, d)."""
        self._row = {int(digest): row for row, digest in enumerate(digests)}
        self._codes = codes

    @classmethod
    def of(cls, texts: Sequence[str], vectors: np.ndarray) -> StoredVectors:
        """`vectors` float32 (n, d)."""
        largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-12)
        return cls(np.array([_digest(text) for text in texts], np.uint64), np.rint(vectors / largest * _LEVELS).astype(np.int8))

    @classmethod
    def load(cls, path: Path, fingerprint: str) -> StoredVectors:
        """What the file holds for the encoder with this fingerprint: nothing where it is another's, or is not there."""
        if path.is_file():
            with np.load(path) as stored:
                if str(stored["fingerprint"]) == fingerprint:
                    return cls(stored["digests"], stored["codes"])
        return cls(np.empty(0, np.uint64), np.empty((0, 0), np.int8))

    def save(self, path: Path, fingerprint: str) -> None:
        np.savez(path, fingerprint=np.array(fingerprint), digests=np.array(list(self._row), np.uint64), codes=self._codes)

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and _digest(text) in self._row

    def __getitem__(self, text: str) -> np.ndarray:
        row = self._row.get(_digest(text))
        if row is None:
            raise KeyError(text)
        vector = self._codes[row].astype(np.float32)
        return vector / np.linalg.norm(vector)

    def __len__(self) -> int:
        return len(self._row)

    def __iter__(self) -> Iterator[str]:
        raise TypeError("texts are kept as digests; look one up")


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
