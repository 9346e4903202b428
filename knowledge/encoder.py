"""Texts to unit vectors: the shipped ONNX encoder, or any sentence-transformers model."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Protocol

import numpy as np
from cachetools import LRUCache
from tokenizers import Encoding, Tokenizer

from knowledge.onnx import open_session, padded

__all__ = [
    "DEFAULT_ENCODER",
    "Encoder",
    "EncoderSettings",
    "OnnxEncoder",
    "Progress",
    "SentenceTransformerEncoder",
    "load_encoder",
]

DEFAULT_ENCODER = Path(__file__).parent / "models" / "encoder"
_SETTINGS_FILE = "encoder.json"
_MODEL_FILE = "model.onnx"
_TOKENIZER_FILE = "tokenizer.json"
_PROGRESS_STEP = 512

Progress = Callable[[int, int], None]


class Encoder(Protocol):
    """Vectors are float32 (n, dimension), each of length one, in the order of the texts."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def fingerprint(self) -> str:
        """Differs whenever the vectors would: an index is only valid with the encoder that built it."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray: ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray: ...


@dataclass(frozen=True)
class EncoderSettings:
    """What `encoder.json` says beside the model."""

    name: str
    dimension: int
    max_length: int
    pooling: str
    normalise: bool
    query_prefix: str
    passage_prefix: str
    sha256: str

    def __post_init__(self) -> None:
        if self.pooling not in ("mean", "cls"):
            raise ValueError(f"pooling is {self.pooling!r}; an encoder pools by 'mean' or 'cls'")
        if not self.normalise:
            raise ValueError("normalise is false; search compares unit vectors, so an encoder has to normalise")

    @classmethod
    def read(cls, folder: Path) -> EncoderSettings:
        path = folder / _SETTINGS_FILE
        content = json.loads(path.read_text(encoding="utf-8"))
        expected = {field.name for field in fields(cls)}
        if missing := expected - content.keys():
            raise ValueError(f"{path} lacks {', '.join(sorted(missing))}")
        return cls(**{name: content[name] for name in expected})


class OnnxEncoder:
    """A folder with model.onnx, tokenizer.json and encoder.json; safe to share between threads."""

    def __init__(
        self, folder: Path | str, *, threads: int = 1, batch_size: int = 32, cached_queries: int = 4096
    ) -> None:
        """`threads`: batches of passages computed at once; a query takes one thread."""
        folder = Path(folder)
        self._settings = EncoderSettings.read(folder)
        self._session = open_session(folder / _MODEL_FILE)
        self._threads = threads
        self._tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER_FILE))
        self._tokenizer.enable_truncation(self._settings.max_length)
        self._padding_id = self._tokenizer.token_to_id("<pad>") or 0
        self._batch_size = batch_size
        self._cache: LRUCache[str, np.ndarray] = LRUCache(maxsize=cached_queries)
        self._cache_lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def dimension(self) -> int:
        return self._settings.dimension

    @property
    def fingerprint(self) -> str:
        settings = self._settings
        return _digest(
            settings.sha256, settings.query_prefix, settings.passage_prefix, settings.pooling, str(settings.max_length)
        )

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimension). Each alone: int8 activations share a scale, so company would move a vector a little."""
        if not texts:
            return self._empty(0)
        return np.stack([self._encode_query(text) for text in texts])

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """(n, dimension), computed in batches of texts of similar length."""
        vectors = self._empty(len(texts))
        tokens = self._tokenizer.encode_batch([self._settings.passage_prefix + text for text in texts])
        by_length = sorted(range(len(texts)), key=lambda position: len(tokens[position].ids))
        batches = [by_length[start : start + self._batch_size] for start in range(0, len(by_length), self._batch_size)]
        done = 0
        # Batches side by side on one thread each are faster than one batch on several: these matrices are small.
        with ThreadPoolExecutor(self._threads) as pool:
            computed = pool.map(lambda positions: self._run([tokens[position] for position in positions]), batches)
            for positions, rows in zip(batches, computed, strict=True):
                vectors[positions] = rows
                done += len(positions)
                if progress is not None:
                    progress(done, len(texts))
        return vectors

    def _encode_query(self, text: str) -> np.ndarray:
        with self._cache_lock:
            cached = self._cache.get(text)
        if cached is not None:
            return cached
        (vector,) = self._run([self._tokenizer.encode(self._settings.query_prefix + text)])
        with self._cache_lock:
            self._cache[text] = vector
        return vector

    def _run(self, tokens: Sequence[Encoding]) -> np.ndarray:
        """n tokenised texts -> (n, dimension)."""
        ids, mask = padded(tokens, self._padding_id)
        (embeddings,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return _unit(self._pool(embeddings, mask))

    def _pool(self, embeddings: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """(n, length, dimension) and (n, length) -> (n, dimension)."""
        if self._settings.pooling == "cls":
            return embeddings[:, 0]
        weights = mask.astype(np.float32)
        return np.einsum("nld,nl->nd", embeddings, weights) / weights.sum(axis=1, keepdims=True)

    def _empty(self, count: int) -> np.ndarray:
        return np.empty((count, self.dimension), dtype=np.float32)


class SentenceTransformerEncoder:
    """Any model that sentence-transformers can load; without prompts given, those of its own configuration."""

    def __init__(self, name_or_path: str, query_prompt: str = "", passage_prompt: str = "") -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ImportError(
                f"the encoder {name_or_path!r} needs sentence-transformers; run pip install -e '.[models]'"
            ) from error
        self._model = SentenceTransformer(name_or_path)
        self._name = name_or_path
        self._query_prompt = query_prompt or self._model.prompts.get("query", "")
        self._passage_prompt = passage_prompt or self._model.prompts.get("document", "")

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension())

    @property
    def fingerprint(self) -> str:
        """From the vector of a fixed text: a name or a path can come to hold other weights."""
        probe = self._encode(["开户"], self._passage_prompt)
        return _digest(self._name, self._query_prompt, self._passage_prompt, str(np.round(probe, 3).tolist()))

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode(texts, self._query_prompt)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _PROGRESS_STEP):
            end = min(start + _PROGRESS_STEP, len(texts))
            vectors[start:end] = self._encode(texts[start:end], self._passage_prompt)
            if progress is not None:
                progress(end, len(texts))
        return vectors

    def _encode(self, texts: Sequence[str], prompt: str) -> np.ndarray:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        vectors = self._model.encode(list(texts), prompt=prompt, normalize_embeddings=True)
        return np.asarray(vectors, dtype=np.float32)


def load_encoder(name_or_path: str | None = None, *, threads: int = 1) -> Encoder:
    """Nothing for the shipped encoder, a folder, or a model's name."""
    folder = DEFAULT_ENCODER if name_or_path is None else Path(name_or_path)
    if name_or_path is None or (folder / _SETTINGS_FILE).is_file():
        return OnnxEncoder(folder, threads=threads)
    return SentenceTransformerEncoder(str(name_or_path))


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
