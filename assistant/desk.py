"""The knowledge desk: what editors and reviewers do with articles. Every look and every step goes into the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from assistant.audit import Action, Actor
from assistant.clock import china_day
from assistant.condition import ALWAYS, Condition
from assistant.decide import needed_articles
from assistant.draft_check import DraftFinding, check_draft, check_retirement, reading_on, refuse_if_unfit
from assistant.drafts import ArticleDraft
from assistant.errors import (
    ArticleExists,
    ArticleNeeded,
    ArticleNotFound,
    ArticleOpen,
    DraftRefused,
    OwnRevision,
    PreconditionFailed,
    PreconditionRequired,
    RevisionNotFound,
)
from assistant.facts_list import Facts, facts_of
from assistant.inbox import utc_now
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.next_base import published, whole_article
from assistant.reading_level import ReadingLevel
from assistant.reply import Context, Outcome
from assistant.review_records import article_subject
from assistant.revision_diff import Change, difference
from assistant.revision_life import OPEN, RevisionEffect, RevisionState, Step, stepped
from assistant.storage import ArticleHead, ArticleRevision, RevisionComment, Store, Work
from knowledge.articles import Article

__all__ = ["ArticleStory", "Checked", "Desk"]


@dataclass(frozen=True, slots=True)
class ArticleStory:
    """An article with all its revisions, newest first. `live` is the number of the one that answers clients (as of the
    moment that was asked for), None for none."""

    head: ArticleHead
    history: list[ArticleRevision]
    live: int | None

    @property
    def published(self) -> ArticleRevision | None:
        return next((item for item in self.history if item.revision == self.live), None)

    @property
    def open(self) -> ArticleRevision | None:
        """The one that is being worked on."""
        return next((item for item in self.history if item.state in OPEN), None)

    @property
    def going(self) -> ArticleRevision | None:
        """The one that is to take the article away: in review, or approved and not published yet."""
        waits = (RevisionState.IN_REVIEW, RevisionState.APPROVED)
        return next((item for item in self.history if item.retires and item.state in waits), None)

    @property
    def needed(self) -> bool:
        """Whether the assistant can't do without the article, which then is not taken away."""
        return self.head.id in needed_articles()


@dataclass(frozen=True, slots=True)
class Checked:
    """What there is to say of a revision before anybody reviews it, and how it reads."""

    findings: list[DraftFinding]
    reading: ReadingLevel


