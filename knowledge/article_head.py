"""Which article a question's vector speaks for: a linear head over all articles, which reads new ones off their questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

__all__ = ["NO_ARTICLE", "ArticleHead"]

# The name under which training learned what no article answers.
NO_ARTICLE = ""
_FILE = "articles.npz"


@dataclass(frozen=True)
class ArticleHead:
    """Logits = vector @ `weights`.T + `bias`. Shapes: `weights` (n, d), `bias` (n,) for n `articles`, NO_ARTICLE among them.

    An article that training has not seen gets weights from the mean of its questions' vectors: (mean - `centre`) @ `imprint`, and a bias
    by which `centre` itself comes to `level`. This is weight imprinting (Qi, Brown and Lowe, CVPR 2018) along the directions of least
    squares, on the scale of the trained weights. Shapes: `centre` (d,), `imprint` (d, d).
    """

    articles: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray
    centre: np.ndarray
    imprint: np.ndarray
    level: float

    def among(self, articles: Iterable[str], mean_vectors: Callable[[Iterable[str]], Mapping[str, np.ndarray]]) -> ArticleHead:
        """The head of a base with these `articles`; of those that training has not seen, `mean_vectors` gives the means (d,)."""
        place = {name: number for number, name in enumerate(self.articles)}
        names = [NO_ARTICLE, *articles]
        known = [name for name in names if name in place]
        means = mean_vectors([name for name in names if name not in place])
        new = list(means)
        rows = [place[name] for name in known]
        weights, bias = self.weights[rows], self.bias[rows]
        if new:
            made = (np.stack(list(means.values())) - self.centre) @ self.imprint
            weights, bias = np.vstack([weights, made]), np.concatenate([bias, self.level - made @ self.centre])
        return replace(self, articles=(*known, *new), weights=weights, bias=bias)

    def log_probabilities(self, vector: np.ndarray) -> dict[str, float]:
        """Of each article, natural logarithms; `vector` (d,)."""
        logits = self.weights @ vector + self.bias
        highest = logits.max()
        logits = logits - highest - np.log(np.exp(logits - highest).sum())
        return dict(zip(self.articles, logits.tolist(), strict=True))

    def save(self, folder: Path) -> None:
        np.savez_compressed(folder / _FILE, articles=np.array(self.articles), weights=self.weights.astype(np.float16),
                            bias=self.bias.astype(np.float32), centre=self.centre.astype(np.float32),
                            imprint=self.imprint.astype(np.float16), level=self.level)

    @classmethod
    def load(cls, folder: Path) -> ArticleHead:
        with np.load(folder / _FILE) as stored:
            arrays = {name: stored[name].astype(np.float32) for name in ("weights", "bias", "centre", "imprint")}
            return cls(tuple(stored["articles"].tolist()), level=float(stored["level"]), **arrays)
