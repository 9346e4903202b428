"""What clients send, and what of it is kept."""

from __future__ import annotations

import pytest

from assistant.errors import EmptyMessage, MessageTooLong, UnreadableText
from assistant.inbound import clean_text

KEPT = [
    ("  怎么开户 \n", "怎么开户"),
    ("a\x00b\x07c\x1b[31m", "abc[31m"), ("一\r\n二\r三", "一\n二\n三"), ("甲\t乙", "甲\t乙"),
    ("👍", "👍"), ("👨‍👩‍👧", "👨‍👩‍👧"), ("❤️", "❤️"), ("？", "？"), ("\x85开户\x9f", "开户"), ("‮开户", "‮开户"),
]


@pytest.mark.parametrize(("given", "kept"), KEPT)
def test_text_is_kept_without_control_characters(given: str, kept: str) -> None:
    assert clean_text(given) == kept


@pytest.mark.parametrize("given", ["", " ", "\n\t\r", "\u3000\u3000", "\u200b\u200d\ufeff", "\x00", "\u2800", "\u3164"])
def test_what_shows_nothing_is_empty(given: str) -> None:
    with pytest.raises(EmptyMessage):
        clean_text(given)


@pytest.mark.parametrize("given", ["\ud83d", "好\udc00", "\ud800\ud800"])
def test_half_a_surrogate_pair_is_refused(given: str) -> None:
    with pytest.raises(UnreadableText):
        clean_text(given)


def test_the_limit_counts_what_is_kept() -> None:
    assert clean_text("好" * 10 + " " * 50, max_length=10) == "好" * 10
    with pytest.raises(MessageTooLong, match="11 characters; at most 10"):
        clean_text("好" * 11, max_length=10)
