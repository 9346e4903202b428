"""The trade's words and the market's names: what the segmenter, the repairs and the entity rules know."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from knowledge.text import normalize

__all__ = ["Lexicon", "Security", "lexicon_digest", "load_lexicon"]

_FOLDER = Path(__file__).parent / "lexicon"


@dataclass(frozen=True, slots=True)
class Security:
    """A listed security: code with market (600519.SH), official name, board (ETF for a fund)."""

    code: str
    name: str
    board: str


@dataclass(frozen=True)
class Lexicon:
    """Terms and names. Keys are normalised text; `nicknames` maps to one or more codes with market;
    `pinyin` maps letters to a word and its share of all words that clients write, `sounds` a character to its
    sound without tone, and a word that is not read as its characters are to its sounds."""

    words: tuple[str, ...]
    alike: Mapping[str, tuple[str, ...]]
    opposites: tuple[tuple[str, str], ...]
    initials: Mapping[str, str]
    misspelled: Mapping[str, str]
    aliases: Mapping[str, str]
    securities: Mapping[str, Security]
    nicknames: Mapping[str, tuple[str, ...]]
    indices: Mapping[str, str]
    pinyin: Mapping[str, tuple[str, float]]
    sounds: Mapping[str, tuple[str, ...]]

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Official name, normalised, to code."""
        return {normalize(security.name).replace(" ", ""): code for code, security in self.securities.items()}

    @cached_property
    def by_number(self) -> Mapping[str, tuple[Security, ...]]:
        """The six digits to the securities that bear them (an index may share them with a share)."""
        found: dict[str, tuple[Security, ...]] = {}
        for code, security in self.securities.items():
            number = code.split(".")[0]
            found[number] = (*found.get(number, ()), security)
        return found

    @cached_property
    def group_of(self) -> Mapping[str, str]:
        """Term to the name of the group in which terms stand in each other's place."""
        return {normalize(term): group for group, terms in self.alike.items() for term in terms}

    def expand(self, text: str) -> str:
        """The text with the usual term behind each other word for it, for lexical search."""
        added = [usual for other, usual in self.aliases.items() if other in text and usual not in text]
        return f"{text} {' '.join(added)}" if added else text


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _pinyin_words() -> dict[str, tuple[str, float]]:
    """Pinyin without tones to the commonest word spelled so, and its share of all words (made by `training.pinyin_words`)."""
    rows = _rows("pinyin.tsv")
    total = sum(int(row["count"]) for row in rows)
    return {row["pinyin"]: (row["word"], int(row["count"]) / total) for row in rows}


@cache
def lexicon_digest() -> str:
    """Of all files of the lexicon: an index is only valid with the words that it was cut by."""
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def load_lexicon() -> Lexicon:
    """Read the shipped lexicon."""
    terms = tomllib.loads((_FOLDER / "terms.toml").read_text(encoding="utf-8"))
    indices: dict[str, str] = {}
    for row in _rows("indices.tsv"):
        for name in (row["name"], *row["aliases"].split("|")):
            indices[normalize(name)] = row["code"]
    nicknames: dict[str, tuple[str, ...]] = {}
    for row in _rows("nicknames.tsv"):
        name = normalize(row["nickname"])
        nicknames[name] = (*nicknames.get(name, ()), *row["code"].split("|"))
    return Lexicon(
        words=tuple(dict.fromkeys(normalize(word) for word in terms["words"])),
        alike={group: tuple(members) for group, members in terms["alike"].items()},
        opposites=tuple((a, b) for a, b in terms["opposite"]["pairs"]),
        initials=terms["initials"],
        misspelled=terms["misspelled"],
        aliases={normalize(other): usual for other, usual in terms["aliases"].items()},
        securities={row["code"]: Security(row["code"], row["name"], row["board"]) for row in _rows("securities.tsv")},
        nicknames=nicknames,
        indices=indices,
        pinyin=_pinyin_words(),
        sounds={row["text"]: tuple(row["sounds"].split()) for row in _rows("sounds.tsv")},
    )
