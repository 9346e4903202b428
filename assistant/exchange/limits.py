"""How much a file may hold and how long reading it may take: far above what a handbook needs, far below what hurts."""

from __future__ import annotations

__all__ = ["MAX_BLOCKS", "MAX_CELLS", "MAX_CHARACTERS", "MAX_ENTRIES", "MAX_MEMORY", "MAX_PAGES", "MAX_PAIRS", "MAX_RATIO", "MAX_SECONDS",
           "MAX_UNPACKED"]

MAX_UNPACKED = 200_000_000
# Documents pack to a tenth or so; only what is made for it to a thousandth. Small parts may be all blanks.
MAX_RATIO = 100
MAX_ENTRIES = 5_000
MAX_PAGES = 500
MAX_BLOCKS = 100_000
MAX_CELLS = 64
MAX_CHARACTERS = 5_000_000
MAX_PAIRS = 5_000
MAX_SECONDS = 60
MAX_MEMORY = 1_500_000_000
