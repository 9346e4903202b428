"""What to write next: questions that knowledge did not serve, grouped by meaning, and articles that need care."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from assistant.audit import Action, Actor
from assistant.condition import Condition
from assistant.desk import Desk
from assistant.drafts import LONGEST_LINE, MOST_SIMILAR, ArticleDraft
from assistant.errors import GapNotFound
from assistant.grouping import grouped
from assistant.inbox import utc_now
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.privacy import mask
from assistant.question_vectors import QuestionVectors
from assistant.review_records import GapOutcome, Miss, Missed
from assistant.searching import searches
from assistant.storage import ArticleRevision, Store
from knowledge.text import content, normalize

__all__ = ["Gap", "Gaps", "Near"]

_LOOKS_BACK = timedelta(days=28)
_WEEK = timedelta(days=7)
# As many replies as are looked at, and questions as a draft takes up at once.
_REPLIES, _TAKEN_UP = 20_000, 40
_EXAMPLES, _NEAREST = 5, 3
# Answers below are right less often than nine times in ten.
_SURE = 0.9


@dataclass(frozen=True, slots=True)
class Near:
    """An article that comes near a group, with the probability that it answers it."""

    article_id: str
    title: str
    probability: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that ask for the same, and were not served. `question` stands for them; `questions` are all different ones,
    those asked most often first, each with how often. `id` is of `question`."""

    id: str
    question: str
    size: int
    this_week: int
    last_week: int
    first_at: datetime
    last_at: datetime
    misses: dict[str, int]
    questions: tuple[tuple[str, int], ...]
    nearest: tuple[Near, ...] = field(default=())

    @property
    def examples(self) -> tuple[tuple[str, int], ...]:
        return self.questions[:_EXAMPLES]


