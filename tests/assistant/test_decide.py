"""The table of decisions: what was found and how sure, and which of the six kinds comes of it."""

import math
from dataclasses import astuple, replace
from datetime import date

import pytest

from assistant.decide import Decision, Thresholds, decide, needed_articles
from assistant.guard import Verdict, on_suspicion
from assistant.standing import EVIDENCE, Evidence, Standing
from intents.sensitive import UNHEARD, Overtone, Suspicion
from knowledge.articles import Article, KnowledgeBase
from knowledge.rank import Ranked

THRESHOLDS = Thresholds(answer=0.7, refuse=0.4, courtesy=0.3, clarify=0.2, offer=0.05)


def article(name, kind="answer", choices=()):
    return Article(id=name, category="x", intent="x.y", kind=kind, question="问题", effective_from=date(2026, 1, 1), body="答", choices=choices)


ARTICLES = {item.id: item for item in (
    article("a"), article("b"), article("c"), article("d"), article("e"), article("no", "decline"), article("never", "decline"), article("hello", "smalltalk"),
    article("which", "clarify", ("c", "d", "e")), article("clarify-generic", "clarify"), article("fallback", "fallback"),
    article("handover-repeated-failure", "handover"), article("handover-human", "handover"),
    article("decline-advice", "decline"))}


def decided(*found, **more) -> Decision:
    return decide(ranked=[Ranked(name, probability, "") for name, probability in found], articles=ARTICLES,
                  **{"verdict": None, "thresholds": THRESHOLDS, **more})


@pytest.mark.parametrize(("found", "said", "offered"), [
    ([("a", 0.9), ("b", 0.3)], "a", ()), ([("a", 0.7)], "a", ()), ([("a", 0.69), ("b", 0.3)], "clarify-generic", ("a", "b")),
    ([("a", 0.69)], "fallback", ()), ([("a", 0.5), ("b", 0.04)], "fallback", ()), ([("a", 0.19), ("b", 0.18)], "fallback", ()), ([], "fallback", ()),
    ([("no", 0.3), ("never", 0.2), ("a", 0.1)], "no", ()), ([("a", 0.35), ("never", 0.3), ("no", 0.2)], "never", ()), ([("no", 0.45)], "no", ()), ([("hello", 0.41)], "hello", ()), ([("hello", 0.31), ("a", 0.3)], "hello", ()), ([("hello", 0.29)], "fallback", ()),
    ([("hello", 0.31), ("no", 0.25), ("never", 0.2)], "no", ()), ([("no", 0.3), ("a", 0.25), ("b", 0.1)], "clarify-generic", ("a", "b")),
    ([("which", 0.5)], "which", ("c", "d", "e")), ([("which", 0.3), ("a", 0.2)], "clarify-generic", ("c", "d", "e", "a")),
    ([("a", 0.5), ("b", 0.4), ("c", 0.3), ("d", 0.2), ("e", 0.1)], "clarify-generic", ("a", "b", "c", "d")),
])
def test_what_is_said(found, said, offered):
    decision = decided(*found)
    assert (decision.article_id, decision.offered) == (said, offered)
    assert decision.reason


def test_who_was_failed_before_is_not_put_off_with_a_courtesy():
    assert decided(("hello", 0.31), failures=1).article_id == "hello"
    assert decided(("hello", 0.31), failures=2).article_id == "handover-repeated-failure"
    assert decided(("hello", 0.41), failures=2).article_id == "hello"


def test_a_guard_comes_before_everything():
    decision = decided(("a", 0.99), verdict=Verdict("human", "handover-human", "转人工"))
    assert decision.article_id == "handover-human"
    assert decision.confidence == 1.0
    assert "human" in decision.reason and "转人工" in decision.reason


