"""Two hundred clients who do not exist, always the same ones, for the demonstration."""

from __future__ import annotations

import random
from datetime import date, timedelta

from assistant.client_record import ClientFields
from assistant.suitability import InvestorType, Kind, Losses, RiskLevel, Term

__all__ = ["COUNT", "demo_clients"]

COUNT = 200
_SEED = 20_261_124
# The solar terms: nobody is called so with a number.
_TERMS = ("立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至", "小暑", "大暑", "立秋", "处暑", "白露",
          "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至", "小寒", "大寒")
# Accounts of the demonstration; see demo.py.
_ADVISERS = ("agent1", "agent2")
_TIERS = ("standard", "silver", "gold", "diamond")
_FLOORS = {"standard": 5_000, "silver": 200_000, "gold": 1_000_000, "diamond": 6_000_000}
_KINDS = {"C1": 1, "C2": 1, "C3": 2, "C4": 3, "C5": 4}
_IN_ORDER = (Kind.FIXED_INCOME, Kind.EQUITY, Kind.OTHER, Kind.LEVERAGED, Kind.COMPLEX)
_LOSSES = {"C1": Losses.SMALL, "C2": Losses.SMALL, "C3": Losses.SOME, "C4": Losses.LARGE, "C5": Losses.BEYOND_PRINCIPAL}
_BOLD = 0.4
_BY_LEVEL = {
    "C1": ("repo",), "C2": ("repo", "fund"), "C3": ("repo", "fund", "chinext", "convertible", "reits"),
    "C4": ("repo", "fund", "chinext", "convertible", "star", "hk_connect", "margin", "advisory"),
    "C5": ("repo", "fund", "chinext", "convertible", "star", "beijing", "hk_connect", "margin", "options", "pledge"),
}


def demo_clients(today: date) -> list[tuple[str, ClientFields]]:
    """Id and record of each; assessments lie around `today`, so that some have expired and some have none."""
    chance = random.Random(_SEED)
    return [(f"DEMO-{number:03}", _client(number, today, chance)) for number in range(1, COUNT + 1)]


def _client(number: int, today: date, chance: random.Random) -> ClientFields:
    tier = chance.choices(_TIERS, (60, 25, 11, 4))[0]
    level = chance.choices(list(RiskLevel), (12, 24, 36, 20, 8))[0]
    investor = _investor(tier, chance)
    assessed = today - timedelta(days=chance.randrange(5, 430))
    professional = investor is not InvestorType.ORDINARY
    lowest = level is RiskLevel.C1 and not professional and chance.random() < 0.3
    given = {
        "display_name": f"{chance.choice(_TERMS)}{number:03}", "tier": tier,
        "adviser": _ADVISERS[number % 2] if tier == "diamond" else None,
        "investor_type": investor.value,
        "lowest_class": lowest, "birth_year": None if investor is InvestorType.PROFESSIONAL_A else today.year - chance.randrange(19, 86),
        "permissions": [] if lowest else _permissions(level, chance), "holdings": _holdings(tier, level, today, chance),
        "opted_out": chance.random() < 0.06, "identities": {"web": f"demo-{number:03}"},
        "notes": chance.choice(("", "", "", "偏好电话联系。", "工作日下午联系。", "关注费率。")),
    }
    if investor is InvestorType.PROFESSIONAL_A:
        return ClientFields.model_validate(given)
    if chance.random() < 0.04:
        return ClientFields.model_validate({**given, "permissions": []})
    return ClientFields.model_validate({
        **given, "risk_level": level.value, "assessed_on": assessed.isoformat(),
        "assessment_expires_on": (assessed + timedelta(days=365)).isoformat(),
        "qualified_until": (today + timedelta(days=300)).isoformat() if tier == "diamond" else None,
        "wishes": _wishes(level, lowest=lowest, chance=chance)})


def _investor(tier: str, chance: random.Random) -> InvestorType:
    if tier != "diamond" and chance.random() > 0.03:
        return InvestorType.ORDINARY
    return chance.choice((InvestorType.ORDINARY, InvestorType.PROFESSIONAL_A, InvestorType.PROFESSIONAL_B, InvestorType.PROFESSIONAL_C))


def _permissions(level: RiskLevel, chance: random.Random) -> list[str]:
    return [item for item in _BY_LEVEL[level] if chance.random() < 0.75]


def _wishes(level: RiskLevel, *, lowest: bool, chance: random.Random) -> dict[str, object] | None:
    if chance.random() < 0.1:
        return None
    losses = Losses.NONE if lowest else _LOSSES[level]
    if losses is Losses.LARGE and chance.random() < _BOLD:
        losses = Losses.BEYOND_PRINCIPAL
    return {"term": chance.choice(list(Term)).value, "kinds": [kind.value for kind in _IN_ORDER[:_KINDS[level]]],
            "losses": losses.value}


def _holdings(tier: str, level: RiskLevel, today: date, chance: random.Random) -> dict[str, object]:
    total = int(_FLOORS[tier] * (1 + chance.expovariate(1.2)))
    cash = total * chance.randrange(3, 45) // 100
    kinds = _IN_ORDER[:_KINDS[level]]
    share = (total - cash) // len(kinds)
    return {"as_of": (today - timedelta(days=1)).isoformat(), "total_assets": f"{total}.00", "cash": f"{cash}.00",
            "by_kind": {kind.value: f"{share}.00" for kind in kinds}, "positions": chance.randrange(0, 24)}
