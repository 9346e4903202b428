"""What `intents.repair` knows of sounds: words of clients' questions by their pinyin, and how characters are read.

    python -m training.pinyin_words

Writes `knowledge/lexicon/pinyin.tsv` (pinyin without tones, word, count) from the base's questions and the written ones, of
words that are spelled alike only the commonest; and `knowledge/lexicon/sounds.tsv` (a character or word, its sounds without
tones): what pypinyin knows, which takes 55 MB of memory to load, without what follows from its characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.contrib.tone_convert import to_normal

from knowledge.articles import KnowledgeBase
from knowledge.lexicon import load_lexicon
from knowledge.segment import words
from training.datasets import training_questions

__all__ = ["count_words", "readings"]

_LEXICON = Path(__file__).parent.parent / "knowledge" / "lexicon"
_HAN = re.compile(r"[一-鿿]{1,6}")
_FEWEST = 4
# A term of the trade is likelier in a question than its count among all words says.
_TERM = 3
_LONGEST_WORD = 4


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


def readings() -> list[tuple[str, str]]:
    """How each character of GB 2312 is read by itself, and the words of such characters that are read otherwise."""
    alone = {character: lazy_pinyin(character)[0] for character in _gb2312()}
    words = []
    for word, syllables in PHRASES_DICT.items():
        reading = [to_normal(syllable) for syllable, *_ in syllables]
        if len(word) <= _LONGEST_WORD and all(character in alone for character in word) and reading != [alone[it] for it in word]:
            words.append((word, " ".join(reading)))
    return [*alone.items(), *sorted(words)]


def _gb2312() -> Iterator[str]:
    """The 6,763 characters of GB 2312, in its order: rows 16 to 87."""
    for row in range(16, 88):
        for cell in range(1, 95):
            yield from bytes([row + 160, cell + 160]).decode("gb2312", "ignore")


def _write(name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    lines = ("\t".join(map(str, row)) for row in (header, *rows))
    (_LEXICON / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{len(rows)} lines in {_LEXICON / name}")


if __name__ == "__main__":
    _write("pinyin.tsv", ("pinyin", "word", "count"), count_words())
    _write("sounds.tsv", ("text", "sounds"), readings())
