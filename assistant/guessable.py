"""What is tried first at a password, by rule: a few pieces that everybody knows, one after the other.

A list of long passwords would be a list of combinations; so the blocklist that NIST SP 800-63B-4 asks for is the set of
all passwords that are wholly made of at most `MOST` such pieces: walks over a keyboard, dates, telephone numbers, Chinese
names in pinyin, what closes or opens common passwords, the names of the account and of the service. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import product

__all__ = ["MOST", "fewest_pieces", "is_guessable", "pieces"]

MOST = 4
# Digits that are neither a date nor a walk are guessed later than what has a meaning.
_COST_OF_DIGITS = 2
_SHORTEST_WALK = 3
_KEYBOARD = (
    "1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "abcdefghijklmnopqrstuvwxyz", "0123456789", "147258369", "159", "357",
    "789456123", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qazwsxedcrfvtgbyhnujmikolp",
    "qaswdefrgthyjukilo", "qweasdzxcrtyfghvbnuiojklm", "123qweasdzxc", "a1s2d3f4g5h6j7k8l9", "a1b2c3d4e5f6g7h8i9j0", "1a2b3c4d5e6f7g8h9i0j",
    "112233445566778899", "13579", "24680")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_MONTHS_SHORT = ("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEASONS = ("spring", "summer", "autumn", "fall", "winter", "chuntian", "xiatian", "qiutian", "dongtian")
_NUMBERS = ("yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu", "shi", "shiyi", "shier")
_LUCKY = ("520", "521", "1314", "5201314", "888", "666", "168", "518", "668", "886", "110", "119", "120", "985", "211")
_OFFICE = (
    "zhike", "zhengquan", "securities", "broker", "brokerage", "gupiao", "jijin", "licai", "touzi", "kefu", "quanshang", "zhanghao", "mima",
    "password", "passwd", "admin", "administrator", "agent", "editor", "reviewer", "manager", "staff", "service", "support", "company",
    "gongsi", "welcome", "login", "letmein", "changeme", "default", "temporary", "secret", "system", "root", "user", "guest", "test", "demo",
    "china", "zhongguo", "beijing", "shanghai", "shenzhen", "guangzhou", "hangzhou", "chengdu", "nanjing", "wuhan", "console", "desk",
    "知客", "证券", "股票", "基金", "理财", "密码", "账号", "客服", "公司", "中国", "我爱你", "恭喜发财", "发财", "管理员")
_SURNAMES = (
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song tang han feng deng cao peng zeng "
    "xiao tian dong pan yuan cai jiang yu du ye cheng wei su lv ding ren lu yao shen zhong cui tan fan liao shi jin jia xia fu fang zou xiong "
    "bai meng qin qiu hou yin yan xue lei long tao gu mao hao gong shao wan qian dai mo kong xiang chang ouyang").split()
_GIVEN = (
    "wei fang na xiu min jing li qiang lei jun yang yong yan jie juan tao ming chao xia ping gang gui ying hua hui yu xin bo bin hao hong jian "
    "kun long mei ning peng qing rui shan ting xiang xue yi yuan zhen zhi zi han chen xuan yue lin dan lan yun fei feng guo hai jia kai le "
    "lu nan qi ran shu si tian wen wu xiao ya yao zhe ze an bao cheng da dong fu gen chun rong sheng xing zhong").split()
_DATE = re.compile(r"(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?)?|\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
                   r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_TELEPHONE = re.compile(r"1[3-9]\d{9}")
_LETTERS = re.compile(r"[a-z]{4,}")
_LONGEST = 40
# What has more letters in a row is several words, and is compared whole.
_LONGEST_WORD = 14
_NOT_WORDS = re.compile(r"[\W_]+")
_INSIDE_A_WORD = re.compile(r"(?<=[a-z])[@013457$](?=[a-z])")
_LOOK_ALIKE = str.maketrans("@013457$", "aoleasts")


def is_guessable(folded: str, common: Collection[str], names: Iterable[str] = ()) -> bool:
    """Whether the whole password, folded, is made of a few pieces; `common` are passwords whose words count as such, too."""
    own = {_NOT_WORDS.sub("", name) for name in names}
    known = pieces(frozenset(common)) | {name for name in own if len(name) > 1}
    # Signs between pieces cost whoever guesses little, and letters that are written as signs do, too.
    plain = _NOT_WORDS.sub("", folded)
    written = _NOT_WORDS.sub("", _INSIDE_A_WORD.sub(lambda sign: sign[0].translate(_LOOK_ALIKE), folded))
    return any(fewest_pieces(text, known, most=MOST) <= MOST for text in {plain, written} if text)


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
    for end in range(start + 1, min(len(text), start + 4) + 1):
        if not text[start:end].isdigit():
            break
        yield end, _COST_OF_DIGITS


@cache
def pieces(common: frozenset[str]) -> frozenset[str]:
    """All that is known by heart; the words of `common` passwords among it."""
    words = {word for line in common for word in _LETTERS.findall(line) if len(word) <= _LONGEST_WORD}
    months = {f"{number}yue" for number in _NUMBERS}
    names = {"".join(parts) for parts in product(_SURNAMES, _GIVEN)} | {"".join(parts) for parts in product(_GIVEN, _GIVEN)}
    return frozenset({*_walks(), *words, *months, *names, *_GIVEN, *_MONTHS, *_MONTHS_SHORT, *_DAYS, *_SEASONS, *_LUCKY, *_OFFICE})


def _walks() -> Iterator[str]:
    """Every way along the keys, in both directions."""
    for line in _KEYBOARD:
        for keys in (line, line[::-1]):
            plain = _NOT_WORDS.sub("", keys)
            yield from (plain[start:end] for start, end in _parts(len(plain)))


def _parts(length: int) -> Iterator[tuple[int, int]]:
    return ((start, end) for start in range(length) for end in range(start + _SHORTEST_WALK, length + 1))
