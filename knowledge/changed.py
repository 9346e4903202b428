"""What differs between two indexes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from knowledge.search import SearchIndex

__all__ = ["Changed", "changed_passages"]


@dataclass(frozen=True, slots=True)
class Changed:
    """Numbers of the passages that only the old index has, and that only the new one has."""

    gone: frozenset[int]
    come: frozenset[int]


def changed_passages(old: SearchIndex, new: SearchIndex, articles: Collection[str], touched: Collection[str] = ()) -> Changed:
    """What differs between two indexes in some `articles`; of those `touched`, all passages do, whether their words changed or not."""
    before, after = _by_content(old, articles), _by_content(new, articles)
    gone = [number for key, number in before.items() if key not in after or key[0] in touched]
    come = [number for key, number in after.items() if key not in before or key[0] in touched]
    return Changed(frozenset(gone), frozenset(come))


def _by_content(index: SearchIndex, articles: Collection[str]) -> dict[tuple[str, str, str], int]:
    numbers = index.numbers_of(articles)
    return {(passage.article_id, passage.kind, passage.text): number
            for number, passage in zip(numbers, map(index.passages.__getitem__, numbers), strict=True)}
