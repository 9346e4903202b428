"""A linear head on a sentence vector and character n-grams: what every classifier here is made of.

Small enough to read, trained in seconds by `training.heads`, served without scikit-learn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from knowledge.grams import LONGEST_GRAM, weighed_grams

__all__ = ["TextHead", "loudest_words"]


@dataclass(frozen=True)
class TextHead:
    """Logits = vector @ `vector_weights` + tf-idf(n-grams) @ `gram_weights` + `bias`, divided by `temperature`.

    Shapes: `vector_weights` (d, L), `idf` (V,), `gram_weights` (V, L), `bias` (L,) for L labels and V n-grams.
    `thresholds`: for a multi-label head, the probability from which each label holds.
    """

    labels: tuple[str, ...]
    multi_label: bool
    vocabulary: Mapping[str, int]
    idf: np.ndarray
    vector_weights: np.ndarray
    gram_weights: np.ndarray
    bias: np.ndarray
    temperature: float = 1.0
    version: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def gram_vector(self, text: str) -> tuple[list[int], np.ndarray]:
        """Columns of the text's n-grams and their weights."""
        return weighed_grams(text, self.vocabulary, self.idf)

    def probabilities(self, text: str, vector: np.ndarray) -> np.ndarray:
        """(L,): they sum to one, or stand each for itself when the head is multi-label."""
        columns, weights = self.gram_vector(text)
        logits = vector @ self.vector_weights + self.bias
        if columns:
            logits = logits + weights @ self.gram_weights[columns]
        logits = logits / self.temperature
        if self.multi_label:
            return 1 / (1 + np.exp(-logits))
        shifted = np.exp(logits - logits.max())
        return shifted / shifted.sum()

    def words_for(self, text: str, label: str) -> str:
        """The words of a text that speak most for `label`."""
        return loudest_words(text, self.vocabulary, self.idf, self.gram_weights[:, self.labels.index(label)])

    def save(self, folder: Path, extra: Mapping[str, object] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / "weights.npz", idf=self.idf.astype(np.float32),
                            vector_weights=self.vector_weights.astype(np.float32),
                            gram_weights=self.gram_weights.astype(np.float16), bias=self.bias.astype(np.float32))
        described = {"labels": list(self.labels), "multi_label": self.multi_label, "temperature": self.temperature,
                     "version": self.version, "vocabulary": list(self.vocabulary), **(extra or {})}
        (folder / "head.json").write_text(json.dumps(described, ensure_ascii=False, indent=0), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TextHead:
        described = json.loads((folder / "head.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz") as stored:
            arrays = {name: stored[name].astype(np.float32) for name in stored.files}
        return cls(tuple(described["labels"]), described["multi_label"],
                   {gram: column for column, gram in enumerate(described["vocabulary"])},
                   temperature=described["temperature"], version=described["version"],
                   thresholds=described.get("thresholds", {}), **arrays)


def loudest_words(text: str, vocabulary: Mapping[str, int], idf: np.ndarray, voices: np.ndarray) -> str:
    """The run of characters whose n-grams speak most, by the `voices` (V,) of all n-grams, without punctuation at its ends."""
    columns, weights = weighed_grams(text, vocabulary, idf)
    said = dict(zip(columns, weights * voices[columns], strict=True))
    voice = np.zeros(len(text))
    for size in range(1, LONGEST_GRAM + 1):
        for start in range(len(text) - size + 1):
            column = vocabulary.get(text[start:start + size])
            if column in said:
                voice[start:start + size] += said[column] / size
    start, end = _loudest_run(voice)
    return text[start:end].strip(" ,。?!") or text


def _loudest_run(voice: Sequence[float] | np.ndarray) -> tuple[int, int]:
    """Start and end of the contiguous run with the largest sum (Kadane), each silent place costing a little."""
    floor = 0.15 * max(float(np.max(voice, initial=0.0)), 1e-9)
    best, best_run, total, start = -1.0, (0, len(voice)), 0.0, 0
    for end, value in enumerate(voice):
        if total <= 0:
            total, start = 0.0, end
        total += float(value) - floor
        if total > best:
            best, best_run = total, (start, end + 1)
    return best_run
