"""Articles: what the firm answers, as files and as objects, and the base that holds them together."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from knowledge.errors import ArticleInvalid, FactUnavailable, KnowledgeError
from knowledge.facts import Fact, load_facts
from knowledge.read_before import ReadBefore
from knowledge.sources import Source, load_sources
from knowledge.template import NOBODY, placeholders, render

__all__ = ["SHIPPED", "UNANSWERED", "Article", "KnowledgeBase", "Rendered", "article_to_markdown", "parse_article"]

ArticleKind = Literal["answer", "clarify", "decline", "handover", "smalltalk", "fallback"]
# Kinds of articles that reply to what may not be answered, or needs a human.
UNANSWERED: frozenset[ArticleKind] = frozenset(("decline", "handover"))
Family = Literal["cash", "hk", "overseas", "margin", "financing", "ipo", "fund", "plan", "pension", "fixed_income",
                 "gold", "options", "tools", "advisory", "block", "corporate", "institutional", "retention"]
Audience = Literal["retail", "high_net_worth", "professional", "institution"]
_FENCE = "---"
# Where the shipped knowledge is.
SHIPPED = Path(__file__).parent


class Article(BaseModel):
    """One question the firm answers. `body` is Markdown with placeholders."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
    category: str
    intent: str
    kind: ArticleKind = "answer"
    question: str = Field(min_length=2)
    similar: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    effective_from: date
    effective_to: date | None = None
    review_by: date | None = None
    related: tuple[str, ...] = ()
    products: tuple[Family, ...] = ()
    audience: tuple[Audience, ...] = ("retail",)
    choices: tuple[str, ...] = ()
    body: str = Field(min_length=1)

    @field_validator("similar", "sources", "related", "products", "audience", "choices", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return () if value is None else value

    def holds_on(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def to_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    @cached_property
    def digest(self) -> str:
        """SHA-256, as hex, of all that the article says."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


# Another number whenever `parse_article` makes another article of the same words.
_READS = f"1 {','.join(Article.model_fields)}"


def parse_article(text: str, *, name: str) -> Article:
    """An article from Markdown with YAML front matter. Raises ArticleInvalid naming file and field."""
    # A value may end in what a fence is made of.
    parts = re.split(rf"^{_FENCE}\n", text, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        raise ArticleInvalid(f"{name}: expected front matter between two lines of '---'")
    try:
        header = yaml.load(parts[1], Loader=yaml.CSafeLoader)
        if not isinstance(header, dict):
            raise ArticleInvalid(f"{name}: the front matter is not a mapping")
        return Article(**header, body=parts[2].strip())
    except yaml.YAMLError as error:
        raise ArticleInvalid(f"{name}: the front matter is not YAML: {error}") from error
    except (ValidationError, TypeError) as error:
        raise ArticleInvalid(f"{name}: {error}") from error


def article_to_markdown(article: Article) -> str:
    """The file that `parse_article` reads back to the same article."""
    header = article.model_dump(exclude={"body"})
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in header.items()}
    front = yaml.dump(plain, allow_unicode=True, sort_keys=False, width=1000)
    return f"{_FENCE}\n{front}{_FENCE}\n{article.body}\n"


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer as it reads on a day, with the rules that it and its facts rest on."""

    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class KnowledgeBase:
    """Everything the house knows: articles, facts, sources and the firm's own values."""

    articles: Mapping[str, Article]
    facts: Mapping[str, Fact]
    sources: Mapping[str, Source]
    firm: Mapping[str, str]

    @classmethod
    def load(cls, root: Path | None = None, firm: Path | None = None, *, kept: Path | None = None) -> KnowledgeBase:
        """Read `base/`, `facts/`, `sources.toml` and `firm.toml` below `root` (default: the shipped ones).

        In the file `kept`, where one is named, stands what the files of the base were read as, so that the next time only those that
        changed are read. Raises KnowledgeError (ArticleInvalid for a file of the base).
        """
        root, before = root or SHIPPED, ReadBefore(kept, _READS)
        articles: dict[str, Article] = {}
        for path in sorted((root / "base").glob("*/*.md")):
            text, name = path.read_text(encoding="utf-8"), f"{path.parent.name}/{path.name}"
            article = before.article(text, Article, partial(parse_article, text, name=name))
            if article.id in articles:
                raise ArticleInvalid(f"{path.name}: the id {article.id} is used by another article")
            articles[article.id] = article
        before.keep()
        return cls(articles, load_facts(root / "facts"), load_sources(root / "sources.toml"),
                   load_firm(firm or root / "firm.toml"))

    @cached_property
    def digest(self) -> str:
        """SHA-256, as hex, of all articles, facts, sources and firm values."""
        whole = hashlib.sha256()
        for article in self.articles.values():
            whole.update(article.digest.encode())
        for item in (*self.facts.values(), *self.sources.values()):
            whole.update(item.model_dump_json().encode())
        whole.update(repr(sorted(self.firm.items())).encode())
        return whole.hexdigest()

    def render(self, article: Article, day: date, client: Mapping[str, str] = NOBODY) -> Rendered:
        """The article's answer on `day`, for a client of whom something is known. Raises FactUnavailable or PlaceholderUnknown."""
        text = render(article.body, day, self.facts, self.firm, client)
        return Rendered(text, tuple(self.sources[name] for name in self._source_ids(article, day)))

    def can_answer(self, article: Article, day: date) -> bool:
        """Whether the article is in force on `day` and every fact that it quotes has a value then."""
        if not article.holds_on(day):
            return False
        quoted = (self.facts.get(name) for name in _facts_in(article))
        if all(fact is not None and fact.on(day) is not None for fact in quoted):
            return True
        # A sentence that is left out on this day may be what quotes the fact without a value.
        try:
            self.render(article, day)
        except FactUnavailable:
            return False
        return True

    def live_on(self, day: date) -> frozenset[str]:
        """Ids of the articles that can answer on `day`."""
        return frozenset(article.id for article in self.articles.values() if self.can_answer(article, day))

    def quoted_by(self, fact: str) -> list[str]:
        """Ids of the articles that quote a fact."""
        return [article.id for article in self.articles.values() if fact in _facts_in(article)]

    def _source_ids(self, article: Article, day: date) -> Iterable[str]:
        quoted = (self.facts[name].on(day) for name in _facts_in(article))
        wanted = (*article.sources, *(source for value in quoted if value for source in value.sources))
        return (name for name in dict.fromkeys(wanted) if name in self.sources and self.sources[name].holds_on(day))


def _facts_in(article: Article) -> tuple[str, ...]:
    return _facts_quoted(article.body)


@lru_cache(maxsize=50_000)
def _facts_quoted(body: str) -> tuple[str, ...]:
    return tuple(item.name for item in placeholders(body) if item.scope == "fact")


def load_firm(path: Path) -> Mapping[str, str]:
    """Read `firm.toml`: a flat table of strings. Raises KnowledgeError."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{path.name}: {error}") from error
    wrong = [name for name, value in values.items() if not isinstance(value, str)]
    if wrong:
        raise KnowledgeError(f"{path.name}: {', '.join(wrong)} must be text in quotes")
    return values
