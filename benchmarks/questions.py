"""What is asked: the base's own similar questions and questions written apart from it."""

from __future__ import annotations

import random

from knowledge.articles import KnowledgeBase
from training.datasets import base_questions, written_questions

__all__ = ["pool", "sample"]


def pool(base: KnowledgeBase) -> list[str]:
    """All different questions there are, in an order that never changes."""
    return list(dict.fromkeys(text for text, _ in (*base_questions(base), *written_questions(base))))


def sample(base: KnowledgeBase, count: int, *, seed: int) -> list[str]:
    """`count` different questions, half from the base and half written, mixed."""
    own = list(dict.fromkeys(text for text, _ in base_questions(base)))
    known = set(own)
    written = list(dict.fromkeys(text for text, _ in written_questions(base) if text not in known))
    choose = random.Random(seed)
    chosen = [*choose.sample(own, count // 2), *choose.sample(written, count - count // 2)]
    choose.shuffle(chosen)
    return chosen
