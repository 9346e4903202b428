"""Vectors of training texts, kept between runs: a head trains in seconds once its texts have been encoded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.encoder import Encoder

__all__ = ["remembered"]

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
