"""Whole turns on the shipped knowledge and models."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from assistant.clock import china_day
from assistant.guard import check_guards
from assistant.reply import Context
from knowledge.passages import passages_of
from knowledge.search import SearchIndex
from tests.fakes.encoder import CountingEncoder
from tests.fakes.knowledge import an_article, fake_base
from tests.fakes.models import responder_on


def talk(responder, *turns, at=None):
    context = Context()
    for text in turns:
        outcome = responder.respond(text, context, at)
        context = outcome.context
    return outcome


@pytest.mark.parametrize(("text", "article"), [
    ("主板ST股票的涨跌幅限制是多少", "main-st-price-limit"), ("印花税是多少", "stamp-duty-rate"), ("创业板开通条件", "chinext-open"),
    ("今天卖的股票钱什么时候能转出来", "sold-today-withdraw"), ("yinhuashui", "stamp-duty-rate"), ("印花睡多少", "stamp-duty-rate"),
    ("創業板開通條件", "chinext-open"), ("cyb开通条件", "chinext-open"),
])
def test_plain_questions_find_their_article(shipped, text, article):
    outcome = talk(shipped, text)
    assert article in [candidate.article_id for candidate in outcome.candidates[:2]]
    assert outcome.reply.kind in ("answer", "clarify")


def test_as_of_an_old_day_the_old_number_is_given(shipped):
    now = talk(shipped, "主板ST股票的涨跌幅限制是多少", at=datetime(2026, 11, 24))
    assert now.reply.article.id == "main-st-price-limit"
    assert "10%" in now.reply.text.split("。")[0]
    before = talk(shipped, "主板ST股票的涨跌幅限制是多少", at=datetime(2026, 7, 5))
    assert before.reply.article.id == "main-st-price-limit"
    assert "5%" in before.reply.text.split("。")[0] and "10%" not in before.reply.text
    stamp = shipped.base.articles["stamp-duty-rate"]
    assert "0.05%" in shipped.base.render(stamp, datetime(2026, 1, 1).date()).text


@pytest.mark.parametrize(("turns", "article"), [
    (("创业板怎么开通", "那科创板呢"), "star-open"), (("创业板怎么开通", "那科创板呢", "北交所呢"), "bse-open"),
])
def test_follow_up_questions_are_understood_in_their_context(shipped, turns, article):
    outcome = talk(shipped, *turns)
    assert article in [candidate.article_id for candidate in outcome.candidates[:3]]


@pytest.mark.parametrize(("turns", "article"), [
    pytest.param(("个人养老金账户怎么开", "一年最多能存多少"), "pension-limit", id="a side"),
    pytest.param(("科创板一手多少股", "主板呢"), "trading-unit-by-board", id="a swapped term"),
    pytest.param(("什么是可转债", "它最低买多少"), "convertible-order-unit", id="a pronoun"),
    pytest.param(("手机号怎么改", "原来的号已经停机了"), "account-profile-phone-lost", id="a detail"),
    pytest.param(("网上开户怎么操作", "视频那一步老是过不去"), "account-open-video-failed", id="a result"),
    pytest.param(("融资利率是多少", "打错了，是融券"), "margin-short-fee", id="a slip put right"),
    pytest.param(("佣金怎么收", "不是佣金，是印花税"), "stamp-duty-rate", id="a correction"),
    pytest.param(("怎么修改", "预留的邮箱"), "account-profile-email", id="vague, then clear"),
    pytest.param(("逆回购怎么做", "谢谢，那利息怎么算"), "repo-interest-days", id="thanks, then a question"),
    pytest.param(("期权怎么开通", "那港股通呢", "要收费吗"), "permission-fee", id="two steps"),
    pytest.param(("国债逆回购怎么做", "印花税是多少"), "stamp-duty-rate", id="another matter"),
])
def test_what_leans_on_the_last_question_finds_its_article(shipped, turns, article):
    outcome = talk(shipped, *turns)
    assert article in [candidate.article_id for candidate in outcome.candidates[:2]]
    assert outcome.reply.kind in ("answer", "clarify")


@pytest.mark.parametrize(("text", "kind"), [("推荐一只股票", "decline"), ("转人工", "handover"), ("我爸上周去世了", "handover"), ("我被骗了", "handover"), ("好的谢谢", "smalltalk")])
def test_the_clients_own_words_call_a_guard_or_courtesy_before_they_lean(shipped, text, kind):
    assert talk(shipped, "科创板怎么开通", text).reply.kind == kind


def test_a_declined_question_stays_declined_when_its_term_is_swapped(shipped):
    assert talk(shipped, "推荐几只股票", "那科创板的呢").reply.kind == "decline"


def test_the_context_holds_the_full_question_and_stays_small(shipped):
    context = Context()
    for text in ("期权怎么开通", "那港股通呢", "要收费吗", *["那要等多久"] * 10):
        context = Context.from_dict(json.loads(json.dumps(shipped.respond(text, context).context.to_dict())))
        assert len(context.question) < 80
    assert "港股通" in context.question


def test_a_context_stored_before_is_still_read(shipped):
    stored = {"question": "创业板怎么开通", "article_id": "chinext-open", "intent": "permission.open", "choices": [], "failures": 0, "turns": 1}
    assert shipped.respond("那科创板呢", Context.from_dict(stored)).candidates[0].article_id == "star-open"
    assert shipped.respond("那科创板呢", Context.from_dict({**stored, "article_id": "taken-out-since"})).candidates[0].article_id == "star-open"


def test_a_choice_is_answered(shipped):
    asked = shipped.respond("怎么开通")
    assert asked.reply.kind == "clarify"
    assert 2 <= len(asked.reply.choices) <= 4
    chosen = asked.reply.choices[0]
    for said in (chosen.title, "1", "第一个"):
        outcome = shipped.respond(said, asked.context)
        assert (outcome.reply.kind, outcome.reply.article.id) == ("answer", chosen.article_id)


def test_an_answer_that_the_client_refuses_is_not_given_again(shipped):
    first = shipped.respond("印花税是多少")
    again = shipped.respond("不是这个", first.context)
    assert again.reply.kind in ("clarify", "fallback")
    assert first.reply.article.id not in [choice.article_id for choice in again.reply.choices]


@pytest.mark.parametrize(("text", "kind"), [
    ("转人工", "handover"), ("我要投诉你们", "handover"), ("我被骗了十万块", "handover"), ("我不想活了", "handover"), ("我爸去世了股票怎么办", "handover"),
    ("推荐几只股票", "decline"), ("明天大盘会涨吗", "decline"), ("这个保本吗", "decline"), ("有没有内幕消息", "decline"), ("帮我炒股", "decline"), ("你好", "smalltalk"),
])
def test_rules_and_courtesy(shipped, text, kind):
    assert talk(shipped, text).reply.kind == kind


def test_a_rule_whose_article_a_base_lacks_says_nothing():
    """Another firm's base, in which nothing is written for who asks that somebody trade for them."""
    base = fake_base(an_article("open-account", "怎么开户？", "在应用里开户。", similar=("怎么开户", "开户要什么")),
                     an_article("fallback", "没听懂", "请换一种说法。", kind="smalltalk"))
    passages = [passage for article in base.articles.values() for passage in passages_of(article, base, china_day())]
    responder = responder_on(base, SearchIndex.build(CountingEncoder(), passages), 1, {})
    assert check_guards("帮我炒股", frozenset()).article_id not in base.articles
    assert responder.respond("帮我炒股，怎么开户").reply.article.id in base.articles


