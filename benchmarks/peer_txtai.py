"""txtai on the same vectors: its usual hybrid index, and its dense part alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from txtai import Embeddings
from txtai.version import __version__

from benchmarks.peers import Corpus, First, Stack

__all__ = ["stacks"]

_KEYWORDS = {"method": "bm25", "terms": True, "normalize": True, "tokenizer": {"whitespace": True}}


def stacks(corpus: Corpus) -> list[Stack]:
    return [
        Stack(
            "txtai hybrid",
            _first(corpus, _index(corpus, scoring=_KEYWORDS)),
            f"{__version__}; its defaults: FAISS IVF and BM25, equal weights",
        ),
        Stack("txtai dense", _first(corpus, _index(corpus)), f"{__version__}; FAISS IVF alone"),
    ]


def _index(corpus: Corpus, **options: Any) -> Embeddings:
    embeddings = Embeddings(method="external", transform=_transform(corpus), content=False, **options)
    embeddings.index((number, text, None) for number, text in enumerate(corpus.texts))
    return embeddings


def _transform(corpus: Corpus) -> Callable[[list[str]], np.ndarray]:
    def vectors_of(texts: list[str]) -> np.ndarray:
        return np.stack([corpus.vectors[text] for text in texts])

    return vectors_of


def _first(corpus: Corpus, embeddings: Embeddings) -> First:
    return lambda key: corpus.passages[int(embeddings.search(key, 10)[0][0])].article_id
