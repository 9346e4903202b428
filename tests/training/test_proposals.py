"""Which questions of use are proposed, and that an editor's word stays."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.lessons import Lesson, Voice
from knowledge.articles import Article, KnowledgeBase
from training.proposals import accepted_pairs, propose, read_proposals, write_proposals

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


def article(name: str, question: str, *similar: str) -> Article:
    return Article(id=name, category="money", intent="money.cash", question=question, similar=similar, effective_from="2024-01-01",
                   body="好的。")


BASE = KnowledgeBase({item.id: item for item in (
    article("withdraw", "怎么把钱转出来？", "提现"), article("deposit", "怎么把钱转进来？", "入金"),
    article("rule-only", "安慰"))}, {}, {}, {})


def lessons(*said: tuple[str, str, Voice]) -> list[Lesson]:
    return [Lesson(question, name, voice, NOW + timedelta(minutes=place)) for place, (question, name, voice) in enumerate(said)]


def test_voices_add_up_over_ways_of_writing() -> None:
    (found,) = propose(lessons(("请问账户里的现金咋取走", "withdraw", Voice.CHOSEN), ("账户里的现金咋取走？", "withdraw", Voice.SENT),
                               ("账户里的现金咋取走", "deposit", Voice.REPLACED)), BASE)
    assert (found.question, found.article_id, found.title) == ("请问账户里的现金咋取走", "withdraw", "怎么把钱转出来？")
    assert found.voices == {"chosen": 1, "sent": 1} and found.accepted is None
    assert (found.first_at, found.last_at) == ("2026-11-26T08:00:00+00:00", "2026-11-26T08:01:00+00:00")


@pytest.mark.parametrize("said", [
    [("提现", "withdraw", Voice.SENT)],
    [("怎么把钱转出来", "withdraw", Voice.HELPFUL)],
    [("要多久", "withdraw", Voice.SENT)],
    [("我叫〈姓名〉，钱咋取走", "withdraw", Voice.SENT)],
    [("钱咋取" * 40, "withdraw", Voice.SENT)],
    [("转人工，我要投诉你们", "withdraw", Voice.SENT)],
    [("账户里的现金咋取走", "retired", Voice.SENT)],
    [("账户里的现金咋取走", "rule-only", Voice.SENT)],
    [("账户里的现金咋取走", "withdraw", Voice.UNHELPFUL)],
    [("账户里的现金咋取走", "withdraw", Voice.HELPFUL), ("账户里的现金咋取走", "withdraw", Voice.UNHELPFUL)],
    [("账户里的现金咋取走", "withdraw", Voice.SENT), ("账户里的现金咋取走", "deposit", Voice.CHOSEN)],
], ids=["known", "standard", "leans", "personal", "long", "guarded", "gone", "no similar", "against", "undecided", "disputed"])
def test_what_teaches_nothing_is_left_out(said: list[tuple[str, str, Voice]]) -> None:
    assert propose(lessons(*said), BASE) == []


def test_the_weightiest_come_first() -> None:
    found = propose(lessons(("现金怎么取走呢", "withdraw", Voice.SENT), *[("卡里的钱如何存进去", "deposit", Voice.CHOSEN)] * 3), BASE)
    assert [(item.article_id, item.weight) for item in found] == [("deposit", 3), ("withdraw", 1)]


def test_what_an_editor_decided_stays(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "proposals.jsonl"
    yes, no, new = (item for item in propose(lessons(
        ("现金怎么取走", "withdraw", Voice.SENT), ("卡里的钱如何存进去", "deposit", Voice.SENT),
        ("余额想拿回家", "withdraw", Voice.SENT)), BASE))
    write_proposals(path, [yes, no, new], [])
    decided = [replace(yes, accepted=True), replace(no, accepted=False)]
    write_proposals(path, [replace(yes, article_id="deposit"), new], decided)
    assert read_proposals(path) == [new, *decided]
    assert [pair[1] for pair in accepted_pairs(read_proposals(path), BASE)] == [yes.article_id]
    known = replace(yes, question="提现", accepted=True)
    assert accepted_pairs([known, replace(yes, article_id="gone", accepted=True)], BASE) == []


@pytest.mark.parametrize(("line", "message"), [
    ("{", "proposals.jsonl:1"), ('{"question": "?"}', "proposals.jsonl:1"), (None, "expected true, false or null")])
def test_a_file_that_was_spoilt_says_where(tmp_path: Path, line: str | None, message: str) -> None:
    path = tmp_path / "proposals.jsonl"
    (item,) = propose(lessons(("现金怎么取走", "withdraw", Voice.SENT)), BASE)
    write_proposals(path, [item], [])
    spoilt = json.loads(path.read_text(encoding="utf-8")) | {"accepted": "yes"}
    path.write_text(line or json.dumps(spoilt), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_proposals(path)
