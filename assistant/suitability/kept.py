"""Verdicts as they are kept: findings by their codes, what they rest on as JSON in one spelling, and the digest of both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from assistant.suitability.findings import Finding

__all__ = ["codes_of", "digest_of", "plain"]


def codes_of(findings: Sequence[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def digest_of(value: Any) -> str:
    """SHA-256, as hex, of a value that is JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def plain(value: Any) -> Any:
    """A client, a product or a policy as JSON has it, in one spelling."""
    if is_dataclass(value):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return value if value is None or isinstance(value, bool | int) else str(value)
