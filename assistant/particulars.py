"""What an answer may say of a client, as words: the values of the slots that articles have for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from assistant.client_record import ClientRecord, profile
from assistant.suitability import FirmPolicy, Standing, assessment
from knowledge.template import chinese_date

__all__ = ["particulars"]


def particulars(record: ClientRecord, today: date, firm: FirmPolicy) -> Mapping[str, str]:
    """By slot (`knowledge.template.CLIENT_SLOTS`), of what is known. A level that counts for no offer is told to nobody either."""
    assessed = assessment(profile(record), today, firm)
    days = {"assessed_on": record.assessed_on, "assessment_expires_on": assessed.expires_on}
    known = {name: chinese_date(day) for name, day in days.items() if day}
    if record.risk_level and assessed.standing is Standing.VALID:
        known["risk_level"] = record.risk_level.value
    if record.permissions:
        known["permissions"] = "、".join(permission.title for permission in sorted(record.permissions))
    return known
