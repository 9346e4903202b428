"""Counts the words of clients' questions by their pinyin: what `intents.repair` spells pinyin with.

    python -m training.pinyin_words

Writes `knowledge/lexicon/pinyin.tsv` (pinyin without tones, word, count) from the base's questions and the written ones; of
words that are spelled alike only the commonest stays.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from pypinyin import lazy_pinyin

from knowledge.articles import KnowledgeBase
from knowledge.lexicon import load_lexicon
from knowledge.segment import words
from training.datasets import training_questions

__all__ = ["count_words"]

_OUTPUT = Path(__file__).parent.parent / "knowledge" / "lexicon" / "pinyin.tsv"
_HAN = re.compile(r"[一-鿿]{1,6}")
_FEWEST = 4
# A term of the trade is likelier in a question than its count among all words says.
_TERM = 3


def count_words() -> list[tuple[str, str, int]]:
    """(pinyin, word, count), the commonest first."""
    base = KnowledgeBase.load()
    counts = Counter(word for text, _ in training_questions(base) for word in words(text) if _HAN.fullmatch(word))
    terms = {word for word in load_lexicon().words if _HAN.fullmatch(word) and len(word) > 1}
    for term in terms:
        counts[term] = max(_TERM * counts[term], _FEWEST)
    best: dict[str, tuple[str, int]] = {}
    for word, count in counts.most_common():
        if count >= _FEWEST:
            best.setdefault("".join(lazy_pinyin(word)), (word, count))
    return [(pinyin, word, count) for pinyin, (word, count) in best.items()]


if __name__ == "__main__":
    rows = count_words()
    _OUTPUT.write_text("pinyin\tword\tcount\n" + "".join(f"{pinyin}\t{word}\t{count}\n" for pinyin, word, count in rows), encoding="utf-8")
    print(f"{len(rows)} words in {_OUTPUT}")
