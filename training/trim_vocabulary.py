"""Cut an XLM-R Unigram vocabulary down to what Chinese and English text needs.

A Unigram tokeniser takes the split with the highest sum of scores, so a text splits
as before whenever all the pieces of its best split are kept with their scores.
"""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from tokenizers import Tokenizer

__all__ = ["choose_pieces", "trim_tokenizer"]

_SPACE = "\u2581"

_PREFIXES = ("query:", "passage:")

# English that a brokerage's clients mix into Chinese; the caller adds common words.
_TRADE_TERMS = """
account app apple android ios pad pc web bank card broker brokerage commission fee tax stamp duty
stock stocks share shares equity bond bonds fund funds index future futures option options warrant
margin trading short selling financing securities dividend dividends ex-rights rights issue bonus
split IPO ETF LOF REIT REITs QDII QFII RQFII FOF MOM NAV ETN CDR GDR ADR DR ST PT SSE SZSE BSE HKEX
NEEQ CSRC CSDC CSI STAR Market ChiNext Shanghai Shenzhen Beijing Hong Kong Connect T+0 T+1 T+2
A-share B-share H-share repo reverse treasury convertible bid ask limit market order orders cancel
auction call opening closing suspension delisting listing KYC VIP OTP SMS PIN CA UKEY Level-1 Level-2
L2 K-line KDJ MACD RSI BOLL MA EMA PE PB ROE ROA EPS TTM VWAP TWAP API FIX password login logout
reset register verify verification face ID email mail phone customer service agent hotline deposit
withdraw withdrawal transfer balance available frozen position holdings profit loss risk level
assessment suitability investor professional qualified statement settlement clearing depository
custody nominee beneficiary RMB CNY USD HKD SH SZ BJ HK US
"""


def choose_pieces(
    vocabulary: list[tuple[str, float]], full: Tokenizer, common_words: Iterable[str], latin_pieces: int
) -> list[int]:
    """Ascending ids of the pieces to keep.

    Kept whole: pieces of ideographs, kana, signs and digits that Chinese character sets
    hold, single signs and emoji. Of the 80 thousand Latin pieces of a hundred languages,
    `latin_pieces`: first the one and two letters that abbreviations and codes split into,
    then what the model's prefixes, the trade's terms and the commonest English words need.
    """
    ids = {piece: position for position, (piece, _) in enumerate(vocabulary)}
    kept = {ids[token] for token in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")}
    kept |= {position for piece, position in ids.items() if _is_chinese_or_sign(piece.replace(_SPACE, ""))}
    kept.add(ids[_SPACE])
    target = len(kept) + latin_pieces
    kept |= {position for piece, position in ids.items() if len(piece) <= 2 and piece.isascii() and piece.isalpha()}
    trade_terms = (_TRADE_TERMS + _TRADE_TERMS.upper() + _TRADE_TERMS.lower()).split()
    for text in _as_written([*_PREFIXES, *trade_terms, *common_words]):
        if len(kept) >= target:
            break
        kept.update(ids[piece] for piece in full.encode(text, add_special_tokens=False).tokens)
    return sorted(kept)


def trim_tokenizer(definition: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    """The `tokenizer.json` of the kept pieces; new ids are positions in `kept`."""
    trimmed = copy.deepcopy(definition)
    new_ids = {old: new for new, old in enumerate(kept)}
    trimmed["model"]["vocab"] = [definition["model"]["vocab"][old] for old in kept]
    trimmed["model"]["unk_id"] = new_ids[definition["model"]["unk_id"]]
    for token in trimmed["added_tokens"]:
        token["id"] = new_ids[token["id"]]
    for token in trimmed["post_processor"]["special_tokens"].values():
        token["ids"] = [new_ids[old] for old in token["ids"]]
    return trimmed


def _as_written(words: Iterable[str]) -> Iterator[str]:
    """Each word at the start of a text and right after an ideograph; capitals only in the former."""
    for word in words:
        yield word
        yield f"中{word}"
        yield word.capitalize()


def _is_chinese_or_sign(text: str) -> bool:
    if len(text) == 1:
        return (
            text.isascii()
            or _is_ideograph(text)
            or _in_charset(text, "gbk")
            or _in_charset(text, "big5")
            or unicodedata.category(text)[0] in "PS"
        )
    if text.isascii():
        return bool(text) and not any(character.isalpha() for character in text)
    ideographs = any(map(_is_ideograph, text))
    neutral = all(_is_ideograph(character) or not character.isalpha() for character in text)
    return ideographs and neutral and (_in_charset(text, "gb2312") or _in_charset(text, "big5"))


def _is_ideograph(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK ")


def _in_charset(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
