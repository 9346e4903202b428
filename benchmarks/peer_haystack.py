"""Haystack on the same vectors: its in-memory store with embedding retrieval, BM25 and reciprocal rank fusion."""

from __future__ import annotations

import haystack
from haystack import Document, Pipeline, component
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from benchmarks.peers import Corpus, First, Stack

__all__ = ["stacks"]

_DEPTH = 10
# Each takes it seconds.
_JUDGED = 100


def stacks(corpus: Corpus) -> list[Stack]:
    store = InMemoryDocumentStore(bm25_tokenization_regex=r"\S+", embedding_similarity_function="dot_product")
    store.write_documents(
        [
            Document(
                id=str(number),
                content=text,
                meta={"article": passage.article_id},
                embedding=corpus.vectors[text].tolist(),
            )
            for number, (text, passage) in enumerate(zip(corpus.texts, corpus.passages, strict=True))
        ]
    )
    note = f"{haystack.__version__}; in-memory store, BM25L and vectors, reciprocal rank fusion"
    return [Stack("Haystack hybrid", _hybrid(corpus, store), note, _JUDGED)]


def _embedder(corpus: Corpus) -> object:
    @component
    class KnownVectors:
        """Looks the question's vector up."""

        @component.output_types(embedding=list[float])
        def run(self, text: str) -> dict[str, list[float]]:
            return {"embedding": corpus.vectors[text].tolist()}

    return KnownVectors()


def _hybrid(corpus: Corpus, store: InMemoryDocumentStore) -> First:
    pipeline = Pipeline()
    pipeline.add_component("embedder", _embedder(corpus))
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=_DEPTH))
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=_DEPTH))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
    pipeline.connect("embedder.embedding", "vectors.query_embedding")
    pipeline.connect("vectors", "joiner")
    pipeline.connect("words", "joiner")
    return lambda key: pipeline.run({"embedder": {"text": key}, "words": {"query": key}})["joiner"]["documents"][
        0
    ].meta["article"]
