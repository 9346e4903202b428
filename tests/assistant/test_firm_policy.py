"""The firm's suitability policy, from its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import SettingsInvalid
from assistant.firm_policy import load_firm_policy
from assistant.suitability import FirmPolicy, InvestorType, ProductRisk, RiskLevel

WHOLE = """
high_risk_from = "R5"
elder_age = 70
elder_max_risk = "R3"
assessment_valid_months = 24
professional_classes = ["professional_a", "professional_d"]

[matching]
C1 = "R1"
C2 = "R2"
C3 = "R2"
C4 = "R4"
C5 = "R4"
"""


def test_without_a_file_the_careful_defaults_hold() -> None:
    assert load_firm_policy(None) == FirmPolicy()


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(WHOLE)
    policy = load_firm_policy(tmp_path / "policy.toml")
    assert policy.matching[RiskLevel.C3] is ProductRisk.R2 and policy.high_risk_from is ProductRisk.R5
    assert (policy.elder_age, policy.elder_max_risk, policy.assessment_valid_months) == (70, ProductRisk.R3, 24)
    assert policy.professional_classes == {InvestorType.PROFESSIONAL_A, InvestorType.PROFESSIONAL_D}


def test_zero_switches_off(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("elder_age = 0\nassessment_valid_months = 0\n")
    policy = load_firm_policy(tmp_path / "policy.toml")
    assert policy.elder_age is None and policy.assessment_valid_months is None


@pytest.mark.parametrize(("content", "complaint"), [
    ("elder = 65", "unknown: elder"), ('high_risk_from = "R6"', "R6"), ("elder_age = -1", "-1"), ("elder_age = true", "True"),
    ("elder_age = 65.5", "65.5"), ('matching = "C1"', "policy.toml"), ('[matching]\nC1 = "R5"', "C1 to C5"),
    ("professional_classes = 5", "int"),
    ('professional_classes = ["ordinary"]', "ordinary"), ("= 1", "policy.toml"), ('elder_age = 0\nelder_max_risk = "R1"', "elder_age"),
    (WHOLE.replace('C1 = "R1"', 'C1 = "R2"'), "not looser")])
def test_what_can_not_be_used_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "policy.toml").write_text(content)
    with pytest.raises(SettingsInvalid, match=f"ZHIKE_SUITABILITY.*{complaint}"):
        load_firm_policy(tmp_path / "policy.toml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"missing\.toml"):
        load_firm_policy(tmp_path / "missing.toml")
