"""A head with a transformer of its own, tuned for its labels: it reads again what a head on the shared vector is not sure of."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from intents.head import TextHead
from knowledge.encoder import Encoder, OnnxEncoder, load_encoder

__all__ = ["CARD", "SHARED", "TUNED", "ReadTwice", "TunedHead", "agreed", "put_beside", "read_twice", "take_away"]

TUNED = "tuned"
"""The folder of a tuned head, in that of the head beside which it reads; beside all heads, that of a transformer that several share."""

SHARED = f"../../{TUNED}"
"""Where a tuned head finds the shared transformer, from its own folder."""

CARD = "reader.json"
_WEIGHTS, _ENCODER = "weights.npz", "encoder"


@dataclass(frozen=True, eq=False)
class TunedHead:
    """Logits = (vector - `centre`) @ `output` + `bias`, of the unit vector that its own `encoder` gives.

    Shapes: `centre` (d,), `output` (d, L), `bias` (L,) for L `labels`. It is asked where the first head gives any label that matters
    `passing` or more; both together hold a label from `threshold` on. `encoder_at`: where the encoder lies, from the head's folder.
    """

    labels: tuple[str, ...]
    encoder: Encoder
    centre: np.ndarray
    output: np.ndarray
    bias: np.ndarray
    passing: float = 0.0
    threshold: float = 0.5
    encoder_at: str = _ENCODER

    def log_odds(self, text: str) -> np.ndarray:
        """(L,) for a normalised text without fillers."""
        return (self.encoder.encode_queries([text])[0] - self.centre) @ self.output + self.bias

    @property
    def version(self) -> str:
        return hashlib.sha256(self.output.astype(np.float32).tobytes() + self.bias.astype(np.float32).tobytes()).hexdigest()[:12]

    @staticmethod
    def encoder_folder(folder: Path) -> Path:
        """Where a transformer of its own lies: files that `OnnxEncoder` serves, or an ordinary sentence-transformers folder."""
        return folder / _ENCODER

    def save(self, folder: Path, extra: dict[str, object] | None = None) -> None:
        """Beside the transformer, which is there already. The card comes last: with it the folder is whole. What an earlier card says
        besides, of the same reader, stays."""
        np.savez_compressed(folder / _WEIGHTS, centre=self.centre.astype(np.float32), output=self.output.astype(np.float32),
                            bias=self.bias.astype(np.float32))
        before = json.loads((folder / CARD).read_text(encoding="utf-8")) if (folder / CARD).is_file() else {}
        # That of an ordinary sentence-transformers folder depends on where it lies.
        described = {**(before if before.get("version") == self.version else {}), "labels": list(self.labels), "version": self.version,
                     "passing": self.passing, "threshold": self.threshold, "encoder": self.encoder_at,
                     **({"fingerprint": self.encoder.fingerprint} if isinstance(self.encoder, OnnxEncoder) else {}), **(extra or {})}
        (folder / CARD).write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, opened: MutableMapping[Path, Encoder] | None = None) -> TunedHead | None:
        """None where the folder has none. Encoders that are `opened` are not opened again."""
        if not (folder / CARD).is_file():
            return None
        described = json.loads((folder / CARD).read_text(encoding="utf-8"))
        at, opened = described.get("encoder", _ENCODER), {} if opened is None else opened
        place = (folder / at).resolve()
        if not place.is_dir():
            raise FileNotFoundError(f"{folder} reads with the transformer of {place}, which is not there; train again with --transformer")
        encoder = opened[place] = opened.get(place) or load_encoder(str(place))
        if described.get("fingerprint", encoder.fingerprint) != encoder.fingerprint:
            raise ValueError(f"{folder} was tuned with another transformer than that of {place}; train again with --transformer")
        with np.load(folder / _WEIGHTS) as stored:
            return cls(tuple(described["labels"]), encoder, stored["centre"], stored["output"], stored["bias"], described["passing"],
                       described["threshold"], at)


class ReadTwice:
    """In place of a head of which one label holds: it and a tuned one together, by the mean of their log-probabilities."""

    def __init__(self, head: TextHead, tuned: TunedHead) -> None:
        if tuned.labels != head.labels:
            raise ValueError("the tuned head knows other labels than the one beside it; train it again with --transformer")
        self._head, self._tuned = head, tuned
        self.labels, self.dimension, self.version = head.labels, head.dimension, f"{head.version}+{tuned.version}"

    def probabilities(self, text: str, vector: np.ndarray) -> np.ndarray:
        """(L,), which sum to one."""
        return agreed(self._head.probabilities(text, vector), self._tuned.log_odds(text))


def agreed(probabilities: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """What two readers make of labels of which one holds, (L,) or (n, L): the mean of their log-probabilities, as probabilities."""
    told = np.exp((log_odds - log_odds.max(axis=-1, keepdims=True)) / 2) * np.sqrt(probabilities)
    return told / told.sum(axis=-1, keepdims=True)


def put_beside(head: Path, made: Path) -> None:
    """Into the folder of a head the tuned one of the folder `made`, in place of an earlier one."""
    fresh = head / f"{TUNED}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(made, fresh)
    take_away(head)
    fresh.rename(head / TUNED)


def take_away(head: Path) -> bool:
    """The tuned head of a folder, which belonged to another head; whether there was one."""
    had = (head / TUNED).is_dir()
    shutil.rmtree(head / TUNED, ignore_errors=True)
    return had


def read_twice(folder: Path) -> TextHead | ReadTwice:
    """The head of a folder, with the tuned one that lies beside it if there is one."""
    head, tuned = TextHead.load(folder), TunedHead.load(folder / TUNED)
    return head if tuned is None else ReadTwice(head, tuned)
