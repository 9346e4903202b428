"""BM25 in Tantivy over the tokens of `knowledge.segment`, with live add and remove."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
import weakref
from collections.abc import Callable, Container, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from knowledge.linked import linked

__all__ = ["LexicalIndex"]

# Clients can type without end.
_MOST_REMEMBERED = 200_000


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=False, tokenizer_name="whitespace", index_option="freq")
    builder.add_integer_field("id", indexed=True, fast=True)
    return builder.build()


class LexicalIndex:
    """Token lists under ids. It lives in `folder`; None is a folder for as long as the index is in use."""

    def __init__(self, folder: Path | None = None, *, copied_from: Path | None = None) -> None:
        self._schema = _schema()
        self._folder = folder or Path(tempfile.mkdtemp(prefix="zhike-lexical-"))
        if folder is None:
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        if copied_from is not None:
            # Tantivy never writes into a file again: it makes another, and puts it in the place of an old one.
            shutil.copytree(copied_from, self._folder, ignore=shutil.ignore_patterns("*.lock"), dirs_exist_ok=True, copy_function=linked)
        self._index = tantivy.Index(self._schema, path=str(self._folder))
        self._searcher = self._index.searcher()
        self._idf = _Idf(self._searcher)
        self._average_length: float | None = None

    def copy(self, folder: Path | None = None) -> LexicalIndex:
        """Another index with the same documents, which changes by itself; nobody may write to this one meanwhile.

        Documents that are removed from it count in its frequencies until Tantivy merges their segment.
        """
        return LexicalIndex(folder, copied_from=self._folder)

    def update(self, *, remove: Iterable[int] = (), add: Iterable[tuple[int, Sequence[str]]] = ()) -> None:
        """Remove and add documents in one commit; searches see all of it or nothing."""
        writer = self._index.writer(heap_size=30_000_000, num_threads=1)
        for number in remove:
            writer.delete_documents_by_term("id", number)
        for number, tokens in add:
            writer.add_document(tantivy.Document(body=" ".join(_safe(token) for token in tokens), id=number))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._idf, self._average_length = _Idf(self._searcher), None

    def search(self, tokens: Sequence[str], limit: int) -> list[tuple[int, float]]:
        """(id, BM25) of the best, best first. Repeated tokens count once."""
        return list(zip(*self._found(tokens, limit), strict=True))

    def best(self, tokens: Sequence[str], limit: int) -> tuple[np.ndarray, np.ndarray]:
        """What `search` finds, as ids int64 (k,) and BM25 float64 (k,)."""
        numbers, scores = self._found(tokens, limit)
        return np.array(numbers, np.int64), np.array(scores, float)

    def reach(self, tokens: Sequence[str], limit: int, besides: Container[int] = ()) -> tuple[float, float]:
        """The BM25 of the best that `search` gives and that is none of `besides` (0 where all are), and of the last (0 where there are
        fewer than `limit`)."""
        numbers, scores = self._found(tokens, limit)
        best = next((score for number, score in zip(numbers, scores, strict=True) if number not in besides), 0.0)
        return best, scores[-1] if len(scores) == limit else 0.0

    def average_length(self, token: str) -> float:
        """How many tokens an entry has on average, as BM25 counts them where it finds a token; infinite where it finds none."""
        if self._average_length is None:
            searcher, query = self._searcher, self._term(_safe(token))
            hits = searcher.search(query, 1, count=False).hits
            if not hits:
                return math.inf
            self._average_length = _told_of(json.loads(query.explain(searcher, hits[0][1]).to_json()), "avgdl")
        return self._average_length

    def _term(self, token: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, "body", token, "freq")

    def _found(self, tokens: Sequence[str], limit: int) -> tuple[list[int], list[float]]:
        """Ids and BM25 of the best, best first."""
        wanted, searcher = dict.fromkeys(_safe(token) for token in tokens), self._searcher
        if not wanted:
            return [], []
        clauses = [(tantivy.Occur.Should, self._term(token)) for token in wanted]
        hits = searcher.search(tantivy.Query.boolean_query(clauses), limit, count=False).hits
        return searcher.fast_field_values("id", [address for _, address in hits]), [score for score, _ in hits]

    @property
    def idf(self) -> Callable[[str], float]:
        """BM25's inverse document frequency of a token (Robertson and Spärck Jones, smoothed), as of the last update."""
        return self._idf.__getitem__


class _Idf(dict[str, float]):
    """Computed when it is first asked for. A dictionary, because the ranker asks for some 600 with each question."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher

    def __missing__(self, token: str) -> float:
        if len(self) > _MOST_REMEMBERED:
            self.clear()
        df = self._searcher.doc_freq("body", _safe(token))
        # Documents that were removed count in frequencies for a while.
        n = max(self._searcher.num_docs, df)
        self[token] = idf = math.log(1 + (n - df + 0.5) / (df + 0.5))
        return idf


def _told_of(explained: dict[str, Any], name: str) -> float:
    """The number that Tantivy's explanation of a score gives under a name; infinite where it gives none."""
    if explained["description"].startswith(name):
        return float(explained["value"])
    return min((_told_of(part, name) for part in explained.get("details") or ()), default=math.inf)


def _safe(token: str) -> str:
    """Tokens hold no white space: the index splits on it."""
    return token.replace(" ", "_")
