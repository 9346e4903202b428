"""Ways to ask that a draft does not list yet: what clients really asked that came near it, and what agents answered by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from assistant.audit import Action, Actor
from assistant.drafts import LONGEST_LINE, ArticleDraft
from assistant.errors import RevisionNotFound
from assistant.inbox import Responds, utc_now
from assistant.lessons import Lesson, Voice
from assistant.live_knowledge import LiveKnowledge
from assistant.question_vectors import QuestionVectors
from assistant.review_records import PastQuestion, article_subject
from assistant.searching import searches
from assistant.storage import Store
from knowledge.search import SearchIndex
from knowledge.text import content, normalize

__all__ = ["SimilarQuestions", "Suggested"]

_LOOKS_BACK = timedelta(days=90)
_PAST = 10_000
# Cosine from which a question that was asked is near one of the draft's: see `grouping.ALIKE`, which is measured.
_NEAR = 0.85
_MOST = 20
# Vectors that are not kept yet and are computed for one request; the others wait for the next replay.
_COMPUTED = 200


@dataclass(frozen=True, slots=True)
class Suggested:
    """A question for the draft's list. `why`: `agents` answered it by the article, `clients` were helped by it or chose it, or
    it was only `asked`; `times` says how often that was, `near` is the cosine to the nearest of the draft's own (None: not
    looked at)."""

    question: str
    why: str
    times: int
    near: float | None = None


class SimilarQuestions:
    """Safe to share between threads."""

    def __init__(self, store: Store, live: LiveKnowledge, vectors: QuestionVectors, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._live, self._vectors, self._clock = store, live, vectors, clock

    def of(self, article_id: str, revision: int, by: Actor) -> list[Suggested]:
        """Those that people vouched for first. What any article lists already is left out. Raises RevisionNotFound."""
        now, responder = self._clock(), self._live.current.responder
        with self._store.read() as work:
            item = work.knowledge.get(article_id, revision)
            if item is None:
                raise RevisionNotFound()
            lessons, past = work.learning.lessons(now - _LOOKS_BACK), work.questions.past(_PAST)
        with self._store.write() as work:
            work.audit.record(Action.KNOWLEDGE_SEEN, by, now, subject=article_subject(article_id, revision), details={"why": "similar"})
        draft = ArticleDraft.model_validate(dict(item.article))
        own = [text for text in dict.fromkeys(content(normalize(text)) for text in (draft.question, *draft.similar)) if text]
        taken = {*own, *_listed(responder)}
        vouched = list(_vouched(lessons, article_id, taken))
        taken.update(content(normalize(item.question)) for item in vouched)
        return [*vouched, *self._asked(past, article_id, own, taken, responder)][:_MOST]

    def _asked(self, past: Sequence[PastQuestion], article_id: str, own: Sequence[str], taken: Collection[str],
               responder: Responds) -> Iterator[Suggested]:
        """Nearest first; only what no other article is nearer to."""
        if not own or not searches(responder):
            return
        read = {content(normalize(item.text)): item for item in reversed(past) if len(item.text) <= LONGEST_LINE}
        known = self._known({text: item for text, item in read.items() if text and text not in taken}, responder.index)
        if not known:
            return
        texts, theirs = list(known), np.stack(list(known.values()))
        near = (theirs @ responder.index.encoder.encode_queries(own).T).max(axis=1)
        for place in np.argsort(-near, kind="stable"):
            if near[place] < _NEAR:
                return
            text = texts[place]
            if _nearest_other(responder.index, theirs[place], article_id) < near[place]:
                yield Suggested(read[text].text, "asked", read[text].asked, round(float(near[place]), 3))

    def _known(self, wanted: Mapping[str, PastQuestion], index: SearchIndex) -> dict[str, np.ndarray]:
        with self._store.read() as work:
            found = work.questions.vectors(index.encoder.fingerprint, wanted)
        new = [text for text in wanted if text not in found][-_COMPUTED:]
        return {**found, **dict(zip(new, self._vectors.of(new, index.encoder), strict=True))}


def _vouched(lessons: Sequence[Lesson], article_id: str, taken: Collection[str]) -> Iterator[Suggested]:
    """What was answered by this article and by no other, those by agents first."""
    voices: defaultdict[str, list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        voices[lesson.question].append(lesson)
    found = []
    for question, heard in voices.items():
        spoken = [lesson for lesson in heard if lesson.voice.speaks_for]
        against = any(lesson.article_id == article_id and not lesson.voice.speaks_for for lesson in heard)
        agreed = bool(spoken) and all(lesson.article_id == article_id for lesson in spoken)
        if agreed and not against and content(normalize(question)) not in taken and len(question) <= LONGEST_LINE:
            by_agents = any(lesson.voice in (Voice.SENT, Voice.EDITED) for lesson in spoken)
            found.append(Suggested(question, "agents" if by_agents else "clients", len(spoken)))
    yield from sorted(found, key=lambda item: (item.why, -item.times, item.question))


def _listed(responder: Responds) -> Iterator[str]:
    """All questions that articles list."""
    if searches(responder):
        yield from (passage.text for passage in responder.index.passages.values() if passage.kind != "answer")


def _nearest_other(index: SearchIndex, vector: np.ndarray, article_id: str) -> float:
    """The cosine of the nearest question of another article, of the few nearest; 0 where all are the article's own."""
    found = ((index.passages.get(number), score) for number, score in index.dense.search(vector, 20))
    return next((score for passage, score in found if passage and passage.kind != "answer" and passage.article_id != article_id), 0.0)
