"""An English desk: 24 articles of a brokerage, data to train on, and questions in other words that neither holds."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["DATA", "KNOWLEDGE", "reworded"]

_HERE = Path(__file__).parent
KNOWLEDGE, DATA = _HERE / "knowledge", _HERE / "data"


def reworded() -> list[tuple[str, str]]:
    """(question, id of the article that answers it)."""
    lines = (_HERE / "reworded.jsonl").read_text(encoding="utf-8").splitlines()
    return [(item["q"], item["article"]) for item in map(json.loads, lines)]
