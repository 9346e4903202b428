"""What the firm settles about follow-ups, by family of needs: words, and when they are due. Read from TOML.

`follow_up_policy.toml` is shipped; the firm's own file stands over it, table by table.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from assistant.errors import SettingsInvalid
from assistant.outgoing import load_outgoing_check
from assistant.overheard import Overheard
from assistant.refusal import Refusal
from assistant.suitability import Verdict
from intents.catalogue import FAMILIES
from intents.reading import Need
from knowledge.text import normalize

__all__ = ["FamilyPolicy", "FollowUpPolicy", "load_follow_up_policy"]

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_REFUSALS = frozenset(kind.value for kind in Refusal)


def _duration(value: Any) -> timedelta:
    found = re.fullmatch(r"(\d{1,4})([mhd])", value) if isinstance(value, str) else None
    if not found or not int(found[1]):
        raise ValueError("expected minutes, hours or days such as 15m, 4h or 30d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class FamilyPolicy(BaseModel):
    """Of one family. `opening` goes to the client and is approved; `why_now` is for agents. `offers`: the opening leads to a
    product, so there must be one that may be offered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Words
    title_en: Words
    due: Duration
    quiet: Duration
    valid: Duration
    why_now: Words
    why_now_en: Words
    opening: Words
    offers: bool = True


class _Silence(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    tones: frozenset[str] = frozenset()
    guards: frozenset[str] = frozenset()
    except_: frozenset[str] = Field(frozenset(), alias="except")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    refusals: list[str]
    silence: _Silence
    first: dict[str, Words]
    beside: dict[str, Words]
    family: dict[str, FamilyPolicy]


@dataclass(frozen=True, slots=True)
class FollowUpPolicy:
    """`first`: reason against an offer → what may be said to the client where it stands in the way. `beside`: such a reason, or an
    outcome → what is said to the client with information on products, which offers none."""

    families: Mapping[str, FamilyPolicy]
    first: Mapping[str, str]
    beside: Mapping[str, str]
    refusals: re.Pattern[str]
    silence: _Silence

    def refuses(self, text: str) -> str | None:
        """The words of a client's text by which they want no offers, as they are read."""
        found = self.refusals.search(normalize(text))
        return found.group() if found else None

    def warning(self, verdict: Verdict) -> str | None:
        """What is said with information on products that get such a verdict: by the first reason that has words, else by the outcome. That
        a client wants no offers is no reason to leave unsaid what the product's risk asks for."""
        reasons = [reason for reason in verdict.reasons if reason.code not in _REFUSALS] or verdict.reasons
        return next((self.beside[reason.code] for reason in reasons if reason.code in self.beside), self.beside.get(verdict.outcome))

    def worth(self, overheard: Overheard) -> list[Need]:
        """The needs that become follow-ups, each family once, in the order of families."""
        reading = overheard.reading
        if not reading.needs or overheard.guards & self.silence.guards or self.refuses(reading.text):
            return []
        silent = reading.tone.name in self.silence.tones
        needs = {need.family: need for need in reversed(reading.needs) if need.family in self.families}
        return [needs[family] for family in sorted(needs) if not silent or family in self.silence.except_]


@cache
def load_follow_up_policy(path: Path | None = None) -> FollowUpPolicy:
    """The shipped policy, with the firm's own file over it. Raises SettingsInvalid, which names what was found."""
    shipped = tomllib.loads((Path(__file__).parent / "follow_up_policy.toml").read_text(encoding="utf-8"))
    try:
        given = _over(shipped, tomllib.loads(path.read_text(encoding="utf-8"))) if path else shipped
        return _checked(_File.model_validate(given))
    except OSError as error:
        raise SettingsInvalid(f"ZHIKE_FOLLOW_UPS names {path}, which can't be read: {error.strerror}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors(include_url=False)[:10])
        raise SettingsInvalid(f"ZHIKE_FOLLOW_UPS, {path}: {faults}") from error
    except (ValueError, re.error) as error:
        raise SettingsInvalid(f"ZHIKE_FOLLOW_UPS, {path}: {error}") from error


def _over(shipped: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The firm's values in place of the shipped ones, in tables key by key."""
    both = {name: _over(shipped[name], value) if isinstance(value, dict) and isinstance(shipped.get(name), dict) else value
            for name, value in own.items()}
    return {**shipped, **both}


def _checked(given: _File) -> FollowUpPolicy:
    if set(given.family) != set(FAMILIES):
        raise ValueError(f"family: expected exactly {', '.join(FAMILIES)}")
    check = load_outgoing_check()
    lines = {**{f"family.{name}.opening": family.opening for name, family in given.family.items()},
             **{f"first.{name}": line for name, line in given.first.items()},
             **{f"beside.{name}": line for name, line in given.beside.items()}}
    for name, line in lines.items():
        if findings := check.findings(line):
            raise ValueError(f"{name}: the outgoing check finds {findings[0].words!r} ({findings[0].rule})")
    for name, family in given.family.items():
        if family.due > family.valid:
            raise ValueError(f"family.{name}: it is due after it is no longer valid")
    refusals = re.compile("|".join(f"(?:{pattern})" for pattern in given.refusals) or r"(?!)")
    return FollowUpPolicy(given.family, given.first, given.beside, refusals, given.silence)
