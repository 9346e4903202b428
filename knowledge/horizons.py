"""How far search reaches for questions in one index, and what of it holds of the next one."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge.changed import Changed
from knowledge.reach_words import Horizon, still_beyond
from knowledge.search import SearchIndex

__all__ = ["ROUNDING", "Horizons", "carried", "digest"]

# FAISS and numpy add in different orders.
ROUNDING = 1e-5
# BM25 is taken over until so large a share of all passages has gone or come since the first of it was found: as many in as out, and the
# whole collection's counts have moved by two percent.
_MOST_CHANGED = 0.04
# Of what not every question is checked against.
_MOST_MOVED = 20_000
_MOST_REMEMBERED = 50_000
_AT_ONCE = 512


@dataclass(slots=True)
class Horizons:
    """By question the horizon of BM25 (`lexical`) and of the cosine (`dense`); where no cosine was searched for, what `last` and `heard`
    are known to be greater than (`beyond_last`, `beyond_heard`).

    `changed` passages have gone or come since the first of `lexical` was found. `moved` are the vectors (n, d) of passages that not every
    question was `checked` against: what is known of cosines holds for a question only once it is certain that none of them comes as near.
    `kept` is what an earlier process found, by `digest` of the question, until it is recalled.
    """

    lexical: dict[str, Horizon] = field(default_factory=dict)
    dense: dict[str, Horizon] = field(default_factory=dict)
    beyond_last: dict[str, float] = field(default_factory=dict)
    beyond_heard: dict[str, float] = field(default_factory=dict)
    moved: np.ndarray | None = None
    checked: set[str] = field(default_factory=set)
    changed: int = 0
    kept: dict[bytes, tuple[Horizon, Horizon]] = field(default_factory=dict)

    def recall(self, queries: Sequence[str]) -> None:
        """Take over what was kept of these questions."""
        if not self.kept:
            return
        for query in queries:
            found = self.kept.pop(digest(query), None)
            if found is not None:
                self.lexical[query], self.dense[query] = found

    def forget_all_but(self, queries: Collection[str]) -> None:
        """What nobody asks about any more need not be checked."""
        wanted = set(queries)
        for known in (self.lexical, self.dense, self.beyond_last, self.beyond_heard):
            for query in known.copy().keys() - wanted:
                known.pop(query, None)
        self.kept.clear()

    def check(self, queries: Sequence[str], vectors: np.ndarray) -> None:
        """Forget of these questions, with their vectors (n, d), what does not hold any more."""
        for known in (self.lexical, self.dense, self.beyond_last, self.beyond_heard, self.checked):
            # Clients can ask without end.
            if len(known) > _MOST_REMEMBERED:
                known.clear()
        self.recall(queries)
        if self.moved is None:
            return
        places = [place for place, query in enumerate(queries) if query not in self.checked]
        if not places:
            return
        some = (places[start:start + _AT_ONCE] for start in range(0, len(places), _AT_ONCE))
        nearest = np.concatenate([(vectors[part] @ self.moved.T).max(axis=1) for part in some]) + ROUNDING
        for place, cosine in zip(places, nearest.tolist(), strict=True):
            query = queries[place]
            # Other threads forget here too.
            horizon = self.dense.get(query)
            if horizon is not None and cosine >= horizon.last:
                self.dense.pop(query, None)
            for beyond in (self.beyond_last, self.beyond_heard):
                if cosine >= beyond.get(query, np.inf):
                    beyond.pop(query, None)
        self.checked.update(queries)


def carried(horizons: Horizons, old: SearchIndex, new: SearchIndex, changed: Changed) -> Horizons:
    """What is known of an index that holds of the next one too: of questions that no changed passage can reach."""
    moving = sorted(changed.gone), sorted(changed.come)
    total = horizons.changed + len(moving[0]) + len(moving[1])
    if total == horizons.changed:
        return horizons
    if total > _MOST_CHANGED * len(new.passages):
        lexical, total = {}, 0
    else:
        lexical = still_beyond(horizons.lexical, old, new, changed)
    moved = [old.dense.vectors(moving[0]), new.dense.vectors(moving[1])]
    # Other threads go on finding and checking: of what is checked by now, that is known which holds.
    checked = horizons.checked.copy()
    dense, beyond_last, beyond_heard = horizons.dense.copy(), horizons.beyond_last.copy(), horizons.beyond_heard.copy()
    if horizons.moved is not None and not dense.keys() | beyond_last.keys() | beyond_heard.keys() <= checked:
        moved.append(horizons.moved)
    if sum(map(len, moved)) > _MOST_MOVED:
        return Horizons(lexical, changed=total)
    return Horizons(lexical, dense, beyond_last, beyond_heard, np.concatenate(moved), changed=total)


def digest(query: str) -> bytes:
    """Stands for a question where its words should not lie about."""
    return hashlib.blake2b(query.encode(), digest_size=16).digest()
