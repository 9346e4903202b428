"""A client's no to offers: it stands against every product, whatever suitability says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

from assistant.suitability import Finding, Outcome, Remedy, Verdict

__all__ = ["Refusal", "refused"]


class Refusal(StrEnum):
    """How a client's no is known; the values are stable."""

    OPTED_OUT = "opted_out"
    """It is on record."""
    HEARD = "opt_out_heard"
    """It was heard in their words, and holds until an agent confirms it or undoes it."""


_FINDINGS: Mapping[Refusal, Finding] = MappingProxyType({
    Refusal.OPTED_OUT: Finding(
        "opted_out", "客户已谢绝推荐，不得推介。", "The client wants no offers, so nothing may be offered.", (), Remedy(
            "lift_opt_out", "客户本人要求恢复，由客户档案取消。", "The client asks for offers again, and the record says so.", None)),
    Refusal.HEARD: Finding(
        "opt_out_heard", "客户的话像是谢绝推荐，确认或撤销之前不得推介。",
        "The client's words sound like a no to offers; until that is settled nothing may be offered.", (), Remedy(
            "settle_opt_out", "坐席确认客户确实谢绝，或者撤销。", "An agent confirms that the client meant it, or undoes it.", None)),
})


def refused(made: Verdict, refusal: Refusal | None) -> Verdict:
    """The verdict beside the client's no, where there is one: it comes before all other reasons."""
    return replace(made, outcome=Outcome.MAY_NOT, reasons=(_FINDINGS[refusal], *made.reasons), steps=()) if refusal else made
