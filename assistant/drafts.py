"""What an editor writes: an article that may still have gaps, and the article it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from assistant.clock import china_day
from assistant.errors import DraftRefused
from knowledge.articles import Article, ArticleKind, Audience, Family

__all__ = ["ARTICLE_ID", "LONGEST_LINE", "MOST_SIMILAR", "ArticleDraft"]

LONGEST_LINE, MOST_SIMILAR = 400, 300
ARTICLE_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
# PostgreSQL can't keep a NUL, and nothing else here is text.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _readable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("control characters are no text")
    return text


Text = Annotated[str, AfterValidator(_readable)]
Line = Annotated[Text, StringConstraints(max_length=LONGEST_LINE)]
Name = Annotated[Text, StringConstraints(max_length=80)]
Names = Annotated[tuple[Name, ...], Field(max_length=50)]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2200, 1, 1))]


class ArticleDraft(BaseModel):
    """An article's front matter and body, as in the files; whatever is not written yet is empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=ARTICLE_ID, max_length=80)]
    category: Annotated[str, StringConstraints(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$", max_length=40)] = ""
    intent: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.]*$", max_length=80)] = ""
    kind: ArticleKind = "answer"
    question: Line = ""
    similar: Annotated[tuple[Line, ...], Field(max_length=MOST_SIMILAR)] = ()
    sources: Names = ()
    effective_from: Day = Field(default_factory=china_day)
    effective_to: Day | None = None
    review_by: Day | None = None
    related: Names = ()
    products: tuple[Family, ...] = ()
    audience: tuple[Audience, ...] = ("retail",)
    choices: Names = ()
    body: Annotated[Text, StringConstraints(max_length=20_000)] = ""

    @field_validator("similar", "sources", "related", "products", "audience", "choices", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return () if value is None else value

    @field_validator("similar")
    @classmethod
    def _without_blanks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(line for line in value if line.strip())

    @classmethod
    def of(cls, article: Article) -> Self:
        return cls.model_construct(**dict(article))

    def to_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    def article(self) -> Article:
        """The article. Raises DraftRefused with what is missing."""
        missing = [(name, "is missing") for name in ("category", "intent", "question", "body") if not getattr(self, name).strip()]
        if self.effective_to and self.effective_to < self.effective_from:
            missing.append(("effective_to", "is before effective_from"))
        if missing:
            raise DraftRefused(missing)
        try:
            return Article(**dict(self))
        except ValidationError as error:
            raise DraftRefused(_faults(error)) from error


def _faults(error: ValidationError) -> Iterable[tuple[str, str]]:
    return [(".".join(map(str, item["loc"])), item["msg"]) for item in error.errors()]
