"""Typos by sound, and the right words that they must not touch."""

import pytest

from intents.repair import Repairer
from knowledge.articles import KnowledgeBase
from knowledge.lexicon import load_lexicon
from knowledge.text import normalize


@pytest.fixture(scope="module")
def repairer():
    base = KnowledgeBase.load()
    return Repairer(load_lexicon(), (normalize(text) for article in base.articles.values() for text in (article.question, *article.similar)))


@pytest.mark.parametrize(("typed", "meant"), [
    ("拥金多少", "佣金多少"), ("佣今太高", "佣金太高"), ("创业版怎么开通", "创业板怎么开通"), ("印花睡怎么收", "印花税怎么收"), ("我要测单", "我要撤单"),
    ("银证转帐失败", "银证转账失败"), ("可转宅怎么买", "可转债怎么买"), ("怎么开护", "怎么开户"), ("密马忘了", "密码忘了"), ("逆回够", "逆回购"),
    ("基金定头", "基金定投"), ("客户经里", "客户经理"), ("新股中前了", "新股中签了"), ("证劵账户", "证券账户"), ("帐户冻结", "账户冻结"),
    ("kcb开通条件", "科创板开通条件"), ("ggt怎么开", "港股通怎么开"), ("yhs", "印花税"), ("yinhuashui", "印花税"), ("chuangyeban zenme kaitong", "创业板怎么开通"),
    ("zhongqian le mei jiaokuan", "中签了没缴款"), ("rzrq利息", "融资融券利息"), ("担保比列", "担保比例"),
])
def test_what_sounds_like_a_term_becomes_the_term(repairer, typed, meant):
    assert repairer.repair(normalize(typed)).replace(" ", "") == meant


@pytest.mark.parametrize("text", [
    "只有一股能卖吗", "限价和现价有什么区别", "卖入股票", "为什么卖不出去", "没有用过", "股东大会", "他们说的对吗", "app登不上", "etf怎么买", "钱转不出来", "我想买入",
    "沪市和深市", "level2行情", "ok", "hello", "今天很高兴", "有没有优惠", "开户要多久", "我的账户", "股票代码是什么", "etf", "reits",
])
def test_right_words_are_left_alone(repairer, text):
    assert repairer.repair(normalize(text)) == normalize(text)
