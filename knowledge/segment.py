"""The only tokeniser: jieba, which knows the trade's words and the market's names from its first call."""

from __future__ import annotations

import logging
import re
import sys
from functools import cache, lru_cache

import jieba

from knowledge.lexicon import load_lexicon
from knowledge.text import content

__all__ = ["everyday_names", "frequency", "teach", "tokens", "words"]

_PUNCTUATION = re.compile(r"[\W_]+")
_LEAST_FREQUENCY = 200
_NAME_FREQUENCY = 300

jieba.setLogLevel(logging.WARNING)


@cache
def teach() -> jieba.Tokenizer:
    """jieba's own tokeniser, which spaCy uses too, after it has learned the lexicon. Words of one character are left alone."""
    jieba.initialize()
    lexicon = load_lexicon()
    everyday = everyday_names()
    for word in (*lexicon.words, *lexicon.aliases):
        if len(word) > 1:
            jieba.add_word(word, freq=max(jieba.dt.suggest_freq(word, tune=False), _LEAST_FREQUENCY))
    for name in (*lexicon.names, *lexicon.nicknames):
        if len(name) > 1 and name not in everyday:
            jieba.add_word(name, freq=_NAME_FREQUENCY)
    return jieba.dt


@cache
def everyday_names() -> frozenset[str]:
    """Names of securities that are everyday words too (机器人, 太阳能)."""
    jieba.initialize()
    return frozenset(name for name in load_lexicon().names if jieba.dt.FREQ.get(name))


def frequency(word: str) -> int:
    """How often people write it, in jieba's count; 0 for what is no word."""
    return teach().FREQ.get(word) or 0


def words(text: str) -> list[str]:
    """Words of a normalised text, in order, without spaces and punctuation."""
    return [word for word in teach().cut(text) if not _PUNCTUATION.fullmatch(word)]


@lru_cache(maxsize=100_000)
def tokens(text: str) -> tuple[str, ...]:
    """What BM25 counts: words, the shorter words inside long ones, and pairs of Chinese characters."""
    bare = content(text)
    found = [word for word in teach().cut_for_search(bare) if not _PUNCTUATION.fullmatch(word)]
    pairs = [bare[i:i + 2] for i in range(len(bare) - 1)]
    known = set(found)
    pairs = [pair for pair in pairs if pair not in known and "一" <= pair[0] <= "鿿" and "一" <= pair[1] <= "鿿"]
    # The same few words come again and again: each is kept once.
    return tuple(map(sys.intern, (*found, *pairs)))
