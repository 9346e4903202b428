"""What goes over the wire of impact, golden questions, new values of rules, gaps and upkeep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas_knowledge import PieceView
from assistant.drafts import ARTICLE_ID
from assistant.fact_changes import NewValue, Previewed
from assistant.gaps import Gap
from assistant.golden import Guarded
from assistant.impact import Running as Computing
from assistant.reply import Kind
from assistant.review_records import FactChange, FactState, GoldenQuestion, Impact
from assistant.revision_diff import word_pieces
from assistant.rule_values import Reworded
from assistant.upkeep import Care

__all__ = ["FactApproval", "FactChangeList", "FactChangePreview", "FactChangeView", "FactValueAdd", "GapAdd", "GapDismissal", "GapPage",
           "GoldenAdd", "GoldenList", "GoldenView", "ImpactRunning", "ImpactView", "UpkeepView"]

Id = Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9a-f]+$")]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
ArticleId = Annotated[str, StringConstraints(pattern=ARTICLE_ID, max_length=80)]
_LISTED = 200


class ToldView(BaseModel):
    """A reply; `choices` are ids of articles."""

    model_config = ConfigDict(from_attributes=True)

    kind: Kind
    article_id: str | None
    title: str
    confidence: float
    choices: list[str]


class ChangeView(BaseModel):
    """A question whose reply changes."""

    model_config = ConfigDict(from_attributes=True)

    question: str = Field(description="As the assistant read it, with personal data masked.")
    asked: int = Field(description="How many of the past questions it is.")
    before: ToldView
    after: ToldView


class BrokenView(BaseModel):
    """A golden question that gets what it must get, and would not any more."""

    model_config = ConfigDict(from_attributes=True)

    golden_id: str
    question: str
    expected_kind: Kind
    expected_article_id: str | None
    before: ToldView
    after: ToldView


class ImpactView(BaseModel):
    """What publishing it now would do. `questions` are those whose reply changes."""

    state: Literal["done"] = "done"
    id: str = Field(description="What an approval names as seen.")
    subject: str = Field(examples=["revision:stamp-duty-rate@3"])
    knowledge_version: int = Field(description="The version it was computed against.")
    models: dict[str, str]
    at: datetime
    looked_at: int = Field(description="How many different past questions were looked at.")
    looked_at_asked: int = Field(description="How many times these were asked.")
    golden: int = Field(description="How many golden questions were looked at.")
    ranked: int = Field(description="How many of both the change could reach, so that they were ranked again.")
    reworded: int = Field(description="How many past questions got an article whose words change.")
    changed: int = Field(description="How many different questions change; the first 500 are listed.")
    changed_asked: int
    questions: list[ChangeView] = Field(description="Those asked most often first.")
    stolen: list[ChangeView] = Field(description="Questions that other articles list as theirs, and would lose.")
    broken: list[BrokenView] = Field(description="Golden questions that would break.")

    @classmethod
    def of(cls, impact: Impact) -> Self:
        result: Mapping[str, Any] = impact.result
        plain = {name: getattr(impact, name) for name in ("id", "subject", "knowledge_version", "at")}
        return cls(**plain, models=dict(impact.models), looked_at=result["questions"], looked_at_asked=result["asked"],
                   golden=result["golden"], ranked=result["ranked"], reworded=result["same_article"], changed=result["changed"],
                   changed_asked=result["changed_asked"],
                   questions=result["changes"], stolen=result["stolen"], broken=result["broken"])


class ImpactRunning(BaseModel):
    """It is being computed; ask again."""

    state: Literal["running"] = "running"
    stage: str = Field(description="`waiting`, `searching` or `replying`.")
    done: int
    total: int = Field(description="Of this stage; 0 while it is not known.")

    @classmethod
    def of(cls, computing: Computing) -> Self:
        return cls(stage=computing.stage, done=computing.done, total=computing.total)


class GoldenAdd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
    article_id: ArticleId | None = Field(None, description="The article that it must get.")
    kind: Kind | None = Field(None, description="The kind of reply that it must get, where any article of it will do.")


class GoldenView(BaseModel):
    id: str
    question: str
    kind: Kind
    article_id: str | None
    title: str | None = Field(None, description="Of the article, where it is live.")
    origin: Literal["shipped", "desk"]
    added_by: str
    added_at: datetime
    now: ToldView | None = Field(None, description="What it gets now; only where that was asked for.")
    holds: bool | None = Field(None, description="Whether that is what it must get.")

    @classmethod
    def of(cls, item: GoldenQuestion, guarded: Guarded | None = None) -> Self:
        plain = {name: getattr(item, name) for name in ("id", "question", "kind", "article_id", "origin", "added_by", "added_at")}
        if guarded is None:
            return cls(**plain)
        now = guarded.now and ToldView.model_validate(guarded.now)
        return cls(**plain, title=guarded.title, now=now, holds=guarded.holds)


class GoldenList(BaseModel):
    golden: list[GoldenView]

    @classmethod
    def of(cls, items: Iterable[Guarded]) -> Self:
        return cls(golden=[GoldenView.of(item.item, item) for item in items])


class FactValueAdd(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    value: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$")]
    starts: Annotated[date, Field(alias="from", ge=date(1990, 1, 1), le=date(2200, 1, 1), description="First day on which it holds.")]
    sources: Annotated[list[Annotated[str, StringConstraints(max_length=80)]], Field(max_length=20)] = []
    because: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""

    def new(self) -> NewValue:
        return NewValue(self.value, self.starts, self.because, tuple(self.sources))


class FactChangeView(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    id: str
    fact: str
    value: str
    starts: date = Field(serialization_alias="from")
    sources: list[str]
    because: str
    state: FactState
    author: str
    proposed_at: datetime
    approver: str | None
    decided_at: datetime | None
    version: int | None = Field(description="Knowledge version from which on it is part of the base.")

    @classmethod
    def of(cls, change: FactChange, **more: Any) -> Self:
        plain = {name: getattr(change, name) for name in FactChangeView.model_fields if name != "sources"}
        return cls(**plain, sources=list(change.sources), **more)


class AnswerView(BaseModel):
    """An answer that quotes the fact, on the day from which the new value holds; null where it can't be given then."""

    article_id: str
    title: str
    before: str | None
    after: str | None
    pieces: list[PieceView] = Field(description="From one to the other, by words.")

    @classmethod
    def of(cls, item: Reworded) -> Self:
        pieces = [PieceView.model_validate(piece) for piece in word_pieces(item.before or "", item.after or "")]
        return cls(article_id=item.article_id, title=item.title, before=item.before, after=item.after, pieces=pieces)


