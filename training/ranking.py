"""Gathers what the ranker is trained and calibrated on, and trains it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.clock import china_day
from assistant.guard import Verdict, check_guards, on_suspicion
from intents.sensitive import Overtone
from intents.tuned_head import read_twice
from intents.understand import MODELS as HEADS
from intents.understand import Understander
from knowledge.article_head import ArticleHead
from knowledge.articles import UNANSWERED, KnowledgeBase
from knowledge.cross_encoder import load_cross_encoder
from knowledge.encoder import Encoder, load_encoder
from knowledge.rank import MODELS
from knowledge.snapshot import open_index
from knowledge.text import content
from training.article_head import train_article_head
from training.datasets import DATA, LabelledQuestion, development_questions, off_topic_texts, sensitive_texts
from training.ranker import Example, Examples, Weighed, train_ranker
from training.vectors import remembered

__all__ = ["Gathered", "Gathering", "gather", "train"]


@dataclass(frozen=True, slots=True)
class Gathered:
    """A labelled question and what search made of it."""

    question: LabelledQuestion
    example: Example


@dataclass(frozen=True, slots=True)
class Gathering:
    """The questions that are ranked, and how many, by weight, were `settled` before by a rule of plain words."""

    ranked: list[Gathered]
    settled: float


def train(output: Path | None = None, progress: Callable[[int, int], None] | None = None, *, encoder_name: str | None = None,
          cross_encoder: str | None = None, heads: Path = HEADS, index_folder: Path = Path("build/index"),
          base: KnowledgeBase | None = None, data: Path = DATA, accepted: Sequence[LabelledQuestion] = (),
          learned: Sequence[tuple[str, str]] = ()) -> Mapping[str, Any]:
    """Train the head over articles, on all that may train and `learned` (query, article id); then the trees that know it, on the
    development questions kept from the encoder and on `accepted` ones. Write the model folder; its figures.
    """
    base, encoder, output = base or KnowledgeBase.load(), load_encoder(encoder_name), output or MODELS
    articles = train_article_head(encoder, base, data=data, accepted=learned)
    gathered = gather(base, encoder, articles, cross_encoder=cross_encoder, heads=heads, index_folder=index_folder, data=data,
                      accepted=accepted, progress=progress)
    figures = train_ranker([item.example for item in gathered.ranked], output, settled=gathered.settled)
    # Trees and head belong together, so neither is written before both are there.
    articles.save(output)
    return figures


def gather(base: KnowledgeBase, encoder: Encoder, articles: ArticleHead, *, cross_encoder: str | None = None, heads: Path = HEADS,
           index_folder: Path = Path("build/index"), data: Path = DATA,
           accepted: Sequence[LabelledQuestion] = (), progress: Callable[[int, int], None] | None = None) -> Gathering:
    """The questions that search found anything for, and which no plain words settle, with features, among them the voices of `articles`."""
    day = china_day()
    index = open_index(base, encoder, index_folder, day, progress=progress)
    understander = Understander.open(index.questions(), encoder, heads)
    make = Examples(base, index, day, articles, load_cross_encoder(cross_encoder))
    intents = read_twice(heads / "intents")
    groups = {article: number for number, article in enumerate(base.articles)}
    labelled = [*_development(base, data), *accepted]
    queries = [content(understander.repaired(question.turns[-1])) for question in labelled]
    vectors = remembered(encoder, queries)
    gathered: list[Gathered] = []
    settled = 0.0
    for number, (question, query, vector) in enumerate(zip(labelled, queries, vectors, strict=True)):
        verdict, overtone = _verdict(understander, question.turns[-1], query, vector)
        if verdict is not None and verdict.plain:
            settled += question.weight
            continue
        replies = base.articles.get(verdict.article_id) if verdict else None
        weighed = Weighed(replies.kind, verdict, overtone, question.kinds[0] in UNANSWERED) if verdict and replies else None
        probabilities = dict(zip(intents.labels, map(float, intents.probabilities(query, vector)), strict=True))
        group = groups[question.articles[0]] if question.articles else len(groups) + number
        example = make.of(query, vector, probabilities, _right(base, question), _fine(base, question), group=group,
                          weighed=weighed, weight=question.weight)
        gathered += [Gathered(question, example)] if example else []
        if progress:
            progress(number + 1, len(labelled))
    return Gathering(gathered, settled)


def _development(base: KnowledgeBase, data: Path) -> list[LabelledQuestion]:
    """Development questions whose articles exist, what a rule might miss, and off-topic utterances, for which only a refusal is right."""
    questions = development_questions(base, to_train=False, data=data)
    questions += [LabelledQuestion(f"sensitive-{number}", (text,), (base.articles[article].kind,), (article,), (), "guard")
                  for number, (text, article) in enumerate(sensitive_texts(to_train=False, data=data)) if article in base.articles]
    return questions + [LabelledQuestion(f"off-{number}", (text,), ("decline",), (), None, "off_topic")
                        for number, text in enumerate(off_topic_texts(to_train=False, data=data))]


def _verdict(understander: Understander, text: str, query: str, vector: np.ndarray) -> tuple[Verdict | None, Overtone]:
    """The rule that the words call, or what the net behind the rules suspects; and all that the net makes of them."""
    overtone = understander.overtone(query, vector)
    verdict = check_guards(understander.repaired(text), understander.entity_types(text))
    return verdict or (on_suspicion(overtone.suspicion) if overtone.suspicion else None), overtone


def _right(base: KnowledgeBase, question: LabelledQuestion) -> set[str]:
    """Articles that are a right reply: those named, and for a question that is to be refused every refusal."""
    if question.articles:
        return set(question.articles)
    return {article.id for article in base.articles.values() if article.kind in question.kinds}


def _fine(base: KnowledgeBase, question: LabelledQuestion) -> set[str]:
    """Articles that do as well: for a question that is to be refused or handed over, all that refuse or hand over."""
    kinds = {base.articles[article].kind for article in question.articles} or set(question.kinds)
    return {article.id for article in base.articles.values() if article.kind in UNANSWERED} if kinds <= UNANSWERED else set()
