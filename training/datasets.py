"""What trains and what measures, as objects. Nothing that measures is ever read by a trainer.

A firm's own data stand in a folder with files named and written as those of `training/data`; see its README.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assistant.privacy import mask
from knowledge.articles import KnowledgeBase
from knowledge.text import content, normalize
from training.outcomes import judged_utterances
from training.utterances import Utterance

__all__ = ["DATA", "EVALUATION", "LabelledQuestion", "Utterance", "base_questions", "development_questions",
           "evaluation_questions", "evaluation_texts", "hard_questions", "measures_needs", "needs_of_desk", "needs_written",
           "off_topic_texts", "read_questions", "read_utterances", "sensitive_texts", "training_questions", "trains"]

DATA = Path(__file__).parent / "data"
EVALUATION = Path(__file__).parent / "evaluation"


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question, or the turns of one conversation whose last reply counts, with what a right reply is.

    `kinds` are the kinds that are right; `articles` those that are right where `answer` is among them (for
    `clarify`, a choice among them makes it right). `needs` None: not labelled; `perhaps`: families that readers differ about, which are
    neither right nor wrong; `needs_author`: the families that the question's author had in mind, where readers labelled it anew.
    `pair`: shared by two questions that differ in one decisive word. `weight`: how much it counts where confidence is calibrated; less
    than 1 where there are more of its sort than a desk gets.
    """

    id: str
    turns: tuple[str, ...]
    kinds: tuple[str, ...]
    articles: tuple[str, ...]
    needs: tuple[str, ...] | None
    category: str
    style: str = ""
    pair: str = ""
    weight: float = 1.0
    perhaps: tuple[str, ...] = ()
    needs_author: tuple[str, ...] | None = None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def read_questions(path: Path) -> list[LabelledQuestion]:
    """Questions of a JSONL file: `q` or `turns`, `kinds`, `articles`, `category`, `style`, and where they are labelled `needs`, `perhaps`
    and `needs_author`."""
    return [LabelledQuestion(
        id=str(item.get("id", number)), turns=tuple(item["turns"]) if "turns" in item else (item["q"],),
        kinds=tuple(item["kinds"]), articles=tuple(item.get("articles") or ()),
        needs=_named(item, "needs"), perhaps=_named(item, "perhaps") or (), needs_author=_named(item, "needs_author"),
        category=item.get("category", ""), style=item.get("style", ""), pair=item.get("pair") or "",
        weight=float(item.get("weight", 1.0)),
    ) for number, item in enumerate(_lines(path), start=1)]


def _named(item: dict[str, Any], key: str) -> tuple[str, ...] | None:
    return tuple(item[key]) if item.get(key) is not None else None


def evaluation_questions() -> list[LabelledQuestion]:
    """The shipped evaluation set."""
    return [question for path in sorted(EVALUATION.glob("questions*.jsonl")) for question in read_questions(path)]


@cache
def evaluation_texts() -> frozenset[str]:
    """All turns of the evaluation questions, without fillers: as they are asked, and masked as they come out of a log."""
    return frozenset(content(normalize(text)) for question in evaluation_questions() for turn in question.turns
                     for text in (turn, mask(turn)))


def read_utterances(path: Path) -> list[Utterance]:
    """Utterances of a JSONL file: `text`, `labels`, and where readers would differ `perhaps`."""
    return [Utterance(item["text"], tuple(item["labels"]), _named(item, "perhaps") or ()) for item in _lines(path)]


def base_questions(base: KnowledgeBase) -> list[tuple[str, str]]:
    """(query, article id) for every standard and similar question of the base, as search reads them."""
    return [(query, article.id) for article in base.articles.values() if article.similar
            for query in dict.fromkeys(content(normalize(text)) for text in (article.question, *article.similar))]


def written_questions(base: KnowledgeBase, data: Path = DATA) -> list[tuple[str, str]]:
    """(query, article id) of the questions written to train on."""
    return [(content(normalize(item["q"])), item["article"]) for path in sorted(data.glob("questions-*.jsonl"))
            for item in _lines(path) if item["article"] in base.articles]


