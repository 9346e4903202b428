"""Reads the firm's suitability policy from its TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from assistant.errors import SettingsInvalid
from assistant.suitability import FirmPolicy, InvestorType, ProductRisk, RiskLevel

__all__ = ["load_firm_policy"]


def load_firm_policy(path: Path | None) -> FirmPolicy:
    """The policy of the file, the usual one for None. Raises SettingsInvalid, which names what was found.

    Keys are the fields of FirmPolicy; `elder_age = 0` and `assessment_valid_months = 0` switch off.
    """
    if path is None:
        return FirmPolicy()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        return FirmPolicy(**_read(given))
    except OSError as error:
        raise SettingsInvalid(f"ZHIKE_SUITABILITY names {path}, which can't be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise SettingsInvalid(f"ZHIKE_SUITABILITY, {path}: {error}") from error


def _read(given: dict[str, Any]) -> dict[str, Any]:
    readers = {
        "matching": lambda value: {RiskLevel(level): ProductRisk(risk) for level, risk in dict(value).items()},
        "high_risk_from": ProductRisk, "elder_age": _number, "elder_max_risk": ProductRisk,
        "assessment_valid_months": _number,
        "professional_classes": lambda value: frozenset(InvestorType(item) for item in value),
    }
    if unknown := sorted(given.keys() - readers):
        raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(readers)}")
    return {name: readers[name](value) for name, value in given.items()}


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1200:
        raise ValueError(f"expected a whole number from 0 to 1200, found {value!r}")
    return value or None
