"""What a folder of models says of itself: data, hashes, figures, date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.named_models import CARD
from intents.tuned_head import CARD as READER
from intents.tuned_head import TUNED
from knowledge.articles import KnowledgeBase
from knowledge.encoder import Encoder
from training.datasets import DATA

__all__ = ["digest", "figures_of", "write_card"]

_HEADS = ("intents", "sensitive", "needs", "tone")
_TUNED_FIGURES = ("texts", "taught", "passing", "threshold", "held_out_accuracy", "held_out_desk", "held_out")
_HEAD_FIGURES = ("held_out_accuracy", "questions", "held_out_recall", "held_out_alarms", "texts", "out_of_fold_exact", "out_of_fold_f1",
                 "out_of_fold_desk")


def write_card(folder: Path, *, encoder: Encoder, base: KnowledgeBase, data: Path = DATA, cross_encoder: str | None = None,
               learned: Mapping[str, Any] | None = None, compared: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """Written last: with it the folder is whole. `learned`: what came from use; `compared`: the gate's result."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CARD)
    card = {
        "name": folder.name, "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "encoder": {"name": encoder.name, "fingerprint": encoder.fingerprint}, "cross_encoder": cross_encoder,
        "knowledge": base.digest, "articles": len(base.articles),
        "data": {path.name: {"lines": path.read_bytes().count(b"\n"), "sha256": digest(path)} for path in sorted(data.glob("*.jsonl"))},
        "learned": learned, "figures": figures_of(folder), "compared": compared,
        "files": {path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": digest(path)} for path in files},
    }
    (folder / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1), encoding="utf-8")
    return card


def figures_of(folder: Path) -> dict[str, Any]:
    """What training measured, as it stands beside each model."""
    figures: dict[str, Any] = {}
    for name in (name for name in _HEADS if (folder / name).is_dir()):
        described = json.loads((folder / name / "head.json").read_text(encoding="utf-8"))
        figures[name] = {"version": described["version"], "labels": len(described["labels"]),
                         **{key: described[key] for key in _HEAD_FIGURES if key in described}}
        if (reader := folder / name / TUNED / READER).is_file():
            again = json.loads(reader.read_text(encoding="utf-8"))
            figures[f"{name}_tuned"] = {key: again[key] for key in ("version", *_TUNED_FIGURES) if key in again}
    ranker = json.loads((folder / "ranker" / "thresholds.json").read_text(encoding="utf-8"))
    version = json.loads((folder / "ranker" / "ranker.json").read_text(encoding="utf-8"))["version"]
    figures["ranker"] = {"version": version, **{key: ranker[key] for key in (
        "questions", "right_at_1", "expected_calibration_error", "table")}}
    return figures


def digest(path: Path) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
