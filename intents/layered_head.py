"""A head with one hidden layer, for labels that no plane divides: small enough to read, and served without scikit-learn.

Several networks stand in it side by side as one: their hidden units in a row, the weights behind them divided by their number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from knowledge.grams import LONGEST_GRAM, GramProjection, weighed_grams

__all__ = ["LayeredHead"]

_WEIGHTS, _CARD = "weights.npz", "head.json"


@dataclass(frozen=True, eq=False)
class LayeredHead:
    """Logits = relu((features - `centre`) @ `hidden` + `hidden_bias`) @ `output` + `output_bias`; the features are those of `projection`.

    Shapes: `centre` (d + p,), `hidden` (d + p, h), `hidden_bias` (h,), `output` (h, L), `output_bias` (L,) for L `labels`.
    `thresholds`: for a multi-label head, the probability from which each label holds.
    """

    labels: tuple[str, ...]
    projection: GramProjection
    centre: np.ndarray
    hidden: np.ndarray
    hidden_bias: np.ndarray
    output: np.ndarray
    output_bias: np.ndarray
    multi_label: bool = False
    thresholds: Mapping[str, float] = field(default_factory=dict)

    @property
    def dimension(self) -> int:
        """d, of the encoder that it belongs to."""
        return len(self.centre) - self.projection.signs.shape[1]

    @property
    def version(self) -> str:
        return hashlib.sha256(self.hidden.astype(np.float16).tobytes() + self.output.astype(np.float16).tobytes()).hexdigest()[:12]

    def probabilities(self, text: str, vector: np.ndarray) -> np.ndarray:
        """(L,) for a normalised text without fillers and its vector (d,): they sum to one, or stand each for itself when the head is
        multi-label."""
        logits = np.maximum(self._before(text, vector), 0.0) @ self.output + self.output_bias
        if self.multi_label:
            return 1 / (1 + np.exp(-logits))
        odds = np.exp(logits - logits.max())
        return odds / odds.sum()

    def words_for(self, text: str, label: str, vector: np.ndarray) -> str:
        """The words of a text that speak most for `label`: what its n-grams add to the logit (gradient times input)."""
        open_ = self._before(text, vector) > 0
        towards = self.hidden[self.dimension:] @ (open_ * self.output[:, self.labels.index(label)])
        columns, _ = weighed_grams(text, self.projection.vocabulary, self.projection.idf)
        voices = np.zeros(len(self.projection.idf))
        voices[columns] = self.projection.scale * (self.projection.signs[columns] @ towards)
        return _loudest_words(text, self.projection.vocabulary, self.projection.idf, voices)

    def _before(self, text: str, vector: np.ndarray) -> np.ndarray:
        """(h,) what comes into the hidden layer."""
        features = self.projection.features(text, vector) - self.centre
        return features.astype(np.float32) @ self.hidden + self.hidden_bias

    def save(self, folder: Path, extra: Mapping[str, object] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / _WEIGHTS, centre=self.centre.astype(np.float32), hidden=self.hidden.astype(np.float16),
                            hidden_bias=self.hidden_bias.astype(np.float32), output=self.output.astype(np.float16),
                            output_bias=self.output_bias.astype(np.float32), **self.projection.arrays())
        described = {"labels": list(self.labels), "multi_label": self.multi_label, "version": self.version, **(extra or {})}
        (folder / _CARD).write_text(json.dumps(described, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LayeredHead:
        """Raises ValueError for a head without a hidden layer, as earlier versions trained them."""
        described = json.loads((folder / _CARD).read_text(encoding="utf-8"))
        with np.load(folder / _WEIGHTS) as stored:
            if "hidden" not in stored.files:
                raise ValueError(f"{folder} holds a head of an earlier version; train it again with zhike train {folder.name}")
            layers = [stored[name].astype(np.float32) for name in ("centre", "hidden", "hidden_bias", "output", "output_bias")]
            return cls(tuple(described["labels"]), GramProjection.of(stored), *layers, described.get("multi_label", False),
                       described.get("thresholds", {}))


def _loudest_words(text: str, vocabulary: Mapping[str, int], idf: np.ndarray, voices: np.ndarray) -> str:
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
