"""The desk in a browser: one changed answer, from the words of a client to what the widget says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.colleague import Colleague
from tests.web.office import Office
from tests.web.person import Person

pytestmark = pytest.mark.browser


def saved(page: Any) -> None:
    page.locator(".saving[data-state=saved]").wait_for()


def test_an_answer_is_changed_tried_reviewed_and_published(
        visit: Callable[..., Person], at_desk: Callable[..., Colleague], searching_office: Office) -> None:
    person = visit(searching_office.url)
    person.ask("印花税多少")
    assert "税是 0.05%" in person.replies.last.inner_text()
    editor = at_desk("edith")
    page = editor.page
    # Found by a client's words, from the keyboard.
    page.locator(".list .line").nth(2).wait_for()
    editor.press("/")
    page.keyboard.type("税率的股票")
    page.locator(".list li:first-child", has_text="印花税多少").get_by_text("100%").wait_for()
    editor.press("ArrowDown")
    editor.press("Enter")
    page.get_by_role("button", name="修改", exact=True).wait_for()
    editor.press("e")
    body = page.get_by_label("答案")
    body.fill("**卖出**时的税是 {{fact.rate}}。")
    assert page.locator(".editor .bubble strong").inner_text() == "卖出" and "0.05%" in page.locator(".editor .bubble").inner_text()
    page.get_by_label("相似问法每行一个").fill("股票的税率\n怎么收费过户")
    editor.press("Control+s")
    saved(page)
    page.locator(".finding-list li", has_text="会把别篇的问法抢过来").get_by_role("link", name="transfer-fee").wait_for()
    # A lost connection keeps the words, also over a reload.
    page.context.set_offline(True)
    body.fill("**卖出**时的印花税是 {{fact.rate}}。")
    page.locator(".saving[data-state=offline]").wait_for()
    page.context.set_offline(False)
    saved(page)
    page.reload()
    page.get_by_label("答案").wait_for()
    assert "印花税" in page.get_by_label("答案").input_value()
    tried = page.locator(".try")
    tried.get_by_label("像客户那样提问").fill("印花税多少")
    tried.get_by_role("button", name="提问").click()
    tried.locator(".bubble", has_text="卖出时的印花税是 0.05%").wait_for()
    page.get_by_role("button", name="看影响").click()
    page.locator(".rail .impact", has_text="重放了 1 个客户问题").wait_for()
    page.get_by_label("答案").press("Control+Enter")
    page.locator(".change ins", has_text="卖出").wait_for()
    assert page.get_by_role("button", name="通过").count() == 0

    # The reviewer finds that a question is taken from another article, and it goes back with a word.
    reviewer = at_desk("rita")
    review = reviewer.page
    reviewer.press("Alt+2")
    review.locator(".list .line", has_text="印花税多少").click()
    review.locator(".impact details", has_text="从别篇抢走的问法").get_by_text("过户怎么收费").wait_for()
    review.get_by_label("审核意见（可不填）").fill("抢走了过户费的问法。")
    review.get_by_role("button", name="退回", exact=True).click()
    review.locator(".toast", has_text="已退回").wait_for()
    page.reload()
    page.locator(".rail .comments", has_text="抢走了过户费的问法").wait_for()
    page.get_by_label("相似问法每行一个").fill("股票的税率")
    saved(page)
    page.get_by_role("button", name="提交审核").click()
    page.locator(".change ins", has_text="卖出").wait_for()

    review.reload()
    review.locator(".list .line", has_text="印花税多少").click()
    review.locator(".impact", has_text="重放了 1 个客户问题").wait_for()
    assert review.locator(".impact", has_text="抢走").count() == 0
    review.get_by_label("写给同事").fill("依据哪一号公告？")
    review.get_by_role("button", name="发表").click()
    review.locator(".comments", has_text="公告").wait_for()
    review.get_by_role("button", name="通过", exact=True).click()
    review.locator(".toast", has_text="已通过").wait_for()
    review.locator(".publish").click()
    review.get_by_role("dialog").get_by_text("stamp-duty@2").wait_for()
    review.get_by_role("button", name="立即发布").click()
    review.locator(".toast", has_text="知识版本 2").wait_for()
    # The widget that was open all the while: its next answer is the new one.
    person.ask("印花税多少")
    assert "卖出时的印花税是 0.05%" in person.replies.last.inner_text()
    # The day before, in the list, in the words and in the test box.
    page.goto(f"{searching_office.url}/desk#view=articles&article=stamp-duty&at=2026-01-02T00:00:00Z")
    page.locator(".past-line", has_text="2026年1月2日").wait_for()
    page.locator(".reader .bubble", has_text="税是 0.05%").wait_for()
    assert page.get_by_role("button", name="修改", exact=True).count() == 0
    page.get_by_label("像客户那样提问").fill("印花税多少")
    page.get_by_label("像客户那样提问").press("Enter")
    page.locator(".try .answer", has_text="知识版本 1").wait_for()
    assert page.locator(".try .bubble").inner_text() == "税是 0.05%。"
    page.get_by_role("button", name="回到现在").click()
    # Back to the old words, as a new draft; and away with it, and back again.
    page.locator(".history li", has_text="edith").wait_for()
    page.locator(".history li").last.get_by_role("button", name="恢复为草稿").click()
    page.get_by_label("答案").wait_for()
    assert page.get_by_label("答案").input_value() == "税是 {{fact.rate}}。"
    page.get_by_role("button", name="放弃草稿").click()
    page.locator(".toast", has_text="草稿已放弃").get_by_role("button", name="撤销").click()
    page.get_by_role("button", name="提交审核").wait_for()


def test_the_second_is_told_and_a_gap_becomes_a_draft(
        visit: Callable[..., Person], at_desk: Callable[..., Colleague], office: Office) -> None:
    first = at_desk("edith", "#view=articles&article=open-account")
    page = first.page
    page.get_by_role("button", name="修改", exact=True).click()
    page.get_by_label("答案").fill("第一位的文字。")
    saved(page)
    second = at_desk("otto", "#view=articles&article=open-account")
    second.page.get_by_role("button", name="接手修改").click()
    second.page.get_by_label("答案").fill("第二位的文字。")
    saved(second.page)
    page.get_by_label("答案").fill("第一位又写的文字。")
    notice = page.locator(".notice", has_text="otto 已经改了这一篇")
    notice.get_by_text("看现在的内容").click()
    notice.get_by_text("第二位的文字。").wait_for()
    notice.get_by_role("button", name="用我的文字").click()
    page.get_by_text("open-account@4").first.wait_for()
    assert page.get_by_label("答案").input_value() == "第一位又写的文字。"
    person = visit(office.url)
    person.ask("zzz")
    first.press("Alt+5")
    gap = page.locator(".gap", has_text="zzz")
    gap.get_by_role("button", name="不用写").click()
    page.locator(".toast", has_text="不再提示").get_by_role("button", name="撤销").click()
    gap.get_by_role("button", name="写一篇").click()
    page.get_by_label("编号").fill("about-zzz")
    page.get_by_role("dialog").get_by_role("button", name="写一篇").click()
    page.get_by_label("答案").wait_for()
    assert page.get_by_label("标准问题").input_value() == "zzz"
    page.get_by_role("button", name="提交审核").click()
    page.locator(".notice", has_text="还没有写").wait_for()
    # Others see what it would be, and all of it is new.
    second.page.goto(f"{office.url}/desk#view=articles&article=about-zzz")
    second.page.locator(".change ins", has_text="zzz").first.wait_for()
    second.page.get_by_role("button", name="接手修改").wait_for()


def test_a_reviewer_says_why_a_golden_question_may_break(at_desk: Callable[..., Colleague], office: Office) -> None:
    with office.calls("edith") as editor:
        editor.post("golden", json={"question": "怎么开户", "article_id": "open-account"}).raise_for_status()
        editor.post("articles/open-account/revisions", json={"question": "如何转托管", "similar": ["如何转托管"]}).raise_for_status()
        editor.post("revisions/open-account@2/submit").raise_for_status()
    page = at_desk("rita", "#view=review&article=open-account").page
    page.locator(".impact", has_text="会失守的黄金问题").wait_for()
    approve = page.get_by_role("button", name="通过", exact=True)
    approve.click()
    page.get_by_label("原因").fill("问法改了")
    approve.click()
    page.locator(".toast", has_text="已通过").wait_for()
    # What was approved can still go back to its author.
    page.get_by_role("button", name="撤回通过").click()
    page.locator(".toast", has_text="已退回").wait_for()
    page.get_by_text("open-account@2 · edith").wait_for()


def test_what_clients_asked_is_taken_in_and_every_field_can_be_written(
        visit: Callable[..., Person], at_desk: Callable[..., Colleague], searching_office: Office) -> None:
    visit(searching_office.url).ask("税率的股票")
    page = at_desk("edith", "#view=articles&article=stamp-duty").page
    page.get_by_role("button", name="修改", exact=True).click()
    page.locator(".suggested li", has_text="客户问过 1 次").get_by_role("button", name="加入相似问法：税率的股票").click()
    assert page.get_by_label("相似问法每行一个").input_value() == "股票的税率\n税率的股票"
    page.get_by_text("依据、类型、相关").click()
    page.get_by_label("机构", exact=True).check()
    related = page.get_by_label("相关", exact=True)
    related.press_sequentially("过户费多少")
    page.locator("datalist option[value=transfer-fee]").wait_for(state="attached")
    related.fill("transfer-fee")
    related.press("Enter")
    page.locator(".chosen li", has_text="过户费多少").wait_for()
    saved(page)
    page.reload()
    page.get_by_label("答案").wait_for()
    page.get_by_text("依据、类型、相关").click()
    assert page.get_by_label("机构", exact=True).is_checked() and page.get_by_label("普通投资者").is_checked()
    assert page.locator(".chosen li").all_inner_texts() == ["transfer-fee"]


def test_an_article_goes_by_two_people(at_desk: Callable[..., Colleague], office: Office) -> None:
    page = at_desk("edith", "#view=articles&article=close-account").page
    page.get_by_role("button", name="停用这一篇").click()
    page.locator(".head-of .state-chip.retiring").wait_for()
    page.get_by_role("button", name="撤销").click()
    page.get_by_role("button", name="停用这一篇").click()
    page.locator(".change del", has_text="到营业部销户").wait_for()
    review = at_desk("rita", "#view=review&article=close-account").page
    review.locator(".findings-of", has_text="检查").get_by_text("没有发现问题").wait_for()
    assert review.get_by_role("heading", name="相近的知识").count() == 0
    review.get_by_role("button", name="通过", exact=True).click()
    review.locator(".toast", has_text="已通过").wait_for()
    review.locator(".publish").click()
    review.get_by_role("dialog").locator("del", has_text="close-account").wait_for()
    review.get_by_role("button", name="立即发布").click()
    review.locator(".toast", has_text="知识版本 2").wait_for()
    with office.calls("rita") as calls:
        assert calls.get("articles/close-account").json()["published"] is None


def test_everything_has_a_key(at_desk: Callable[..., Colleague]) -> None:
    editor = at_desk("edith")
    page = editor.page
    for place, shown in enumerate(("知识", "待审核", "规则数值", "黄金问题", "知识缺口", "维护", "导入导出", "概览"), start=1):
        editor.press(f"Alt+{place}")
        page.locator(".tabs a[aria-current]", has_text=shown).wait_for()
    editor.press("?")
    page.get_by_role("dialog").get_by_text("切换视图").wait_for()
    editor.press("Escape")
    editor.press("n")
    page.get_by_role("dialog", name="新建").wait_for()
    editor.press("Escape")
    editor.press("Alt+1")
    page.locator(".list .line").first.focus()
    editor.press("ArrowDown")
    editor.press("Enter")
    page.locator(".head-of").wait_for()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    editor.press("t")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "像客户那样提问"
    page.evaluate("document.activeElement.blur()")
    editor.press("Escape")
    page.get_by_text("从左边选一篇").wait_for()
