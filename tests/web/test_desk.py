"""The desk in a browser: one changed answer, from the words of a client to what the widget says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from assistant.roles import Role
from assistant.settings import Settings
from assistant.storage import Store
from tests.api.conftest import add_account, bearer, serving
from tests.fakes.knowledge import an_article, fake_application, fake_base
from tests.web.colleague import Colleague
from tests.web.person import Person
from tests.web.rigged import ALWAYS_OPEN

pytestmark = pytest.mark.browser


class Office:
    """A server with knowledge, and the people of the desk."""

    def __init__(self, app: FastAPI, url: str) -> None:
        self.app, self.url = app, url
        for name, role in (("edith", Role.EDITOR), ("otto", Role.EDITOR), ("rita", Role.REVIEWER)):
            add_account(app, name, role)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    settings = Settings(data=tmp_path, poll_seconds=0.1, service=ALWAYS_OPEN)
    base = fake_base(an_article("open-account", "怎么开户", "在手机上开户。"), an_article("close-account", "怎么销户", "到营业部销户。"),
                     an_article("tax", "税多少", "税是 {{fact.rate}}。", category="fees", intent="fees.tax"))
    app = create_app(settings, lambda: fake_application(settings, Store.open(settings.database_url), base))
    with serving(app) as url:
        yield Office(app, url)


@pytest.fixture
def come(browser: Any, office: Office) -> Iterator[Callable[..., Colleague]]:
    colleagues: list[Colleague] = []

    def come(name: str, place: str = "", **options: Any) -> Colleague:
        context = browser.new_context(**{"viewport": {"width": 1360, "height": 860}, "locale": "zh-CN", **options})
        context.set_default_timeout(8000)
        colleague = Colleague(context, office.url)
        colleague.page.goto(f"{office.url}/desk{place}")
        colleagues.append(colleague)
        colleague.sign_in(name)
        colleague.page.locator("header.bar").wait_for()
        return colleague

    yield come
    for colleague in colleagues:
        colleague.leave()


def saved(page: Any) -> None:
    page.locator(".saving[data-state=saved]").wait_for()


def test_an_answer_is_changed_tried_reviewed_and_published(
        visit: Callable[..., Person], come: Callable[..., Colleague], office: Office) -> None:
    person = visit(office.url)
    person.ask("税多少")
    assert "税是 0.05%" in person.replies.last.inner_text()
    editor = come("edith")
    page = editor.page
    # Found by a client's words, from the keyboard.
    page.locator(".list .line").nth(2).wait_for()
    editor.press("/")
    page.keyboard.type("多少税")
    page.locator(".count-of", has_text="1 篇").wait_for()
    editor.press("ArrowDown")
    editor.press("Enter")
    page.get_by_role("button", name="修改", exact=True).click()
    body = page.get_by_label("答案")
    body.fill("**卖出**时的税是 {{fact.rate}}。")
    assert page.locator(".editor .bubble strong").inner_text() == "卖出" and "0.05%" in page.locator(".editor .bubble").inner_text()
    editor.press("Control+s")
    saved(page)
    page.get_by_role("heading", name="检查").wait_for()
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
    tried.get_by_label("像客户那样提问").fill("税多少")
    tried.get_by_role("button", name="提问").click()
    tried.locator(".bubble", has_text="卖出时的印花税是 0.05%").wait_for()
    page.get_by_role("button", name="提交审核").click()
    page.locator(".change ins", has_text="卖出").wait_for()
    assert page.get_by_role("button", name="通过").count() == 0

    reviewer = come("rita")
    review = reviewer.page
    reviewer.press("Alt+2")
    review.locator(".list .line", has_text="税多少").click()
    review.locator(".change ins", has_text="卖出").wait_for()
    review.locator(".impact", has_text="重放了 1 个客户问题").wait_for()
    review.get_by_label("写给同事").fill("依据哪一号公告？")
    review.get_by_role("button", name="发表").click()
    review.locator(".comments", has_text="公告").wait_for()
    review.get_by_role("button", name="通过", exact=True).click()
    review.locator(".toast", has_text="已通过").wait_for()
    review.locator(".publish").click()
    review.get_by_role("dialog").get_by_text("tax@2").wait_for()
    review.get_by_role("button", name="立即发布").click()
    review.locator(".toast", has_text="知识版本 2").wait_for()
    person.ask("税多少")
    assert "卖出时的印花税是 0.05%" in person.replies.last.inner_text()
    # Back to the old words, as a new draft; and away with it, and back again.
    page.reload()
    page.locator(".history li", has_text="edith").wait_for()
    page.locator(".history li").last.get_by_role("button", name="恢复为草稿").click()
    page.get_by_label("答案").wait_for()
    assert page.get_by_label("答案").input_value() == "税是 {{fact.rate}}。"
    page.get_by_role("button", name="放弃草稿").click()
    page.get_by_role("button", name="撤销").click()
    page.get_by_role("button", name="提交审核").wait_for()


def test_the_second_is_told_and_a_gap_becomes_a_draft(visit: Callable[..., Person], come: Callable[..., Colleague], office: Office) -> None:
    first = come("edith", "#view=articles&article=open-account")
    page = first.page
    page.get_by_role("button", name="修改", exact=True).click()
    page.get_by_label("答案").fill("第一位的文字。")
    saved(page)
    second = come("otto", "#view=articles&article=open-account")
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
    first.press("Alt+3")
    page.locator(".gap", has_text="zzz").get_by_role("button", name="写一篇").click()
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


def test_a_reviewer_says_why_a_golden_question_may_break(come: Callable[..., Colleague], office: Office) -> None:
    with httpx.Client(base_url=f"{office.url}/v1/knowledge/", headers=bearer(office.app, "edith")) as editor:
        editor.post("golden", json={"question": "怎么开户", "article_id": "open-account"}).raise_for_status()
        editor.post("articles/open-account/revisions", json={"question": "如何转托管", "similar": ["如何转托管"]}).raise_for_status()
        editor.post("revisions/open-account@2/submit").raise_for_status()
    page = come("rita", "#view=review&article=open-account").page
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


@pytest.mark.parametrize(("width", "scheme", "english"), [(390, "light", False), (820, "dark", True)])
def test_nothing_runs_over_and_one_language_is_spoken(come: Callable[..., Colleague], width: int, scheme: str, english: bool) -> None:
    editor = come("edith", viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = editor.page
    if english:
        page.get_by_role("button", name="Switch to English").click()
    for place in ("view=articles", "view=articles&article=tax", "view=review", "view=gaps"):
        page.goto(f"{office_url(editor)}#{place}")
        page.wait_for_timeout(400)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place
        sizes = "[...document.querySelectorAll('main *')].map((node) => parseFloat(getComputedStyle(node).fontSize))"
        assert min(page.evaluate(sizes)) >= 12
        if english:
            said = page.locator("header.bar, .under, .filters, .rail h3, .gaps h2").all_inner_texts()
            assert not re.search(r"[\u4e00-\u9fff]", " ".join(said).replace("中文", "")), (place, said)


def office_url(colleague: Colleague) -> str:
    return f"{colleague.url}/desk"
