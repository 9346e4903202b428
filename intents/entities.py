"""Entities by rules: securities, indices, money, shares, dates, times, percentages, boards, products."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate

from intents.reading import Entity
from knowledge.lexicon import Lexicon, load_lexicon
from knowledge.segment import cut, everyday_names, teach
from knowledge.text import normalize

__all__ = ["EntityReader"]

_NUM = r"(?:\d+(?:[,.]\d+)*|[零一二两三四五六七八九十百千万亿几半]+)"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("percent", re.compile(rf"{_NUM}\s*(?:%|‰|个点|个百分点)|百分之{_NUM}|千分之{_NUM}|万分之{_NUM}|万[一二两三四五六七八九]|万\d(?:\.\d+)?(?![\d元块股])")),
    ("money", re.compile(rf"{_NUM}\s*(?:多)?(?:万|亿|千|百)?(?:元|块钱|块|港币|港元|美元|美金|人民币|w)(?![a-z])|{_NUM}\s*(?:多)?万(?![一-鿿]?股)(?=[一-鿿\s,。?!]|$)")),
    ("shares", re.compile(rf"{_NUM}\s*(?:万|千|百)?(?:股|手|份|张)(?![票东权份市])")),
    ("date", re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}月\d{1,2}[日号]|\d{4}年(?:\d{1,2}月)?|(?:今|明|后|昨|前)天|(?:这|上|下)?(?:周|星期|礼拜)[一二三四五六日天]|周末|月底|年底|(?:上|下|这|本)个?(?:月|周|季度)|去年|今年|明年")),
    ("time", re.compile(r"\d{1,2}:\d{2}|(?:早上|上午|中午|下午|晚上|凌晨)?\s*(?:\d{1,2}|[一二两三四五六七八九十]+)点(?:半|\d{1,2}分?)?(?!多|儿)")),
    ("duration", re.compile(rf"{_NUM}\s*(?:个)?(?:交易日|工作日|天|个月|年|周|小时|分钟|秒)")),
)
_SECURITY_CODE = re.compile(r"(?<!\d)(?:sh|sz|bj)?(\d{6})(?:\.(?:sh|sz|bj|ss))?(?!\d)", re.I)
_HK_CODE = re.compile(r"(?<!\d)0(\d{4})(?:\.hk)?(?!\d)", re.I)
_STOCK_TALK = re.compile(r"股|涨|跌|买|卖|持有|停牌|复牌|分红|代码|套|仓|行情|大跌|大涨|中签|上市|退市|能不能拿|怎么样|走势|会不会")
_BOARDS = {"主板": "main", "沪主板": "main", "创业板": "chinext", "科创板": "star", "北交所": "bse", "新三板": "neeq", "港股通": "hk_connect",
           "沪港通": "sh_hk_connect", "深港通": "sz_hk_connect", "b股": "b_share", "风险警示板": "risk_warning", "科创成长层": "star_growth"}
_PRODUCTS = {"etf": "etf", "lof": "lof", "reits": "reits", "国债逆回购": "repo", "逆回购": "repo", "可转债": "convertible", "转债": "convertible",
             "国债": "treasury", "公司债": "corporate_bond", "货币基金": "money_fund", "基金": "fund", "定投": "plan", "收益凭证": "certificate",
             "私募": "private_fund", "资管计划": "asset_management", "个人养老金": "pension", "养老金": "pension", "期权": "option",
             "融资融券": "margin", "两融": "margin", "黄金etf": "gold", "黄金": "gold", "qdii": "qdii", "新股": "ipo", "新债": "new_bond"}
_MARKET_OF = ((("6", "9"), "SH"), (("0", "2", "3"), "SZ"))
# In words.
_LONGEST_NAME, _LONGEST_TERM = 5, 3
# Start and end in characters; with what it is before and its value behind.
_Place = tuple[int, int]
_Span = tuple[str, int, int, str]


class EntityReader:
    """Reads the entities of a client's own text; positions count characters of that text."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon or load_lexicon()
        # A name that is also an everyday word (机器人, 太阳能) is read as a security only where shares are talked of.
        self._everyday = everyday_names()
        teach()

    def read(self, text: str) -> tuple[Entity, ...]:
        """Entities in order of place, without overlap; the longer wins."""
        folded = _fold(text)
        words = _places(folded)
        found = (*self._named(folded, words), *self._terms(folded, words), *self._codes(folded), *self._patterns(folded))
        kept: list[Entity] = []
        for label, start, end, value in sorted(found, key=lambda span: (span[1] - span[2], span[1])):
            if all(end <= other.start or other.end <= start for other in kept):
                kept.append(Entity(label, text[start:end], value, start, end))
        return tuple(sorted(kept, key=lambda entity: entity.start))

    def _named(self, text: str, words: Sequence[_Place]) -> Iterator[_Span]:
        talk = bool(_STOCK_TALK.search(text))
        for start, end in _windows(words, _LONGEST_NAME):
            name = text[start:end].replace(" ", "")
            code = self._code_of(name, talk)
            if code:
                yield "security", start, end, code
            elif name in self._lexicon.indices:
                yield "index", start, end, self._lexicon.indices[name]

    def _code_of(self, name: str, talk: bool) -> str | None:
        if len(name) < 2 or (name in self._everyday and not talk):
            return None
        if name in self._lexicon.names:
            return self._lexicon.names[name]
        codes = self._lexicon.nicknames.get(name)
        if not codes or (len(name) == 2 and not talk and len(codes) > 1):
            return None
        return "|".join(codes)

    @staticmethod
    def _terms(text: str, words: Sequence[_Place]) -> Iterator[_Span]:
        for start, end in _windows(words, _LONGEST_TERM):
            for label, table in (("board", _BOARDS), ("product", _PRODUCTS)):
                if value := table.get(text[start:end]):
                    yield label, start, end, value

    def _codes(self, text: str) -> Iterator[_Span]:
        for match in _SECURITY_CODE.finditer(text):
            found = self._lexicon.by_number.get(match[1])
            value = "|".join(security.code for security in found) if found else _guess_market(match[1])
            yield "security", match.start(), match.end(), value
        for match in _HK_CODE.finditer(text):
            yield "security", match.start(), match.end(), f"0{match[1]}.HK"

    @staticmethod
    def _patterns(text: str) -> Iterator[_Span]:
        for label, pattern in _PATTERNS:
            for match in pattern.finditer(text):
                yield label, match.start(), match.end(), match.group().strip()


def _places(text: str) -> list[_Place]:
    """Where its words stand."""
    ends = list(accumulate(map(len, words := cut(text))))
    return [(end - len(word), end) for word, end in zip(words, ends, strict=True) if not word.isspace()]


def _windows(words: Sequence[_Place], longest: int) -> Iterator[_Place]:
    """All runs of up to `longest` words."""
    for first, (start, _) in enumerate(words):
        for _, end in words[first:first + longest]:
            yield start, end


def _guess_market(number: str) -> str:
    """A code that the list does not hold yet, by its first digit (code segments of the exchanges)."""
    if number.startswith(("920", "43", "83", "87")):
        return f"{number}.BJ"
    for heads, market in _MARKET_OF:
        if number.startswith(heads):
            return f"{number}.{market}"
    return number


def _fold(text: str) -> str:
    """Width, case and script folded character by character, so that positions stay those of the client's text."""
    folded = "".join(wide if len(wide := unicodedata.normalize("NFKC", char)) == 1 else char for char in text).lower()
    simplified = normalize(folded)
    return simplified if len(simplified) == len(text) else folded if len(folded) == len(text) else text
