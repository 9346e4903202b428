"""The working folder of a run that may be interrupted: a run goes on from its own checkpoints, never from another's."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from training.heads import CannotTune

__all__ = ["begin_run"]

_NOTE = "run.txt"


def begin_run(work: Path, run: list[object]) -> None:
    """Leave what `work` holds of this run, which JSON can tell from others, and nothing of another.

    Raises CannotTune for a folder that holds other things.
    """
    digest = hashlib.sha256(json.dumps(run, ensure_ascii=False).encode()).hexdigest()
    note = work / _NOTE
    if not note.is_file() and work.exists() and any(work.iterdir()):
        raise CannotTune(f"{work} is not empty and holds no run of this kind; name a folder of its own, for it is emptied")
    if not note.is_file() or note.read_text(encoding="utf-8") != digest:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        note.write_text(digest, encoding="utf-8")
