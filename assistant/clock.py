"""The market's clock: whatever has a day in Zhike has it in China."""

from datetime import date, datetime, timedelta, timezone

__all__ = ["CHINA", "china_day"]

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def china_day(at: datetime | None = None) -> date:
    """The day in China at `at` (default now); a moment without a zone is read as China's."""
    if at is None:
        return datetime.now(CHINA).date()
    return (at if at.tzinfo else at.replace(tzinfo=CHINA)).astimezone(CHINA).date()
