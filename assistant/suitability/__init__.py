"""Suitability (适当性): may the firm offer this product to this client, on this day? Pure, no I/O.

`verdict` answers, and `assessment` says whether a client's level counts; `RULES` is what they rest on, each rule with source,
paragraph and dates; `FirmPolicy` is what the rules leave to the firm. docs/suitability.md tells the whole.
"""

from assistant.suitability.assessment import Assessment, Standing, assessment
from assistant.suitability.findings import Finding, Remedy
from assistant.suitability.kept import codes_of, digest_of, plain
from assistant.suitability.policy import FirmPolicy
from assistant.suitability.rules import RULES, Certainty, Rule, in_force
from assistant.suitability.terms import (
    Audience,
    Client,
    InvestorType,
    Kind,
    Losses,
    Place,
    Product,
    ProductRisk,
    RiskLevel,
    Status,
    Term,
    TradingPermission,
    Wishes,
)
from assistant.suitability.verdict import Outcome, Verdict, verdict

__all__ = ["RULES", "Assessment", "Audience", "Certainty", "Client", "Finding", "FirmPolicy", "InvestorType", "Kind", "Losses",
           "Outcome", "Place", "Product", "ProductRisk", "Remedy", "RiskLevel", "Rule", "Standing", "Status", "Term",
           "TradingPermission", "Verdict", "Wishes", "assessment", "codes_of", "digest_of", "in_force", "plain", "verdict"]
