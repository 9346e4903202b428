"""Questions that lean on the conversation."""

import pytest

from assistant.followup import lean, picked_choice
from assistant.reply import Choice, Context
from knowledge.lexicon import load_lexicon
from knowledge.text import normalize

CHINEXT = Context(question="创业板怎么开通", article_id="chinext-apply")


@pytest.mark.parametrize(("said", "context", "question"), [
    ("那科创板呢", CHINEXT, "科创板怎么开通"), ("北交所呢？", CHINEXT, "北交所怎么开通"), ("那港股通也一样吗", CHINEXT, "港股通怎么开通"),
    ("要等多久", CHINEXT, "创业板开通要等多久"), ("多久能开通", CHINEXT, "创业板开通多久能开通"), ("要什么条件", CHINEXT, "创业板开通要什么条件"),
    ("那怎么取消", CHINEXT, "创业板怎么取消"), ("融券呢", Context(question="融资利息怎么算"), "融券利息怎么算"),
    ("那深市呢", Context(question="沪市怎么转托管"), "深市怎么转托管"), ("卖出呢", Context(question="买入要收印花税吗"), "卖出要收印花税吗"),
    ("那资金密码呢", Context(question="交易密码忘了怎么办"), "资金密码忘了怎么办"),
    ("不是这个，我问的是银证转账失败", CHINEXT, "银证转账失败"), ("不对，我想问怎么销户", CHINEXT, "怎么销户"),
])
def test_what_a_message_stands_for(said, context, question):
    assert lean(normalize(said), context, load_lexicon()).question == question


@pytest.mark.parametrize("said", [
    "印花税是多少", "怎么修改手机号", "我的股票为什么卖不出去", "新股中签了没钱缴款会怎么样", "开户要多久", "科创板开通条件是什么",
])
def test_a_question_that_stands_on_its_own_is_left_alone(said):
    assert lean(normalize(said), CHINEXT, load_lexicon()).question is None


def test_nothing_leans_at_the_start():
    assert lean(normalize("那科创板呢"), Context(), load_lexicon()).question is None


def test_a_bare_refusal_names_what_was_refused():
    leaning = lean(normalize("不是这个"), CHINEXT, load_lexicon())
    assert leaning.refuses_only and leaning.refused == "chinext-apply"


CHOICES = Context(question="怎么开通", choices=(Choice("a", "创业板怎么开通？"), Choice("b", "科创板怎么开通？"), Choice("c", "港股通怎么开通？")))


@pytest.mark.parametrize(("said", "article"), [
    ("创业板怎么开通？", "a"), ("科创板怎么开通", "b"), ("1", "a"), ("第二个", "b"), ("选3", "c"), ("最后一个", "c"), ("后面那个", "b"),
])
def test_a_choice_is_picked_by_its_words_or_its_place(said, article):
    assert picked_choice(said, CHOICES).article_id == article


@pytest.mark.parametrize("said", ["第四个", "9", "印花税多少", ""])
def test_other_words_pick_nothing(said):
    assert picked_choice(said, CHOICES) is None
    assert picked_choice("1", Context()) is None
