"""Runs the project's own evaluation: the served turn, beside BM25 alone and dense alone on the same base."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from assistant.clock import china_day
from assistant.reply import Context
from assistant.turn import Responder
from training.datasets import LabelledQuestion
from training.scoring import Answered, needs_scores, summarise

__all__ = ["evaluate", "run_baselines", "run_turns"]

Progress = Callable[[int, int], None]


def run_turns(responder: Responder, questions: Sequence[LabelledQuestion], progress: Progress | None = None) -> list[Answered]:
    """The last reply of each conversation, as the product gives it."""
    answers = []
    for number, question in enumerate(questions, start=1):
        context = Context()
        for text in question.turns:
            outcome = responder.respond(text, context)
            context = outcome.context
        answers.append(Answered.from_result(outcome.to_dict()))
        if progress:
            progress(number, len(questions))
    return answers


def run_baselines(responder: Responder, questions: Sequence[LabelledQuestion]) -> dict[str, list[Answered]]:
    """What search alone would say to the last turn: always the article of the best passage, never unsure."""
    answers: dict[str, list[Answered]] = {"BM25 alone": [], "dense alone": []}
    articles = responder.base.articles
    live = responder.base.live_on(china_day())
    for question in questions:
        understood = responder.understander.read(question.turns[-1])
        found = responder.index.find(understood.query, understood.vector).among(live)
        for name, scores in (("BM25 alone", found.lexical.best()), ("dense alone", found.dense.best())):
            if not scores.any():
                answers[name].append(Answered("fallback", None))
                continue
            article = articles[found.articles[int(scores.argmax())]]
            answers[name].append(Answered(article.kind, article.id, article.choices))
    return answers


def evaluate(responder: Responder, questions: Sequence[LabelledQuestion], progress: Progress | None = None) -> dict[str, Any]:
    """All figures, by system; needs only for the product, which alone flags them."""
    answers = {"Zhike": run_turns(responder, questions, progress), **run_baselines(responder, questions)}
    return {"systems": {name: summarise(questions, given) for name, given in answers.items()},
            "needs": needs_scores(questions, answers["Zhike"]), "models": dict(responder.models)}
