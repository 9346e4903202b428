"""What is asked: the base's own questions, and development questions written apart from it."""

from __future__ import annotations

import random

from knowledge.articles import KnowledgeBase
from knowledge.text import content, normalize
from training.datasets import base_questions, development_questions

__all__ = ["pool", "sample"]


def pool(base: KnowledgeBase) -> list[str]:
    """All different questions there are, in an order that never changes."""
    own, apart = _own(base), _apart(base)
    return list(dict.fromkeys([*own, *apart]))


def sample(base: KnowledgeBase, count: int, *, seed: int) -> list[str]:
    """`count` different questions, half from the base and half written apart from it, mixed."""
    choose = random.Random(seed)
    chosen = [*choose.sample(_own(base), count // 2), *choose.sample(_apart(base), count - count // 2)]
    choose.shuffle(chosen)
    return chosen


def _own(base: KnowledgeBase) -> list[str]:
    return list(dict.fromkeys(text for text, _ in base_questions(base)))


def _apart(base: KnowledgeBase) -> list[str]:
    questions = [question for to_train in (True, False) for question in development_questions(base, to_train=to_train)]
    known = set(_own(base))
    texts = dict.fromkeys(content(normalize(question.turns[-1])) for question in questions)
    return [text for text in texts if text not in known]
