"""What the rules leave to the firm, with defaults that are careful rather than usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from assistant.suitability.terms import InvestorType, ProductRisk, RiskLevel

__all__ = ["USUAL_MATCHING", "FirmPolicy"]

# C1–R1 … C5–R5: the trade's table. A firm may be stricter.
USUAL_MATCHING: Mapping[RiskLevel, ProductRisk] = MappingProxyType(dict(zip(RiskLevel, ProductRisk, strict=True)))
_PROFESSIONAL = frozenset({InvestorType.PROFESSIONAL_A, InvestorType.PROFESSIONAL_B, InvestorType.PROFESSIONAL_C})


@dataclass(frozen=True, slots=True)
class FirmPolicy:
    """The firm's own settings.

    matching: the riskiest product for each level. high_risk_from: what counts as 高风险产品 (办法第二十条).
    elder_age: from which age there is special care, None for never; elder_max_risk: what an elder may be offered at most.
    assessment_valid_months: how long an assessment counts whose record gives no expiry; None is not at all.
    professional_classes: who counts as 专业投资者; every other class is treated as ordinary.
    """

    matching: Mapping[RiskLevel, ProductRisk] = field(default_factory=lambda: USUAL_MATCHING)
    high_risk_from: ProductRisk = ProductRisk.R4
    elder_age: int | None = 65
    elder_max_risk: ProductRisk | None = None
    assessment_valid_months: int | None = 12
    professional_classes: frozenset[InvestorType] = _PROFESSIONAL

    def __post_init__(self) -> None:
        """Raises ValueError on a policy that is looser than the usual table, or contradicts itself."""
        if set(self.matching) != set(RiskLevel):
            raise ValueError("matching needs one product risk for each of C1 to C5")
        if any(self.matching[level] > usual for level, usual in USUAL_MATCHING.items()):
            raise ValueError("matching may be stricter than C1–R1, C2–R2 … C5–R5, not looser")
        if [self.matching[level] for level in RiskLevel] != sorted(self.matching.values()):
            raise ValueError("matching must not fall from a level to the next")
        if InvestorType.ORDINARY in self.professional_classes:
            raise ValueError("professional_classes can't name ordinary investors")
        if self.elder_max_risk is not None and self.elder_age is None:
            raise ValueError("elder_max_risk needs elder_age")
