"""Who holds a conversation, and which moves are legal. Pure.

    assistant ──hand_over──▶ waiting ──claim──▶ agent
        ▲                      │  ▲               │
        ├───────resume─────────┘  └────transfer───┤
        └───────────────release───────────────────┘
    close leads from every state to closed, which is final.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from assistant.errors import ConversationClosed, IllegalMove

__all__ = ["Move", "State", "after"]


class State(StrEnum):
    """Named for who holds the conversation."""

    ASSISTANT = "assistant"
    WAITING = "waiting"
    AGENT = "agent"
    CLOSED = "closed"


class Move(StrEnum):
    HAND_OVER = "hand over"
    CLAIM = "be claimed"
    RESUME = "resume"
    TRANSFER = "be transferred"
    RELEASE = "be released"
    CLOSE = "close"


_LEGAL: Mapping[tuple[State, Move], State] = {
    (State.ASSISTANT, Move.HAND_OVER): State.WAITING,
    (State.ASSISTANT, Move.CLAIM): State.AGENT,
    (State.ASSISTANT, Move.CLOSE): State.CLOSED,
    (State.WAITING, Move.CLAIM): State.AGENT,
    (State.WAITING, Move.RESUME): State.ASSISTANT,
    (State.WAITING, Move.CLOSE): State.CLOSED,
    (State.AGENT, Move.TRANSFER): State.WAITING,
    (State.AGENT, Move.RELEASE): State.ASSISTANT,
    (State.AGENT, Move.CLOSE): State.CLOSED,
}


def after(state: State, move: Move) -> State:
    """The state that a move leads to. Raises ConversationClosed or IllegalMove."""
    if state is State.CLOSED:
        raise ConversationClosed()
    try:
        return _LEGAL[state, move]
    except KeyError:
        raise IllegalMove(move.value, state.value) from None
