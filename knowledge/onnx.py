"""What the models that run in ONNX Runtime have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Encoding

__all__ = ["open_session", "padded"]


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """A session on the processor, whose idle threads sleep."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while they wait starve whatever else the machine does, and each other when cores are few.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def padded(tokens: Sequence[Encoding], padding_id: int) -> tuple[np.ndarray, np.ndarray]:
    """Ids and mask, int64 (n, longest)."""
    length = max(len(item.ids) for item in tokens)
    ids = np.full((len(tokens), length), padding_id, dtype=np.int64)
    mask = np.zeros((len(tokens), length), dtype=np.int64)
    for row, item in enumerate(tokens):
        ids[row, : len(item.ids)] = item.ids
        mask[row, : len(item.ids)] = 1
    return ids, mask
