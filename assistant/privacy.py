"""Masking of personal data, by small recognisers: a pattern, a checksum or context words, and a placeholder.

Numbers of the trade stay: security codes, amounts, dates, service hotlines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Found", "find", "mask", "mask_all", "mask_name"]


@dataclass(frozen=True, slots=True)
class Found:
    """Personal data in a text: characters `start` to `end`, end exclusive."""

    type: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Recogniser:
    type: str
    placeholder: str
    pattern: re.Pattern[str]
    accepts: Callable[[str], bool] = lambda _: True

    def find(self, text: str) -> Iterator[Found]:
        for match in self.pattern.finditer(text):
            if self.accepts(match.group(1)):
                yield Found(self.type, *match.span(1))


def mask(text: str) -> str:
    """The text with each piece of personal data replaced by a word in angle brackets, such as 〈手机号〉."""
    parts, end = [], 0
    for found in find(text):
        parts += [text[end:found.start], _PLACEHOLDERS[found.type]]
        end = found.end
    return "".join((*parts, text[end:]))


def mask_all(value: Any) -> Any:
    """A JSON value with every string in it masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: mask_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_all(item) for item in value]
    return value


def mask_name(name: str) -> str:
    """A name for lists: its first character, and a star for each other, three at most."""
    return name[:1] + "*" * min(len(name) - 1, 3)


def find(text: str) -> list[Found]:
    """Personal data in order of place; where two overlap, the one of the stricter recogniser."""
    kept: list[Found] = []
    text = text.translate(_TO_HALF_WIDTH)
    for recogniser in _RECOGNISERS:
        for found in recogniser.find(text):
            if all(found.end <= other.start or other.end <= found.start for other in kept):
                kept.append(found)
    return sorted(kept, key=lambda found: found.start)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_identity_card(text: str) -> bool:
    """GB 11643: 17 digits with a birthday, and a check character of ISO 7064 MOD 11-2."""
    number = re.sub(r"[\s-]", "", text).upper()
    if not (1 <= int(number[10:12]) <= 12 and 1 <= int(number[12:14]) <= 31):
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
    return "10X98765432"[total % 11] == number[17]


def _is_bank_card(text: str) -> bool:
    """Luhn's check over 16 to 19 digits."""
    number = _digits(text)
    if not 16 <= len(number) <= 19 or len(set(number)) == 1:
        return False
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


_NOT_NAMES = (
    "客户", "股民", "投资者", "散户", "新手", "小白", "学生", "老人", "退休", "什么", "怎么", "是不",
    "不是", "没有", "已经", "想要", "需要", "可以", "现在", "账户", "身份", "手机", "名字", "姓名",
    "不对", "不符", "错误", "变更", "修改", "来办", "亲自", "去办", "开户", "销户", "办理", "如何",
    "能否", "有效", "明天", "单独", "应该", "关联", "关系", "管不", "证件", "号码", "银行", "名下", "一致", "更改", "输错",
)
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹"
    "关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶"
    "刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜"
    "鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙伏岑习胥保和蔺"
)
_COMPOUND = "欧阳|上官|皇甫|令狐|诸葛|司徒|司马|申屠|夏侯|慕容|尉迟|长孙|东方|公孙|轩辕"


def _is_name(text: str) -> bool:
    return not any(word in text for word in _NOT_NAMES)


# One character for one, so that places stay.
_TO_HALF_WIDTH = {ord(wide): ord(wide) - 0xFEE0 for wide in "０１２３４５６７８９Ｘｘ＠．－"}
_LEFT, _RIGHT = r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z]|\.[0-9])"
_AFTER_NAME = r"(?=$|[\s，,。.；;、！!？?（(的要想是在有因于给把被打电身手账号])"
_NAME = rf"((?:{_COMPOUND}|[{_SURNAMES}])[一-鿿]{{1,2}}?){_AFTER_NAME}"
_EMAIL = r"(?<![\w.+-])([\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
_IDENTITY_CARD = rf"{_LEFT}(\d{{6}}[\s-]?\d{{8}}[\s-]?\d{{3}}[\dXx]){_RIGHT}"
_BANK_CARD = rf"{_LEFT}([1-9]\d{{3}}(?:[ -]?\d){{12,15}}){_RIGHT}"
_MOBILE = rf"(?<![0-9A-Za-z.])(?:\+?86[ -]?)?(1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}){_RIGHT}"
_PHONE = rf"{_LEFT}(\(?0\d{{2,3}}\)?[ -]?[2-9]\d{{6,7}}){_RIGHT}"
_DOCUMENT = r"(?:身份证|证件|护照|通行证)(?:号码|号)?\D{0,4}?([A-Za-z]?\d{7,18}[Xx]?)(?![0-9A-Za-z])"
_ACCOUNT = (
    r"(?:(?:资金|股东|证券|信用|期权|银行)?(?:账号|帐号|账户|帐户)|股东卡号|客户号|银行卡|卡号|尾号)(?:号码|号)?"
    r"[是为:： ]{0,3}([A-Za-z]?\d[\d -]{2,20}\d)(?![0-9A-Za-z]|\.\d|\s*(?:元|万|块|股|手|天|点|年|月))")
_SELF = (r"(?:我叫|我的名字是|我名字叫|本人姓名|本人是|本人叫|本人(?![和都应成时向有来])|姓名是|姓名(?!和)|户名(?!和)|名字叫|名叫)"
         r"[：: 是为]{0,2}")
_SECURITY_CODE = re.compile(
    r"(?:00|11|12|13|15|16|18|20|30|39|43|50|51|56|58|60|68|70|73|78|83|87|88|90|92)\d{4}")
_RECOGNISERS = (
    _Recogniser("email", "〈邮箱〉", re.compile(_EMAIL, re.ASCII)),
    _Recogniser("identity_card", "〈身份证号〉", re.compile(_IDENTITY_CARD, re.ASCII), _is_identity_card),
    _Recogniser("bank_card", "〈银行卡号〉", re.compile(_BANK_CARD, re.ASCII), _is_bank_card),
    _Recogniser("mobile", "〈手机号〉", re.compile(_MOBILE, re.ASCII)),
    _Recogniser("phone", "〈电话〉", re.compile(_PHONE, re.ASCII)),
    _Recogniser("document", "〈证件号〉", re.compile(_DOCUMENT, re.ASCII)),
    # No amount, code or date is so long; a card typed wrongly fails its check and is still somebody's.
    _Recogniser("long_number", "〈号码〉", re.compile(rf"{_LEFT}(\d{{15,20}}[Xx]?){_RIGHT}", re.ASCII)),
    _Recogniser("account", "〈账号〉", re.compile(_ACCOUNT, re.ASCII), lambda text: not _is_security_code(text)),
    _Recogniser("name", "〈姓名〉", re.compile(_SELF + _NAME), _is_name),
)


def _is_security_code(text: str) -> bool:
    """Six digits that begin as codes of listed securities do."""
    return bool(_SECURITY_CODE.fullmatch(text.strip()))


_PLACEHOLDERS = {recogniser.type: recogniser.placeholder for recogniser in _RECOGNISERS}
