"""Who is served when, and by whom. Pure.

The order: whoever is raised (anger, distress) first; then by waiting time, in which better tiers have a head start. A head
start is bounded, so whoever has waited longer than the longest one is passed by nobody who comes now: nobody starves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

__all__ = ["Case", "Plan", "Server", "Skill", "assigned", "expected_wait", "in_order", "language_of", "ranked_from", "suits"]

_WORD = re.compile(r"[A-Za-z]{2,}")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Skill:
    """What an agent may be good at: `topics` are first levels of intents, `languages` what clients write in."""

    name: str
    title: str
    title_en: str
    topics: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """The firm's rules. `head_starts`: tier → how far it is ahead. `one_to_one`: tiers that are left to their own adviser
    for as long as `adviser_first`. `most`: conversations of an agent who has no limit of their own."""

    skills: Mapping[str, Skill] = field(default_factory=dict)
    head_starts: Mapping[str, timedelta] = field(default_factory=dict)
    one_to_one: frozenset[str] = frozenset()
    adviser_first: timedelta = timedelta(minutes=3)
    most: int = 20
    takes: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation that waits. `ranked_at` is since when it waits, less the tier's head start; `last_agent` had the client before,
    who came back."""

    id: str
    waiting_since: datetime
    ranked_at: datetime
    raised: bool = False
    topic: str | None = None
    language: str | None = None
    tier: str | None = None
    adviser: str | None = None
    last_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """An agent on duty, with how many conversations they hold and how many they may."""

    name: str
    skills: frozenset[str] = frozenset()
    load: int = 0
    most: int = 20

    @property
    def free(self) -> int:
        return max(0, self.most - self.load)


def ranked_from(waiting_since: datetime, tier: str | None, plan: Plan) -> datetime:
    """Since when the waiting of a client of this tier counts."""
    return waiting_since - plan.head_starts.get(tier or "", timedelta())


def in_order(cases: Iterable[Case]) -> list[Case]:
    """Who is served first comes first."""
    return sorted(cases, key=lambda case: (not case.raised, case.ranked_at, case.id))


def suits(case: Case, server: Server, others: Sequence[Server], plan: Plan, now: datetime) -> bool:
    """Whether the agent should take the case now; `others` are all agents on duty, whether or not the agent is among them.

    Nobody who has room is left out for lack of a skill or an adviser that no agent on duty with room has.
    """
    if not server.free:
        return False
    available = [other for other in others if other.free]
    if _awaits_adviser(case, available, plan, now):
        return server.name == case.adviser
    return server.name in (case.adviser, case.last_agent) or _has_skills(server, case, plan) or not any(
        _has_skills(other, case, plan) for other in available)


def assigned(cases: Iterable[Case], servers: Iterable[Server], plan: Plan, now: datetime) -> list[tuple[str, str]]:
    """(conversation, agent) for all who can be served now: in order, each to the least loaded who suits.

    Each conversation at most once, and no agent beyond what they may hold.
    """
    room = {server.name: server for server in servers}
    given = []
    for case in in_order(cases):
        fit = [server for server in room.values() if suits(case, server, list(room.values()), plan, now)]
        if not fit:
            continue
        # A client's own adviser goes before the agent who had them, and that one before whoever has less to do.
        best = min(fit, key=lambda server: (
            server.name != case.adviser, server.name != case.last_agent, server.load / server.most, server.load, server.name))
        given.append((case.id, best.name))
        room[best.name] = replace(best, load=best.load + 1)
    return given


def expected_wait(place: int, servers: Sequence[Server], plan: Plan) -> timedelta | None:
    """About how long the client in this place (from 1) waits for the first word; None where nobody is on duty.

    Agents take whom they have room for a minute after the other; for everybody beyond, one of theirs has to end first.
    """
    if not servers:
        return None
    room = sum(server.free for server in servers)
    soon, later = min(place, room), max(0, place - room)
    return timedelta(minutes=1) * -(-soon // len(servers)) + plan.takes * -(-later // len(servers))


def language_of(texts: Iterable[str]) -> str:
    """`en` where the client wrote in English words, else `zh`."""
    text = " ".join(texts)
    # One word alone may be pinyin or the name of a product, and some Chinese around it makes it Chinese.
    return "en" if len(_WORD.findall(text)) > max(1, len(_HAN.findall(text))) else "zh"


def _awaits_adviser(case: Case, available: Sequence[Server], plan: Plan, now: datetime) -> bool:
    """Whether the case is still left to the client's own adviser, who is there and has room."""
    return (case.tier in plan.one_to_one and now - case.waiting_since < plan.adviser_first
            and any(server.name == case.adviser for server in available))


def _calls_for(case: Case, plan: Plan) -> list[frozenset[str]]:
    """For the topic and for the language: skills of which one is needed; nothing where there are none."""
    by_topic = frozenset(skill.name for skill in plan.skills.values() if case.topic in skill.topics)
    by_language = frozenset(skill.name for skill in plan.skills.values() if case.language in skill.languages)
    return [skills for skills in (by_topic, by_language) if skills]


def _has_skills(server: Server, case: Case, plan: Plan) -> bool:
    return not server.skills or all(skills & server.skills for skills in _calls_for(case, plan))
