"""What counts as a question, what as its answer, and that nothing gets lost between them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import FileTooLarge
from assistant.exchange.blocks import Block, Heading, NotTaken, Place, Row, Split, Table, Text
from assistant.exchange.limits import MAX_PAIRS
from assistant.exchange.marks import is_contents, is_question, unnumbered
from assistant.exchange.split import split

AT = Place("line", 1)


def blocks(*lines: str) -> list[Block]:
    """`# x` is a heading, `**x**` a bold paragraph, `- x` an item."""
    made: list[Block] = []
    for number, line in enumerate(lines, start=1):
        place = Place("line", number)
        if line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            made.append(Heading(level, line[level:].strip(), place))
        elif line.startswith("**"):
            made.append(Text(line.strip("*"), place, bold=True))
        else:
            made.append(Text(line.removeprefix("- "), place, mark="-" if line.startswith("- ") else ""))
    return made


def pairs(found: Split) -> list[tuple[str, str]]:
    return [(pair.question, pair.answer) for pair in found.pairs]


@pytest.mark.parametrize(("lines", "expected", "left"), [
    (["问：怎么开户？", "答：用手机。"], [("怎么开户？", "用手机。")], []),
    (["问：怎么开户？答：用手机。"], [("怎么开户？", "用手机。")], []),
    (["Q1. How do I open an account?", "A1. By phone.", "It takes a day."], [("How do I open an account?", "By phone.\n\nIt takes a day.")], []),
    (["问题：开户", "相似问法：怎么开；如何开", "分类：账户", "答案：用手机。"], [("开户", "用手机。")], []),
    (["1、怎么开户", "用手机。", "2、怎么销户", "先清仓。"], [("怎么开户", "用手机。"), ("怎么销户", "先清仓。")], []),
    (["**怎么开户**", "用手机。", "能销户吗？", "能。"], [("怎么开户", "用手机。"), ("能销户吗？", "能。")], []),
    (["# 手册", "## 开户流程", "- 下载", "- 注册"], [("开户流程", "- 下载\n- 注册")], []),
    (["# 手册", "说明。", "## 怎么开户", "用手机。"], [("怎么开户", "用手机。")], ["no_question"]),
    (["没有问题的字。", "问：怎么开户？", "问：怎么销户？", "答：先清仓。"], [("怎么销户？", "先清仓。")], ["no_question", "no_answer"]),
    (["问：怎么选？", "答：看需要。", "1. 要快吗？", "选一。"], [("怎么选？", "看需要。\n\n1. 要快吗？\n\n选一。")], []),
    (["## 怎么办理？", "先想：", "1. 要快吗？", "选一。"], [("怎么办理？", "先想：\n\n1. 要快吗？\n\n选一。")], []),
    (["目录", "开户……………… 3", "销户......... 12", "## 怎么开户", "用手机。"], [("怎么开户", "用手机。")], ["no_question", "contents"]),
])
def test_texts(lines: list[str], expected: list[tuple[str, str]], left: list[str]) -> None:
    found = split(blocks(*lines))
    assert pairs(found) == expected
    assert [item.reason for item in found.not_taken] == left


def test_labels_within_a_question() -> None:
    (pair,) = split(blocks("问：开户？", "相似问法：怎么开；如何开；怎么开", "分类：账户", "答：用手机。")).pairs
    assert (pair.similar, pair.category) == (("怎么开", "如何开"), "账户")


def table(*rows: list[str]) -> Table:
    return Table(tuple(Row(tuple(cells), Place("row", number)) for number, cells in enumerate(rows, start=1)))


@pytest.mark.parametrize(("rows", "expected", "left"), [
    ([["问题", "答案"], ["怎么开户", "手机"]], [("怎么开户", "手机")], []),
    ([["序号", "标准问", "标准答案"], ["1", "1. 怎么开户", "手机"]], [("怎么开户", "手机")], []),
    ([["Question", "Answer"], ["How?", "So."]], [("How?", "So.")], []),
    ([["怎么开户？", "手机"], ["怎么销户？", "清仓"]], [("怎么开户？", "手机"), ("怎么销户？", "清仓")], []),
    ([["问题", "答案"], ["怎么开户", "手机"], ["怎么开户", "柜台"]], [("怎么开户", "手机\n\n柜台")], []),
    ([["问题", "答案"], ["", "手机"], ["怎么开户", ""], ["", ""]], [], ["no_question", "no_answer"]),
    ([["姓名", "部门"], ["张三", "客服"]], [], ["table"]),
])
def test_tables(rows: list[list[str]], expected: list[tuple[str, str]], left: list[str]) -> None:
    found = split([table(*rows)])
    assert pairs(found) == expected
    assert [item.reason for item in found.not_taken] == left


def test_rows_with_all_fields_stay_whole() -> None:
    found = split([table(["change", "id", "question", "body"], ["added", "a", "q", "b"], ["removed", "c", "q", "b"])])
    assert [pair.values for pair in found.pairs] == [{"row": {"id": "a", "question": "q", "body": "b"}}]
    assert found.not_taken == (NotTaken(Place("row", 3), "removed", "c"),)


@pytest.mark.parametrize(("text", "asks"), [
    ("怎么开户", True), ("开户要多久？", True), ("能开户吗", True), ("How long does it take", True), ("1. 怎么开户", True),
    ("开户流程", False), ("请带身份证。", False), ("这样就好。还要什么？", False), ("怎么办，", False), ("怎" * 90 + "？", False), ("？", False),
])
def test_what_asks(text: str, asks: bool) -> None:
    assert is_question(text) is asks


@pytest.mark.parametrize(("text", "plain"), [
    ("1. 怎么开户", "怎么开户"), ("（一）开户", "开户"), ("第3条 开户", "开户"), ("一、开户", "开户"), ("①开户", "开户"), ("2.1 开户", "开户"),
    ("3 天到账吗", "3 天到账吗"), ("1.5 万元够吗", "1.5 万元够吗"), ("10.5元", "10.5元"), ("1.", "1."),
])
def test_numbers_before_a_line(text: str, plain: str) -> None:
    assert unnumbered(text) == plain


@pytest.mark.parametrize(("text", "yes"), [("开户......3", True), ("开户\t12", True), ("账户……8", True), ("等等……", False), ("共 3 页", False)])
def test_lines_of_contents(text: str, yes: bool) -> None:
    assert is_contents(text) is yes


def test_how_much_is_bounded() -> None:
    with pytest.raises(FileTooLarge):
        split(table(["问题", "答案"], [f"第几个{n}", "x"]) for n in range(MAX_PAIRS + 2))


LINE = st.sampled_from(["问：甲？", "答：乙。", "# 丙", "## 丁怎么办", "**戊吗**", "己。", "- 庚", "1. 辛多少", "壬？", "目录……3"])


@given(st.lists(LINE, max_size=12))
@settings(max_examples=200, deadline=None)
def test_no_word_gets_lost(lines: list[str]) -> None:
    """Each line is in a question, in an answer or among what was not taken; only a heading over others may be in none."""
    found = split(blocks(*lines))
    text = "\n".join([*(pair.question + pair.answer for pair in found.pairs), *(item.text for item in found.not_taken)])
    for line in lines:
        word = next(char for char in line if char in "甲乙丙丁戊己庚辛壬目")
        assert word in text or word in "丙目"
    assert all(pair.question and pair.answer for pair in found.pairs)


