"""Trains the heads of `intents` with scikit-learn: on sentence vectors and character n-grams."""

from __future__ import annotations

import hashlib
import random
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from intents.head import TextHead
from intents.layered_head import LayeredHead
from knowledge.grams import GramProjection, char_ngrams, weighed_grams

__all__ = ["FOLDS", "CannotTune", "Shape", "fit_head", "fit_layered_head", "fit_network", "folds_of", "gram_matrix", "gram_vocabulary",
           "pick", "projected"]

FOLDS = 5

_VOCABULARY = 6000
_FEWEST = 3
# Unit vectors of this encoder differ little; scaled up they weigh as much as the n-grams.
_VECTOR_SCALE = 6.0
# Of heads with a hidden layer.
_BATCH, _FEWEST_STEPS = 512, 200
_LAYERED_VOCABULARY, _PROJECTED, _LAYERED_SCALE = 12_000, 512, 20.0


class CannotTune(ValueError):
    """A transformer can't be tuned with what was given; the message says why."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a head with a hidden layer: units, weight decay and rounds of each of its `members`, networks that differ by chance and whose
    mean errs less than each. Chosen on texts that were held out."""

    hidden: int = 512
    decay: float = 0.1
    epochs: int = 6
    members: int = 1


def fit_head(texts: Sequence[str], vectors: np.ndarray, labels: Sequence[str], *, strength: float = 4.0) -> TextHead:
    """A head for `labels`, one a text. `vectors`: float32 (n, d)."""
    vocabulary, idf = gram_vocabulary(texts, _VOCABULARY)
    centre = vectors.mean(axis=0)
    # In 64 bits it would take twice as long, and come to the same.
    grams = gram_matrix(texts, vocabulary, idf).astype(np.float32)
    features = sparse.hstack([sparse.csr_matrix((vectors - centre) * _VECTOR_SCALE, dtype=np.float32), grams]).tocsr()
    model = LogisticRegression(C=strength, max_iter=200, tol=1e-3).fit(features, list(labels))
    columns, bias = _of_each_label(model.coef_.T, model.intercept_)
    d = vectors.shape[1]
    vector_weights = columns[:d] * _VECTOR_SCALE
    head = TextHead(tuple(model.classes_), vocabulary, idf, vector_weights, columns[d:], bias - centre @ vector_weights)
    return _with_version(head)


def fit_layered_head(texts: Sequence[str], vectors: np.ndarray, labels: Sequence[str] | Sequence[set[str]], shape: Shape = Shape(), *,
                     multi_label: bool = False, weights: np.ndarray | None = None, seed: int = 0) -> LayeredHead:
    """A head with a hidden layer for `labels` (one a text, or a set a text when `multi_label`).

    `vectors`: float32 (n, d); `weights` (n,) of the texts. The logits are the mean of those of `shape.members` networks.
    """
    projection, features = projected(texts, vectors, _LAYERED_VOCABULARY, _PROJECTED, seed)
    names = sorted(set().union(*labels)) if multi_label else sorted(set(labels))
    target = np.array([[name in given for name in names] for given in labels], int) if multi_label else list(labels)
    centre, batch = features.mean(axis=0), min(_BATCH, len(texts))
    scaled = (features - centre) * _LAYERED_SCALE
    hidden, hidden_bias, output, bias = [], [], [], np.zeros(len(names))
    for member in range(shape.members):
        network = MLPClassifier(hidden_layer_sizes=(shape.hidden,), alpha=shape.decay, batch_size=batch, n_iter_no_change=1000,
                                max_iter=max(shape.epochs, _FEWEST_STEPS * batch // len(texts)), random_state=seed + member)
        fit_network(network, scaled, target, weights)
        columns, constant = network.coefs_[1], network.intercepts_[1]
        if not multi_label:
            columns, constant = _of_each_label(columns, constant)
        hidden.append(network.coefs_[0] * _LAYERED_SCALE)
        hidden_bias.append(network.intercepts_[0])
        output.append(columns / shape.members)
        bias += constant / shape.members
    return LayeredHead(tuple(map(str, names)), projection, centre, np.hstack(hidden), np.concatenate(hidden_bias), np.vstack(output), bias,
                       multi_label=multi_label)


def fit_network(network: MLPClassifier, features: np.ndarray, labels: Sequence[Any] | np.ndarray,
                weights: np.ndarray | None = None) -> None:
    """Fit it for as many rounds as it was told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(features, labels, weights)


def _of_each_label(columns: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (n, L) and bias (L,). Of two labels scikit-learn tells one log-odds; half of it against and half for gives the same
    probabilities."""
    return (columns, bias) if len(bias) > 1 else (np.hstack([-columns, columns]) / 2, np.concatenate([-bias, bias]) / 2)


def projected(texts: Sequence[str], vectors: np.ndarray, vocabulary_size: int, size: int, seed: int) -> tuple[GramProjection, np.ndarray]:
    """A projection of the texts' n-grams to `size` numbers that weigh as much as those of the vectors, and the features (n, d + size)."""
    vocabulary, idf = gram_vocabulary(texts, vocabulary_size)
    signs = np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), size=(len(vocabulary), size))
    grams = gram_matrix(texts, vocabulary, idf).astype(np.float32) @ signs.astype(np.float32)
    scale = float(vectors.std(axis=0).mean() / grams.std(axis=0).mean())
    return GramProjection(vocabulary, idf.astype(np.float32), signs, scale), np.hstack([vectors, scale * grams]).astype(np.float32)


def gram_vocabulary(texts: Sequence[str], size: int) -> tuple[dict[str, int], np.ndarray]:
    """The `size` n-grams that most texts have, by column, and their inverse document frequencies (V,)."""
    df = Counter(gram for text in texts for gram in char_ngrams(text))
    kept = [gram for gram, count in df.most_common(size) if count >= _FEWEST]
    idf = np.log((1 + len(texts)) / (1 + np.array([df[gram] for gram in kept], float))) + 1
    return {gram: column for column, gram in enumerate(kept)}, idf


def gram_matrix(texts: Sequence[str], vocabulary: dict[str, int], idf: np.ndarray) -> sparse.csr_matrix:
    """(len(texts), V): the weights of each text's n-grams."""
    rows = [weighed_grams(text, vocabulary, idf) for text in texts]
    pointers = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns = np.concatenate([np.array(columns, int) for columns, _ in rows])
    return sparse.csr_matrix((np.concatenate([weights for _, weights in rows]), columns, pointers), (len(texts), len(vocabulary)))


def folds_of(count: int, seed: int = 11) -> np.ndarray:
    """(count,) numbers below FOLDS, by chance, each as often as another."""
    order = list(range(count))
    random.Random(seed).shuffle(order)
    folds = np.empty(count, int)
    folds[order] = np.arange(count) % FOLDS
    return folds


def pick(items: Sequence, mask: np.ndarray) -> list:
    """Those with `mask` (n,)."""
    return [item for item, wanted in zip(items, mask, strict=True) if wanted]


def _with_version(head: TextHead) -> TextHead:
    digest = hashlib.sha256(head.vector_weights.astype(np.float32).tobytes() + head.gram_weights.astype(np.float32).tobytes())
    return replace(head, version=digest.hexdigest()[:12])
