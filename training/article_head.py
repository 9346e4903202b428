"""Trains the linear head over articles that `knowledge.article_head` serves. Seconds, once its texts have vectors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from knowledge.article_head import NO_ARTICLE, ArticleHead
from knowledge.articles import KnowledgeBase
from knowledge.encoder import Encoder
from knowledge.text import content, normalize
from training.datasets import DATA, off_topic_texts, sensitive_texts, training_questions
from training.vectors import remembered

__all__ = ["article_examples", "fit_article_head", "train_article_head"]

# Unit vectors of this encoder differ little.
_VECTOR_SCALE = 20.0
_EPOCHS = 8
_BATCH = 1024
# Of the mean variance of the vectors' numbers.
_RIDGE = 0.05
_COMPARED = 4000


def article_examples(base: KnowledgeBase, data: Path = DATA, accepted: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """(query, article id): all that may train, and off-topic utterances, which belong to none."""
    written = [(content(normalize(text)), article) for text, article in sensitive_texts(to_train=True, data=data)
               if article in base.articles]
    off_topic = [(content(normalize(text)), NO_ARTICLE) for text in off_topic_texts(to_train=True, data=data)]
    return list(dict.fromkeys([*training_questions(base, data), *written, *accepted, *off_topic]))


def train_article_head(folder: Path, encoder: Encoder, base: KnowledgeBase, *, data: Path = DATA,
                       accepted: Sequence[tuple[str, str]] = ()) -> ArticleHead:
    """Fit on all that may train, and write it to `folder`."""
    examples = article_examples(base, data, accepted)
    head = fit_article_head(remembered(encoder, [text for text, _ in examples]), [article for _, article in examples])
    folder.mkdir(parents=True, exist_ok=True)
    head.save(folder)
    return head


def fit_article_head(vectors: np.ndarray, articles: Sequence[str], seed: int = 0) -> ArticleHead:
    """Softmax regression by Adam: a network without a hidden layer. `vectors` (n, d); `articles` (n,)."""
    names, owner = np.unique(articles, return_inverse=True)
    if len(names) < 3:
        raise ValueError("a head over articles needs questions of three at least")
    centre = vectors.mean(axis=0)
    network = MLPClassifier(hidden_layer_sizes=(), batch_size=min(_BATCH, len(vectors)), learning_rate_init=2e-3,
                            max_iter=max(_EPOCHS, _EPOCHS * _BATCH * 40 // len(vectors)), n_iter_no_change=1000, random_state=seed)
    with warnings.catch_warnings():
        # It stops where it is told to.
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(((vectors - centre) * _VECTOR_SCALE).astype(np.float32), owner)
    weights = network.coefs_[0].T * _VECTOR_SCALE
    bias = network.intercepts_[0] - weights @ centre
    imprint, level = _imprint(vectors, owner, centre, weights, bias, np.random.default_rng(seed))
    return ArticleHead(tuple(names.tolist()), weights, bias, centre, imprint, level)


def _imprint(vectors: np.ndarray, owner: np.ndarray, centre: np.ndarray, weights: np.ndarray, bias: np.ndarray,
             choose: np.random.Generator) -> tuple[np.ndarray, float]:
    """What makes the weights of an article from the mean of its vectors: least squares, on the scale of the trained logits."""
    counts = np.bincount(owner)
    means = np.zeros_like(weights)
    np.add.at(means, owner, vectors)
    means /= counts[:, None]
    spread = np.cov(vectors.T)
    directions = np.linalg.inv(spread + _RIDGE * np.trace(spread) / len(spread) * np.eye(len(spread)))
    shown = vectors[choose.choice(len(vectors), min(_COMPARED, len(vectors)), replace=False)]
    made = (shown - centre) @ ((means - centre) @ directions).T
    trained = shown @ weights.T + bias
    scale = float(((made - made.mean()) * (trained - trained.mean())).sum() / ((made - made.mean()) ** 2).sum())
    return scale * directions, float(trained.mean() - scale * made.mean())
