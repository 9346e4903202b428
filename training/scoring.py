"""Scores replies, ours or anyone's, against labelled questions: right, wrong, asked back, handed over, not answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.datasets import LabelledQuestion
from training.metrics import wilson

__all__ = ["VERDICTS", "Answered", "flag_figures", "judge", "needs_scores", "summarise"]

VERDICTS = ("right", "wrong", "asked back", "handed over", "not answered")
_OFF_TOPIC = "off_topic"
_SPOKEN = ("answer", "smalltalk")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a system replied: kind, article id, ids offered, the need families flagged, and the article that it held most likely."""

    kind: str
    article: str | None
    choices: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    likeliest: str | None = None

    @classmethod
    def from_result(cls, result: Mapping[str, Any]) -> Answered:
        """From the `result` object of `zhike batch`."""
        reply, candidates = result["reply"], result.get("candidates") or ()
        article = reply["article"]["id"] if reply.get("article") else None
        return cls(reply["kind"], article, tuple(choice["article_id"] for choice in reply.get("choices") or ()),
                   tuple(need["family"] for need in result.get("understanding", {}).get("needs", ())),
                   candidates[0]["article_id"] if candidates else article)


def judge(question: LabelledQuestion, answered: Answered) -> str:
    """One of VERDICTS. A reply of a right kind is right, and an answer only with a right article."""
    kind = answered.kind
    if kind in question.kinds:
        if kind == "answer":
            return "right" if answered.article in question.articles else "wrong"
        if kind == "clarify" and question.articles and not set(answered.choices) & set(question.articles):
            return "wrong"
        return "right"
    if kind == "clarify":
        return "asked back"
    if kind == "handover":
        return "handed over"
    if kind == "fallback":
        return "not answered"
    # A refusal where an answer was due leaves the client without one; an answer where none was due is wrong.
    return "not answered" if kind == "decline" else "wrong"


def summarise(questions: Sequence[LabelledQuestion], answers: Sequence[Answered]) -> dict[str, Any]:
    """All figures of one system: totals with 95 % intervals, and the verdicts by category and by style."""
    verdicts = [judge(q, a) for q, a in zip(questions, answers, strict=True)]
    answerable = [(q, a, v) for q, a, v in zip(questions, answers, verdicts, strict=True) if "answer" in q.kinds]
    off_topic = [(q, a) for q, a in zip(questions, answers, strict=True) if q.category == _OFF_TOPIC]
    guarded = [(q, v) for q, v in zip(questions, verdicts, strict=True) if q.category == "guard"]
    return {
        "questions": len(questions),
        "right": _share(v == "right" for v in verdicts),
        "wrong": _share(v == "wrong" for v in verdicts),
        "right_kind": _share(a.kind in q.kinds for q, a in zip(questions, answers, strict=True)),
        "right_answer_at_1": _share(v == "right" for _, _, v in answerable),
        "right_article_first": _share((a.likeliest or a.article) in q.articles for q, a, _ in answerable),
        "wrong_answer": _share(v == "wrong" for _, _, v in answerable),
        "asked_back_with_the_answer_among_choices": _share(
            v == "asked back" and bool(set(a.choices) & set(q.articles)) for q, a, v in answerable),
        "fallback_in_scope": _share(a.kind == "fallback" for _, a, _ in answerable),
        "off_topic_answered": _share(a.kind == "answer" for _, a in off_topic),
        "guards": _share(v == "right" for _, v in guarded),
        "contrast_pairs": _share(_both_right(questions, verdicts)),
        "verdicts": _table(verdicts, [q.category for q in questions]),
        "by_style": _table(verdicts, [q.style for q in questions]),
    }


def _both_right(questions: Sequence[LabelledQuestion], verdicts: Sequence[str]) -> list[bool]:
    """For each pair that is there whole, whether both of its questions were replied to rightly."""
    pairs: dict[str, list[bool]] = defaultdict(list)
    for question, verdict in zip(questions, verdicts, strict=True):
        if question.pair:
            pairs[question.pair].append(verdict == "right")
    return [all(right) for right in pairs.values() if len(right) == 2]


def needs_scores(questions: Sequence[LabelledQuestion], answers: Sequence[Answered]) -> dict[str, Any]:
    """Over labelled questions the share with exactly the right families, micro precision, recall and F1 over families, and the share of
    those without a need that raised no flag; a family that stands in `perhaps` counts for nothing.

    Under `author` the same by the labels of the questions' authors, where readers have labelled them anew.
    """
    asked = [(question, set(answer.needs)) for question, answer in zip(questions, answers, strict=True)]
    by_reader = [(set(q.needs), set(q.perhaps), flagged) for q, flagged in asked if q.needs is not None]
    by_author = [(set(q.needs_author), set(), flagged) for q, flagged in asked if q.needs_author is not None]
    return {**flag_figures(by_reader), **({"author": flag_figures(by_author)} if by_author else {})}


def flag_figures(labelled: Sequence[tuple[set[str], set[str], set[str]]]) -> dict[str, Any]:
    """The figures of `needs_scores` over (wanted, perhaps, flagged)."""
    clear = [(wanted, flagged - (perhaps - wanted)) for wanted, perhaps, flagged in labelled]
    shown, meant = sum(len(flagged) for _, flagged in clear), sum(len(wanted) for wanted, _ in clear)
    both = sum(len(wanted & flagged) for wanted, flagged in clear)
    precision, recall = both / (shown or 1), both / (meant or 1)
    return {"questions": len(clear), "exact": _share(wanted == flagged for wanted, flagged in clear),
            "precision": round(precision, 4), "recall": round(recall, 4),
            "f1": round(2 * precision * recall / ((precision + recall) or 1), 4),
            "needless_left_alone": _share(not flagged for wanted, perhaps, flagged in labelled if not wanted | perhaps)}


def _share(values: Iterable[bool]) -> dict[str, Any]:
    listed = list(values)
    low, high = wilson(sum(listed), len(listed))
    return {"share": round(sum(listed) / (len(listed) or 1), 4), "low": round(low, 4), "high": round(high, 4), "n": len(listed)}


def _table(verdicts: Sequence[str], keys: Sequence[str]) -> dict[str, dict[str, int]]:
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict, key in zip(verdicts, keys, strict=True):
        table[key][verdict] += 1
        table["total"][verdict] += 1
    return {key: {name: table[key][name] for name in VERDICTS} for key in sorted(table, key=lambda k: (k == "total", k))}
