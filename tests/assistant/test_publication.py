"""Publication: killed at any moment; made ready before it is asked for, and never on what is not so any more."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.bootstrap import Application
from assistant.clock import china_day
from assistant.errors import ArticleOpen, GoldenBroken, IllegalStep, OwnRevision
from assistant.inbox import utc_now
from assistant.review_records import Impact
from assistant.revision_life import RevisionState
from assistant.settings import Settings
from assistant.storage import ArticleRevision, Store
from tests.assistant.dying import EDITOR, REVIEWER, House, publish_without_end
from tests.fakes.knowledge import an_article, fake_application, fake_base

_PATIENCE = 60
# As long as a few publications take here.
_LONGEST_LIFE = 0.5


def kill_while_publishing(folder: Path, database: str, seconds: float) -> None:
    """A process from a clean parent that has all modules already, killed so many seconds after its first publication."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.assistant.dying", "tests.assistant.warm"])
    ready = context.Event()
    process = context.Process(target=publish_without_end, args=(str(folder), database, ready))
    process.start()
    assert process.pid and ready.wait(_PATIENCE)
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.join(_PATIENCE)
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("kills", [5, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])])
def test_killed_while_publishing_it_starts_with_a_whole_version_and_every_acknowledged_edit(
        database_url: str, tmp_path: Path, kills: int) -> None:
    moments = random.Random(11)
    for number in range(kills):
        kill_while_publishing(tmp_path, database_url, moments.uniform(0, _LONGEST_LIFE))
        house = House.open(tmp_path, database_url)
        house.check()
        assert house.application.knowledge_version > number
        house.application.close()


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Iterator[Application]:
    made = fake_application(Settings(data=tmp_path), store, fake_base(
        an_article("open-account", "怎么开户", "在手机上开户。"), an_article("close-account", "怎么销户", "到营业部销户。"),
        an_article("tax", "税多少", "税是 {{fact.rate}}。")))
    yield made
    made.impacts.close()


