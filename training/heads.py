"""Trains the linear heads of `intents.head` with scikit-learn: on sentence vectors and character n-grams."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from intents.head import TextHead
from knowledge.grams import char_ngrams, weighed_grams

__all__ = ["fit_head", "gram_matrix", "gram_vocabulary"]

_VOCABULARY = 6000
_FEWEST = 3
# Unit vectors of this encoder differ little; scaled up they weigh as much as the n-grams.
_VECTOR_SCALE = 6.0


def fit_head(texts: Sequence[str], vectors: np.ndarray, labels: Sequence[str] | Sequence[set[str]], *,
             multi_label: bool = False, strength: float = 4.0, weights: np.ndarray | None = None) -> TextHead:
    """A head for `labels` (one a text, or a set a text when `multi_label`). `vectors`: float32 (n, d); `weights` (n,) of the texts."""
    vocabulary, idf = gram_vocabulary(texts, _VOCABULARY)
    centre = vectors.mean(axis=0)
    grams = gram_matrix(texts, vocabulary, idf)
    features = sparse.hstack([sparse.csr_matrix((vectors - centre) * _VECTOR_SCALE), grams]).tocsr()
    if multi_label:
        names = sorted(set().union(*labels))
        target = np.array([[name in given for name in names] for given in labels], int)
        models = [LogisticRegression(C=strength, max_iter=300).fit(features, column, weights) for column in target.T]
        columns = np.vstack([model.coef_[0] for model in models]).T
        bias = np.array([model.intercept_[0] for model in models])
    else:
        model = LogisticRegression(C=strength, max_iter=200, tol=1e-3).fit(features, list(labels), weights)
        names, columns, bias = list(model.classes_), model.coef_.T, model.intercept_
        if len(names) == 2:
            # Of two labels scikit-learn tells one log-odds; half of it against and half for gives the same probabilities.
            columns, bias = np.hstack([-columns, columns]) / 2, np.concatenate([-bias, bias]) / 2
    d = vectors.shape[1]
    vector_weights = columns[:d] * _VECTOR_SCALE
    head = TextHead(tuple(names), multi_label, vocabulary, idf, vector_weights, columns[d:], bias - centre @ vector_weights)
    return _with_version(head)


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


def _with_version(head: TextHead) -> TextHead:
    digest = hashlib.sha256(head.vector_weights.astype(np.float32).tobytes() + head.gram_weights.astype(np.float32).tobytes())
    return replace(head, version=digest.hexdigest()[:12])
