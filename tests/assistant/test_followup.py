"""Questions that lean on the conversation."""

import pytest

from assistant.followup import lean, picked_choice
from assistant.reply import Choice, Context
from knowledge.lexicon import load_lexicon
from knowledge.text import normalize

CHINEXT = Context(question="创业板怎么开通", article_id="chinext-apply")


MARGIN = Context(question="融资额度怎么调", article_id="margin-credit-limit")


def questions(said, context):
    return [question.text for question in lean(normalize(said), context, load_lexicon()).questions]


@pytest.mark.parametrize(("said", "context", "question"), [
    ("那科创板呢", CHINEXT, "科创板怎么开通"), ("北交所呢？", CHINEXT, "北交所怎么开通"), ("那港股通也一样吗", CHINEXT, "港股通怎么开通"),
    ("要等多久", CHINEXT, "创业板开通要等多久"), ("多久能开通", CHINEXT, "创业板开通多久能开通"), ("要什么条件", CHINEXT, "创业板开通要什么条件"),
    ("那怎么取消", CHINEXT, "创业板怎么取消"), ("融券呢", Context(question="融资利息怎么算"), "融券利息怎么算"),
    ("那深市呢", Context(question="沪市怎么转托管"), "深市怎么转托管"), ("卖出呢", Context(question="买入要收印花税吗"), "卖出要收印花税吗"),
    ("那资金密码呢", Context(question="交易密码忘了怎么办"), "资金密码忘了怎么办"),
    ("打错了，是科创板", CHINEXT, "科创板怎么开通"), ("不是创业板，是北交所", CHINEXT, "北交所怎么开通"), ("我问的是港股通，不是创业板", CHINEXT, "港股通怎么开通"),
])
def test_the_likeliest_question_that_a_message_stands_for(said, context, question):
    assert questions(said, context)[0] == question


@pytest.mark.parametrize(("said", "question"), [
    ("我去年亏光过一回", "融资额度怎么调 我去年亏光过一回"), ("我去年亏光过一回", "融资额度调 我去年亏光过一回"), ("提交以后被退了", "融资额度怎么调 提交以后被退了"),
    ("它最高能到几百万", "融资额度调 它最高能到几百万"),
])
def test_a_detail_a_result_or_a_pronoun_is_joined_to_the_last_question_and_to_its_topic(said, question):
    assert question in questions(said, MARGIN)


def test_only_a_swapped_term_may_have_the_article_given_last_for_its_answer():
    swapped, *joined = lean(normalize("那科创板呢"), CHINEXT, load_lexicon()).questions
    assert swapped.may_repeat and not any(question.may_repeat for question in joined)


@pytest.mark.parametrize(("said", "asks"), [
    ("印花税是多少", True), ("周末能办吗", True), ("我只有三十万", False), ("提交以后被退了", False), ("定投", False), ("这个怎么取消", False), ("那它要多久", False),
])
def test_words_that_tell_something_or_point_at_it_ask_nothing_of_their_own(said, asks):
    assert lean(normalize(said), CHINEXT, load_lexicon()).asks == asks


@pytest.mark.parametrize(("said", "back"), [("国债的呢", True), ("券商理财的也一样？", True), ("国债怎么买呢", False), ("国债", False)])
def test_some_words_ask_of_something_else_what_was_asked_before(said, back):
    assert lean(normalize(said), CHINEXT, load_lexicon()).points_back == back


@pytest.mark.parametrize(("said", "words"), [
    ("不是这个，我问的是银证转账失败", "银证转账失败"), ("不对，我想问怎么销户", "怎么销户"), ("不是账户，是银行卡丢了", "银行卡丢了"), ("说错了，是资金密码", "资金密码"),
    ("我问的是国债，不是基金", "国债"), ("不对不对，钱没到账", "钱没到账"), ("印花税是不是又降了", "印花税是不是又降了"),
])
def test_a_refusal_is_taken_off_the_words(said, words):
    assert lean(normalize(said), CHINEXT, load_lexicon()).words == words


@pytest.mark.parametrize("said", ["不是这个，我问的是银证转账失败", "打错了，是科创板", "不是账户，是银行卡丢了"])
def test_a_correction_refuses_the_article_given_last(said):
    assert lean(normalize(said), CHINEXT, load_lexicon()).refused == "chinext-apply"


@pytest.mark.parametrize("said", ["印花税是多少", "怎么修改手机号", "开户要多久", "科创板开通条件是什么"])
def test_a_question_that_stands_on_its_own_refuses_nothing_and_says_that_it_asks(said):
    leaning = lean(normalize(said), CHINEXT, load_lexicon())
    assert (leaning.words, leaning.asks, leaning.points_back, leaning.refused) == (said, True, False, None)


def test_a_long_message_says_itself_what_it_is_about():
    assert questions("我上个月在你们营业部办过一次激活但是昨天又说我的账户休眠了", CHINEXT) == []


def test_a_long_conversation_keeps_its_questions_short():
    context = CHINEXT
    for _ in range(20):
        context = Context(question=questions("提交以后被退了", context)[-1])
    assert len(context.question) < 60


def test_nothing_leans_at_the_start():
    assert questions("那科创板呢", Context()) == []


@pytest.mark.parametrize("said", ["1", "嗯", "？", "😀"])
def test_a_message_of_one_character_refuses_nothing(said):
    leaning = lean(normalize(said), CHINEXT, load_lexicon())
    assert not leaning.refuses_only and leaning.refused is None


def test_a_bare_refusal_names_what_was_refused():
    for said in ("不是这个", "不对不对"):
        leaning = lean(normalize(said), CHINEXT, load_lexicon())
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