class Gaps:
    """Safe to share between threads."""

    def __init__(self, store: Store, live: LiveKnowledge, desk: Desk, vectors: QuestionVectors, *,
                 clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._live, self._desk, self._vectors, self._clock = store, live, desk, vectors, clock

    def page(self, by: Actor, *, limit: int = 50) -> list[Gap]:
        """The largest groups of the last four weeks, with the articles that are nearest to each."""
        gaps = self._groups()[:limit]
        with self._store.write() as work:
            work.audit.record(Action.GAPS_SEEN, by, self._clock())
        edition = self._live.current
        return [replace(gap, nearest=_nearest(edition, gap.question)) for gap in gaps]

    def dismiss(self, gap_id: str, because: str, by: Actor) -> None:
        """Nothing will be written: it and what is like it is told no more. Raises GapNotFound."""
        gap = self._find(gap_id)
        self._settle(gap, gap_id, "dismissed", by, because=mask(because))

    def restore(self, gap_id: str, by: Actor) -> None:
        """A dismissed group is told again. Raises GapNotFound where none with this id is dismissed."""
        with self._store.write() as work:
            last = {item.question: item for item in work.gap_outcomes.all()}
            dismissed = next((item for item in last.values() if item.outcome == "dismissed" and _id(item.question) == gap_id), None)
            if dismissed is None:
                raise GapNotFound()
            work.gap_outcomes.take_back(dismissed.id)
            work.audit.record(Action.GAP_RESTORED, by, self._clock(), subject=f"gap:{gap_id}")

    def draft(self, gap_id: str, article_id: str, by: Actor) -> ArticleRevision:
        """A draft that asks what the group asks: of a new article, or of one that is there, whose open draft is written on.

        Raises GapNotFound, ArticleExists, ArticleOpen, NotTheAuthor or IllegalStep.
        """
        gap = self._find(gap_id)
        with self._store.read() as work:
            known = work.knowledge.head(article_id) is not None
        made = self._added(gap, article_id, by) if known else self._new(gap, article_id, by)
        self._settle(gap, gap_id, "added" if known else "drafted", by, article_id=article_id)
        return made

    def _new(self, gap: Gap, article_id: str, by: Actor) -> ArticleRevision:
        """Category and intent are those of the nearest article."""
        question, *similar = [text for text, _ in gap.questions[:_TAKEN_UP + 1]]
        near = next((item for item in _nearest(self._live.current, question)), None)
        like = self._live.current.base.articles.get(near.article_id) if near else None
        draft = ArticleDraft(id=article_id, category=like.category if like else "", intent=like.intent if like else "",
                             question=question[:LONGEST_LINE], similar=tuple(text[:LONGEST_LINE] for text in similar))
        return self._desk.create(draft, by).history[0]

    def _added(self, gap: Gap, article_id: str, by: Actor) -> ArticleRevision:
        story = self._desk.article(article_id, by)
        source = story.open or story.published or story.history[0]
        draft = ArticleDraft.model_validate(dict(source.article))
        draft = draft.model_copy(update={"similar": _joined(draft, [text for text, _ in gap.questions[:_TAKEN_UP]])})
        if story.open:
            same = Condition(versions=frozenset({story.open.version}))
            return self._desk.save(article_id, story.open.revision, draft, by, condition=same)
        return self._desk.start(article_id, {"similar": draft.similar}, by)

    def _settle(self, gap: Gap, gap_id: str, outcome: str, by: Actor, *, article_id: str | None = None, because: str = "") -> None:
        """Under the question that the id is of, whichever stands for the group by now."""
        now, question = self._clock(), next(text for text, _ in gap.questions if _id(text) == gap_id)
        with self._store.write() as work:
            work.gap_outcomes.add(GapOutcome(uuid4().hex, question, outcome, by.name or "", now, article_id, because))
            work.audit.record(Action.GAP_DISMISSED if outcome == "dismissed" else Action.GAP_DRAFTED, by, now, subject=f"gap:{gap_id}",
                              details={"article": article_id, "because": because, "size": gap.size})

    def _find(self, gap_id: str) -> Gap:
        """The group that has the question with this id, which need not stand for it any more."""
        for gap in self._groups():
            if any(_id(text) == gap_id for text, _ in gap.questions):
                return gap
        raise GapNotFound()

    def _groups(self) -> list[Gap]:
        now = self._clock()
        with self._store.read() as work:
            missed = work.questions.missed(now - _LOOKS_BACK, sure=_SURE, limit=_REPLIES)
            # Of several outcomes for the same words the last counts.
            settled = list({item.question: item for item in work.gap_outcomes.all()}.values())
        texts = Counter(item.question for item in missed)
        numbers = dict(zip(texts, self._numbered(list(texts), list(texts.values()), [item.question for item in settled]), strict=True))
        together: dict[int, list[Missed]] = defaultdict(list)
        for item in missed:
            number = numbers[item.question]
            if number >= len(settled) or _asked_again(item, settled[number]):
                together[number].append(item)
        return sorted((_gap(items, now) for items in together.values()), key=lambda gap: (-gap.size, gap.question))

    def _numbered(self, texts: Sequence[str], weights: Sequence[int], settled: Sequence[str]) -> list[int]:
        """The group of each text; the first ones are of those that are settled."""
        responder = self._live.current.responder
        if not texts or not searches(responder):
            known: dict[str, int] = {text: number for number, text in enumerate(settled)}
            return [known.setdefault(text, len(known)) for text in texts]
        vectors = self._vectors.of([content(normalize(text)) for text in (*settled, *texts)], responder.index.encoder)
        return grouped(vectors[len(settled):], weights, seeds=vectors[:len(settled)])


def _asked_again(item: Missed, outcome: GapOutcome) -> bool:
    """Whether a question that somebody wrote an answer for was missed after that."""
    return outcome.outcome != "dismissed" and item.at > outcome.at


def _gap(items: Sequence[Missed], now: datetime) -> Gap:
    texts = Counter(item.question for item in items)
    questions = tuple(sorted(texts.items(), key=lambda item: (-item[1], item[0])))
    moments = [item.at for item in items]
    misses = Counter(item.miss.value for item in items)
    return Gap(_id(questions[0][0]), questions[0][0], len(items), sum(now - _WEEK < at for at in moments),
               sum(now - 2 * _WEEK < at <= now - _WEEK for at in moments), min(moments), max(moments),
               {miss.value: misses[miss.value] for miss in Miss if misses[miss.value]}, questions)


def _nearest(edition: Edition, question: str) -> tuple[Near, ...]:
    candidates = edition.responder.respond(question).candidates
    return tuple(Near(item.article_id, item.title, item.score) for item in candidates[:_NEAREST])


def _joined(draft: ArticleDraft, questions: Sequence[str]) -> tuple[str, ...]:
    """The draft's similar questions and the new ones, as many as a draft may have."""
    known = {content(normalize(text)) for text in (draft.question, *draft.similar)}
    new = {content(normalize(text)): text[:LONGEST_LINE] for text in questions}
    return (*draft.similar, *(text for read, text in new.items() if read not in known))[:MOST_SIMILAR]


def _id(question: str) -> str:
    return sha256(question.encode()).hexdigest()[:16]
