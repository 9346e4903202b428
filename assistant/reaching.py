"""Which questions a change of the base can reach: only they are ranked again.

Search gives the ranker the passages that are nearest to a question. A question whose nearest passages are none of those that
change, and none of whose articles sounds otherwise, is ranked as before: see knowledge/reach.py, and tests/assistant/test_impact.py,
which compares with ranking all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.inbox import Responds
from assistant.past_replies import PastReplies
from assistant.question_vectors import QuestionVectors
from assistant.searching import searches
from knowledge.articles import Article, KnowledgeBase
from knowledge.text import content, normalize

if TYPE_CHECKING:
    from assistant.turn import Responder
    from knowledge.changed import Changed
    from knowledge.horizons import Horizons
    from knowledge.passages import Passage

__all__ = ["Reach", "touched_articles"]

Progress = Callable[[int, int], None]
# What a passage does not say: a change of it counts wherever the article is found.
_BESIDE_THE_WORDS = ("kind", "intent", "question", "effective_from", "effective_to", "choices")


class Reach:
    """Of a change between two responders: by vectors and words where they share their models, and of all where nothing is
    known of them. Safe to share between threads.

    What is found out about the index that answers is kept beside it, where indexes are kept in the folder `indexes`.
    """

    def __init__(self, vectors: QuestionVectors, indexes: Path | None = None) -> None:
        self._vectors, self._indexes = vectors, indexes
        self.known = PastReplies(vectors)
        # Of the responder that answers now, which stays the same from one publication to the next.
        self._horizons: tuple[Responder, Horizons] | None = None
        self._lock = threading.Lock()

    def of(self, questions: Sequence[str], last: Sequence[str | None], before: Responds, after: Responds,
           progress: Progress | None = None) -> list[int]:
        """Places of the questions whose reply may differ; `last` is the last article that each got, if known."""
        if not searches(before) or not searches(after):
            return list(range(len(questions)))
        if not questions or before.base is after.base:
            return []
        from assistant.editions import changed_articles
        from knowledge.reach import Asked, reached

        queries = _as_searched(questions)
        asked = Asked(queries, self._vectors.of(queries, before.index.encoder, progress))
        touched = _touched_between(before, after)
        index = before.index.remembering(self.known.nearby(before.index))
        by_search = reached(asked, index, after.index, _changed(before, after, touched), self._known_horizons(before), progress)
        # What changes in the words of an article is heard wherever it was the answer.
        changed = touched | frozenset(changed_articles(before.base, after.base))
        by_article = [place for place, article_id in enumerate(last) if article_id in changed]
        return sorted({*by_search, *by_article})

    def _known_horizons(self, responder: Responder) -> Horizons:
        """Of what answers now; right after a publication what the last base's tell of it."""
        from knowledge.horizons import Horizons, carried
        from knowledge.kept_horizons import kept_horizons

        with self._lock:
            if self._horizons is None:
                folder = self._kept_in(responder)
                self._horizons = (responder, kept_horizons(folder) if folder else Horizons())
            last, horizons = self._horizons
            if last is not responder:
                if last.index is not responder.index:
                    changed = _changed(last, responder, _touched_between(last, responder))
                    horizons = carried(horizons, last.index, responder.index, changed)
                self._horizons = (responder, horizons)
            return horizons

    def prepare(self, questions: Sequence[str], responder: Responds) -> None:
        """Have ready what `of` will need of a few questions: their vectors, and how far search reaches for them."""
        if not searches(responder):
            return
        from knowledge.reach import Asked, prepare

        queries = _as_searched(questions)
        asked = Asked(queries, self._vectors.of(queries, responder.index.encoder))
        prepare(asked, responder.index.remembering(self.known.nearby(responder.index)), self._known_horizons(responder))

    def recall(self, questions: Sequence[str], responder: Responds) -> None:
        """Take over what an earlier process kept of these questions: once something else answers, it is no longer to be had."""
        if searches(responder):
            self._known_horizons(responder).recall(_as_searched(questions))

    def keep(self, questions: Sequence[str], responder: Responds) -> bool:
        """Keep what is known of these questions, and of no others, for the next start too: beside the index, so False where that is not
        kept yet. Raises OSError."""
        from knowledge.kept_horizons import keep_horizons

        if not searches(responder):
            return True
        folder = self._kept_in(responder)
        if folder and not folder.is_dir():
            return False
        horizons = self._known_horizons(responder)
        horizons.forget_all_but(_as_searched(questions))
        if folder:
            keep_horizons(horizons, folder)
        return True

    def _kept_in(self, responder: Responder) -> Path | None:
        from knowledge.snapshot import index_folder

        return self._indexes and index_folder(responder.base, responder.index.encoder, self._indexes)

    @staticmethod
    def neighbours(before: Responds, after: Responds, limit: int) -> list[Passage]:
        """Questions of other articles that the change may take away from them, nearest first; none where nothing is known."""
        if not searches(before) or not searches(after) or before.index is after.index:
            return []
        from knowledge.reach import neighbours

        return neighbours(before.index, after.index, _changed(before, after, _touched_between(before, after)), limit)


def touched_articles(before: KnowledgeBase, after: KnowledgeBase) -> frozenset[str]:
    """Ids of the articles of which more changes than words to be found by."""
    names = before.articles.keys() | after.articles.keys()
    return frozenset(name for name in names if _touched(before.articles.get(name), after.articles.get(name)))


def _touched(old: Article | None, new: Article | None) -> bool:
    if old is new:
        return False
    if old is None or new is None:
        return True
    return any(getattr(old, name) != getattr(new, name) for name in _BESIDE_THE_WORDS)


def _touched_between(before: Responder, after: Responder) -> frozenset[str]:
    """Those, and the articles that the head over articles reads off other questions now: they sound otherwise wherever they are found."""
    touched = touched_articles(before.base, after.base)
    if before.article_head is None or after.article_head is None:
        return touched
    return touched | after.article_head.changed_since(before.article_head)


def _as_searched(questions: Sequence[str]) -> list[str]:
    return [content(normalize(text)) for text in questions]


def _changed(before: Responder, after: Responder, touched: Collection[str]) -> Changed:
    from assistant.editions import changed_articles
    from knowledge.changed import changed_passages

    return changed_passages(before.index, after.index, frozenset(changed_articles(before.base, after.base)), touched)
