"""Tone by the trained head, urgency by rules: what must reach a human soon may not depend on a model."""

from __future__ import annotations

import re

import numpy as np

from intents.head import TextHead
from intents.reading import Tone
from intents.tuned_head import ReadTwice
from knowledge.text import content

__all__ = ["ToneReader"]

_URGENT = re.compile(
    r"被骗|被盗|盗号|盗刷|诈骗|骗走|骗了我|不是我(本人)?(操作|买|卖|转|登)|马上(要|就)(收盘|到期|截止|强平)|来不及|快收盘|"
    r"要强平|被强平|缴款.{0,6}(今天|截止|来不及)|急[,!！。]|急急|很急|着急|紧急|十万火急|立刻|赶紧|快点|"
    r"不想活|活不下去|自杀|轻生|跳楼|(钱|资金|股票)(不见|没了|少了|不翼而飞)")
_FURIOUS = re.compile(r"投诉|举报|曝光|骗子|垃圾|坑人|坑爹|滚|妈的|他妈|tmd|nmd|傻逼|sb|废物|有病|什么破|破软件|烂|狗屁|吃屎|王八|气死|太过分|忍无可忍|不要脸|无耻|黑心|流氓")
_DESPAIR = re.compile(r"不想活|活不下去|自杀|轻生|跳楼|想死|去死算了|死了算了|崩溃|绝望|生无可恋|撑不住|撑不下去|倾家荡产|家破人亡|血本无归|没脸见人")
_SURE = 0.95


class ToneReader:
    """`read` gives one of neutral, polite, worried, angry, distressed."""

    def __init__(self, head: TextHead | ReadTwice) -> None:
        self._head = head

    def read(self, text: str, vector: np.ndarray) -> Tone:
        """Tone of a normalised text, whose content has this vector; words that leave no doubt decide before the head."""
        urgent = bool(_URGENT.search(text))
        if _DESPAIR.search(text):
            return Tone("distressed", _SURE, urgent=True)
        if _FURIOUS.search(text) and not _asks_about(text):
            return Tone("angry", _SURE, urgent)
        probabilities = self._head.probabilities(content(text), vector)
        best = int(np.argmax(probabilities))
        return Tone(self._head.labels[best], float(probabilities[best]), urgent)


def _asks_about(text: str) -> bool:
    """A matter-of-fact question on complaints or fraud is not anger."""
    return bool(re.search(r"(怎么|如何|在哪|哪里|电话|渠道|多久|是不是|防|识别|什么是).{0,8}(投诉|举报|骗子)|(投诉|举报)(电话|渠道|热线|流程|多久|怎么|在哪|中心|处理)|骗子.{0,4}(吗|怎么识别|怎么办)|垃圾(债|分类|股)", text))