def test_a_hint_yields_to_what_is_certain_and_to_nothing_less():
    hint = Verdict("advice", "decline-advice", "该不该补", yields=True)
    assert decided(("a", 0.97), verdict=hint).article_id == "a"
    assert decided(("a", 0.96), ("b", 0.3), verdict=hint).article_id == "decline-advice"
    assert decided(("which", 0.99), verdict=hint).article_id == "decline-advice"
    assert decided(verdict=hint).article_id == "decline-advice"


def test_a_suspicion_is_a_hint_under_the_name_of_the_guard_with_the_same_article():
    verdict = on_suspicion(Suspicion("handover-human", 0.62, "换个活的"))
    decision = decided(("a", 0.96), ("b", 0.3), verdict=verdict)
    assert (decision.article_id, decision.confidence, decision.reason) == ("handover-human", 0.62, "suspected 0.620:human (换个活的)")
    assert decided(("a", 0.97), verdict=verdict).article_id == "a"
    assert on_suspicion(Suspicion("decline-evasion", 0.5, "马甲")).name == "decline-evasion"


STANDING = Standing({"rule": 1.0, "hint": 0.0, "suspected": 2.0, "ordinary": -0.5, "answer": -0.5, "refusals": 0.1}, 0.0)


@pytest.mark.parametrize(("found", "overtone", "said"), [
    # an answer that is likely, and a net that hears nothing
    ([("a", 0.8)], Overtone(None, 0.95), "a"),
    ([("a", 0.6), ("b", 0.3)], Overtone(None, 0.99), "clarify-generic"),
    # no answer near, or a net that hears it too, or refusals that are likely
    ([("a", 0.1)], Overtone(None, 0.7), "decline-advice"),
    ([("a", 0.5)], Overtone(Suspicion("decline-advice", 0.8, "买"), 0.1), "decline-advice"),
    ([("no", 0.3), ("a", 0.2)], Overtone(None, 0.5), "decline-advice"),
])
def test_a_rule_that_is_not_plain_is_weighed(found, overtone, said):
    thresholds = replace(THRESHOLDS, standing=STANDING)
    rule = Verdict("advice", "decline-advice", "要不要卖")
    assert decided(*found, verdict=rule, overtone=overtone, thresholds=thresholds).article_id == said
    assert decided(*found, verdict=replace(rule, plain=True), overtone=overtone, thresholds=thresholds).article_id == "decline-advice"
    assert decided(*found, verdict=rule, overtone=overtone).article_id == "decline-advice"


def test_a_human_is_called_sooner_than_something_is_refused():
    thresholds = replace(THRESHOLDS, standing=Standing(dict.fromkeys(EVIDENCE, 0.0), -0.8))
    assert decided(("a", 0.8), verdict=Verdict("human", "handover-human", "派个人"), thresholds=thresholds).article_id == "handover-human"
    assert decided(("a", 0.8), verdict=Verdict("advice", "decline-advice", "要不要卖"), thresholds=thresholds).article_id == "a"


def test_evidence_of_probabilities_of_nought_and_one_is_finite():
    assert all(map(math.isfinite, astuple(Evidence.of(Verdict("a", "b", "c"), UNHEARD, answer=1.0, refusals=0.0))))


def test_a_refused_article_is_not_given_again():
    assert decided(("a", 0.9), ("b", 0.8), refused="a").article_id == "b"


def test_the_third_failure_in_a_row_calls_a_human():
    assert [decided(failures=count).article_id for count in (0, 1, 2)] == ["fallback", "fallback", "handover-repeated-failure"]
    asked_back = [decided(("a", 0.5), ("b", 0.4), failures=count).article_id for count in (0, 1, 2)]
    assert asked_back == ["clarify-generic", "clarify-generic", "handover-repeated-failure"]
    assert decided(("a", 0.9), failures=5).article_id == "a"


def test_what_decisions_name_is_shipped():
    assert {"fallback", "clarify-generic", "handover-repeated-failure", "handover-distress", "decline-advice"} <= needed_articles()
    assert needed_articles() <= KnowledgeBase.load().articles.keys()
