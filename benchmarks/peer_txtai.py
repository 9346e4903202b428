"""txtai on the same vectors: its usual hybrid index, and its dense part alone; and from a question's text on, which it encodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer
from txtai import Embeddings
from txtai.version import __version__

from benchmarks.peers import Corpus, First, Stack, as_words
from knowledge.encoder import DEFAULT_ENCODER
from training.encoder import PREFIX
from training.restored import restore

__all__ = ["stacks"]

_KEYWORDS = {"method": "bm25", "terms": True, "normalize": True, "tokenizer": {"whitespace": True}}


def stacks(corpus: Corpus) -> list[Stack]:
    asked: dict[str, np.ndarray] = {}
    hybrid = _first(corpus, _index(corpus, asked, scoring=_KEYWORDS))
    return [
        Stack(
            "txtai hybrid",
            hybrid,
            f"{__version__}; its defaults: FAISS IVF and BM25, equal weights",
            from_text=_from_text(hybrid, asked),
        ),
        Stack("txtai dense", _first(corpus, _index(corpus, asked)), f"{__version__}; FAISS IVF alone"),
    ]


def _index(corpus: Corpus, asked: Mapping[str, np.ndarray], **options: Any) -> Embeddings:
    """Known vectors are looked up; that of what is `asked` is what was encoded for it."""

    def vectors_of(texts: Sequence[str]) -> np.ndarray:
        return np.stack([asked[text] if text in asked else corpus.vectors[text] for text in texts])

    embeddings = Embeddings(method="external", transform=vectors_of, content=False, **options)
    embeddings.index((number, text, None) for number, text in enumerate(corpus.texts))
    return embeddings


def _from_text(first: First, asked: dict[str, np.ndarray]) -> First:
    """With the encoder as an ordinary sentence-transformers folder, in 32 bits, as its `method` of that name runs it."""
    with TemporaryDirectory(prefix="zhike-encoder-") as folder:
        restore(DEFAULT_ENCODER, Path(folder))
        encoder = SentenceTransformer(folder)

    def article(text: str) -> str:
        words = as_words(text)
        asked.clear()
        asked[words] = encoder.encode(PREFIX + text, normalize_embeddings=True)
        return first(words)

    return article


def _first(corpus: Corpus, embeddings: Embeddings) -> First:
    return lambda key: corpus.passages[int(embeddings.search(key, 10)[0][0])].article_id
