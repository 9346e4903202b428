from datetime import date

import pytest

from knowledge.errors import FactUnavailable, PlaceholderUnknown
from knowledge.facts import Fact, FactValue
from knowledge.template import placeholders, render, unmarked_numbers

CHANGE = date(2026, 7, 6)
LIMIT = Fact(name="limit", title="t", certainty="verified", values=(
    FactValue(value="10%", start=CHANGE), FactValue(value="5%", start=date(1998, 4, 22), end=date(2026, 7, 5))))
FACTS = {"limit": LIMIT}
FIRM = {"hotline": "400-1"}


def test_a_fact_changes_on_its_day_and_the_old_value_comes_back_as_of():
    body = "限制是 ±{{fact.limit}}。自 {{fact.limit.from}}起执行，此前是 ±{{fact.limit.before}}。"
    assert render(body, CHANGE, FACTS, FIRM) == "限制是 ±10%。自 2026年7月6日起执行，此前是 ±5%。"
    assert render(body, date(2026, 7, 5), FACTS, FIRM) == "限制是 ±5%。"


def test_a_list_item_that_speaks_of_no_change_is_left_out_whole():
    body = "是 {{fact.limit}}。\n\n- 此前是 {{fact.limit.before}}。\n- 请拨 {{firm.hotline}}。"
    assert render(body, date(2020, 1, 1), FACTS, FIRM) == "是 5%。\n\n- 请拨 400-1。"


def test_literals_and_firm_values_are_filled_in():
    assert render('例：{{"1,000 元"}}，请拨 {{ firm.hotline }}。', CHANGE, FACTS, FIRM) == "例：1,000 元，请拨 400-1。"


def test_what_is_not_known_of_a_client_is_not_spoken_of():
    body = "测评在 App 里做。您的结果是 {{client.risk_level}}。\n\n- 有效期到 {{client.assessment_expires_on}}。\n- 请拨 {{firm.hotline}}。"
    assert render(body, CHANGE, FACTS, FIRM) == "测评在 App 里做。\n\n- 请拨 400-1。"
    known = {"risk_level": "C3", "assessment_expires_on": "2027年1月5日"}
    assert render(body, CHANGE, FACTS, FIRM, known) == "测评在 App 里做。您的结果是 C3。\n\n- 有效期到 2027年1月5日。\n- 请拨 400-1。"
    assert [item.scope for item in placeholders(body)] == ["client", "client", "firm"]


def test_a_sentence_that_is_left_out_must_be_sound_all_the_same():
    with pytest.raises(FactUnavailable):
        render("您是 {{client.risk_level}}，标准是 {{fact.limit}}。", date(1990, 1, 1), FACTS, FIRM)


@pytest.mark.parametrize("body", ["{{client.birth_year}}", "{{fact.none}}", "{{firm.none}}", "{{other.x}}", "{{fact.limit.after}}"])
def test_unknown_names_are_refused(body):
    with pytest.raises(PlaceholderUnknown):
        render(body, CHANGE, FACTS, FIRM)


def test_a_fact_without_a_value_on_the_day_is_refused():
    with pytest.raises(FactUnavailable):
        render("{{fact.limit}}", date(1990, 1, 1), FACTS, FIRM)


@pytest.mark.parametrize(("line", "numbers"), [
    ("买入须 100 股整数倍。", ["100"]), ("费率 0.05%。", ["0.05%"]), ("9:15–9:25 可以。", ["9:15", "9:25"]),
    ("A 股实行 T+1，C3 可买 R3。", []), ("1. 打开 App。", []), ("- Level-2 行情。", []), ('共 {{"30"}} 天，{{fact.x_1}}。', []),
    ("见 https://a.example/2026", []),
])
def test_numbers_outside_placeholders_are_found(line, numbers):
    assert unmarked_numbers(line) == numbers


def test_placeholders_are_listed_in_order():
    found = [(item.scope, item.name, item.part) for item in placeholders('{{fact.a.from}}{{firm.b}}{{"c"}}{{d}}')]
    assert found == [("fact", "a", "from"), ("firm", "b", "value"), ("literal", "c", "value"), ("unknown", "d", "value")]
