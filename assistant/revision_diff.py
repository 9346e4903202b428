"""What differs between two revisions: field by field, in texts word by word. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from knowledge.segment import cut

__all__ = ["Change", "Piece", "difference", "word_pieces"]

_TEXTS = ("question", "body")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed, went or came."""

    kind: Literal["same", "gone", "new"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs; texts, and lists as a whole item each, in `pieces`."""

    field: str
    before: Any
    after: Any
    pieces: tuple[Piece, ...]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The fields that differ, in their order."""
    return [Change(name, before.get(name), after.get(name), _pieces(name, before.get(name), after.get(name)))
            for name in dict.fromkeys((*after, *before)) if before.get(name) != after.get(name)]


def word_pieces(before: str, after: str) -> tuple[Piece, ...]:
    """By words, as jieba cuts them, with punctuation and spaces kept: joined, `same` and `new` pieces are `after`."""
    return tuple(Piece(kind, "".join(words)) for kind, words in _runs(cut(before), cut(after)))


def _pieces(name: str, before: Any, after: Any) -> tuple[Piece, ...]:
    if name in _TEXTS:
        return word_pieces(before or "", after or "")
    if isinstance(after, list | tuple) or isinstance(before, list | tuple):
        return tuple(Piece(kind, str(item)) for kind, items in _runs(before or (), after or ()) for item in items)
    return tuple(Piece(kind, str(value)) for kind, value in (("gone", before), ("new", after)) if value is not None)  # type: ignore[arg-type]


def _runs(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[Literal["same", "gone", "new"], Sequence[Any]]]:
    runs: list[tuple[Literal["same", "gone", "new"], Sequence[Any]]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(("same", before[a:b]))
            continue
        runs += [(kind, items) for kind, items in (("gone", before[a:b]), ("new", after[c:d])) if items]  # type: ignore[list-item]
    return runs