class FactChangePreview(FactChangeView):
    title: str | None
    replaces: str | None = Field(description="The value on that day without the change.")
    answers: list[AnswerView]

    @classmethod
    def of_preview(cls, previewed: Previewed) -> Self:
        return cls.of(previewed.change, title=previewed.fact and previewed.fact.title, replaces=previewed.replaces,
                      answers=[AnswerView.of(item) for item in previewed.answers])


class FactChangeList(BaseModel):
    changes: list[FactChangeView] = Field(description="The latest first.")

    @classmethod
    def of(cls, changes: Iterable[FactChange]) -> Self:
        return cls(changes=[FactChangeView.of(change) for change in changes])


class FactApproval(BaseModel):
    model_config = ConfigDict(extra="forbid")

    impact: Id | None = Field(None, description="Id of the impact that the reviewer has seen.")
    because: Reason | None = Field(None, description="Why golden questions may break.")


class NearView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    article_id: str
    title: str
    probability: float


class ExampleView(BaseModel):
    question: str
    asked: int


class GapView(BaseModel):
    """Questions that ask for the same and were not served, in the last four weeks."""

    id: str
    question: str = Field(description="Stands for the group; masked, as all of them.")
    size: int
    this_week: int = Field(description="In the last 7 days.")
    last_week: int = Field(description="In the 7 days before.")
    first_at: datetime
    last_at: datetime
    misses: dict[str, int] = Field(description="How often each: `fallback`, `unsure`, `unhelpful`, `handover`.")
    examples: list[ExampleView]
    nearest: list[NearView]

    @classmethod
    def of(cls, gap: Gap) -> Self:
        plain = {name: getattr(gap, name) for name in ("id", "question", "size", "this_week", "last_week", "first_at", "last_at", "misses")}
        return cls(**plain, examples=[ExampleView(question=text, asked=asked) for text, asked in gap.examples],
                   nearest=[NearView.model_validate(item) for item in gap.nearest])


class GapPage(BaseModel):
    gaps: list[GapView] = Field(description="The largest first.")

    @classmethod
    def of(cls, gaps: Iterable[Gap]) -> Self:
        return cls(gaps=[GapView.of(gap) for gap in gaps])


class GapAdd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    article_id: ArticleId = Field(description="A new id starts a draft; that of an article gets the questions into a draft of it.")


class GapDismissal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    because: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""


class CaredView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    article_id: str
    title: str
    replies: int
    helpful: int
    unhelpful: int
    review_by: date | None


class ChangingView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    what: Literal["fact", "source", "article"]
    name: str
    title: str
    on: date
    becomes: str | None = Field(description="A fact's value, or `in force`; null where it ends.")
    articles: list[str]


class UpkeepView(BaseModel):
    """At most 200 of each, with how many there are."""

    counts: dict[str, int]
    unasked: list[CaredView] = Field(description="Answers that nobody got in 90 days.")
    unhelpful: list[CaredView] = Field(description="Called unhelpful in the last 28 days, most often first.")
    overdue: list[CaredView] = Field(description="Whose `review_by` has passed.")
    changing: list[ChangingView] = Field(description="What changes within 30 days: facts, sources, articles.")

    @classmethod
    def of(cls, care: Care) -> Self:
        found = {name: getattr(care, name) for name in ("unasked", "unhelpful", "overdue", "changing")}
        views = {name: [(ChangingView if name == "changing" else CaredView).model_validate(item) for item in items[:_LISTED]]
                 for name, items in found.items()}
        return cls(counts={name: len(items) for name, items in found.items()}, **views)
