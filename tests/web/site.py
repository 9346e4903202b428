"""Where the tests go, and what to say there to get which kind of reply."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FAKE", "REAL", "Site", "Words"]


@dataclass(frozen=True, slots=True)
class Words:
    """One message for each kind of reply, and a word of the answer to be expected."""

    answer: str
    expected: str
    clarify: str
    human: str
    decline: str


FAKE = Words(answer="怎么开户", expected="开户", clarify="转钱", human="转人工", decline="推荐一只股票")
REAL = Words(answer="开户需要准备哪些材料？", expected="开户", clarify="转账", human="转人工", decline="推荐一只股票")


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    words: Words