@pytest.fixture
def made(app: Application, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Versions of the editions that are made from now on, in order."""
    versions: list[int] = []
    remake = app.knowledge._remake
    monkeypatch.setattr(app.knowledge, "_remake", lambda like, base, revisions, version: (
        versions.append(version), remake(like, base, revisions, version))[1])
    return versions


def approved(app: Application, article_id: str, **changes: object) -> ArticleRevision:
    item = app.desk.start(article_id, changes, EDITOR)
    app.desk.submit(item.article_id, item.revision, EDITOR)
    return approve(app, item)


def approve(app: Application, item: ArticleRevision) -> ArticleRevision:
    key = item.article_id, item.revision
    return app.desk.approve(*key, REVIEWER, also=app.review.of_approval(*key, REVIEWER))


def test_what_approval_looked_through_is_published_as_it_is(app: Application, made: list[int]) -> None:
    approved(app, "open-account", body="新的。")
    assert made == [2]
    assert app.publishing.publish(EDITOR) == 2 and made == [2]


def test_what_waits_is_made_ready_once_and_anew_when_more_comes(app: Application, made: list[int]) -> None:
    approved(app, "open-account", body="新的。")
    approved(app, "close-account", body="新的。")
    assert made == [2, 2], "each by itself"
    for _ in range(3):
        app.publishing.prepare()
    assert made == [2, 2, 2], "both together, once"
    approved(app, "tax", body="没有税。")
    app.publishing.prepare()
    assert len(made) == 5
    assert app.publishing.publish(EDITOR) == 2 and len(made) == 5
    app.publishing.prepare()
    assert len(made) == 5, "nothing waits"


def test_what_is_ready_stays_so_while_drafts_are_looked_at(app: Application, made: list[int]) -> None:
    approved(app, "open-account", body="新的。")
    app.publishing.prepare()
    for number in range(5):
        draft = app.desk.start("close-account", {"body": f"第{number}稿。"}, EDITOR)
        app.desk.check(draft.article_id, draft.revision, EDITOR)
        app.desk.retire(draft.article_id, draft.revision, EDITOR)
    app.publishing.prepare()
    count = len(made)
    assert app.publishing.publish(EDITOR) == 2 and len(made) == count


def test_a_golden_question_that_came_after_the_approval_guards_all_the_same(app: Application) -> None:
    approved(app, "open-account", question="如何转托管", similar=["如何转托管"])
    app.publishing.prepare()
    golden = app.golden.add("怎么开户", REVIEWER, article_id="open-account")
    with pytest.raises(GoldenBroken) as refused:
        app.publishing.publish(EDITOR)
    assert [item.golden_id for item in refused.value.broken] == [golden.id]
    app.golden.remove(golden.id, REVIEWER)
    assert app.publishing.publish(EDITOR) == 2


def test_a_golden_question_that_comes_while_it_is_published_is_looked_at(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(app, "open-account", question="如何转托管", similar=["如何转托管"])
    look, looks = app.golden.look, []

    def slow(*editions: object) -> object:
        looked = look(*editions)  # type: ignore[arg-type]
        if not looks:
            app.golden.add("怎么开户", REVIEWER, article_id="open-account")
        looks.append(looked)
        return looked

    monkeypatch.setattr(app.golden, "look", slow)
    with pytest.raises(GoldenBroken):
        app.publishing.publish(EDITOR)
    assert len(looks) == 2 and app.knowledge_version == 1


def test_an_article_goes_by_two_people_and_with_what_was_planned_for_it(app: Application) -> None:
    later = china_day(utc_now()) + timedelta(days=5)
    planned = approved(app, "close-account", body="以后的。", effective_from=later)
    draft = app.desk.start("close-account", {"body": "还在写。"}, EDITOR)
    with pytest.raises(ArticleOpen):
        app.desk.retire("close-account", 1, REVIEWER)
    app.desk.retire("close-account", draft.revision, EDITOR)
    asked = app.desk.retire("close-account", 1, REVIEWER)
    assert app.desk.retire("close-account", 1, EDITOR).id == asked.id
    with pytest.raises(OwnRevision):
        app.desk.approve(asked.article_id, asked.revision, REVIEWER)
    assert app.publishing.publish(REVIEWER) == 1
    app.desk.reject(asked.article_id, asked.revision, EDITOR, note="还要")
    assert app.desk.revision(asked.article_id, asked.revision, EDITOR).state is RevisionState.RETIRED
    asked = app.desk.retire("close-account", 1, EDITOR)
    approve(app, asked)
    assert app.publishing.publish(EDITOR) == 2
    assert "close-account" not in app.knowledge.current.base.articles and app.knowledge.respond("怎么销户").reply.text != "到营业部销户。"
    story = app.desk.article("close-account", EDITOR)
    assert {item.state for item in story.history} == {RevisionState.RETIRED} and planned.revision < asked.revision
    back = app.desk.start("close-account", {}, EDITOR, based_on=1)
    app.desk.submit(back.article_id, back.revision, EDITOR)
    approve(app, back)
    assert app.publishing.publish(EDITOR) == 3 and app.knowledge.respond("怎么销户").reply.text == "到营业部销户。"


def test_what_takes_an_article_away_is_judged_by_what_it_breaks(app: Application) -> None:
    app.golden.add("怎么销户", REVIEWER, article_id="close-account")
    conversation = app.conversations.open("web").conversation.id
    app.inbox.receive(conversation, "m1", "怎么销户")
    asked = app.desk.retire("close-account", 1, EDITOR)
    impact = app.impacts.of_revision(asked.article_id, asked.revision, REVIEWER, wait=30)
    assert isinstance(impact, Impact)
    assert [change["question"] for change in impact.result["changes"]] == ["怎么销户"] and len(impact.result["broken"]) == 1
    with pytest.raises(GoldenBroken):
        approve(app, asked)
    with pytest.raises(IllegalStep):
        app.desk.submit(asked.article_id, asked.revision, EDITOR)
