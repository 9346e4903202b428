"""What goes over the wire of the knowledge desk. What comes in of an article is `assistant.drafts.ArticleDraft`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from assistant.clock import CHINA
from assistant.desk import ArticleStory
from assistant.desk_list import Listed
from assistant.drafts import ARTICLE_ID, ArticleDraft
from assistant.facts_list import FactLine, Facts
from assistant.publication import Publication
from assistant.revision_diff import Change
from assistant.revision_life import RevisionEffect, RevisionState
from assistant.similar_questions import Suggested
from assistant.storage import ArticleRevision, KnowledgeVersion, RevisionComment

__all__ = [
    "REVISION_ID",
    "Approval",
    "ArticlePage",
    "ArticleView",
    "Ask",
    "AskOutcome",
    "CommentAdd",
    "CommentList",
    "CommentView",
    "Difference",
    "FactList",
    "Findings",
    "Judgement",
    "Moment",
    "PendingView",
    "PieceView",
    "Publish",
    "Published",
    "RevisionStart",
    "RevisionView",
    "SuggestedList",
    "VersionList",
    "revision_key",
]

REVISION_ID = r"^[a-z0-9]+(-[a-z0-9]+)*@[1-9][0-9]{0,8}$"
Note = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
Because = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]


def _placed(moment: datetime) -> datetime:
    if not 1990 <= moment.year <= 2200:
        raise ValueError("expected a year from 1990 to 2200")
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


# As `--as-of` of the commands: China's time unless it says.
Moment = Annotated[datetime, AfterValidator(_placed)]
IsLive = Callable[[ArticleRevision], bool]


def revision_key(revision_id: str) -> tuple[str, int]:
    """(article id, revision) of a public id such as `stamp-duty-rate@3`."""
    article_id, _, revision = revision_id.partition("@")
    return article_id, int(revision)


class RevisionLine(BaseModel):
    """A revision without its words."""

    id: str = Field(examples=["stamp-duty-rate@3"])
    article_id: str
    revision: int
    state: RevisionState
    effect: RevisionEffect = Field(description="What publishing it does: `retire` takes the article away.")
    live: bool = Field(description="Whether it answers clients.")
    version: int = Field(description="Its ETag.")
    author: str
    approver: str | None
    based_on: int | None
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    approved_at: datetime | None
    digest: str

    @classmethod
    def of(cls, item: ArticleRevision, live: bool) -> Self:
        plain = {name: getattr(item, name) for name in RevisionLine.model_fields if name not in ("live", "updated_at")}
        more = {"article": ArticleDraft.model_validate(dict(item.article))} if "article" in cls.model_fields else {}
        return cls(**plain, live=live, updated_at=item.updated_at or item.created_at, **more)


class RevisionView(RevisionLine):
    """A revision in full."""

    article: ArticleDraft


class ArticleView(BaseModel):
    """An article: its fields as clients get them now (those of the newest revision where none is live), and its revisions."""

    id: str
    version: int = Field(description="Its ETag; counts all that happens to its revisions.")
    revision: int = Field(description="Number of the revision whose fields are in `article`.")
    article: ArticleDraft
    published: RevisionView | None
    draft: RevisionView | None = Field(description="What is being worked on: a draft, or in review.")
    history: list[RevisionLine] = Field(description="Newest first.")
    needed: bool = Field(description="Whether the assistant can't do without it: it may not be taken away (409 `article_needed`).")

    @classmethod
    def of(cls, story: ArticleStory) -> Self:
        shown = story.published or story.history[0]

        def view(item: ArticleRevision | None) -> RevisionView | None:
            return item and RevisionView.of(item, item.revision == story.live)

        return cls(id=story.head.id, version=story.head.version, revision=shown.revision,
                   article=ArticleDraft.model_validate(dict(shown.article)), published=view(story.published), draft=view(story.open),
                   history=[RevisionLine.of(item, item.revision == story.live) for item in story.history], needed=story.needed)


class ArticleLine(BaseModel):
    """An article in a list."""

    id: str
    category: str
    intent: str
    kind: str
    question: str
    revision: int | None = Field(description="The one that is live.")
    open: str | None = Field(description="Id of a revision that is on its way: a draft, in review, or approved.")
    state: RevisionState = Field(description="Of the revision on its way, or else published.")
    author: str | None = Field(description="Of the revision on its way.")
    effect: RevisionEffect = Field(description="Of the revision on its way: `retire` where it takes the article away.")
    score: float | None = Field(description="With `q`: the assistant's probability that it is the answer.")

    model_config = ConfigDict(from_attributes=True)


class ArticlePage(BaseModel):
    articles: list[ArticleLine]
    total: int
    next: int | None = Field(description="`offset` of the next page.")

    @classmethod
    def of(cls, lines: list[Listed], *, offset: int, limit: int) -> Self:
        shown = lines[offset:offset + limit]
        return cls(articles=[ArticleLine.model_validate(line) for line in shown], total=len(lines),
                   next=offset + limit if offset + limit < len(lines) else None)


class RevisionStart(ArticleDraft):
    """Fields of the article; what is left out stays as in the revision that the draft begins from."""

    id: Annotated[str, StringConstraints(pattern=ARTICLE_ID, max_length=80)] | None = None  # type: ignore[assignment]
    based_on: int | None = Field(None, ge=1, le=999_999_999, description=(
        "Number of the revision to begin from; the one being worked on, live or newest otherwise."))

    def changes(self) -> dict[str, Any]:
        """The fields that were given."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"id", "based_on"}}


