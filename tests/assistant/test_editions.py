"""The shipped knowledge and models, changed at the desk while they answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from assistant.audit import Actor
from assistant.clock import china_day
from assistant.desk import Desk
from assistant.editions import IndexKeeper, changed_articles, remake, revised
from assistant.live_knowledge import Edition, LiveKnowledge
from assistant.publication import Publishing
from assistant.revisions import base_of, sync_knowledge
from assistant.storage import Store
from assistant.turn import Responder
from knowledge.articles import Article
from knowledge.snapshot import keep_index, open_index

ANNA, CARA = Actor("anna"), Actor("cara")
QUESTION, ODD = "印花税是多少", "盖章钱是怎么个收法子"
NEW = "卖出股票时收，买入不收。"


def test_a_changed_answer_is_live_whole_at_once_and_the_old_one_stays_as_of(shipped: Responder, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'zhike.db'}")
    version, base = sync_knowledge(store, shipped.base)
    live = LiveKnowledge(store, Edition(version.number, base, version.revisions, shipped), remake)
    assert base.digest == shipped.base.digest, "through the store and back"
    desk, publishing = Desk(store, live), Publishing(store, live)
    old = live.respond(QUESTION).reply.text
    draft = desk.start("stamp-duty-rate", {"body": NEW, "similar": [*base.articles["stamp-duty-rate"].similar, ODD]}, ANNA)
    name = draft.article_id, draft.revision
    assert desk.attempt(QUESTION, ANNA, revision=name).reply.text == NEW and live.respond(QUESTION).reply.text == old
    desk.submit(*name, ANNA)
    desk.approve(*name, CARA)

    def ask(_: int) -> tuple[int, str]:
        outcome = live.respond(QUESTION)
        return outcome.knowledge_version, outcome.reply.text

    with ThreadPoolExecutor(2) as pool:
        asking = pool.map(ask, range(100))
        publishing.publish(CARA)
        replies = set(asking)
    assert replies <= {(1, old), (2, NEW)} and ask(0) == (2, NEW)
    assert live.respond(ODD).reply.text == NEW, "what an editor wrote down is answered, word for word"
    past = live.as_of(datetime(2026, 6, 1, tzinfo=UTC))
    assert past.version == 1 and past.responder.respond(QUESTION).reply.text == old
    current = live.current
    assert isinstance(current.responder, Responder)
    keep_index(current.responder.index, current.base, tmp_path, china_day())
    kept = open_index(current.base, shipped.index.encoder, tmp_path, china_day())
    asked = shipped.understander.read(ODD)
    assert len(kept.passages) == len(current.responder.index.passages)
    assert set(kept.find(asked.query, asked.vector).articles) == set(
        current.responder.index.find(asked.query, asked.vector).articles)
    store.close()


def test_a_responder_that_is_made_of_another_replies_as_one_made_afresh(shipped: Responder) -> None:
    """One article goes, one comes, one gets other questions and another intent, one refuses now."""
    articles = dict(shipped.base.articles)
    duty, fee = articles["stamp-duty-rate"], articles["transfer-fee"]
    other = next(article for article in articles.values() if article.kind == "answer" and article.category != duty.category)
    for article in (
            Article(**duty.to_dict() | {"intent": other.intent, "similar": (*duty.similar[:4], ODD)}),
            Article(**fee.to_dict() | {"kind": "decline"}),
            Article(**duty.to_dict() | {"id": "seal-money", "question": "盖章钱收多少", "similar": ("盖章钱是啥", "盖章钱谁收")})):
        articles[article.id] = article
    del articles[other.id]
    base = base_of(articles.values(), shipped.base)
    changed = changed_articles(shipped.base, base)
    assert set(changed) == {"stamp-duty-rate", "transfer-fee", "seal-money", other.id}
    made = revised(shipped, base, {}, 7)
    afresh = Responder(base, made.index, shipped.understander, shipped.ranker, shipped.thresholds, version=7)
    for question in (QUESTION, ODD, "盖章钱收多少", "过户费怎么收", duty.similar[6], *other.similar[:3], "佣金多少"):
        ours, theirs = made.respond(question), afresh.respond(question)
        assert (ours.reply, ours.knowledge_version, ours.reading) == (theirs.reply, 7, theirs.reading)
        assert [item.article_id for item in ours.candidates] == [item.article_id for item in theirs.candidates]
    assert shipped.respond(QUESTION).knowledge_version == shipped.version
    # What went comes back, what came goes, and all is as it was.
    back = revised(made, shipped.base, {}, 8)
    for question in (QUESTION, "盖章钱收多少", "过户费怎么收", *other.similar[:3]):
        assert back.respond(question).reply == shipped.respond(question).reply


def test_an_index_that_can_not_be_kept_is_told_and_the_next_one_is_kept(shipped: Responder, tmp_path: Path,
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, edition = IndexKeeper(tmp_path), Edition(1, shipped.base, {}, shipped)

    def full(*_: object) -> None:
        raise RuntimeError("could not write: No space left on device")

    with capture_logs() as logs, pytest.MonkeyPatch.context() as patch:
        patch.setattr("assistant.editions.keep_index", full)
        keeper._keep(edition)
    assert [(entry["event"], "No space" in entry["detail"]) for entry in logs] == [("index_not_kept", True)]
    keeper._keep(edition)
    assert len(list(tmp_path.glob("*/manifest.json"))) == 1
