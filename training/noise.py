"""Typing as it happens on a phone: a homophone, a lost or doubled character, a word in pinyin."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import cache

from pypinyin import lazy_pinyin

from knowledge.articles import KnowledgeBase

__all__ = ["with_noise"]


@cache
def _homophones() -> dict[str, list[str]]:
    """Characters of the base by their sound."""
    by_sound: dict[str, list[str]] = defaultdict(list)
    base = KnowledgeBase.load()
    texts = (text for article in base.articles.values() for text in (article.question, *article.similar))
    characters = {char for text in texts for char in text if "一" <= char <= "鿿"}
    for char in sorted(characters):
        by_sound[lazy_pinyin(char)[0]].append(char)
    return by_sound


def with_noise(text: str, choose: random.Random) -> str:
    """The text with one slip; unchanged where none fits."""
    places = [i for i, char in enumerate(text) if "一" <= char <= "鿿"]
    if len(places) < 4:
        return text
    place = choose.choice(places)
    slip = choose.random()
    if slip < 0.6:
        alike = [char for char in _homophones().get(lazy_pinyin(text[place])[0], ()) if char != text[place]]
        return text[:place] + choose.choice(alike) + text[place + 1:] if alike else text
    if slip < 0.8:
        return text[:place] + text[place + 1:]
    end = min(place + 2, len(text))
    return text[:place] + "".join(lazy_pinyin(text[place:end])) + text[end:]
