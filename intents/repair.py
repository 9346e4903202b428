"""Typos by sound: homophones, near-pinyin, pinyin typed out, initials, resolved against the base's own vocabulary."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from knowledge.lexicon import Lexicon
from knowledge.segment import frequency, words
from knowledge.text import normalize

__all__ = ["Repairer"]

_LATIN = re.compile(r"[a-z]+(?: [a-z]+)*")
_HAN = re.compile(r"[一-鿿]+")
_LONGEST = 6
_LONGEST_PINYIN = 24
# Slips stand in the base too: a writing that is at least a tenth as common as the term is a word of its own.
_SLIPS = 10
# Sounds that dialects and keyboards mix up: both sides of a pair are read as the second.
_NEAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"), ("ong", "on"))
# One word turns the answer: these are never taken for one another, however alike they sound.
_FIXED = frozenset("买卖沪深北有无不没一二两三四五六七八九十")
_COMMON_WORD = 20
# Of the words in the table of sounds.
_LONGEST_WORD = 4


def _sound(syllable: str) -> str:
    for mixed, read in _NEAR:
        syllable = syllable.replace(mixed, read)
    return syllable


class Repairer:
    """Rewrites what sounds like a term of the trade to the term.

    `questions` are the base's own, normalised: what is common in them is never a typo.
    """

    def __init__(self, lexicon: Lexicon, questions: Iterable[str]) -> None:
        self._initials = {key: normalize(term) for key, term in lexicon.initials.items()}
        self._misspelled = lexicon.misspelled
        self._corpus = "\n".join(questions)
        self._sound_of = {text: tuple(map(_sound, sounds)) for text, sounds in lexicon.sounds.items()}
        self._known = {word for word in lexicon.words if _HAN.fullmatch(word) and len(word) > 1}
        self._by_sound: dict[tuple[str, ...], list[str]] = {}
        for word in sorted(self._known):
            self._by_sound.setdefault(self._sounds(word), []).append(word)
        for alike in self._by_sound.values():
            if len(alike) > 1:
                alike.sort(key=lambda word: -self._corpus.count(word))
        self._by_pinyin = lexicon.pinyin

    def repair(self, text: str) -> str:
        """The normalised text with its typos by sound resolved."""
        for wrong, right in self._misspelled.items():
            text = text.replace(wrong, right)
        text = _LATIN.sub(lambda piece: self._from_latin(piece.group()), text)
        return _HAN.sub(lambda piece: self._from_han(piece.group()), text)

    def _from_latin(self, piece: str) -> str:
        whole = self._spell(piece.replace(" ", "")) if " " in piece else None
        return whole or " ".join(self._from_letters(letters) for letters in piece.split())

    def _from_letters(self, letters: str) -> str:
        if letters in self._initials:
            return self._initials[letters]
        if len(letters) < 4:
            return letters
        return self._spell(letters) or letters

    def _spell(self, letters: str) -> str | None:
        """Pinyin typed out as the likeliest words; None when it can't be cut whole, or only into single characters."""
        best: list[tuple[float, tuple[str, ...]] | None] = [(0.0, ())] + [None] * len(letters)
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - _LONGEST_PINYIN), end):
                so_far, found = best[start], self._by_pinyin.get(letters[start:end])
                if so_far is None or found is None:
                    continue
                word, share = found
                option = (so_far[0] + math.log(share), (*so_far[1], word))
                if best[end] is None or option[0] > best[end][0]:
                    best[end] = option
        spelled = best[-1]
        if spelled is None or all(len(word) == 1 for word in spelled[1]):
            return None
        return "".join(spelled[1])

    def _from_han(self, piece: str) -> str:
        boundaries, sounds = self._boundaries(piece), self._sounds(piece)
        for size in range(min(_LONGEST, len(piece)), 1, -1):
            for start in range(len(piece) - size + 1):
                window = piece[start:start + size]
                term = self._term_for(window, sounds[start:start + size])
                if term and self._is_odd(window, start, boundaries):
                    return self._from_han(piece[:start]) + term + self._from_han(piece[start + size:])
        return piece

    def _sounds(self, text: str) -> tuple[str, ...]:
        """How each character of a Chinese text sounds: as in the longest word that is read in its own way, or else by itself."""
        sounds: list[str] = []
        while len(sounds) < len(text):
            start = len(sounds)
            for size in range(min(_LONGEST_WORD, len(text) - start), 0, -1):
                piece = text[start:start + size]
                if piece in self._sound_of or size == 1:
                    sounds += self._sound_of.get(piece, (piece,))
                    break
        return tuple(sounds)

    def _term_for(self, window: str, sounds: tuple[str, ...]) -> str | None:
        alike = self._by_sound.get(sounds)
        # Few windows sound like a term; only those are worth looking for in all questions.
        if not alike or window in self._known:
            return None
        for term in alike:
            if self._corpus.count(window) * _SLIPS > self._corpus.count(term):
                continue
            kept = sum(a == b for a, b in zip(window, term, strict=True))
            changed = [(a, b) for a, b in zip(window, term, strict=True) if a != b]
            if kept * 2 >= len(term) and not any(a in _FIXED or b in _FIXED for a, b in changed):
                return term
        return None

    @staticmethod
    def _is_odd(window: str, start: int, boundaries: set[int]) -> bool:
        """Whether the window is no word that people write, nor a part of one."""
        if frequency(window) > _COMMON_WORD:
            return False
        return start in boundaries or start + len(window) in boundaries

    @staticmethod
    def _boundaries(piece: str) -> set[int]:
        cuts, position = {0}, 0
        for word in words(piece):
            position += len(word)
            cuts.add(position)
        return cuts
