"""What an editor is told while a draft is written: what it takes from others, how it reads, and what else clients ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from assistant.audit import Actor
from assistant.bootstrap import Application, assemble
from assistant.editions import remake
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.reading_level import reading_level
from assistant.revisions import sync_knowledge
from assistant.settings import Settings
from assistant.storage import Store
from knowledge.passages import passages_of
from knowledge.search import SearchIndex
from tests.fakes.encoder import CountingEncoder
from tests.fakes.knowledge import an_article, fake_base
from tests.fakes.models import responder_on

EDITOR = Actor("editor")
DAY = date(2026, 6, 1)


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Iterator[Application]:
    """With a real index under an encoder without a model."""
    base = fake_base(
        an_article("open-account", "怎么开户", "在手机上开户。", similar=("开户怎么弄", "开个账户")),
        an_article("close-account", "怎么销户", "到营业部销户。", similar=("销户怎么弄", "注销账户"), related=("open-account",)),
        an_article("fallback", "没有答案", "没有找到。", kind="fallback", similar=()))
    version, live = sync_knowledge(store, base)
    passages = [passage for article in live.articles.values() for passage in passages_of(article, live, DAY)]
    responder = responder_on(live, SearchIndex.build(CountingEncoder(), passages), 1, version.revisions)
    knowledge = LiveKnowledge(store, Edition(1, live, version.revisions, responder), remake)
    made = assemble(Settings(data=tmp_path), store, responder, knowledge=knowledge)
    yield made
    made.impacts.close()


def test_a_draft_that_takes_a_question_from_another_article_says_from_whom(app: Application) -> None:
    item = app.desk.start("open-account", {"similar": ["开户怎么弄", "注销帐户", "账户注销"]}, EDITOR)
    found = app.desk.check(item.article_id, item.revision, EDITOR).findings
    assert {(one.code, one.text, one.article_id) for one in found if one.code in ("stolen", "near_duplicate")} >= {
        ("near_duplicate", "账户注销", "close-account")}
    told = app.impacts.of_revision(item.article_id, item.revision, EDITOR, wait=30)
    assert {one.text for one in found if one.code == "stolen"} == {change["question"] for change in told.result["stolen"]}  # type: ignore[union-attr]


def test_a_question_near_one_of_another_article_is_told_however_many_of_its_own_are_nearer(app: Application) -> None:
    own = ["弄弄怎么销户", "怎么弄弄销户", "户销怎么弄弄", "么怎弄弄销户", "弄怎么弄销户", "弄销户怎么弄", "怎么销户弄弄"]
    item = app.desk.start("open-account", {"similar": [*own, "销户怎么弄"]}, EDITOR)
    found = app.desk.check(item.article_id, item.revision, EDITOR).findings
    told = {(one.severity, one.code, one.text) for one in found if one.article_id == "close-account" and one.code != "stolen"}
    assert told == {("error", "duplicate", "销户怎么弄"), *(("warning", "near_duplicate", text) for text in own)}
    app.desk.submit(item.article_id, item.revision, EDITOR)
    app.desk.approve(item.article_id, item.revision, Actor("reviewer"))
    app.publishing.publish(Actor("reviewer"))
    again = app.desk.start("open-account", {"similar": own}, EDITOR)
    found = app.desk.check(again.article_id, again.revision, EDITOR).findings
    assert {one.text for one in found if one.code == "near_duplicate"} == set(own)


def test_a_retirement_says_who_names_the_article(app: Application) -> None:
    asked = app.desk.retire("open-account", 1, EDITOR)
    assert [(one.code, one.field, one.article_id) for one in app.desk.check(asked.article_id, asked.revision, EDITOR).findings] == [
        ("named", "related", "close-account")]


def test_what_clients_asked_near_a_draft_is_suggested_unless_another_article_is_nearer(app: Application) -> None:
    for text in ("账户开个", "账户注销下", "天气怎么样", "开个账户", "账户开个"):
        app.inbox.receive(app.conversations.open("web").conversation.id, "m1", text)
    item = app.desk.start("open-account", {}, EDITOR)
    found = app.similar.of(item.article_id, item.revision, EDITOR)
    assert [(one.question, one.why, one.times) for one in found] == [("账户开个", "asked", 2)]


def test_what_a_client_found_helpful_is_suggested_and_what_an_article_lists_is_not(app: Application) -> None:
    opened = app.conversations.open("web").conversation.id
    helped = app.inbox.receive(opened, "m1", "怎么开户啊现在").reply
    listed = app.inbox.receive(opened, "m2", "开户怎么弄").reply
    assert helped and listed
    for reply in (helped, listed):
        app.conversations.judge_reply(opened, reply.message.id, helpful=True)
    found = app.similar.of("open-account", 1, EDITOR)
    assert [(one.why, one.times) for one in found][:1] == [("clients", 1)] and "开户怎么弄" not in {one.question for one in found}


@pytest.mark.parametrize(("answer", "level", "longest"), [
    ("", "easy", 0), ("开户。", "easy", 2), ("在手机上开户。**需要**身份证。", "easy", 6), ("长" * 28 + "。", "plain", 28),
    ("长" * 61 + "。短句。", "hard", 61), ("- 一二三\n- 四五", "easy", 3)], ids=["nothing", "short", "marks", "plain", "long", "list"])
def test_how_an_answer_reads(answer: str, level: str, longest: int) -> None:
    found = reading_level(answer)
    assert (found.level, found.longest) == (level, longest)


def test_nothing_older_than_the_look_back_counts(app: Application) -> None:
    opened = app.conversations.open("web").conversation.id
    reply = app.inbox.receive(opened, "m1", "怎么开户啊现在").reply
    assert reply
    app.conversations.judge_reply(opened, reply.message.id, helpful=True)
    clock = app.similar._clock
    app.similar._clock = lambda: clock() + timedelta(days=91)
    assert [one for one in app.similar.of("open-account", 1, EDITOR) if one.why == "clients"] == []


def test_an_article_that_clients_call_unhelpful_is_named(app: Application) -> None:
    opened = app.conversations.open("web").conversation.id
    reply = app.inbox.receive(opened, "m1", "怎么销户").reply
    assert reply
    app.conversations.judge_reply(opened, reply.message.id, helpful=False)
    care = app.upkeep.page(EDITOR)
    assert [(one.article_id, one.unhelpful) for one in care.unhelpful] == [("close-account", 1)]
    assert [one.article_id for one in care.unasked] == ["open-account"]