def hard_questions(data: Path = DATA) -> set[str]:
    """Of the training questions, those that tell a need without its term, or were asked by who had not seen the articles."""
    told = {content(normalize(item["q"])) for path in data.glob("questions-*.jsonl") for item in _lines(path)
            if item["style"] in ("by_need", "client")}
    asked = (question for path in data.glob("development-*.jsonl") for question in read_questions(path) if trains(question.turns[-1]))
    return told | {content(normalize(question.turns[-1])) for question in asked}


def development_questions(base: KnowledgeBase, *, to_train: bool, data: Path = DATA) -> list[LabelledQuestion]:
    """The development questions of one side: one trains the encoder, the other fits and calibrates the ranker.

    The halves are told apart by a digest of the question, so that a question never changes sides. Those of
    `calibration.jsonl`, written as a service desk gets them, never train an encoder.
    """
    halves = [question for path in sorted(data.glob("development-*.jsonl")) for question in read_questions(path)
              if trains(question.turns[-1]) == to_train]
    kept_apart = [] if to_train else [question for path in sorted(data.glob("calibration*.jsonl")) for question in read_questions(path)]
    return [question for question in halves + kept_apart if all(article in base.articles for article in question.articles)]


def off_topic_texts(*, to_train: bool, data: Path = DATA) -> list[str]:
    """Questions of other trades and small talk: nineteen of twenty train the intent head, the others the ranker, told apart as above."""
    return [utterance.text for utterance in read_utterances(data / "off_topic.jsonl") if (_draw(utterance.text) >= 12) == to_train]


def needs_of_desk(data: Path = DATA) -> list[Utterance]:
    """Labelled questions as a desk gets them: how often needs occur."""
    return [utterance for path in sorted(data.glob("needs-desk-*.jsonl")) for utterance in read_utterances(path)]


def needs_written(data: Path = DATA) -> list[Utterance]:
    """Utterances that were written, or chosen, because they show a need or only seem to; after them what agents judged, each text
    once, unless it is labelled already."""
    written = [utterance for path in sorted(data.glob("needs*.jsonl")) if not path.name.startswith(("needs-desk-", "needs-outcomes"))
               for utterance in read_utterances(path)]
    known = {content(normalize(utterance.text)) for utterance in (*written, *needs_of_desk(data))}
    judged = (line for path in sorted(data.glob("needs-outcomes*.jsonl")) for line in _lines(path))
    return written + judged_utterances(judged, known)


def measures_needs(text: str) -> bool:
    """Whether a question of the desk is kept from the tuned reader of needs, to calibrate and measure it: a third are."""
    return _draw(text) >= 170


def sensitive_texts(*, to_train: bool, data: Path = DATA) -> list[tuple[str, str]]:
    """(text, article id) of what a rule might miss, and of harmless look-alikes, whose id is empty.

    Of eighty-five eighty-four train the heads, the others the ranker, told apart as above.
    """
    written = [(item["q"], item["article"]) for path in sorted(data.glob("sensitive*.jsonl")) for item in _lines(path)]
    alike = data / "guard_look_alikes.jsonl"
    written += [(item["q"], "") for item in _lines(alike)] if alike.is_file() else []
    return [(text, article) for text, article in written if (_draw(text) >= 3) == to_train]


def trains(text: str) -> bool:
    """Whether a labelled question trains what reads it, or is kept to fit and calibrate what ranks."""
    return _draw(text) < 128


def _draw(text: str) -> int:
    """A number below 256 that stays with a text."""
    return hashlib.sha256(text.encode()).digest()[0]


def training_questions(base: KnowledgeBase, data: Path = DATA) -> list[tuple[str, str]]:
    """(query, article id) of all that may train the encoder, without doubles."""
    development = [(content(normalize(question.turns[-1])), question.articles[0])
                   for question in development_questions(base, to_train=True, data=data) if len(question.articles) == 1]
    return list(dict.fromkeys([*base_questions(base), *written_questions(base, data), *development]))
