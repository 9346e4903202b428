"""Summaries quote the client, in order, cut and masked, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from assistant.storage import Answering, Decision, Message
from assistant.summary import Summary, summarise

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def talk(*turns: tuple[str, str]) -> tuple[list[Message], dict[str, Decision]]:
    """Messages and decisions of (what the client said, kind of the reply) in order."""
    messages, decisions = [], {}
    for number, (text, kind) in enumerate(turns):
        asked, reply = f"c{number}", f"r{number}"
        for id, sender, said, in_reply_to in ((asked, "client", text, None), (reply, "assistant", "…", asked)):
            messages.append(Message(id, "c", len(messages) + 1, sender, said, None, in_reply_to, Answering.NONE, 0, NOW))
        decisions[reply] = Decision(reply, "c", kind, 0.9, f"reason of {kind}", None, None, 1, {}, outcome(kind, number), NOW)
    return messages, decisions


def outcome(kind: str, number: int) -> dict[str, Any]:
    article = {"id": f"article-{number}", "revision": 1, "title": f"条目{number}"} if kind == "answer" else None
    return {"reply": {"article": article}, "understanding": {"tone": {"name": "angry" if number > 2 else "neutral"}}}


def test_nothing_said_is_nothing_to_tell() -> None:
    assert summarise([], {}, {}) == Summary((), (), (), None, None)


def test_the_last_of_each_kind() -> None:
    messages, decisions = talk(("一", "answer"), ("二", "fallback"), ("三", "answer"), ("四", "answer"), ("五", "handover"))
    assert summarise(messages, decisions, {"r2": False, "r3": True}) == Summary(
        asked=("三", "四", "五"), answered=("条目0", "条目2", "条目3"), failed=("二", "三"), tone="angry", reason="reason of handover")


def test_the_reason_is_masked_too() -> None:
    messages, decisions = talk(("13800138000", "handover"))
    decisions = {name: Decision(**{**{field: getattr(item, field) for field in item.__dataclass_fields__},
                                   "reason": "guard (13800138000)"}) for name, item in decisions.items()}
    assert "13800138000" not in repr(summarise(messages, decisions, {}))


@given(some.lists(some.tuples(some.text(max_size=400), some.sampled_from(["answer", "fallback", "clarify", "handover"])), max_size=20))
def test_it_is_short_and_one_line_each(turns: list[tuple[str, str]]) -> None:
    summary = summarise(*talk(*turns), {})
    for texts in (summary.asked, summary.failed, summary.answered):
        assert len(texts) <= 3 and all(len(text) <= 200 and "\n" not in text for text in texts)
