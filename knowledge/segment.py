"""The only tokeniser: jieba in Rust, which knows the trade's words and the market's names from its first call."""

from __future__ import annotations

import re
import sys
from functools import cache, lru_cache
from threading import Lock

import rjieba

from knowledge.lexicon import load_lexicon
from knowledge.text import content

__all__ = ["cut", "everyday_names", "frequency", "teach", "tokens", "words"]

_PUNCTUATION = re.compile(r"[\W_]+")
_LEAST_FREQUENCY = 200
_NAME_FREQUENCY = 300
_LEARNING = Lock()


def teach() -> None:
    """Let jieba learn the lexicon, once; all that cuts does it. Words of one character are left alone."""
    everyday_names()


def everyday_names() -> frozenset[str]:
    """Names of securities that are everyday words too (机器人, 太阳能): those that jieba knew before it learned them."""
    # Nobody may cut while words are added.
    with _LEARNING:
        return _learned()


@cache
def _learned() -> frozenset[str]:
    lexicon = load_lexicon()
    everyday = frozenset(filter(rjieba.has_word, lexicon.names))
    for word in (*lexicon.words, *lexicon.aliases):
        if len(word) > 1:
            rjieba.add_word(word, max(rjieba.suggest_freq(word), _LEAST_FREQUENCY), None)
    for name in (*lexicon.names, *lexicon.nicknames):
        if len(name) > 1 and name not in everyday:
            rjieba.add_word(name, _NAME_FREQUENCY, None)
    return everyday


def frequency(word: str) -> int:
    """How often people write it, about, in jieba's count; 0 for what is no word."""
    teach()
    return rjieba.suggest_freq(word) if rjieba.has_word(word) else 0


def cut(text: str) -> list[str]:
    """The text in words, spaces and punctuation among them: joined they are the text."""
    teach()
    return rjieba.cut(text)


def words(text: str) -> list[str]:
    """Words of a normalised text, in order, without spaces and punctuation."""
    return [word for word in cut(text) if not _PUNCTUATION.fullmatch(word)]


@lru_cache(maxsize=100_000)
def tokens(text: str) -> tuple[str, ...]:
    """What BM25 counts: words, the shorter words inside long ones, and pairs of Chinese characters."""
    teach()
    bare = content(text)
    found = [word for word in rjieba.cut_for_search(bare) if not _PUNCTUATION.fullmatch(word)]
    pairs = [bare[i:i + 2] for i in range(len(bare) - 1)]
    known = set(found)
    pairs = [pair for pair in pairs if pair not in known and "一" <= pair[0] <= "鿿" and "一" <= pair[1] <= "鿿"]
    # The same few words come again and again: each is kept once.
    return tuple(map(sys.intern, (*found, *pairs)))
