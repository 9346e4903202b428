"""Who holds a conversation, who may move it, and where to. Pure.

    assistant ──hand over──▶ waiting ──claim──▶ agent
    assistant ──claim──▶ agent                       an agent steps in
    waiting   ──resume──▶ assistant                  the client goes on without a human
    agent     ──transfer──▶ another agent | waiting
    agent     ──release──▶ assistant | waiting
    any       ──close──▶ closed
    closed    ──reopen──▶ assistant | the last agent who held it     the client writes again
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from assistant.errors import AlreadyClaimed, ConversationClosed, IllegalMove, NotClaimed

__all__ = ["ASSISTANT", "BY_ASSISTANT", "BY_CLIENT", "CLOSED", "REOPENS_TO_AGENT", "TABLE", "WAITING", "Holding", "Move", "Party", "State",
           "Who", "held_by", "known_to", "moved", "reopens_with"]

# For so long after a close, a client who writes again comes back to the last agent who held the conversation, whoever closed it.
REOPENS_TO_AGENT = timedelta(hours=24)


class State(StrEnum):
    """Named for who holds the conversation."""

    ASSISTANT = "assistant"
    WAITING = "waiting"
    AGENT = "agent"
    CLOSED = "closed"


class Move(StrEnum):
    HAND_OVER = "be handed over"
    CLAIM = "be claimed"
    RESUME = "resume"
    SEND = "be answered by an agent"
    TRANSFER = "be transferred"
    RELEASE = "be released"
    CLOSE = "close"
    REOPEN = "be reopened"


class Party(StrEnum):
    ASSISTANT = "assistant"
    CLIENT = "client"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a conversation; `agent` is an account's name, and there is one in state `agent` only."""

    state: State
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """Who makes a move. `name` is an agent's account; `supervises`: they may move what colleagues hold."""

    party: Party
    name: str | None = None
    supervises: bool = False


ASSISTANT, WAITING, CLOSED = (Holding(state) for state in (State.ASSISTANT, State.WAITING, State.CLOSED))
BY_ASSISTANT, BY_CLIENT = Who(Party.ASSISTANT), Who(Party.CLIENT)


def held_by(agent: str) -> Holding:
    return Holding(State.AGENT, agent)


@dataclass(frozen=True, slots=True)
class _Rule:
    """Whose move it is, and the states that it may lead to, the usual one first. What an agent holds, only they move;
    who supervises may too, unless it is `personal`."""

    party: Party
    leads_to: tuple[State, ...]
    personal: bool = False


TABLE: Mapping[tuple[State, Move], _Rule] = {
    (State.ASSISTANT, Move.HAND_OVER): _Rule(Party.ASSISTANT, (State.WAITING,)),
    (State.ASSISTANT, Move.CLAIM): _Rule(Party.AGENT, (State.AGENT,)),
    (State.ASSISTANT, Move.CLOSE): _Rule(Party.AGENT, (State.CLOSED,)),
    (State.WAITING, Move.CLAIM): _Rule(Party.AGENT, (State.AGENT,)),
    (State.WAITING, Move.RESUME): _Rule(Party.CLIENT, (State.ASSISTANT,)),
    (State.WAITING, Move.CLOSE): _Rule(Party.AGENT, (State.CLOSED,)),
    # Claiming again what one holds changes nothing, so that a call may be repeated.
    (State.AGENT, Move.CLAIM): _Rule(Party.AGENT, (State.AGENT,), personal=True),
    (State.AGENT, Move.SEND): _Rule(Party.AGENT, (State.AGENT,), personal=True),
    (State.AGENT, Move.TRANSFER): _Rule(Party.AGENT, (State.WAITING, State.AGENT)),
    (State.AGENT, Move.RELEASE): _Rule(Party.AGENT, (State.ASSISTANT, State.WAITING)),
    (State.AGENT, Move.CLOSE): _Rule(Party.AGENT, (State.CLOSED,)),
    (State.CLOSED, Move.REOPEN): _Rule(Party.CLIENT, (State.ASSISTANT, State.AGENT)),
}


def moved(holding: Holding, move: Move, who: Who, *, to: Holding | None = None) -> Holding:
    """Who holds the conversation after the move; `to` chooses where a move may lead to several places.

    Raises ConversationClosed, NotClaimed, AlreadyClaimed (a colleague holds it) or IllegalMove.
    """
    rule = TABLE.get((holding.state, move))
    if rule is None or rule.party is not who.party:
        raise _refusal(holding, move)
    held = holding.state is State.AGENT
    if held and who.name != holding.agent and (rule.personal or not who.supervises):
        raise AlreadyClaimed(holding.agent)
    if move in (Move.CLAIM, Move.SEND):
        return held_by(who.name or "")
    after = to or Holding(rule.leads_to[0])
    if after.state not in rule.leads_to or (after.state is State.AGENT) != bool(after.agent) or after == holding:
        raise IllegalMove(move.value, holding.state.value)
    return after


def _refusal(holding: Holding, move: Move) -> Exception:
    if holding.state is State.CLOSED:
        return ConversationClosed()
    if move is Move.SEND:
        return NotClaimed()
    return IllegalMove(move.value, holding.state.value)


def known_to(*, closed_at: datetime | None, last_agent: str | None, now: datetime) -> str | None:
    """The agent to whom a client who writes again now is known; nobody where it is long ago, or the assistant had it alone."""
    return last_agent if closed_at is not None and now - closed_at <= REOPENS_TO_AGENT else None


def reopens_with(*, closed_at: datetime | None, last_agent: str | None, now: datetime, on_duty: bool) -> Holding:
    """Who gets a closed conversation when the client writes again; `on_duty` is of the last agent who held it."""
    known = known_to(closed_at=closed_at, last_agent=last_agent, now=now)
    return held_by(known) if known and on_duty else ASSISTANT
