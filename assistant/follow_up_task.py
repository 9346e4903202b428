"""Who works a follow-up, where it goes, and whether a need is flagged again. Pure.

    open ──claim──▶ claimed ──outcome──▶ done | dismissed
    open, claimed ──snooze──▶ snoozed ──the moment comes──▶ claimed
    claimed, snoozed ──release──▶ open
    open, claimed, snoozed ──time──▶ expired        ──the client's no──▶ withdrawn
    done, dismissed ──outcome──▶ done | dismissed   who recorded it, corrects it
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from assistant.errors import AlreadyClaimed, FollowUpClosed, FollowUpNotClaimed, SnoozeInvalid

__all__ = ["LIVE", "Move", "Result", "Standing", "TaskState", "as_of", "closed", "may_open", "moved", "subjects_of", "visitor"]


class TaskState(StrEnum):
    """Where a follow-up stands; the values are stable."""

    OPEN = "open"
    CLAIMED = "claimed"
    SNOOZED = "snoozed"
    DONE = "done"
    DISMISSED = "dismissed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


LIVE = frozenset({TaskState.OPEN, TaskState.CLAIMED, TaskState.SNOOZED})


class Result(StrEnum):
    """What came of a follow-up, as the agent says; the values are stable."""

    REACHED = "reached"
    INTERESTED = "interested"
    DONE = "done"
    NOT_WANTED = "not_wanted"
    WRONG_FLAG = "wrong_flag"

    @property
    def state(self) -> TaskState:
        return TaskState.DISMISSED if self in (Result.NOT_WANTED, Result.WRONG_FLAG) else TaskState.DONE

    @property
    def shows_need(self) -> bool | None:
        """Whether the need was there, for training; None where the outcome does not say."""
        return {Result.INTERESTED: True, Result.DONE: True, Result.WRONG_FLAG: False}.get(self)


class Move(StrEnum):
    CLAIM = "claim"
    RELEASE = "release"
    SNOOZE = "snooze"
    CLOSE = "close"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Standing:
    """`agent` is the account that has it, or closed it. It can be worked until `expires_at`."""

    state: TaskState
    expires_at: datetime
    agent: str | None = None
    snoozed_until: datetime | None = None
    closed_at: datetime | None = None
    result: Result | None = None


_OPEN, _CLAIMED, _SNOOZED = TaskState.OPEN, TaskState.CLAIMED, TaskState.SNOOZED
_FROM: Mapping[Move, frozenset[TaskState]] = {
    Move.CLAIM: LIVE, Move.RELEASE: frozenset({_CLAIMED, _SNOOZED}), Move.SNOOZE: LIVE,
    Move.CLOSE: LIVE | {TaskState.DONE, TaskState.DISMISSED}, Move.EXPIRE: LIVE, Move.WITHDRAW: LIVE}


def as_of(standing: Standing, now: datetime) -> Standing:
    """Where it stands by the clock: its time is up, or what was put off is due again."""
    if standing.state in LIVE and standing.expires_at <= now:
        return closed(standing, Move.EXPIRE, standing.expires_at)
    if standing.state is _SNOOZED and standing.snoozed_until and standing.snoozed_until <= now:
        return replace(standing, state=_CLAIMED, snoozed_until=None)
    return standing


def moved(standing: Standing, move: Move, agent: str, now: datetime, *, supervises: bool = False,
          until: datetime | None = None, result: Result | None = None) -> Standing:
    """After an agent's move; `until` comes with snooze, `result` with close. To claim again what one has changes nothing.

    Whoever works an open one takes it with the same move. Raises FollowUpClosed, AlreadyClaimed, FollowUpNotClaimed or SnoozeInvalid.
    """
    standing = as_of(standing, now)
    if standing.state not in _FROM[move]:
        raise FollowUpNotClaimed() if standing.state is _OPEN else FollowUpClosed()
    if standing.agent not in (None, agent) and (move is Move.CLAIM or not supervises):
        raise FollowUpClosed() if standing.state not in LIVE else AlreadyClaimed(standing.agent, "follow-up")
    if move is Move.CLAIM:
        return replace(standing, state=_CLAIMED, agent=agent, snoozed_until=None)
    if move is Move.RELEASE:
        return replace(standing, state=_OPEN, agent=None, snoozed_until=None)
    if move is Move.SNOOZE:
        if until is None or not now < until < standing.expires_at:
            raise SnoozeInvalid()
        return replace(standing, state=_SNOOZED, agent=standing.agent or agent, snoozed_until=until)
    if move is not Move.CLOSE or result is None:
        raise ValueError(f"{move} is no move of an agent's, or lacks its result")
    return replace(standing, state=result.state, agent=agent, snoozed_until=None, result=result,
                   closed_at=standing.closed_at or now)


def closed(standing: Standing, move: Move, at: datetime) -> Standing:
    """After its time is up, or after the client's no; nothing where it is closed already."""
    if standing.state not in _FROM[move]:
        return standing
    state = {Move.EXPIRE: TaskState.EXPIRED, Move.WITHDRAW: TaskState.WITHDRAWN}[move]
    return replace(standing, state=state, snoozed_until=None, closed_at=at)


def may_open(earlier: Iterable[Standing], quiet: timedelta, now: datetime) -> bool:
    """Whether a need is flagged, given all that was flagged of it before: not beside one that is worked, and not while
    one that an agent closed is to stay quiet."""
    now_standing = [as_of(standing, now) for standing in earlier]
    return not any(
        standing.state in LIVE or (standing.result is not None and standing.closed_at is not None and now < standing.closed_at + quiet)
        for standing in now_standing)


def visitor(channel: str, client_ref: str) -> str:
    """Whom a follow-up names who is known to a channel, and has no record."""
    return f"visitor:{channel}:{client_ref}"


def subjects_of(*, client_id: str | None, channel: str, client_ref: str | None, conversation_id: str) -> tuple[str, ...]:
    """Whom a follow-up may name, best known first: the client, a visitor known to a channel, whoever is in one conversation."""
    return (*([f"client:{client_id}"] if client_id else []), *([visitor(channel, client_ref)] if client_ref else []),
            f"conversation:{conversation_id}")