class Judgement(BaseModel):
    note: Note = Field("", description="Kept as a comment on the revision.")


class Approval(Judgement):
    impact: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{1,40}$")] | None = Field(
        None, description="Id of the impact that the reviewer has seen; kept in the audit trail, as is that none was.")
    because: Because | None = Field(None, description="Why golden questions may break.")


class Publish(BaseModel):
    because: Because | None = Field(None, description="Why golden questions may break; from a reviewer.")


class CommentAdd(BaseModel):
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]


class CommentView(BaseModel):
    id: str
    author: str
    text: str
    at: datetime

    model_config = ConfigDict(from_attributes=True)


class CommentList(BaseModel):
    comments: list[CommentView]

    @classmethod
    def of(cls, items: Iterable[RevisionComment]) -> Self:
        return cls(comments=[CommentView.model_validate(item) for item in items])


class FindingView(BaseModel):
    severity: Literal["error", "warning"]
    code: str
    field: str
    message: str
    text: str
    article_id: str | None

    model_config = ConfigDict(from_attributes=True)


class ReadingView(BaseModel):
    """How the answer reads today, by the length of its sentences; half of the shipped answers are `easy`, one in twenty `hard`."""

    level: Literal["easy", "plain", "hard"]
    sentences: int
    mean: float = Field(description="Characters in a sentence, on average.")
    longest: int = Field(description="Characters in the longest sentence.")

    model_config = ConfigDict(from_attributes=True)


class Findings(BaseModel):
    findings: list[FindingView]
    reading: ReadingView

    model_config = ConfigDict(from_attributes=True)


class SuggestedView(BaseModel):
    """A way to ask that the draft does not list yet."""

    question: str = Field(description="Masked.")
    why: Literal["agents", "clients", "asked"] = Field(description=(
        "`agents` answered it by the article, `clients` chose it or were helped by it, or it was only `asked` and came near."))
    times: int
    near: float | None = Field(description="Cosine to the nearest of the draft's own, for what was only asked.")

    model_config = ConfigDict(from_attributes=True)


class SuggestedList(BaseModel):
    questions: list[SuggestedView]

    @classmethod
    def of(cls, items: Iterable[Suggested]) -> Self:
        return cls(questions=[SuggestedView.model_validate(item) for item in items])


class PieceView(BaseModel):
    kind: Literal["same", "gone", "new"]
    text: str

    model_config = ConfigDict(from_attributes=True)


class ChangeView(BaseModel):
    field: str
    before: Any
    after: Any
    pieces: list[PieceView]

    model_config = ConfigDict(from_attributes=True)


class Difference(BaseModel):
    changes: list[ChangeView]

    @classmethod
    def of(cls, items: Iterable[Change]) -> Self:
        return cls(changes=[ChangeView.model_validate(item) for item in items])