def test_after_two_failures_a_human_is_called(shipped):
    outcome = talk(shipped, "qwxz vbnm", "zxqw plkj", "mnbv qqzz")
    assert outcome.reply.kind == "handover"


@pytest.mark.parametrize("text", ["😀😀😀", "？？？", "。", "a" * 2000, "股" * 2000, "\u202e开户", "<script>", "1234567890" * 20, "' OR 1=1 --"])
def test_odd_text_gets_an_approved_reply(shipped, text):
    reply = shipped.respond(text).reply
    assert reply.article.id in shipped.base.articles
    assert reply.text


def test_every_reply_is_approved_text_with_its_record(shipped):
    outcome = shipped.respond("印花税是多少", at=datetime(2026, 11, 24))
    article = shipped.base.articles[outcome.reply.article.id]
    assert outcome.reply.text == shipped.base.render(article, datetime(2026, 11, 24).date()).text
    assert outcome.reply.reason and outcome.knowledge_version and outcome.models["encoder"]
    view = outcome.to_dict()
    assert set(view) == {"reply", "understanding", "candidates", "knowledge_version", "models", "took_ms"}
    assert view["reply"]["sources"][0]["effective_from"]


def test_latent_needs_come_with_the_clients_words(shipped):
    needs = shipped.respond("账上的钱一直放着有利息吗").reading.needs
    assert "cash" in [need.family for need in needs]
    assert all(need.evidence and need.probability > 0 for need in needs)


def test_the_same_question_gives_the_same_reply_on_every_thread(shipped):
    questions = ["印花税是多少", "创业板开通条件", "转人工", "怎么开通"] * 8
    alone = [shipped.respond(text) for text in questions]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(shipped.respond, questions))
    assert together == alone
