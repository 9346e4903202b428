"""Questions and answers of a file as drafts of articles, beside the articles there are. Pure but for what finds the nearest article."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from assistant.article_files import values_of_row
from assistant.drafts import ArticleDraft
from assistant.exchange.blocks import NotTaken, Pair, Place
from assistant.exchange.marks import is_question
from assistant.privacy import find, mask
from knowledge.articles import Article
from knowledge.check import MAX_ANSWER, MAX_QUESTION
from knowledge.template import unmarked_numbers
from knowledge.text import content, normalize

__all__ = ["Nearest", "Proposal", "propose"]

Nearest = Callable[[str], str | None]
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft that the file makes. `replaces` says that there is an article of this id, which it would change.

    `said_category` is what the file calls its topic; `nearest` the id of the article whose category and intent were taken over;
    `personal` the kinds of personal data in it, and `warnings` what to look at: `not_a_question`, `long_question`,
    `long_answer`, `numbers`, which are to be facts or marked literals.
    """

    place: Place
    draft: ArticleDraft
    replaces: bool
    said_category: str
    nearest: str | None
    personal: tuple[str, ...]
    warnings: tuple[str, ...]


def propose(pairs: Iterable[Pair], articles: Mapping[str, Article], nearest: Nearest, day: date, *,
            used: Iterable[str] = ()) -> tuple[list[Proposal], list[NotTaken]]:
    """A draft for each question that is new or answered otherwise; and what makes none. No new id is one of `used`."""
    maker = _Maker(articles, nearest, day, used)
    proposals: list[Proposal] = []
    for pair in pairs:
        made = maker.make(pair)
        if isinstance(made, Proposal):
            proposals.append(made)
        else:
            maker.left.append(made)
    return proposals, maker.left


class _Maker:
    def __init__(self, articles: Mapping[str, Article], nearest: Nearest, day: date, used: Iterable[str]) -> None:
        self.left: list[NotTaken] = []
        self._articles, self._nearest, self._day = articles, nearest, day
        self._by_question = {_key(question): article.id for article in reversed(list(articles.values()))
                             for question in (*article.similar, article.question)}
        self._categories = {article.category for article in articles.values()}
        self._ids: set[str] = set()
        self._used = frozenset(used)
        self._questions: set[str] = set()

    def make(self, pair: Pair) -> Proposal | NotTaken:
        try:
            return self._whole(pair) if pair.values is not None else self._split(pair)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            return NotTaken(pair.place, "article_invalid", wrong[:200])

    def _whole(self, pair: Pair) -> Proposal | NotTaken:
        assert pair.values is not None
        draft = ArticleDraft.model_validate(values_of_row(pair.values["row"]) if "row" in pair.values else pair.values)
        if draft.id in self._ids:
            return NotTaken(pair.place, "same_id", draft.id)
        self._ids.add(draft.id)
        held = self._articles.get(draft.id)
        if held and held.to_dict() == draft.to_dict():
            return NotTaken(pair.place, "unchanged", draft.id)
        return self._proposal(pair, draft, None)

    def _split(self, pair: Pair) -> Proposal | NotTaken:
        question, answer = _CONTROL.sub("", pair.question).strip(), _CONTROL.sub("", pair.answer).strip()
        key = _key(question)
        if key in self._questions:
            return NotTaken(pair.place, "duplicate", mask(question))
        self._questions.add(key)
        similar = tuple(_CONTROL.sub("", line) for line in pair.similar)
        held = self._articles.get(self._by_question.get(key, ""))
        if held and held.id not in self._ids:
            new = [line for line in similar if _key(line) not in {_key(known) for known in (held.question, *held.similar)}]
            if held.body == answer and not new:
                return NotTaken(pair.place, "unchanged", mask(question))
            self._ids.add(held.id)
            changed = {**held.to_dict(), "similar": (*held.similar, *new), "body": answer}
            return self._proposal(pair, ArticleDraft.model_validate(changed), None)
        near = self._articles.get(self._nearest(question) or "")
        category = pair.category if pair.category in self._categories else near.category if near else ""
        return self._proposal(pair, ArticleDraft(
            id=self._new_id(question), category=category, intent=near.intent if near else "", question=question, similar=similar,
            effective_from=self._day, body=answer), near)

    def _proposal(self, pair: Pair, draft: ArticleDraft, near: Article | None) -> Proposal:
        words = (draft.question, *draft.similar, draft.body)
        personal = dict.fromkeys(found.type for text in words for found in find(text))
        return Proposal(pair.place, draft, draft.id in self._articles, pair.category, near and near.id, tuple(personal),
                        tuple(_warnings(draft)))

    def _new_id(self, question: str) -> str:
        # Its words take 55 MB of memory, which only imports need.
        from pypinyin import lazy_pinyin

        syllables = (re.sub(r"[^a-z0-9]+", "-", part.lower()) for part in lazy_pinyin(question, v_to_u=False))
        slug = re.sub(r"-+", "-", "-".join(syllables)).strip("-")[:_LONGEST_ID].strip("-") or "article"
        name, number = slug, 1
        while name in self._articles or name in self._ids or name in self._used:
            number += 1
            name = f"{slug}-{number}"
        self._ids.add(name)
        return name


def _key(question: str) -> str:
    """What makes two questions the same, as the check of the base has it."""
    return content(normalize(question))


def _warnings(draft: ArticleDraft) -> Iterator[str]:
    if not is_question(draft.question):
        yield "not_a_question"
    if len(draft.question) > MAX_QUESTION:
        yield "long_question"
    if len(draft.body) > MAX_ANSWER:
        yield "long_answer"
    if unmarked_numbers(draft.body):
        yield "numbers"

