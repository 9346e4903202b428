"""Questions that ask for the same thing, found by the angle between their vectors. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["ALIKE", "grouped"]

# Cosine to the middle of a group from which a question belongs to it. Of 1,500 development questions, written apart from the
# base for 900 articles, three in four of those that share a group share it with the questions of their own article; at 0.80
# it is one in two, and at 0.90 half of the groups fall apart.
ALIKE = 0.85


def grouped(vectors: np.ndarray, weights: Sequence[int], *, seeds: np.ndarray | None = None, alike: float = ALIKE) -> list[int]:
    """The number of the group that each question (n, d) is in.

    The heaviest come first: each joins the group whose middle is nearest, or begins one. Groups 0 to len(seeds) - 1 are there
    from the start, one for each seed, and their middles stay where they are.
    """
    count, dimension = vectors.shape
    fixed = 0 if seeds is None else len(seeds)
    middles = np.zeros((fixed + count, dimension), np.float32)
    sums = np.zeros_like(middles)
    if seeds is not None and fixed:
        middles[:fixed] = seeds
    groups, found = fixed, [0] * count
    for place in sorted(range(count), key=lambda place: (-weights[place], place)):
        vector = vectors[place]
        near = middles[:groups] @ vector
        best = int(near.argmax()) if groups else -1
        if best < 0 or near[best] < alike:
            best, groups = groups, groups + 1
        found[place] = best
        if best >= fixed:
            sums[best] += vector * weights[place]
            middles[best] = sums[best] / (np.linalg.norm(sums[best]) or 1.0)
    return found
