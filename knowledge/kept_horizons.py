"""How far search reaches for questions, kept beside the index of which it was found: so that a start need not find it again."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import numpy as np
import structlog

from knowledge.horizons import Horizons, digest
from knowledge.rank import DENSE_SCALE, LEXICAL_SCALE
from knowledge.reach_words import FAINTEST_VOTE, Horizon
from knowledge.search import DEPTH

__all__ = ["keep_horizons", "kept_horizons"]

_FILE = "horizons.npz"
# On what a horizon depends besides the index; first the form of the file.
_MADE_WITH = np.array([1, DEPTH, FAINTEST_VOTE, DENSE_SCALE, LEXICAL_SCALE])


def keep_horizons(horizons: Horizons, folder: Path) -> None:
    """Write what is known for certain into the index's folder, in one step. Raises OSError."""
    # First what is checked: other threads go on finding and checking.
    checked = horizons.checked.copy()
    dense, lexical = horizons.dense.copy(), horizons.lexical.copy()
    known = [query for query in dense.keys() & lexical.keys()
             if not lexical[query].at_least and (horizons.moved is None or query in checked)]
    numbers = np.array([(*lexical[query][:2], *dense[query][:2]) for query in known], np.float64)
    scratch = folder / f".{uuid4().hex}.npz"
    try:
        np.savez(scratch, made_with=_MADE_WITH, digests=np.frombuffer(b"".join(map(digest, known)), np.uint8).reshape(-1, 16),
                 horizons=numbers.reshape(-1, 4), changed=np.array(horizons.changed))
        os.replace(scratch, folder / _FILE)
    finally:
        scratch.unlink(missing_ok=True)


def kept_horizons(folder: Path) -> Horizons:
    """What was kept in an index's folder; nothing where nothing was, or where it can't be read."""
    if not (folder / _FILE).is_file():
        return Horizons()
    try:
        with np.load(folder / _FILE) as stored:
            if not np.array_equal(stored["made_with"], _MADE_WITH):
                return Horizons()
            rows = zip(stored["digests"], stored["horizons"].tolist(), strict=True)
            kept = {row.tobytes(): (Horizon(*numbers[:2]), Horizon(*numbers[2:])) for row, numbers in rows}
            return Horizons(changed=int(stored["changed"]), kept=kept)
    except Exception as error:
        # A damaged file fails in many ways, and all of it can be found again.
        structlog.get_logger().warning("horizons_not_read", error=type(error).__name__)
        return Horizons()
