"""The firm's words and times: the shipped ones hold, the firm's own stand over them, and bad ones are refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.errors import SettingsInvalid
from assistant.follow_up_policy import load_follow_up_policy
from assistant.overheard import Overheard
from assistant.reply import Context, Outcome, Reply
from intents.catalogue import FAMILIES
from intents.reading import Intent, Need, Reading, Tone

POLICY = load_follow_up_policy()


def decided(text: str = "利息", *families: str, tone: str = "neutral", reason: str = "answer: 0.9 ≥ 0.8") -> Outcome:
    needs = tuple(Need(name, 0.8, text) for name in families)
    reading = Reading(text, text, Intent("money.interest", 0.9), tone=Tone(tone, 0.9), needs=needs)
    return Outcome(Reply("answer", "好", 0.9, reason), reading, (), 1, {}, Context())


def flagged(outcome: Outcome) -> list[str]:
    return [need.family for need in POLICY.worth(Overheard.of(outcome))]


def test_there_are_words_for_every_family_and_the_urgent_ones_are_due_first() -> None:
    assert set(POLICY.families) == set(FAMILIES)
    assert POLICY.families["retention"].due < timedelta(hours=1) < timedelta(days=1) < POLICY.families["pension"].due


def test_needs_come_once_each_in_the_order_of_families() -> None:
    assert flagged(decided("利息", "hk", "cash", "hk")) == ["cash", "hk"] and flagged(decided("x", "nonsense")) == []


@pytest.mark.parametrize(("tone", "reason", "found"), [
    ("worried", "answer: 0.9 ≥ 0.8", ["cash", "retention"]), ("angry", "answer: 0.9 ≥ 0.8", ["retention"]),
    ("distressed", "answer: 0.9 ≥ 0.8", ["retention"]), ("neutral", "guard:bereavement (去世)", []),
    ("neutral", "guard:legal-media (证监会)", []),
    ("neutral", "suspected 0.512:distress (撑不下去)", []), ("neutral", "guard:advice (买哪只)", ["cash", "retention"])])
def test_grief_and_anger_are_no_moment_for_an_offer(tone: str, reason: str, found: list[str]) -> None:
    assert flagged(decided("利息", "cash", "retention", tone=tone, reason=reason)) == found


@pytest.mark.parametrize(("text", "refuses"), [
    ("别再给我推荐了", True), ("不用推荐，谢谢", True), ("不要老是给我打电话", True), ("你们别老推销產品", True), ("帮我取消推送", True),
    ("我拒绝一切营销", True), ("推荐一只股票", False), ("我不要推荐码", False), ("怎么取消自动续费", False), ("取消定投", False),
    ("账上的钱放着有利息吗", False), ("不要亏钱", False), ("怎么取消推荐人", False), ("取消推荐码", False), ("停止推荐费怎么办", False),
    ("拒绝回访会影响开户吗", False), ("怎么取消回访", False), ("取消推荐", True), ("拒绝你们的推荐", True), ("谢绝营销回访", True),
    ("停止推销回访", True), ("别再推荐人工智能基金了", True), ("拒绝推荐人民币理财", True),
    ("不要推荐费率高的基金", True), ("不用推荐人也能开户吗", False)])
def test_a_clients_no_is_heard(text: str, refuses: bool) -> None:
    assert bool(POLICY.refuses(text)) is refuses
    assert flagged(decided(text, "cash")) == ([] if refuses else ["cash"])


def test_the_firms_own_words_stand_over_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[family.cash]\ndue = "30m"\n[first]\nno_product = "您好，这类服务目前没有开放。"\n', encoding="utf-8")
    policy = load_follow_up_policy(own)
    assert policy.families["cash"] == POLICY.families["cash"].model_copy(update={"due": timedelta(minutes=30)})
    assert policy.first == {**POLICY.first, "no_product": "您好，这类服务目前没有开放。"}
    assert replace(policy, families={}, first={}).silence == POLICY.silence


@pytest.mark.parametrize(("text", "named"), [
    ('[family.cash]\nopening = "这个产品保本，稳赚不赔"', "保本"), ('[family.cash]\ndue = "soon"', "family.cash.due"),
    ('[family.cash]\ndue = "90d"', "family.cash"), ('[family.shoes]\ntitle = "鞋"', "shoes"), ("refusals = ['(']", "missing"),
    ('[beside]\nmay_not = "别担心，这个产品保本"', "beside.may_not"),
    ("x = 1", "x"), ("=", "")])
def test_what_can_not_be_used_is_refused_at_start(tmp_path: Path, text: str, named: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid, match="ZHIKE_FOLLOW_UPS") as refused:
        load_follow_up_policy(own)
    assert named in str(refused.value)
    with pytest.raises(SettingsInvalid, match="can't be read"):
        load_follow_up_policy(tmp_path / "none.toml")
