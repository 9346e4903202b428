"""Vectors of training texts, kept between runs: a head trains in seconds once its texts have been encoded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.clock import china_day
from knowledge.articles import KnowledgeBase
from knowledge.encoder import Encoder
from knowledge.passages import passages_of
from knowledge.vectors import StoredVectors

__all__ = ["keep_vectors", "remembered"]

_FOLDER = Path("build/vectors")


def remembered(encoder: Encoder, texts: Sequence[str], folder: Path = _FOLDER) -> np.ndarray:
    """(n, d) for texts as search reads them; what is new is computed and added to the file of this encoder."""
    path = folder / f"{encoder.fingerprint}.npz"
    known: dict[str, np.ndarray] = {}
    if path.is_file():
        with np.load(path) as stored:
            known = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))
    new = list(dict.fromkeys(text for text in texts if text not in known))
    if new:
        known.update(zip(new, encoder.encode_passages(new), strict=True))
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(path, texts=np.array(list(known)), vectors=np.stack(list(known.values())))
    return np.stack([known[text] for text in texts])


def keep_vectors(encoder: Encoder, output: Path) -> str:
    """Write the vectors of all passages of the shipped base to `output`; returns what was written, in words."""
    base, day = KnowledgeBase.load(), china_day()
    texts = list(dict.fromkeys(passage.text for article in base.articles.values() for passage in passages_of(article, base, day)))
    StoredVectors.of(texts, remembered(encoder, texts)).save(output, encoder.fingerprint)
    return f"{len(texts)} vectors of {encoder.name} in {output}, {output.stat().st_size / 1e6:.1f} MB"