class Published(BaseModel):
    knowledge_version: int


class PendingValue(BaseModel):
    """A new value of a rule that is approved."""

    id: str
    fact: str
    value: str
    starts: date = Field(serialization_alias="from")


class LaterRevision(BaseModel):
    """A revision that is approved for a day to come."""

    id: str
    starts: date = Field(serialization_alias="from")


class PendingView(BaseModel):
    """What a publication would make live now, and what goes live by itself on a later day."""

    knowledge_version: int = Field(description="The one that is live.")
    revisions: list[str] = Field(description="Ids of the revisions that would go live.")
    retired: list[str] = Field(description="Ids of the articles that would go.")
    values: list[PendingValue] = Field(description="New values of rules that would be taken up.")
    later: list[LaterRevision] = Field(description="Approved for a later day, soonest first.")

    @classmethod
    def of(cls, plan: Publication, later: Sequence[tuple[date, ArticleRevision]]) -> Self:
        return cls(knowledge_version=plan.version, revisions=sorted(item.id for item in plan.coming.values()), retired=sorted(plan.going),
                   values=[PendingValue(id=item.id, fact=item.fact, value=item.value, starts=item.starts) for item in plan.values],
                   later=[LaterRevision(id=item.id, starts=day) for day, item in later])


class VersionLine(BaseModel):
    number: int
    digest: str
    at: datetime
    publisher: str | None = Field(description="Null where it came with the files.")
    articles: int

    @classmethod
    def of(cls, item: KnowledgeVersion) -> Self:
        return cls(number=item.number, digest=item.digest, at=item.at, publisher=item.publisher, articles=len(item.revisions))


class VersionList(BaseModel):
    versions: list[VersionLine]

    @classmethod
    def of(cls, items: Iterable[KnowledgeVersion]) -> Self:
        return cls(versions=[VersionLine.of(item) for item in items])


class FactValueView(BaseModel):
    value: str
    start: Any = Field(description="First day.")
    end: Any = Field(description="Last day; null while it is open.")
    sources: list[str]


class FactView(BaseModel):
    name: str
    title: str
    certainty: str
    value: str | None = Field(description="Today's.")
    values: list[FactValueView]
    quoted_by: list[str] = Field(description="Ids of the live articles that quote it.")
    titles: dict[str, str] = Field(description="Of these articles, by id.")

    @classmethod
    def of(cls, line: FactLine) -> Self:
        fact = line.fact
        values = [FactValueView(value=item.value, start=item.start, end=item.end, sources=list(item.sources)) for item in fact.values]
        return cls(name=fact.name, title=fact.title, certainty=fact.certainty, value=line.today, values=values,
                   quoted_by=list(line.quoted_by), titles=dict(line.quoted_by))


class SourceView(BaseModel):
    """A rule that facts or answers rest on."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    title: str
    issuer: str
    number: str | None = Field(description="The issuer's number of the document.")
    effective_from: date
    effective_to: date | None


class FactList(BaseModel):
    facts: list[FactView]
    sources: list[SourceView]
    firm: dict[str, str] = Field(description="What answers quote as `{{firm.NAME}}`, by name.")

    @classmethod
    def of(cls, found: Facts) -> Self:
        return cls(facts=[FactView.of(line) for line in found.lines], firm=dict(found.firm),
                   sources=[SourceView.model_validate(item) for item in found.sources.values()])


class Ask(BaseModel):
    """A question to the live base, to the base with a `revision` in it, or to what was live at a moment."""

    text: str = Field(examples=["印花税是多少"])
    revision: Annotated[str, StringConstraints(pattern=REVISION_ID, max_length=90)] | None = None
    as_of: Moment | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.revision and self.as_of:
            raise ValueError("give revision or as_of, not both: a draft had no past")
        return self


class AskOutcome(BaseModel):
    """As `zhike ask --json`."""

    model_config = ConfigDict(extra="allow")

    reply: dict[str, Any]
    understanding: dict[str, Any]
    candidates: list[dict[str, Any]]
    knowledge_version: int
    models: dict[str, str]
    took_ms: float
