"""What agents may not send is found, what only looks like it is not, one text at a time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assistant.clock import china_day
from assistant.errors import SettingsInvalid
from assistant.outgoing import OutgoingCheck, Severity, load_outgoing_check, own_numbers
from knowledge.articles import KnowledgeBase
from tests.assistant.outgoing_cases import FOUND, HARMLESS, ORDINARY

CHECK = load_outgoing_check()


def test_every_rule_has_enough_cases() -> None:
    names = [rule.name for rule in CHECK.rules]
    assert list(FOUND) == list(HARMLESS) == names
    assert all(len(set(FOUND[name])) >= 15 and len(set(HARMLESS[name])) >= 10 for name in names)


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in FOUND.items() for text in texts])
def test_what_may_not_go_out_is_found(rule: str, text: str) -> None:
    assert rule in {finding.rule for finding in CHECK.findings(text)}


@pytest.mark.parametrize("text", [*(text for texts in HARMLESS.values() for text in texts), *ORDINARY])
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert CHECK.findings(text) == []


def test_approved_words_may_go_out() -> None:
    base, today = KnowledgeBase.load(), china_day()
    found = {name: [(finding.rule, finding.words) for finding in findings] for name in base.live_on(today)
             if (findings := CHECK.findings(base.render(base.articles[name], today).text))}
    assert found == {}


def test_a_harmless_part_hides_no_other() -> None:
    text = "我们不承诺收益。不过您放心，这只稳赚不赔，我们不推荐股票，建议您买入600519。"
    assert [(finding.rule, finding.words) for finding in CHECK.findings(text)] == [
        ("promise", "稳赚"), ("stock_advice", "建议您买入")]


@pytest.mark.parametrize(("text", "start", "words"), [
    ("您好，保 本 理财", 3, "保 本"), ("A保*本*理财", 1, "保*本"), ("穩賺不賠哦", 0, "穩賺"), ("👍👍稳赚", 2, "稳赚"),
    ("零\u200b风\u200b险", 0, "零\u200b风\u200b险"), ("来，加 我 微 信 详聊", 2, "加 我 微 信 详聊"),
    ("请说１３８００１３８０００", 2, "１３８００１３８０００")])
def test_places_are_those_of_the_text_as_it_was_written(text: str, start: int, words: str) -> None:
    finding = CHECK.findings(text)[0]
    assert finding.words == text[finding.start:finding.end]
    assert (finding.start, finding.words) == (start, words)


def test_a_client_s_own_number_is_not_of_others() -> None:
    own = own_numbers(["我的手机是 138 0013 8000", "没有号码", "身份证11010519491231002X"])
    assert own == {"13800138000"}
    assert CHECK.findings("我打13800138000给您回电", own=own) == []
    assert [finding.words for finding in CHECK.findings("我打13800138000或13900139000", own=own)] == ["13900139000"]
    assert CHECK.findings("您的身份证11010519491231002X", own=own)


def test_which_rules_stop_a_text_is_a_setting() -> None:
    usual = {rule.name: rule.severity for rule in CHECK.rules}
    assert usual == {**dict.fromkeys(FOUND, Severity.HARD), "disparaging": Severity.WARN}
    strict = load_outgoing_check(["disparaging"])
    assert {rule.name for rule in strict.rules if rule.severity is Severity.HARD} == {"disparaging"}
    assert all(rule.severity is Severity.WARN for rule in load_outgoing_check([]).rules)
    with pytest.raises(SettingsInvalid, match="ZHIKE_OUTGOING_HARD: unknown nonsense"):
        load_outgoing_check(["nonsense", "promise"])


def test_a_warning_may_be_acknowledged_and_what_is_hard_may_not() -> None:
    check = load_outgoing_check(["promise"])
    warned, hard = check.findings("明天大盘肯定会涨，您怎么这么笨"), check.findings("稳赚不赔，明天大盘肯定会涨")
    assert not OutgoingCheck.may_go(warned, []) and not OutgoingCheck.may_go(warned, ["forecast"])
    assert OutgoingCheck.may_go(warned, ["forecast", "disparaging"])
    assert not OutgoingCheck.may_go(hard, ["forecast", "promise"])
    assert OutgoingCheck.may_go([], [])


def test_every_finding_says_what_to_do() -> None:
    assert all(rule.advice and rule.advice_en for rule in CHECK.rules)


PARTS = some.sampled_from([*(text for texts in FOUND.values() for text in texts), *(text for texts in HARMLESS.values() for text in texts)])


@settings(max_examples=150, deadline=None)
@given(some.lists(some.one_of(PARTS, some.text(max_size=20)), max_size=5).map("".join))
def test_any_text_is_read(text: str) -> None:
    for finding in CHECK.findings(text):
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.words == text[finding.start:finding.end]


@settings(max_examples=100, deadline=None)
@given(some.sampled_from([(rule, text) for rule, texts in FOUND.items() for text in texts]), PARTS)
def test_a_sentence_before_it_hides_nothing(case: tuple[str, str], before: str) -> None:
    rule, text = case
    assert rule in {finding.rule for finding in CHECK.findings(f"{before}。\n{text}")}


@pytest.mark.parametrize("part", [
    "保证", "您的", "密码", "明天会", "建议您先就可以再也去把都", "1 ", "不能不要别", "加我", "a", "，", "收益至少", "微信二维码", "让您"])
def test_no_text_takes_long(part: str) -> None:
    started = time.perf_counter()
    CHECK.findings((part * 2000)[:2000])
    assert time.perf_counter() - started < 5
