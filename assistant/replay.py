"""Asks past questions again, before and after a change of the base, and says whose reply changes. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from assistant.inbox import Responds
from assistant.past_replies import Asking, PastReplies
from assistant.replay_reading import reading_once
from assistant.review_records import GoldenQuestion, PastQuestion, Told

__all__ = ["Broken", "Change", "Replayed", "broken_by", "replay", "stolen"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose reply changes in kind, in article or in what it offers; `asked`: how many of the past questions it is."""

    question: str
    asked: int
    before: Told
    after: Told


@dataclass(frozen=True, slots=True)
class Broken:
    """A golden question that got what it must get, and would not any more."""

    golden_id: str
    question: str
    expected_kind: str
    expected_article_id: str | None
    before: Told
    after: Told


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a change does to `questions` different past questions, asked `asked` times, and to `golden` golden ones.

    `ranked` is how many of all these had to be ranked again; `same_article`: how many times past questions got an
    article whose words change. `stolen` are questions of other articles that would not find them any more.
    """

    questions: int
    asked: int
    golden: int
    ranked: int
    same_article: int
    changes: tuple[Change, ...]
    broken: tuple[Broken, ...]
    stolen: tuple[Change, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


def replay(questions: Sequence[PastQuestion], before: Responds, after: Responds, *, threads: int = 1,
           known: PastReplies | None = None, progress: Progress | None = None) -> list[Change]:
    """The changes, those asked most often first. Each question is asked by itself, as the first of a conversation, and taken as
    it stands: it is what the assistant read when it was asked. What is `known` of replies before the change is not asked again."""
    asking = _asking([question.text for question in questions], before, after, known)

    def ask(question: PastQuestion) -> Change:
        return Change(question.text, question.asked, asking.now(question.text), asking.then(question.text))

    changes, done = [], 0
    pool = ThreadPoolExecutor(threads)
    try:
        for change in pool.map(ask, questions):
            done += 1
            if progress:
                progress(done, len(questions))
            if _differ(change.before, change.after):
                changes.append(change)
    finally:
        pool.shutdown(cancel_futures=True)
    return sorted(changes, key=lambda change: (-change.asked, change.question))


def broken_by(golden: Sequence[GoldenQuestion], before: Responds, after: Responds, *, threads: int = 1,
              known: PastReplies | None = None) -> list[Broken]:
    """Those that hold before and not after. What fails already is nobody's fault who changes something else."""
    asking = known.asking([item.question for item in golden], before, after, as_read=False) if known else Asking(before, after)

    def ask(item: GoldenQuestion) -> Broken | None:
        then = asking.then(item.question)
        if item.holds(then):
            return None
        now = asking.now(item.question)
        return Broken(item.id, item.question, item.kind, item.article_id, now, then) if item.holds(now) else None

    with ThreadPoolExecutor(threads) as pool:
        return [broken for broken in pool.map(ask, golden) if broken is not None]


def stolen(owners: Mapping[str, str], before: Responds, after: Responds, *, threads: int = 1,
           known: PastReplies | None = None) -> list[Change]:
    """Questions with the articles that own them, which found their article before and would not after, in their order."""
    asking = _asking(list(owners), before, after, known)

    def ask(question: str) -> Change | None:
        owner, then = owners[question], asking.then(question)
        if owner in (then.article_id, *then.choices):
            return None
        now = asking.now(question)
        return Change(question, 0, now, then) if owner in (now.article_id, *now.choices) else None

    with ThreadPoolExecutor(threads) as pool:
        return [change for change in pool.map(ask, owners) if change is not None]


def _asking(questions: Sequence[str], before: Responds, after: Responds, known: PastReplies | None) -> Asking:
    """To ask questions that the assistant has read before."""
    return known.asking(questions, before, after, as_read=True) if known else Asking(*reading_once(before, after))


def _differ(before: Told, after: Told) -> bool:
    # Choices of equal probability may change places; that changes nothing for the client.
    return (before.kind, before.article_id, set(before.choices)) != (after.kind, after.article_id, set(after.choices))
