"""Impact, golden questions, new values of rules and gaps, on both stores; and on the shipped base, that the shortcut loses nothing."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from assistant.audit import Action, Actor
from assistant.bootstrap import Application
from assistant.drafts import ArticleDraft
from assistant.editions import revised
from assistant.errors import (
    FactChangeInvalid,
    FactChangePending,
    FactNotFound,
    GapNotFound,
    GoldenBroken,
    GoldenExists,
    GoldenInvalid,
    GoldenNotFound,
    IllegalStep,
    ImpactOutdated,
    OwnRevision,
)
from assistant.fact_changes import NewValue
from assistant.golden import load_golden
from assistant.grouping import grouped
from assistant.live_knowledge import Edition
from assistant.next_base import changed
from assistant.past_replies import PastReplies, told
from assistant.question_vectors import QuestionVectors
from assistant.reaching import Reach
from assistant.replay import broken_by, replay
from assistant.review_records import FactState, GoldenQuestion, Impact, PastQuestion
from assistant.revisions import sync_knowledge
from assistant.rule_values import with_changes
from assistant.settings import Settings
from assistant.storage import Store
from assistant.turn import Responder
from assistant.upkeep import changing, overdue
from knowledge.articles import SHIPPED, Article
from knowledge.facts import Fact, FactValue
from knowledge.lexical import LexicalIndex
from knowledge.snapshot import index_folder
from tests.fakes.encoder import CountingEncoder
from tests.fakes.knowledge import an_article, fake_application, fake_base

EDITOR, REVIEWER, OTHER = Actor("editor"), Actor("reviewer"), Actor("other")
TODAY = datetime.now(UTC).astimezone().date()


def base() -> object:
    return fake_base(
        an_article("open-account", "怎么开户", "在手机上开户。"), an_article("close-account", "怎么销户", "到营业部销户。"),
        an_article("tax", "税多少", "税是 {{fact.rate}}。"))


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Iterator[Application]:
    made = fake_application(Settings(data=tmp_path), store, base())
    yield made
    made.impacts.close()


def ask(app: Application, *texts: str) -> list[str]:
    """Ask each in one conversation; ids of the replies."""
    opened = app.conversations.open("web").conversation.id
    exchanges = [app.inbox.receive(opened, f"m{number}", text) for number, text in enumerate(texts)]
    return [exchange.reply.message.id for exchange in exchanges if exchange.reply]


def asks_for(app: Application, question: str, article_id: str = "open-account") -> str:
    """The id of a revision in review by which the article asks for something else."""
    item = app.desk.start(article_id, {"question": question, "similar": [question]}, EDITOR)
    app.desk.submit(article_id, item.revision, EDITOR)
    return item.id


def trail(app: Application, action: Action) -> list[dict]:
    return [entry.details for entry in app.trail.page(0, 500) if entry.action == action.value]


def test_the_impact_lists_who_would_be_told_something_else_and_is_kept(app: Application) -> None:
    ask(app, "怎么开户", "怎么开户", "我的手机号 13912345678 怎么销户", "税多少")
    revision = int(asks_for(app, "如何转托管").partition("@")[2])
    impact = app.impacts.of_revision("open-account", revision, REVIEWER, wait=30)
    assert isinstance(impact, Impact)
    (change,) = impact.result["changes"]
    assert (change["question"], change["asked"]) == ("怎么开户", 2)
    assert change["before"]["article_id"] == "open-account" and change["after"]["article_id"] == "close-account"
    assert impact.result["asked"] == 4 and "13912345678" not in str(impact.result)
    assert app.impacts.of_revision("open-account", revision, REVIEWER, wait=30).id == impact.id
    assert app.impacts.named_for_revision("open-account", revision, impact.id).id == impact.id
    with pytest.raises(ImpactOutdated):
        app.impacts.named_for_revision("open-account", revision, "0" * 32)
    assert trail(app, Action.IMPACT_SEEN)[-1] == {"impact": impact.id, "changes": 1, "broken": 0}
    app.golden.add("怎么销户", REVIEWER, article_id="close-account")
    with pytest.raises(ImpactOutdated):
        app.impacts.named_for_revision("open-account", revision, impact.id)


def test_golden_and_past_questions_are_made_ready_until_the_service_closes(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(app, "怎么开户", "税多少")
    app.golden.add("怎么销户", REVIEWER, article_id="close-account")
    seen: list[str] = []
    ready = threading.Event()

    def prepare(_: Reach, questions: Sequence[str], responder: object) -> None:
        assert responder is app.responder
        seen.extend(questions)
        ready.set()

    monkeypatch.setattr(Reach, "prepare", prepare)
    app.impacts.make_ready(haste=True)
    assert seen == ["怎么销户", "税多少", "怎么开户"]
    ready.clear()
    monkeypatch.setattr("assistant.impact._LOOKED_EVERY", 0.05)
    app.impacts.keep_ready()
    assert ready.wait(10) and any(thread.name == "impact-ready" for thread in threading.enumerate())
    ready.clear()
    name, _, revision = asks_for(app, "如何转托管").partition("@")
    app.desk.approve(name, int(revision), REVIEWER)
    app.publishing.publish(EDITOR)
    assert ready.wait(10), "again after a publication"
    app.impacts.close()
    assert not any(thread.name == "impact-ready" for thread in threading.enumerate())


def test_what_was_made_ready_is_kept_as_soon_as_it_can_be(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    app.golden.add("怎么销户", REVIEWER, article_id="close-account")
    tried: list[list[str]] = []
    kept = threading.Event()

    def keep(_: Reach, questions: list[str], responder: object) -> bool:
        tried.append(questions)
        if len(tried) == 4:
            kept.set()
            raise OSError("disk full")
        return len(tried) == 3

    monkeypatch.setattr(Reach, "keep", keep)
    monkeypatch.setattr("assistant.impact._LOOKED_EVERY", 0.02)
    app.impacts.keep_ready()
    assert not kept.wait(0.5), "the third time it could be"
    name, _, revision = asks_for(app, "如何转托管").partition("@")
    app.desk.approve(name, int(revision), REVIEWER)
    app.publishing.publish(EDITOR)
    assert kept.wait(10), "again after a publication"
    app.impacts.close()
    # The last one is of closing.
    assert tried[:4] == [["怎么销户"]] * 4 and len(tried) <= 5


def test_what_breaks_a_golden_question_goes_live_only_for_a_reason(app: Application) -> None:
    golden = app.golden.add("怎么开户", REVIEWER, article_id="open-account")
    already = app.golden.add("毫无关系", REVIEWER, kind="decline")
    name, _, revision = asks_for(app, "如何转托管").partition("@")
    key = (name, int(revision))
    with pytest.raises(GoldenBroken) as refused:
        app.desk.approve(*key, REVIEWER, also=app.review.of_approval(*key, REVIEWER))
    assert [item.golden_id for item in refused.value.broken] == [golden.id] != [already.id]
    # Approved by other means, publication is guarded all the same.
    app.desk.approve(*key, REVIEWER)
    with pytest.raises(GoldenBroken):
        app.publishing.publish(EDITOR)
    assert app.knowledge_version == 1
    app.review.override("问法改了，见制度 3.2", REVIEWER)
    assert app.publishing.publish(EDITOR) == 2
    (told_why,) = trail(app, Action.GOLDEN_OVERRIDDEN)
    assert told_why == {"golden": [golden.id], "because": "问法改了，见制度 3.2"}


def test_a_reason_given_with_the_approval_counts_at_publication(app: Application) -> None:
    app.golden.add("怎么开户", REVIEWER, article_id="open-account")
    name, _, revision = asks_for(app, "如何转托管").partition("@")
    key = (name, int(revision))
    impact = app.impacts.of_revision(*key, REVIEWER, wait=30)
    app.desk.approve(*key, REVIEWER, also=app.review.of_approval(*key, REVIEWER, impact=impact.id, because="有意为之"))
    assert trail(app, Action.REVISION_APPROVED)[-1]["impact"] == impact.id
    assert app.publishing.publish(EDITOR) == 2


def test_golden_questions_come_and_go(app: Application, tmp_path: Path) -> None:
    with pytest.raises(GoldenInvalid):
        app.golden.add("怎么开户", EDITOR)
    with pytest.raises(GoldenInvalid):
        app.golden.add("怎么开户", EDITOR, article_id="nothing")
    with pytest.raises(GoldenInvalid):
        app.golden.add("怎么开户", EDITOR, article_id="open-account", kind="decline")
    file = tmp_path / "golden.csv"
    file.write_text("question,kind,article_id\n怎么销户,answer,close-account\n推荐股票,decline,\n", encoding="utf-8")
    assert app.golden.load_shipped(file) == 2
    added = app.golden.add("怎么 开户", EDITOR, article_id="open-account")
    with pytest.raises(GoldenExists):
        app.golden.add("怎么开户", REVIEWER, article_id="open-account")
    app.golden.remove(added.id, REVIEWER)
    with pytest.raises(GoldenNotFound):
        app.golden.remove(added.id, REVIEWER)
    assert app.golden.load_shipped(file) == 0
    page = {item.item.question: item.holds for item in app.golden.page(EDITOR, ask=True)}
    assert page == {"怎么销户": True, "推荐股票": False}
    app.golden.add("怎么开户", EDITOR, article_id="open-account")


def test_a_rule_s_value_changes_over_in_all_answers_on_its_day(app: Application, store: Store) -> None:
    day = TODAY + timedelta(days=10)
    proposed = app.fact_changes.propose("rate", NewValue("0.025%", day, "新规"), EDITOR)
    assert proposed.replaces == "0.05%"
    assert [(item.article_id, item.before, item.after) for item in proposed.answers] == [("tax", "税是 0.05%。", "税是 0.025%。")]
    with pytest.raises(FactChangePending):
        app.fact_changes.propose("rate", NewValue("0.03%", day, "再来"), REVIEWER)
    impact = app.fact_changes.impact(proposed.change.id, REVIEWER, wait=30)
    assert isinstance(impact, Impact) and impact.result["changes"] == []
    with pytest.raises(OwnRevision):
        app.fact_changes.approve(proposed.change.id, EDITOR)
    assert app.fact_changes.approve(proposed.change.id, REVIEWER, impact=impact.id).state is FactState.APPROVED
    with pytest.raises(IllegalStep):
        app.fact_changes.approve(proposed.change.id, OTHER)
    assert app.publishing.publish(EDITOR) == 2
    tax = app.knowledge.current.base.articles["tax"]
    texts = [app.knowledge.current.base.render(tax, on).text for on in (day - timedelta(days=1), day)]
    assert texts == ["税是 0.05%。", "税是 0.025%。"]
    before = app.knowledge.as_of(datetime(2020, 1, 1, tzinfo=UTC)).base
    assert before.render(before.articles["tax"], day).text == "税是 0.05%。"
    with pytest.raises(IllegalStep):
        app.fact_changes.reject(proposed.change.id, EDITOR)
    # Another process, and the next start: the same files, with what the desk changed of them.
    version, live = sync_knowledge(store, base())
    assert (version.number, live.facts["rate"].on(day).value) == (2, "0.025%")
    assert [change.state for change in app.fact_changes.page(EDITOR, fact="rate")] == [FactState.PUBLISHED]
    # What was announced for later goes where an earlier value comes in between.
    sooner = app.fact_changes.propose("rate", NewValue("0.03%", day - timedelta(days=5), ""), REVIEWER)
    app.fact_changes.reject(sooner.change.id, REVIEWER)


@pytest.mark.parametrize(("value", "day", "sources"), [
    ("0.05%", TODAY + timedelta(days=1), ()), ("0.01%", date(2023, 8, 28), ()), ("0.01%", date(2000, 1, 1), ()),
    ("0.01%", TODAY + timedelta(days=1), ("no-such-source",))])
def test_a_value_that_changes_nothing_or_the_past_is_refused(tmp_path: Path, value: str, day: date, sources: tuple[str, ...]) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'zhike.db'}")
    app = fake_application(Settings(data=tmp_path), store, base())
    with pytest.raises(FactChangeInvalid):
        app.fact_changes.propose("rate", NewValue(value, day, "", sources), EDITOR)
    with pytest.raises(FactNotFound):
        app.fact_changes.propose("nothing", NewValue(value, day, ""), EDITOR)
    app.close()


def test_gaps_are_told_until_somebody_settles_them(app: Application) -> None:
    ask(app, "zzz", "zzz", "qqq")
    replies = ask(app, "税多少")
    conversation = app.conversations.open("web").conversation.id
    answered = app.inbox.receive(conversation, "a", "怎么销户").reply
    assert answered
    app.conversations.judge_reply(conversation, answered.message.id, helpful=False)
    found = {gap.question: gap for gap in app.gaps.page(EDITOR)}
    assert {question: gap.misses for question, gap in found.items()} == {
        "zzz": {"fallback": 2}, "qqq": {"fallback": 1}, "怎么销户": {"unhelpful": 1}}
    assert (found["zzz"].this_week, found["zzz"].last_week) == (2, 0) and replies
    assert found["怎么销户"].nearest[0].article_id == "close-account"
    app.gaps.dismiss(found["qqq"].id, "不是我们的业务", EDITOR)
    draft = app.gaps.draft(found["zzz"].id, "about-zzz", EDITOR)
    assert (draft.id, draft.article["question"]) == ("about-zzz@1", "zzz")
    added = app.gaps.draft(found["怎么销户"].id, "open-account", EDITOR)
    assert "怎么销户" in added.article["similar"]
    assert app.gaps.page(EDITOR) == []
    with pytest.raises(GapNotFound):
        app.gaps.dismiss(found["zzz"].id, "", EDITOR)
    with pytest.raises(GapNotFound):
        app.gaps.restore(found["zzz"].id, EDITOR)
    app.gaps.restore(found["qqq"].id, EDITOR)
    assert [gap.question for gap in app.gaps.page(EDITOR)] == ["qqq"] and len(trail(app, Action.GAP_RESTORED)) == 1
    app.gaps.dismiss(found["qqq"].id, "", EDITOR)
    ask(app, "zzz", "qqq")
    assert [(gap.question, gap.size) for gap in app.gaps.page(EDITOR)] == [("zzz", 1)]
    app.gaps.dismiss(found["zzz"].id, "", EDITOR)
    assert app.gaps.page(EDITOR) == []
    app.gaps.restore(found["zzz"].id, EDITOR)
    assert [(gap.question, gap.size) for gap in app.gaps.page(EDITOR)] == [("zzz", 1)], "that it was drafted once still counts"
    assert len(trail(app, Action.GAP_DRAFTED)) == 2


def test_upkeep_names_articles_that_need_care(app: Application) -> None:
    ask(app, "税多少")
    care = app.upkeep.page(EDITOR)
    assert [item.article_id for item in care.unasked] == ["close-account", "open-account"]
    late = replace(base(), articles={"old": an_article("old", "旧的", "旧。", review_by=date(2026, 2, 1), effective_to=date(2026, 12, 1))})
    assert [item.article_id for item in overdue(late, date(2026, 11, 25))] == ["old"]
    fact = Fact(name="rate", title="税率", certainty="verified", values=(
        FactValue(value="0.025%", start=date(2026, 12, 5)), FactValue(value="0.05%", start=date(2023, 8, 28), end=date(2026, 12, 4))))
    found = changing(replace(late, facts={"rate": fact}), date(2026, 11, 25), date(2026, 12, 25))
    assert [(item.what, item.name, item.on, item.becomes) for item in found] == [
        ("fact", "rate", date(2026, 12, 5), "0.025%"), ("article", "old", date(2026, 12, 2), None)]


def test_vectors_are_computed_once(store: Store) -> None:
    encoder = CountingEncoder()
    asked: list[str] = []
    encode = encoder.encode_queries
    encoder.encode_queries = lambda texts: asked.extend(texts) or encode(texts)  # type: ignore[method-assign]
    vectors = QuestionVectors(store)
    first = vectors.of(["开户", "销户", "开户"], encoder)
    again = QuestionVectors(store).of(["销户", "开户", "转户"], encoder)
    assert sorted(asked) == sorted(["开户", "销户", "转户"])
    assert np.array_equal(first[0], again[1]) and np.array_equal(first[1], again[0])
    assert np.array_equal(first, encode(["开户", "销户", "开户"]))


def test_questions_are_grouped_by_angle_around_what_is_settled() -> None:
    vectors = np.array([[1, 0, 0], [0.99, 0.1, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert grouped(vectors, [1, 2, 1, 1]) == [0, 0, 1, 2]
    assert grouped(vectors, [1, 1, 1, 1], seeds=vectors[2:3]) == [1, 1, 0, 2]
    assert grouped(vectors[:0], []) == []


def test_the_shipped_golden_questions_name_articles_of_every_category(shipped) -> None:
    golden = load_golden(SHIPPED / "golden.csv")
    articles = shipped.base.articles
    known = [(articles[name], kind) for _, kind, name in golden if name]
    assert len(golden) >= 300 and all(kind == article.kind for article, kind in known)
    assert {article.category for article, _ in known} == {article.category for article in articles.values()}
    held = [told(shipped.respond(question)).article_id == name for question, _, name in golden[::12] if name]
    assert sum(held) >= 0.9 * len(held)


def test_ranking_only_what_a_change_can_reach_finds_what_ranking_all_finds(shipped, tmp_path: Path) -> None:
    """An article that asks for something else; and one of another kind, with another value of a rule that eight answers quote."""
    from training.datasets import development_questions

    texts = [question.turns[0] for question in development_questions(shipped.base, to_train=True) if len(question.turns) == 1][::12]
    past = [PastQuestion(text) for text in (*texts[:36], "印花税是多少", "卖股票要交什么税", "过户费怎么收", "买基金要印花税吗")]
    store = Store.open(f"sqlite:///{tmp_path / 'zhike.db'}")
    reach = Reach(QuestionVectors(store))
    stamp = shipped.base.articles["stamp-duty-rate"]
    fact = shipped.base.facts["stamp_duty_rate"].changed(FactValue(value="0.025%", start=TODAY))
    # A copy of a model would take its remembered digest along.
    foreign = Article(**{**stamp.model_dump(), "question": "过户费怎么收？", "similar": ("过户费怎么收", "佣金怎么算")})
    clarifying = Article(**{**stamp.model_dump(), "kind": "clarify", "choices": ("total-cost-example", "stamp-duty-history")})
    dearer = replace(shipped.base, facts={**shipped.base.facts, "stamp_duty_rate": fact})
    for base, article in ((shipped.base, foreign), (dearer, clarifying)):
        after = revised(shipped, *changed(Edition(1, base, {}, shipped), [(2, article)]), 2)
        places = reach.of([item.text for item in past], [None] * len(past), shipped, after)
        assert len(places) < len(past) / 3
        every = replay(past, shipped, after)
        assert replay([past[place] for place in places], shipped, after) == every
        assert replay([past[place] for place in places], shipped, after, known=reach.known) == every
        assert every
    store.close()


def test_what_was_found_out_about_an_index_is_there_after_a_start(shipped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'zhike.db'}")
    asked = ["印花税是多少", "怎么开户", "港股通怎么开通"]
    stamp = shipped.base.articles["stamp-duty-rate"]
    draft = Article(**{**stamp.model_dump(), "similar": ("印花税谁来交", *stamp.similar)})
    after = revised(shipped, *changed(Edition(1, shipped.base, {}, shipped), [(2, draft)]), 2)
    before_the_start = Reach(QuestionVectors(store), tmp_path)
    before_the_start.prepare(asked, shipped)
    assert not before_the_start.keep(asked, shipped), "the index is not kept yet"
    index_folder(shipped.base, shipped.index.encoder, tmp_path).mkdir()
    assert before_the_start.keep(asked, shipped)
    expected = before_the_start.of(asked, [None] * len(asked), shipped, after)

    def searched(*_: object) -> None:
        raise AssertionError("searched for a horizon")

    monkeypatch.setattr(LexicalIndex, "reach", searched)
    reach = Reach(QuestionVectors(store), tmp_path)
    reach.recall(asked, shipped)
    known = before_the_start._known_horizons(shipped)
    assert len(known.dense) == len(known.lexical) == len(asked)
    assert (reach._known_horizons(shipped).dense, reach._known_horizons(shipped).lexical) == (known.dense, known.lexical)
    assert not Reach(QuestionVectors(store), tmp_path)._known_horizons(after).kept, "of another base"
    assert reach.of(asked, [None] * len(asked), shipped, after) == expected == [0]
    store.close()


def test_an_article_that_is_read_off_its_questions_reaches_whoever_finds_it(shipped, tmp_path: Path) -> None:
    """The head over articles was not trained on it: other first questions, and it sounds otherwise where its other ones are found."""
    head = shipped.ranker.articles
    rows = [number for number, name in enumerate(head.articles) if name != "stamp-duty-rate"]
    untrained = copy.copy(shipped.ranker)
    untrained.articles = replace(head, articles=tuple(head.articles[i] for i in rows), weights=head.weights[rows], bias=head.bias[rows])
    before = Responder(shipped.base, shipped.index, shipped.understander, untrained, shipped.thresholds)
    stamp = shipped.base.articles["stamp-duty-rate"]
    kept = stamp.similar[20:]
    assert len(kept) > 10
    draft = Article(**{**stamp.model_dump(), "similar": ("佣金怎么算", "开户要钱吗", *kept)})
    after = revised(before, *changed(Edition(1, shipped.base, {}, before), [(2, draft)]), 2)
    past = [PastQuestion(text) for text in (*kept, "怎么开户", "港股通怎么开通")]
    store = Store.open(f"sqlite:///{tmp_path / 'zhike.db'}")
    places = Reach(QuestionVectors(store)).of([item.text for item in past], [None] * len(past), before, after)
    assert set(range(len(kept))) <= set(places)
    assert replay([past[place] for place in places], before, after) == replay(past, before, after)
    store.close()


def test_what_answers_now_is_asked_once_for_all_drafts(shipped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'zhike.db'}")
    known = PastReplies(QuestionVectors(store))
    past = [PastQuestion("印花税是多少"), PastQuestion("过户费怎么收")]
    stamp = shipped.base.articles["stamp-duty-rate"]
    asked: list[object] = []
    respond = Responder.respond
    monkeypatch.setattr(Responder, "respond", lambda self, *args: asked.append(self.base) or respond(self, *args))
    drafts = [revised(shipped, *changed(Edition(1, shipped.base, {}, shipped), [(2, Article(**{**stamp.model_dump(), **fields}))]), 2)
              for fields in ({"question": "过户费怎么收？"}, {"similar": ("佣金怎么算",)})]
    for draft in drafts:
        assert replay(past, shipped, draft, known=known) == replay(past, shipped, draft)
    # Twice without what is known, and once with it.
    assert asked.count(shipped.base) == 3 * len(past)
    after = revised(drafts[0], drafts[0].base, {}, 3)
    asked.clear()
    replay(past, after, drafts[1], known=known)
    assert asked.count(after.base) == len(past), "what another base replied is forgotten"
    store.close()


def test_golden_questions_break_alike_whether_or_not_replies_are_known(shipped, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'zhike.db'}")
    known = PastReplies(QuestionVectors(store))
    golden = [GoldenQuestion(f"g{number}", text, text, "answer", "stamp-duty-rate", "desk", "a", datetime.now(UTC))
              for number, text in enumerate(("印花税是多少", "印花稅是多少呀", "过户费怎么收"))]
    stamp = shipped.base.articles["stamp-duty-rate"]
    other = Article(**{**stamp.model_dump(), "question": "怎么查工资？", "similar": ("怎么查工资",)})
    after = revised(shipped, *changed(Edition(1, shipped.base, {}, shipped), [(2, other)]), 2)
    broken = broken_by(golden, shipped, after)
    assert broken and broken_by(golden, shipped, after, known=known) == broken
    assert broken_by(golden, shipped, after, known=known, threads=2) == broken
    store.close()


def test_values_of_facts_that_are_gone_are_passed_over(app: Application) -> None:
    proposed = app.fact_changes.propose("rate", NewValue("0.025%", TODAY + timedelta(days=10), ""), EDITOR)
    without = replace(base(), facts={})
    assert with_changes(without, [proposed.change]) is without
    assert ArticleDraft.of(an_article("a", "问题", "答。")).question == "问题"
