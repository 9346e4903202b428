"""What is tried first at a password, by rule: a few pieces that everybody knows, one after the other.

A list of long passwords would be a list of combinations; so the blocklist that NIST SP 800-63B-4 asks for is the set of
all passwords that are wholly made of at most `MOST` such pieces: walks over a keyboard, dates, telephone numbers, Chinese
names in pinyin, the words of common passwords, the names of the account and of the service: assistant/guessable.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import product

__all__ = ["MOST", "fewest_pieces", "is_guessable", "pieces"]

# Whoever guesses has a hundred tries, which ends with the likeliest pairs; a longer list would only vex those who choose (ibid., 3.1.1.2).
MOST = 2
# Digits that are neither a date nor a walk are guessed later than what has a meaning.
_COST_OF_DIGITS = 2
_SHORTEST_WALK = 3
_DATE = re.compile(r"(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?)?|\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
                   r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_TELEPHONE = re.compile(r"1[3-9]\d{9}")
_LETTERS = re.compile(r"[a-z]{4,}")
_LONGEST = 40
# Of a surname and a given name.
_LONGEST_NAME = 18
# What has more letters in a row is several words, and is compared whole.
_LONGEST_WORD = 14
_NOT_WORDS = re.compile(r"[\W_]+")
_INSIDE_A_WORD = re.compile(r"(?<=[a-z])[@013457$](?=[a-z])")
_LOOK_ALIKE = str.maketrans("@013457$", "aoleasts")
_WITH_SHIFT = str.maketrans("!@#$%^&*()", "1234567890")


def is_guessable(folded: str, common: Collection[str], names: Iterable[str] = ()) -> bool:
    """Whether the whole password, folded, is made of a few pieces; `common` are passwords whose words count as such, too."""
    own = {_NOT_WORDS.sub("", name) for name in names}
    known = pieces(frozenset(common)) | {name for name in own if len(name) > 1}
    # Signs between pieces cost whoever guesses little, and letters that are written as signs do, too.
    plain = _NOT_WORDS.sub("", folded)
    written = _NOT_WORDS.sub("", _INSIDE_A_WORD.sub(lambda sign: sign[0].translate(_LOOK_ALIKE), folded))
    with_shift = _NOT_WORDS.sub("", folded.translate(_WITH_SHIFT))
    return any(fewest_pieces(text, known, most=MOST) <= MOST for text in {plain, written, with_shift} if text)


def fewest_pieces(text: str, known: Collection[str], *, most: int = MOST) -> int:
    """Of how few pieces the whole text is made; `most` + 1 where it takes more, or is made of others."""
    none = most + 1
    fewest = [0] + [none] * len(text)
    for start in range(len(text)):
        if fewest[start] < none:
            for end, cost in _from(text, start, known):
                fewest[end] = min(fewest[end], fewest[start] + cost)
    return fewest[-1]


def _from(text: str, start: int, known: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where a piece that starts here may end, and what it costs."""
    for end in range(start + 2, min(len(text), start + _LONGEST) + 1):
        if text[start:end] in known or len(set(text[start:end])) == 1:
            yield end, 1
    for pattern in (_DATE, _TELEPHONE):
        # A date may be read as a year alone, and what follows as a piece of its own.
        yield from ((end, 1) for end in range(start + 4, min(len(text), start + 11) + 1) if pattern.fullmatch(text, start, end))
    yield from ((end, 1) for end in range(start + 3, min(len(text), start + _LONGEST_NAME) + 1) if _person().fullmatch(text, start, end))
    for end in range(start + 1, min(len(text), start + 4) + 1):
        if not text[start:end].isdigit():
            break
        yield end, _COST_OF_DIGITS


@cache
def pieces(common: frozenset[str]) -> frozenset[str]:
    """All that is known by heart; the words of `common` passwords among it."""
    given = _given()
    syllables = given["given_names"]
    names = {"".join(parts) for parts in product(syllables, syllables)}
    words = {word for line in common for word in _LETTERS.findall(line) if len(word) <= _LONGEST_WORD}
    months = {f"{number}yue" for number in given["numbers"]}
    walks = {walk for line in given["keyboard"] for keys in (line, line[::-1]) for walk in _walks(_NOT_WORDS.sub("", keys))}
    return frozenset({*walks, *words, *months, *names, *syllables, *given["calendar"], *given["lucky"], *given["office"]})


@cache
def _person() -> re.Pattern[str]:
    """A surname with a given name of one syllable or two."""
    given = _given()
    return re.compile(f"(?:{'|'.join(given['surnames'])})(?:{'|'.join(given['given_names'])}){{1,2}}")


@cache
def _given() -> Mapping[str, Sequence[str]]:
    file = tomllib.loads(files("assistant").joinpath("guessable.toml").read_text(encoding="utf-8"))
    return {name: words.split() for name, words in file.items()}


def _walks(keys: str) -> Iterator[str]:
    return (keys[start:end] for start in range(len(keys)) for end in range(start + _SHORTEST_WALK, len(keys) + 1))
