"""Reads a question and a candidate together: slower than comparing vectors, and surer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from tokenizers import Tokenizer

from knowledge.onnx import open_session, padded

__all__ = [
    "DEFAULT_CROSS_ENCODER",
    "SETTINGS_FILE",
    "CrossEncoder",
    "OnnxCrossEncoder",
    "TransformersCrossEncoder",
    "load_cross_encoder",
    "pair_text",
]

DEFAULT_CROSS_ENCODER = Path(__file__).parent / "models" / "cross_encoder"
SETTINGS_FILE = "cross_encoder.json"


def pair_text(passage: str, standard: str) -> str:
    """What the cross-encoder reads of a candidate article: the question of it that came nearest, and its standard question."""
    return standard if passage == standard else f"{passage} / {standard}"


class CrossEncoder(Protocol):
    """Scores are log-odds that the candidate answers the question, float32 (n,), in the order of the passages."""

    @property
    def name(self) -> str: ...

    def scores(self, query: str, passages: Sequence[str]) -> np.ndarray: ...


class OnnxCrossEncoder:
    """A folder with model.onnx, tokenizer.json and cross_encoder.json; safe to share between threads."""

    def __init__(self, folder: Path | str = DEFAULT_CROSS_ENCODER, *, threads: int = 1) -> None:
        folder = Path(folder)
        described = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
        self.name: str = described["name"]
        self.version: str = described["sha256"][:12]
        self._session = open_session(folder / "model.onnx", threads)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(described["max_length"])
        self._padding_id = self._tokenizer.token_to_id("<pad>") or 0

    def scores(self, query: str, passages: Sequence[str]) -> np.ndarray:
        """All computed together."""
        if not passages:
            return np.zeros(0, np.float32)
        ids, mask = padded(self._tokenizer.encode_batch([(query, passage) for passage in passages]), self._padding_id)
        (logits,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return logits.reshape(-1).astype(np.float32)


class TransformersCrossEncoder:
    """Any cross-encoder that sentence-transformers can load, by name or folder."""

    def __init__(self, name_or_path: str) -> None:
        try:
            from sentence_transformers import CrossEncoder as Model
        except ImportError as error:
            raise ImportError(f"the cross-encoder {name_or_path!r} needs sentence-transformers; run pip install -e '.[models]'") from error
        from torch import nn

        self.name = name_or_path
        self.version = name_or_path
        self._model = Model(name_or_path, num_labels=1)
        self._identity = nn.Identity()

    def scores(self, query: str, passages: Sequence[str]) -> np.ndarray:
        if not passages:
            return np.zeros(0, np.float32)
        return np.asarray(self._model.predict([(query, passage) for passage in passages], activation_fn=self._identity,
                                              show_progress_bar=False), np.float32)


def load_cross_encoder(name_or_path: str | None = None, *, threads: int = 1) -> CrossEncoder | None:
    """Nothing for the one in the models' folder where there is one, `none` for none, a folder, or a model's name."""
    if name_or_path == "none":
        return None
    folder = Path(name_or_path or DEFAULT_CROSS_ENCODER)
    if (folder / SETTINGS_FILE).is_file():
        return OnnxCrossEncoder(folder, threads=threads)
    return TransformersCrossEncoder(name_or_path) if name_or_path else None
