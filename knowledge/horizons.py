"""How far search reaches for questions in one index, and what of it holds of the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge.changed import Changed
from knowledge.reach_words import Horizon, still_beyond
from knowledge.search import SearchIndex

__all__ = ["ROUNDING", "Horizons", "carried"]

# FAISS and numpy add in different orders.
ROUNDING = 1e-5
# As often horizons are taken over from one index to the next: each change moves BM25's counts by less than a tenth of a percent.
_MOST_CARRIED = 20
_MOST_MOVED = 2000
_MOST_REMEMBERED = 50_000


@dataclass(slots=True)
class Horizons:
    """By question the horizon of BM25 (`lexical`) and of the cosine (`dense`); where no cosine was searched for, what `last` and `heard`
    are known to be greater than (`beyond_last`, `beyond_heard`).

    `moved` are vectors (n, d) of the passages that changed in the `changes` of the index through which all this was taken over:
    what is known of cosines holds for a question only once it is `checked` that none of them comes as near.
    """

    lexical: dict[str, Horizon] = field(default_factory=dict)
    dense: dict[str, Horizon] = field(default_factory=dict)
    beyond_last: dict[str, float] = field(default_factory=dict)
    beyond_heard: dict[str, float] = field(default_factory=dict)
    moved: np.ndarray | None = None
    checked: set[str] = field(default_factory=set)
    changes: int = 0

    def check(self, queries: Sequence[str], vectors: np.ndarray) -> None:
        """Forget of these questions, with their vectors (n, d), what does not hold any more."""
        for kept in (self.lexical, self.dense, self.beyond_last, self.beyond_heard, self.checked):
            # Clients can ask without end.
            if len(kept) > _MOST_REMEMBERED:
                kept.clear()
        if self.moved is None:
            return
        places = [place for place, query in enumerate(queries) if query not in self.checked]
        if not places:
            return
        nearest = (vectors[places] @ self.moved.T).max(axis=1) + ROUNDING
        for place, cosine in zip(places, nearest.tolist(), strict=True):
            query = queries[place]
            # Other threads forget here too.
            horizon = self.dense.get(query)
            if horizon is not None and cosine >= horizon.last:
                self.dense.pop(query, None)
            for known in (self.beyond_last, self.beyond_heard):
                if cosine >= known.get(query, np.inf):
                    known.pop(query, None)
        self.checked.update(queries)


def carried(horizons: Horizons, old: SearchIndex, new: SearchIndex, changed: Changed) -> Horizons:
    """What is known of an index that holds of the next one too: of questions that no changed passage can reach."""
    if horizons.changes >= _MOST_CARRIED:
        return Horizons()
    if not (changed.gone or changed.come):
        return horizons
    moved = np.concatenate([old.dense.vectors(sorted(changed.gone)), new.dense.vectors(sorted(changed.come)),
                            *([] if horizons.moved is None else [horizons.moved])])
    lexical = still_beyond(horizons.lexical, old, new, changed)
    if len(moved) > _MOST_MOVED:
        return Horizons(lexical, changes=horizons.changes + 1)
    return Horizons(lexical, horizons.dense.copy(), horizons.beyond_last.copy(), horizons.beyond_heard.copy(), moved,
                    changes=horizons.changes + 1)
