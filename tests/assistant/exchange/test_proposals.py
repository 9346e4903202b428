"""Questions and answers beside the articles that there are."""

from __future__ import annotations

from datetime import date

from assistant.exchange.blocks import Pair, Place
from assistant.exchange.proposals import Proposal, propose
from knowledge.articles import Article
from tests.assistant.test_article_files import article

AT, DAY = Place("line", 1), date(2026, 7, 1)
HOURS = article("hours", question="几点开盘？", similar=("几点开始交易",), body="上午九点半。", category="trading", sources=())


def made(*pairs: Pair, known: Article = HOURS) -> tuple[list[Proposal], list[tuple[str, str]]]:
    proposals, left = propose(pairs, {known.id: known}, lambda question: known.id if "盘" in question else None, DAY, used=["zen-me-kai-hu"])
    return proposals, [(item.reason, item.text) for item in left]


def test_a_new_question() -> None:
    (one,), left = made(Pair(AT, "几点收盘？", "下午 3 点。\x07", ("几点结束",), "交易"))
    assert left == [] and (one.replaces, one.nearest, one.said_category, one.warnings) == (False, "hours", "交易", ("numbers",))
    draft = one.draft
    assert (draft.id, draft.category, draft.intent, draft.similar) == ("ji-dian-shou-pan", "trading", "trading.hours", ("几点结束",))
    assert (draft.question, draft.body, draft.effective_from) == ("几点收盘？", "下午 3 点。", DAY)


def test_ids_are_new_and_fit() -> None:
    proposals, _ = made(Pair(AT, "怎么开户？", "手机"), Pair(AT, "怎么！开户（ETF）", "柜台"), Pair(AT, "😀😀", "好"), Pair(AT, "长" * 90, "好"))
    assert [item.draft.id for item in proposals][:3] == ["zen-me-kai-hu-2", "zen-me-kai-hu-etf", "article"]
    assert len(proposals[3].draft.id) <= 60
    assert [item.nearest for item in proposals] == [None] * 4 and proposals[0].draft.category == ""


def test_a_question_that_there_is_changes_its_article() -> None:
    (one,), left = made(Pair(AT, "几点开始交易", "九点一刻。", ("开盘时间", "几点开盘")))
    assert one.replaces and one.draft.id == "hours" and left == []
    assert one.draft.article() == HOURS.model_copy(update={"body": "九点一刻。", "similar": ("几点开始交易", "开盘时间")})


def test_what_makes_no_draft() -> None:
    proposals, left = made(Pair(AT, "几点开盘", HOURS.body), Pair(AT, "怎么开户", "a"), Pair(AT, "怎么开户？", "b"),
                           Pair(AT, "问" * 500, "太长"), Pair(AT, values=HOURS.to_dict()), Pair(AT, values={"row": {"id": "A b"}}))
    assert len(proposals) == 1
    assert [reason for reason, _ in left] == ["unchanged", "duplicate", "article_invalid", "unchanged", "article_invalid"]


def test_whole_articles_are_taken_as_they_are() -> None:
    changed = HOURS.model_copy(update={"body": "改了。"})
    (one, other), left = made(Pair(AT, values=changed.to_dict()), Pair(AT, values=changed.to_dict()),
                              Pair(AT, values=changed.model_copy(update={"id": "new"}).to_dict()))
    assert one.draft.article() == changed and one.replaces and not other.replaces
    assert left == [("same_id", "hours")]


def test_personal_data_is_told_and_kept_out_of_the_report() -> None:
    (one,), left = made(Pair(AT, "找谁？", "打 13812345678，我叫张伟。"), Pair(AT, "找谁", "x"), Pair(AT, "13812345678 是谁的", "a"),
                        Pair(AT, "13812345678 是谁的？", "b"))[0][:1], made(Pair(AT, "13812345678 是谁", "a"), Pair(AT, "13812345678 是谁？", "b"))[1]
    assert one.personal == ("mobile", "name")
    assert left == [("duplicate", "〈手机号〉 是谁？")]
