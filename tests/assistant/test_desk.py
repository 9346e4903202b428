"""The desk on both stores: two people at once, what the store itself refuses, and publication while clients ask."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from assistant.audit import Actor
from assistant.condition import Condition
from assistant.desk import Desk
from assistant.drafts import ArticleDraft
from assistant.errors import (
    ArticleNeeded,
    ArticleOpen,
    AssistantError,
    DraftRefused,
    IllegalStep,
    NotTheAuthor,
    OwnRevision,
    PreconditionFailed,
)
from assistant.knowledge_watch import KnowledgeWatch
from assistant.live_knowledge import LiveKnowledge
from assistant.publication import Publishing
from assistant.revision_life import RevisionState
from assistant.storage import ArticleRevision, Store
from tests.assistant.clock import Clock
from tests.fakes.knowledge import an_article, fake_base, fake_knowledge

ANNA, BERT, CARA, DORA = (Actor(name) for name in ("anna", "bert", "cara", "dora"))


class House:
    """One process: the desk, publication and what answers, on a store that others may use too."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, Clock()
        self.clock.now = datetime.now(UTC)
        self.knowledge: LiveKnowledge = fake_knowledge(store, fake_base())
        self.desk = Desk(store, self.knowledge, clock=self.clock)
        self.publishing = Publishing(store, self.knowledge, clock=self.clock)
        self.watch = KnowledgeWatch(self.knowledge, self.publishing, seconds=1)

    def in_review(self, body: str = "新的答案。", **changes: Any) -> ArticleRevision:
        item = self.desk.start("open-account", {"body": body, **changes}, ANNA)
        return self.desk.submit(*key(item), ANNA)

    def approved(self, body: str = "新的答案。", **changes: Any) -> ArticleRevision:
        return self.desk.approve(*key(self.in_review(body, **changes)), CARA)

    def answer(self) -> str:
        return self.knowledge.respond("怎么开户").reply.text


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def key(item: ArticleRevision) -> tuple[str, int]:
    return item.article_id, item.revision


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls give or raise when they begin together."""
    ready = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return call()
        except AssistantError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_editors_start_at_once_and_one_is_told(house: House) -> None:
    seen = Condition(frozenset({house.desk.article("open-account", ANNA).head.version}))
    outcome = at_once(*(lambda by=by: house.desk.start("open-account", {"body": by.name}, by, condition=seen) for by in (ANNA, BERT)))
    assert sorted(type(item).__name__ for item in outcome) == ["ArticleRevision", "PreconditionFailed"]
    (won,) = (item for item in outcome if isinstance(item, ArticleRevision))
    story = house.desk.article("open-account", ANNA)
    assert story.open and (story.open.author, story.open.article["body"]) == (won.author, won.author)


def test_an_editor_saves_in_two_windows_and_nothing_is_overwritten(house: House) -> None:
    item = house.desk.start("open-account", {}, ANNA)
    seen, draft = Condition(frozenset({item.version})), ArticleDraft.model_validate(dict(item.article))
    texts = [draft.model_copy(update={"body": body}) for body in ("一", "二")]
    outcome = at_once(*(lambda text=text: house.desk.save(*key(item), text, ANNA, condition=seen) for text in texts))
    assert sorted(type(item).__name__ for item in outcome) == ["ArticleRevision", "PreconditionFailed"]


def test_who_takes_over_a_draft_leaves_it_in_the_history(house: House) -> None:
    first = house.desk.start("open-account", {"body": "安娜的话"}, ANNA)
    with pytest.raises(NotTheAuthor):
        house.desk.submit(*key(first), BERT)
    seen = Condition(frozenset({house.desk.article("open-account", BERT).head.version}))
    second = house.desk.start("open-account", {}, BERT, condition=seen)
    assert (second.article["body"], second.based_on, second.author) == ("安娜的话", first.revision, "bert")
    kept = house.desk.revision(*key(first), ANNA)
    assert (kept.state, kept.article) == (RevisionState.RETIRED, first.article)


def test_two_approve_at_once(house: House) -> None:
    item = house.in_review()
    outcome = at_once(lambda: house.desk.approve(*key(item), CARA), lambda: house.desk.approve(*key(item), DORA))
    (won,) = (item for item in outcome if isinstance(item, ArticleRevision))
    (lost,) = (item for item in outcome if isinstance(item, AssistantError))
    assert isinstance(lost, IllegalStep | PreconditionFailed) and house.desk.revision(*key(item), ANNA).approver == won.approver


def test_approving_and_sending_back_at_once(house: House) -> None:
    item = house.in_review()
    outcome = at_once(lambda: house.desk.approve(*key(item), CARA), lambda: house.desk.reject(*key(item), DORA))
    state = house.desk.revision(*key(item), ANNA).state
    # An approval may be taken back, so both can succeed in that order only.
    assert state is (RevisionState.DRAFT if isinstance(outcome[1], ArticleRevision) else RevisionState.APPROVED)


def test_nobody_approves_their_own_here_or_behind_our_back(house: House) -> None:
    item = house.in_review()
    with pytest.raises(OwnRevision):
        house.desk.approve(*key(item), ANNA)
    with house.store.write() as work:
        assert not work.knowledge.approve(item, "anna", house.clock.now)
    with pytest.raises(IntegrityError), house.store.write() as work:
        work.knowledge.change(item, approver="anna")
    with pytest.raises(IntegrityError), house.store.write() as work:
        work.knowledge.add([ArticleRevision("open-account", 9, "x", item.article, RevisionState.DRAFT, house.clock.now, author="bert")])


def test_two_publish_at_once_and_there_is_one_version(house: House) -> None:
    house.approved()
    other = House(house.store)
    outcome = at_once(lambda: house.publishing.publish(CARA), lambda: other.publishing.publish(BERT))
    assert outcome == [2, 2]
    assert [version.number for version in house.publishing.history()] == [2, 1]
    other.watch.look()
    assert (house.answer(), other.answer()) == ("新的答案。", "新的答案。")


def test_other_processes_take_what_was_published(house: House) -> None:
    other = House(house.store)
    house.approved("别处的答案。")
    house.publishing.publish(CARA)
    assert other.answer() == "在手机上开户。"
    other.watch.look()
    assert (other.answer(), other.knowledge.version) == ("别处的答案。", 2)
    assert house.desk.is_live(house.desk.revision("open-account", 2, ANNA))


def test_what_is_for_a_later_day_goes_live_on_it_by_itself(house: House) -> None:
    day = (house.clock.now + timedelta(days=2)).date()
    house.approved("后天的答案。", effective_from=day)
    assert house.publishing.publish(CARA) == 1 and not house.publishing.pending()
    house.approved("现在的答案。")
    assert house.publishing.publish(CARA) == 2 and house.answer() == "现在的答案。"
    house.watch.look()
    assert house.knowledge.version == 2
    house.clock.now += timedelta(days=2, hours=12)
    house.watch.look()
    assert (house.knowledge.version, house.knowledge.respond("怎么开户", at=house.clock.now).reply.text) == (3, "后天的答案。")
    assert house.publishing.history()[0].publisher == "system"


def test_what_was_approved_for_a_later_day_does_not_outlive_the_retirement(house: House) -> None:
    planned = house.approved("后天的答案。", effective_from=(house.clock.now + timedelta(days=2)).date())
    asked = house.desk.approve(*key(house.desk.retire("open-account", 1, ANNA)), CARA)
    house.clock.now += timedelta(days=2, hours=12)
    assert house.publishing.publish_scheduled() is None and house.publishing.publish(CARA) == 2
    assert "open-account" not in house.knowledge.current.base.articles
    assert {house.desk.revision(*key(item), ANNA).state for item in (planned, asked)} == {RevisionState.RETIRED}


def test_what_two_people_wanted_after_a_retirement_stays(house: House) -> None:
    asked = house.desk.approve(*key(house.desk.retire("open-account", 1, ANNA)), CARA)
    with pytest.raises(ArticleOpen):
        house.desk.start("open-account", {}, ANNA)
    newer = ArticleRevision("open-account", asked.revision + 1, "x", {**asked.article, "body": "新的答案。"}, RevisionState.APPROVED,
                            house.clock.now, author="bert", approver="cara", approved_at=house.clock.now)
    with house.store.write() as work:
        work.knowledge.add([newer])
    assert house.publishing.publish(CARA) == 2 and house.answer() == "新的答案。"
    assert house.desk.revision(*key(asked), ANNA).state is RevisionState.RETIRED


def test_nobody_starts_a_draft_of_what_is_to_go_until_it_is_sent_back(house: House) -> None:
    asked = house.desk.retire("open-account", 1, ANNA)
    seen = Condition(frozenset({house.desk.article("open-account", BERT).head.version}))
    with pytest.raises(ArticleOpen):
        house.desk.start("open-account", {}, BERT, condition=seen)
    house.desk.reject(*key(asked), CARA)
    assert house.desk.start("open-account", {}, BERT).state is RevisionState.DRAFT


def test_an_answer_that_only_speaks_of_the_client_is_refused(house: House) -> None:
    started = house.desk.start("open-account", {"body": "您目前的测评结果是 {{client.risk_level}}。"}, ANNA)
    with pytest.raises(DraftRefused) as refused:
        house.desk.submit(*key(started), ANNA)
    assert [field for field, _ in refused.value.faults] == ["body"] and "nothing is left" in refused.value.faults[0][1]


def test_what_the_assistant_names_is_not_taken_away(store: Store) -> None:
    knowledge = fake_knowledge(store, fake_base(an_article("handover-human", "找人工", "为您转人工。", kind="handover")))
    desk = Desk(store, knowledge)
    assert desk.article("handover-human", ANNA).needed
    with pytest.raises(ArticleNeeded):
        desk.retire("handover-human", 1, ANNA)
    turned = desk.start("handover-human", {"body": "马上为您转人工。", "kind": "answer", "effective_to": "2099-01-01"}, ANNA)
    found = [item.field for item in desk.check(*key(turned), ANNA).findings if item.code == "needed"]
    assert found == ["kind", "effective_to"]
    with pytest.raises(DraftRefused) as refused:
        desk.submit(*key(turned), ANNA)
    assert [field for field, _ in refused.value.faults] == found
    kept = desk.save(*key(turned), ArticleDraft.model_validate({**turned.article, "kind": "handover", "effective_to": None}), ANNA,
                     condition=Condition(versions=frozenset({turned.version})))
    assert desk.submit(*key(kept), ANNA).state is RevisionState.IN_REVIEW


def test_a_failure_while_the_next_edition_is_made_leaves_the_current_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.approved()
    monkeypatch.setattr(house.knowledge, "_remake", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        house.publishing.publish(CARA)
    assert (house.answer(), house.publishing.history()[0].number) == ("在手机上开户。", 1)
    monkeypatch.undo()
    assert house.publishing.publish(CARA) == 2 and house.answer() == "新的答案。"


def test_while_clients_ask_each_reply_is_of_one_version(house: House) -> None:
    texts = {1: "在手机上开户。"}
    stop = threading.Event()

    def ask() -> Counter[tuple[int, str, int]]:
        seen: Counter[tuple[int, str, int]] = Counter()
        while not stop.is_set() or sum(seen.values()) < 100:
            outcome = house.knowledge.respond("怎么开户")
            assert outcome.reply.article
            seen[outcome.knowledge_version, outcome.reply.text, outcome.reply.article.revision] += 1
        return seen

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        for number in range(2, 8):
            house.approved(f"第{number}版。")
            assert house.publishing.publish(CARA) == number
            texts[number] = f"第{number}版。"
            assert house.answer() == texts[number]
        stop.set()
        replies = sum((each.result() for each in asking), Counter())
    assert set(replies) <= {(number, text, number) for number, text in texts.items()}


def test_the_past_is_as_it_was(house: House) -> None:
    first = house.clock.now
    for number in (2, 3):
        house.clock.now += timedelta(hours=1)
        house.approved(f"第{number}版。")
        house.publishing.publish(CARA)
    moments = [first - timedelta(days=99), house.clock.now - timedelta(minutes=30), house.clock.now]
    answers = [house.desk.attempt("怎么开户", BERT, as_of=moment) for moment in moments]
    assert [(item.reply.text, item.knowledge_version) for item in answers] == [("在手机上开户。", 1), ("第2版。", 2), ("第3版。", 3)]
    story = house.desk.article("open-account", BERT, as_of=moments[1])
    assert story.live == 2 and [item.revision for item in story.history] == [2, 1]


@pytest.mark.parametrize("body", ["这个产品保本。", "见 {{fact.nothing}}。", "见 {{firm.nothing}}。", "请提供您的密码。"])
def test_what_could_not_be_said_is_not_submitted(house: House, body: str) -> None:
    item = house.desk.start("open-account", {"body": body}, ANNA)
    with pytest.raises(DraftRefused):
        house.desk.submit(*key(item), ANNA)
