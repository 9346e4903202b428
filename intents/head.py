"""A linear head on a sentence vector and character n-grams: what tells intents and tone.

Small enough to read, trained in seconds by `training.heads`, served without scikit-learn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.grams import weighed_grams

__all__ = ["TextHead"]


@dataclass(frozen=True)
class TextHead:
    """Logits = vector @ `vector_weights` + tf-idf(n-grams) @ `gram_weights` + `bias`, divided by `temperature`.

    Shapes: `vector_weights` (d, L), `idf` (V,), `gram_weights` (V, L), `bias` (L,) for L labels and V n-grams.
    """

    labels: tuple[str, ...]
    vocabulary: Mapping[str, int]
    idf: np.ndarray
    vector_weights: np.ndarray
    gram_weights: np.ndarray
    bias: np.ndarray
    temperature: float = 1.0
    version: str = ""

    @property
    def dimension(self) -> int:
        """d, of the encoder that it belongs to."""
        return len(self.vector_weights)

    def probabilities(self, text: str, vector: np.ndarray) -> np.ndarray:
        """(L,), which sum to one."""
        columns, weights = weighed_grams(text, self.vocabulary, self.idf)
        logits = vector @ self.vector_weights + self.bias
        if columns:
            logits = logits + weights @ self.gram_weights[columns]
        logits = logits / self.temperature
        shifted = np.exp(logits - logits.max())
        return shifted / shifted.sum()

    def save(self, folder: Path, extra: Mapping[str, object] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / "weights.npz", idf=self.idf.astype(np.float32),
                            vector_weights=self.vector_weights.astype(np.float32),
                            gram_weights=self.gram_weights.astype(np.float16), bias=self.bias.astype(np.float32))
        described = {"labels": list(self.labels), "temperature": self.temperature,
                     "version": self.version, "vocabulary": list(self.vocabulary), **(extra or {})}
        (folder / "head.json").write_text(json.dumps(described, ensure_ascii=False, indent=0), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TextHead:
        described = json.loads((folder / "head.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz") as stored:
            arrays = {name: stored[name].astype(np.float32) for name in stored.files}
        return cls(tuple(described["labels"]), {gram: column for column, gram in enumerate(described["vocabulary"])},
                   temperature=described["temperature"], version=described["version"], **arrays)
