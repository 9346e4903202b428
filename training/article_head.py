"""Trains the linear head over articles that `knowledge.article_head` serves. A minute, once its texts have vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.neural_network import MLPClassifier

from knowledge.article_head import NO_ARTICLE, ArticleHead
from knowledge.articles import KnowledgeBase
from knowledge.encoder import Encoder
from knowledge.text import content, normalize
from training.datasets import DATA, off_topic_texts, sensitive_texts, training_questions
from training.heads import fit_network, projected
from training.vectors import remembered

__all__ = ["article_examples", "fit_article_head", "train_article_head"]

# Unit vectors of this encoder differ little.
_SCALE = 20.0
_EPOCHS, _DECAY = 8, 0.3
_BATCH = 1024
_FEWEST_STEPS = 320
_VOCABULARY = 12_000
_PROJECTED = 768


def article_examples(base: KnowledgeBase, data: Path = DATA, accepted: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """(query, article id): all that may train, and off-topic utterances, which belong to none."""
    written = [(content(normalize(text)), article) for text, article in sensitive_texts(to_train=True, data=data)
               if article in base.articles]
    off_topic = [(content(normalize(text)), NO_ARTICLE) for text in off_topic_texts(to_train=True, data=data)]
    return list(dict.fromkeys([*training_questions(base, data), *written, *accepted, *off_topic]))


def train_article_head(encoder: Encoder, base: KnowledgeBase, *, data: Path = DATA,
                       accepted: Sequence[tuple[str, str]] = ()) -> ArticleHead:
    """Fit on all that may train."""
    examples = article_examples(base, data, accepted)
    texts, articles = [text for text, _ in examples], [article for _, article in examples]
    return fit_article_head(texts, remembered(encoder, texts), articles)


def fit_article_head(texts: Sequence[str], vectors: np.ndarray, articles: Sequence[str], seed: int = 0) -> ArticleHead:
    """Softmax regression by Adam: a network without a hidden layer. `texts` and `articles` (n,), `vectors` (n, d)."""
    names, owner = np.unique(articles, return_inverse=True)
    if len(names) < 3:
        raise ValueError("a head over articles needs questions of three at least")
    projection, features = projected(texts, vectors, _VOCABULARY, _PROJECTED, seed)
    centre = features.mean(axis=0)
    steps = max(1, len(features) // _BATCH)
    network = MLPClassifier(hidden_layer_sizes=(), alpha=_DECAY, batch_size=min(_BATCH, len(features)), learning_rate_init=2e-3,
                            max_iter=max(_EPOCHS, _FEWEST_STEPS // steps), n_iter_no_change=1000, random_state=seed)
    fit_network(network, (features - centre) * _SCALE, owner)
    weights = network.coefs_[0].T * _SCALE
    bias = network.intercepts_[0] - weights @ centre
    imprint, level = _imprint(features - centre, owner, weights, network.intercepts_[0])
    return ArticleHead(tuple(names.tolist()), weights, bias, centre, imprint, level, projection)


def _imprint(features: np.ndarray, owner: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> tuple[float, float]:
    """The scale and the level by which the mean of an article's features (centred) comes, on average, as high as training brought it."""
    means = np.zeros_like(weights)
    np.add.at(means, owner, features)
    means /= np.bincount(owner)[:, None]
    own = float((means * weights).sum(axis=1).mean() + bias.mean())
    level = float((means @ weights.T + bias).mean())
    return (own - level) / float((means ** 2).sum(axis=1).mean()), level
