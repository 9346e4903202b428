"""How far search reaches for questions, kept beside the index of which it was found: so that a start need not find it again."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from uuid import uuid4

import numpy as np

from knowledge.horizons import Horizons, digest
from knowledge.reach_words import Horizon

__all__ = ["keep_horizons", "kept_horizons"]

_FILE = "horizons.npz"


def keep_horizons(horizons: Horizons, folder: Path) -> None:
    """Write what is known for certain into the index's folder, in one step. Raises OSError."""
    dense, lexical = horizons.dense.copy(), horizons.lexical.copy()
    known = [query for query in dense.keys() & lexical.keys()
             if not lexical[query].at_least and (horizons.moved is None or query in horizons.checked)]
    # What was not asked about since the start is as true as it was.
    found = horizons.kept | {digest(query): (lexical[query], dense[query]) for query in known}
    numbers = np.array([(*words[:2], *vectors[:2]) for words, vectors in found.values()], np.float64)
    scratch = folder / f".{uuid4().hex}.npz"
    try:
        np.savez(scratch, digests=np.frombuffer(b"".join(found), np.uint8).reshape(-1, 16), horizons=numbers.reshape(-1, 4),
                 changed=np.array(horizons.changed))
        os.replace(scratch, folder / _FILE)
    finally:
        scratch.unlink(missing_ok=True)


def kept_horizons(folder: Path) -> Horizons:
    """What was kept in an index's folder; nothing where nothing was, or where it can't be read."""
    try:
        with np.load(folder / _FILE) as stored:
            digests, horizons, changed = stored["digests"], stored["horizons"].tolist(), int(stored["changed"])
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return Horizons()
    found = {row.tobytes(): (Horizon(*numbers[:2]), Horizon(*numbers[2:])) for row, numbers in zip(digests, horizons, strict=True)}
    return Horizons(changed=changed, kept=found)
