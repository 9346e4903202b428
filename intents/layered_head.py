"""A head with one hidden layer, for labels that no plane divides: small enough to read, and served without scikit-learn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from intents.head import loudest_words
from knowledge.grams import GramProjection, weighed_grams

__all__ = ["LayeredHead"]

_WEIGHTS, _CARD = "weights.npz", "head.json"


@dataclass(frozen=True, eq=False)
class LayeredHead:
    """Logits = relu((features - `centre`) @ `hidden` + `hidden_bias`) @ `output` + `output_bias`; the features are those of `projection`.

    Shapes: `centre` (d + p,), `hidden` (d + p, h), `hidden_bias` (h,), `output` (h, L), `output_bias` (L,) for L `labels`.
    """

    labels: tuple[str, ...]
    projection: GramProjection
    centre: np.ndarray
    hidden: np.ndarray
    hidden_bias: np.ndarray
    output: np.ndarray
    output_bias: np.ndarray

    @property
    def dimension(self) -> int:
        """d, of the encoder that it belongs to."""
        return len(self.centre) - self.projection.signs.shape[1]

    @property
    def version(self) -> str:
        return hashlib.sha256(self.hidden.astype(np.float16).tobytes() + self.output.astype(np.float16).tobytes()).hexdigest()[:12]

    def probabilities(self, text: str, vector: np.ndarray) -> np.ndarray:
        """(L,), which sum to one, for a normalised text without fillers and its vector (d,)."""
        logits = np.maximum(self._before(text, vector), 0.0) @ self.output + self.output_bias
        odds = np.exp(logits - logits.max())
        return odds / odds.sum()

    def words_for(self, text: str, label: str, vector: np.ndarray) -> str:
        """The words of a text that speak most for `label`: what its n-grams add to the logit (gradient times input)."""
        open_ = self._before(text, vector) > 0
        towards = self.hidden[self.dimension:] @ (open_ * self.output[:, self.labels.index(label)])
        columns, _ = weighed_grams(text, self.projection.vocabulary, self.projection.idf)
        voices = np.zeros(len(self.projection.idf))
        voices[columns] = self.projection.scale * (self.projection.signs[columns] @ towards)
        return loudest_words(text, self.projection.vocabulary, self.projection.idf, voices)

    def _before(self, text: str, vector: np.ndarray) -> np.ndarray:
        """(h,) what comes into the hidden layer."""
        features = self.projection.features(text, vector) - self.centre
        return features.astype(np.float32) @ self.hidden + self.hidden_bias

    def save(self, folder: Path, extra: Mapping[str, object] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / _WEIGHTS, centre=self.centre.astype(np.float32), hidden=self.hidden.astype(np.float16),
                            hidden_bias=self.hidden_bias.astype(np.float32), output=self.output.astype(np.float16),
                            output_bias=self.output_bias.astype(np.float32), **self.projection.arrays())
        described = {"labels": list(self.labels), "version": self.version, **(extra or {})}
        (folder / _CARD).write_text(json.dumps(described, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LayeredHead:
        """Raises ValueError for a head without a hidden layer, as earlier versions trained them."""
        labels = tuple(json.loads((folder / _CARD).read_text(encoding="utf-8"))["labels"])
        with np.load(folder / _WEIGHTS) as stored:
            if "hidden" not in stored.files:
                raise ValueError(f"{folder} holds a head of an earlier version; train it again with zhike train sensitive")
            layers = [stored[name].astype(np.float32) for name in ("centre", "hidden", "hidden_bias", "output", "output_bias")]
            return cls(labels, GramProjection.of(stored), *layers)