class Desk:
    """Safe to share between threads."""

    def __init__(self, store: Store, knowledge: LiveKnowledge, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._knowledge = knowledge
        self._clock = clock

    def article(self, article_id: str, by: Actor, *, as_of: datetime | None = None) -> ArticleStory:
        """Raises ArticleNotFound. With `as_of`, what was live then, and only what there was then."""
        with self._store.write() as work:
            story = self._story(work, article_id)
            if as_of:
                history = [item for item in story.history if item.created_at <= as_of]
                version = work.knowledge.version_at(as_of)
                live = version.revisions.get(article_id) if version else None
                if not history and live is None:
                    raise ArticleNotFound()
                story = ArticleStory(story.head, history or [item for item in story.history if item.revision == live], live)
            details = {"as_of": as_of.isoformat()} if as_of else {}
            work.audit.record(Action.KNOWLEDGE_SEEN, by, self._clock(), subject=article_subject(article_id), details=details)
            return story

    def revision(self, article_id: str, revision: int, by: Actor) -> ArticleRevision:
        """Raises RevisionNotFound."""
        with self._store.write() as work:
            found = _get(work, article_id, revision)
            work.audit.record(Action.KNOWLEDGE_SEEN, by, self._clock(), subject=article_subject(article_id, revision))
            return found

    def is_live(self, item: ArticleRevision) -> bool:
        return self._knowledge.current.revisions.get(item.article_id) == item.revision

    def create(self, draft: ArticleDraft, by: Actor) -> ArticleStory:
        """A new article, as a draft. Raises ArticleExists."""
        with self._store.write() as work:
            now = self._clock()
            if not work.knowledge.add_article(ArticleHead(draft.id, 1, None, now)):
                raise ArticleExists()
            self._add(work, draft, 1, None, by, now)
            return self._story(work, draft.id)

    def start(self, article_id: str, changes: Mapping[str, Any], by: Actor, *, based_on: int | None = None,
              condition: Condition = ALWAYS) -> ArticleRevision:
        """A new draft of an article: the words of revision `based_on` (default: what is being worked on, or live, or the
        newest) with some fields changed.

        `condition` is on the article's version. A draft that is open already is retired for it, and so has to be known:
        raises PreconditionRequired without a condition, PreconditionFailed, ArticleNotFound or RevisionNotFound; ArticleOpen
        where the article is to be taken away, until that is published or sent back.
        """
        with self._store.write() as work:
            now, head = self._clock(), work.knowledge.hold_article(article_id)
            if head is None:
                raise ArticleNotFound()
            if not condition.holds(head.version):
                raise PreconditionFailed()
            story = self._story(work, article_id)
            if story.going:
                raise ArticleOpen()
            if story.open and condition.versions is None:
                raise PreconditionRequired()
            source = self._source(story, based_on)
            draft = ArticleDraft.model_validate({**source.article, **changes, "id": article_id})
            if story.open:
                work.knowledge.change(story.open, state=RevisionState.RETIRED.value, updated_at=now)
                work.audit.record(Action.REVISION_RETIRED, by, now, subject=article_subject(article_id, story.open.revision),
                                  details={"for": story.history[0].revision + 1})
            work.knowledge.touch([article_id])
            return self._add(work, draft, story.history[0].revision + 1, source.revision, by, now)

    def save(self, article_id: str, revision: int, draft: ArticleDraft, by: Actor, *, condition: Condition) -> ArticleRevision:
        """Write a draft, by its author. Raises PreconditionRequired, PreconditionFailed, NotTheAuthor, IllegalStep."""
        if condition.versions is None and condition.exists is None:
            raise PreconditionRequired()
        return self._step(article_id, revision, Step.SAVE, by, condition, Action.REVISION_SAVED,
                          lambda _, __: {"article": draft.to_dict(), "digest": _digest(draft)})

    def submit(self, article_id: str, revision: int, by: Actor, *, condition: Condition = ALWAYS) -> ArticleRevision:
        """Ask for review: from now on the words stand. Raises DraftRefused for a draft that could not answer."""
        base = self._knowledge.current.base

        def fit(item: ArticleRevision, now: datetime) -> dict[str, Any]:
            article = whole_article(item)
            refuse_if_unfit(article, base)
            return {"article": article.to_dict(), "digest": article.digest, "submitted_at": now}

        return self._step(article_id, revision, Step.SUBMIT, by, condition, Action.REVISION_SUBMITTED, fit)

    def approve(self, article_id: str, revision: int, by: Actor, *, condition: Condition = ALWAYS, note: str = "",
                also: Callable[[Work], Mapping[str, Any]] = lambda _: {}) -> ArticleRevision:
        """`also` writes what goes with it, and says what the audit trail is to tell. Raises OwnRevision for the author,
        IllegalStep or PreconditionFailed."""
        with self._store.write() as work:
            item, now = self._held(work, article_id, revision, Step.APPROVE, by, condition), self._clock()
            assert by.name
            if not work.knowledge.approve(item, by.name, now):
                raise PreconditionFailed()
            self._say(work, item, note, by, now)
            return self._stepped(work, item, Action.REVISION_APPROVED, by, now, **also(work))

    def reject(self, article_id: str, revision: int, by: Actor, *, condition: Condition = ALWAYS, note: str = "") -> ArticleRevision:
        """Back to the author, as a draft again. Raises OwnRevision, IllegalStep or PreconditionFailed."""
        with self._store.write() as work:
            item, now = self._held(work, article_id, revision, Step.REJECT, by, condition), self._clock()
            story = self._story(work, article_id)
            # There can be only one draft: an approved one goes where its article is being worked on again already.
            overtaken = story.open is not None and story.open.revision != revision
            state = RevisionState.RETIRED if overtaken or item.retires else RevisionState.DRAFT
            self._write(work, item, now, state=state.value, approver=None, approved_at=None)
            self._say(work, item, note, by, now)
            return self._stepped(work, item, Action.REVISION_REJECTED, by, now)

    def retire(self, article_id: str, revision: int, by: Actor, *, condition: Condition = ALWAYS) -> ArticleRevision:
        """What is not published goes out of use. For what is published, somebody else is asked: the revision in review that
        is given then takes the article away when it is approved and published; asked again, it is the same one.

        Raises IllegalStep, PreconditionFailed, ArticleOpen where somebody works on the article, or ArticleNeeded.
        """
        with self._store.write() as work:
            if work.knowledge.hold_article(article_id) is None:
                raise RevisionNotFound()
            item = _get(work, article_id, revision)
            if item.state is RevisionState.PUBLISHED:
                return self._ask_to_take_away(work, item, by, condition)
            self._held(work, article_id, revision, Step.RETIRE, by, condition)
            now = self._clock()
            self._write(work, item, now, state=RevisionState.RETIRED.value)
            return self._stepped(work, item, Action.REVISION_RETIRED, by, now)

    def check_others(self, article_id: str, revision: int, by: Actor) -> None:
        """Raises RevisionNotFound, and OwnRevision where the revision is one's own to judge."""
        with self._store.read() as work:
            if _get(work, article_id, revision).author == by.name:
                raise OwnRevision()

    def comment(self, article_id: str, revision: int, text: str, by: Actor) -> RevisionComment:
        """Raises RevisionNotFound."""
        with self._store.write() as work:
            item, now = _get(work, article_id, revision), self._clock()
            said = self._say(work, item, text, by, now)
            assert said
            subject = article_subject(article_id, revision)
            work.audit.record(Action.REVISION_COMMENTED, by, now, subject=subject, details={"comment": said.id})
            return said

    def comments(self, article_id: str, revision: int, by: Actor) -> list[RevisionComment]:
        """In order. Raises RevisionNotFound."""
        self.revision(article_id, revision, by)
        with self._store.read() as work:
            return work.knowledge.comments(article_id, revision)

    def difference(self, article_id: str, revision: int, against: int | None, by: Actor) -> list[Change]:
        """Field by field, by words, from `against` (default: what it was started from); where it takes the article away, all goes.

        Raises RevisionNotFound.
        """
        new = self.revision(article_id, revision, by)
        old = against if against is not None else new.based_on
        before: Mapping[str, Any] = self.revision(article_id, old, by).article if old else {}
        return difference(before, {} if new.retires else new.article)

    def check(self, article_id: str, revision: int, by: Actor) -> Checked:
        """What the revision's words would have to answer for beside the base. Raises RevisionNotFound."""
        item = self.revision(article_id, revision, by)
        current, draft = self._knowledge.current, ArticleDraft.model_validate(dict(item.article))
        level = reading_on(draft, current.base, china_day(self._clock()))
        if item.retires:
            return Checked(check_retirement(article_id, current), level)
        try:
            after = self.edition_with(item, current)
        except DraftRefused:
            after = None
        return Checked(check_draft(draft, level, current, after), level)

    def facts(self, by: Actor, *, as_of: datetime | None = None) -> Facts:
        """By name, with who quotes each; with `as_of`, as it was at that moment."""
        with self._store.write() as work:
            now = self._clock()
            work.audit.record(Action.KNOWLEDGE_SEEN, by, now, details={"why": "facts", **({"as_of": as_of.isoformat()} if as_of else {})})
        base = (self._knowledge.as_of(as_of) if as_of else self._knowledge.current).base
        return Facts(list(facts_of(base, china_day(as_of or now))), base.sources, base.firm)

    def editions_with(self, article_id: str, revision: int) -> tuple[Edition, Edition]:
        """What answers now, and what would answer if a revision were published. Raises RevisionNotFound or DraftRefused."""
        with self._store.read() as work:
            item = _get(work, article_id, revision)
        current = self._knowledge.current
        return current, self.edition_with(item, current)

    def edition_with(self, item: ArticleRevision, current: Edition) -> Edition:
        """What would answer instead of `current` if a revision were published; only what differs is indexed again. Raises DraftRefused."""
        if not item.retires:
            refuse_if_unfit(whole_article(item), current.base)
        return self._knowledge.edition_of(*published(current, item), current.version + 1, like=current)

    def attempt(self, text: str, by: Actor, *, revision: tuple[str, int] | None = None, as_of: datetime | None = None) -> Outcome:
        """Ask as a client would: the live base, with a revision in it, or as it was at a moment. Raises RevisionNotFound, DraftRefused."""
        with self._store.write() as work:
            item = _get(work, *revision) if revision else None
            details = {"as_of": as_of.isoformat()} if as_of else {}
            subject = article_subject(*revision) if revision else None
            work.audit.record(Action.KNOWLEDGE_TRIED, by, self._clock(), subject=subject, details=details)
        past = self._knowledge.as_of(as_of) if as_of else self._knowledge.current
        edition = self.edition_with(item, self._knowledge.current) if item else past
        return edition.responder.respond(text, Context(), as_of or self._clock())

    def _ask_to_take_away(self, work: Work, item: ArticleRevision, by: Actor, condition: Condition) -> ArticleRevision:
        if not condition.holds(item.version):
            raise PreconditionFailed()
        story, now = self._story(work, item.article_id), self._clock()
        if story.needed:
            raise ArticleNeeded()
        if story.going:
            return story.going
        if story.open:
            raise ArticleOpen()
        assert by.name
        asked = ArticleRevision(item.article_id, story.history[0].revision + 1, item.digest, item.article, RevisionState.IN_REVIEW, now,
                                author=by.name, based_on=item.revision, updated_at=now, submitted_at=now, effect=RevisionEffect.RETIRE)
        work.knowledge.add([asked])
        return self._stepped(work, asked, Action.REVISION_SUBMITTED, by, now)

    def _story(self, work: Work, article_id: str) -> ArticleStory:
        head = work.knowledge.head(article_id)
        if head is None:
            raise ArticleNotFound()
        return ArticleStory(head, work.knowledge.of_article(article_id), self._knowledge.current.revisions.get(article_id))

    @staticmethod
    def _source(story: ArticleStory, based_on: int | None) -> ArticleRevision:
        if based_on is None:
            return story.open or story.published or story.history[0]
        found = next((item for item in story.history if item.revision == based_on), None)
        if found is None:
            raise RevisionNotFound()
        return found

    def _add(self, work: Work, draft: ArticleDraft, revision: int, based_on: int | None, by: Actor, now: datetime) -> ArticleRevision:
        assert by.name
        item = ArticleRevision(draft.id, revision, _digest(draft), draft.to_dict(), RevisionState.DRAFT, now, author=by.name,
                               based_on=based_on, updated_at=now)
        work.knowledge.add([item])
        details = {"digest": item.digest, **({"based_on": based_on} if based_on else {})}
        work.audit.record(Action.REVISION_STARTED, by, now, subject=article_subject(draft.id, revision), details=details)
        return item

    def _step(self, article_id: str, revision: int, step: Step, by: Actor, condition: Condition, action: Action,
              values: Callable[[ArticleRevision, datetime], dict[str, Any]]) -> ArticleRevision:
        with self._store.write() as work:
            item, now = self._held(work, article_id, revision, step, by, condition), self._clock()
            state = stepped(item.state, step, author=item.author, by=by.name, effect=item.effect)
            self._write(work, item, now, state=state.value, **values(item, now))
            return self._stepped(work, item, action, by, now)

    @staticmethod
    def _held(work: Work, article_id: str, revision: int, step: Step, by: Actor, condition: Condition) -> ArticleRevision:
        """The revision with its article locked, when the step may be taken."""
        if work.knowledge.hold_article(article_id) is None:
            raise RevisionNotFound()
        item = _get(work, article_id, revision)
        stepped(item.state, step, author=item.author, by=by.name, effect=item.effect)
        if not condition.holds(item.version):
            raise PreconditionFailed()
        return item

    @staticmethod
    def _write(work: Work, item: ArticleRevision, now: datetime, **values: Any) -> None:
        if not work.knowledge.change(item, updated_at=now, **values):
            raise PreconditionFailed()

    @staticmethod
    def _stepped(work: Work, item: ArticleRevision, action: Action, by: Actor, now: datetime, **details: Any) -> ArticleRevision:
        work.knowledge.touch([item.article_id])
        after = _get(work, item.article_id, item.revision)
        subject = article_subject(item.article_id, item.revision)
        effect = {"effect": item.effect.value} if item.retires else {}
        work.audit.record(action, by, now, subject=subject, details={"digest": after.digest, **effect, **details})
        return after

    @staticmethod
    def _say(work: Work, item: ArticleRevision, text: str, by: Actor, now: datetime) -> RevisionComment | None:
        if not text.strip():
            return None
        assert by.name
        said = RevisionComment(uuid4().hex, item.article_id, item.revision, by.name, text, now)
        work.knowledge.comment(said)
        return said


def _get(work: Work, article_id: str, revision: int) -> ArticleRevision:
    found = work.knowledge.get(article_id, revision)
    if found is None:
        raise RevisionNotFound()
    return found


def _digest(draft: ArticleDraft) -> str:
    return Article.model_construct(**dict(draft)).digest


