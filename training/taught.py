"""What a tuned reader is taught beside a head, when it is measured, and the one that lies there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from intents.tuned_head import TUNED, TunedHead, take_away

__all__ = ["FEWEST_TO_MEASURE", "UNPASSED", "Taught", "reader_beside"]

# Fewer texts say nothing about a tuned reader.
FEWEST_TO_MEASURE = 100
# Of what both readers would flag, so much at most may be missed because the first one does not pass it on.
UNPASSED = 0.01


@dataclass(frozen=True, eq=False)
class Taught:
    """Of n texts without fillers, which of `labels` hold: `targets` (n, L) of 0 and 1; exactly one where `one_holds`."""

    labels: Sequence[str]
    texts: Sequence[str]
    targets: np.ndarray
    one_holds: bool = False


def reader_beside(head: Path) -> TunedHead | None:
    """The tuned reader in the folder of a head; one whose transformer is gone, or another, goes too, and that is printed."""
    try:
        return TunedHead.load(head / TUNED)
    except (FileNotFoundError, ValueError) as error:
        take_away(head)
        print(f"The tuned reader that lay there is gone: {error}")
        return None
