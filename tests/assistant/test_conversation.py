"""Legal moves, all of them, and no others."""

from __future__ import annotations

from itertools import product

import pytest

from assistant.conversation import Move, State, after
from assistant.errors import ConversationClosed, IllegalMove

LEGAL = {
    ("assistant", "hand over"): "waiting", ("assistant", "be claimed"): "agent", ("assistant", "close"): "closed",
    ("waiting", "be claimed"): "agent", ("waiting", "resume"): "assistant", ("waiting", "close"): "closed",
    ("agent", "be transferred"): "waiting", ("agent", "be released"): "assistant", ("agent", "close"): "closed",
}


@pytest.mark.parametrize(("state", "move"), list(product(State, Move)))
def test_each_move_in_each_state(state: State, move: Move) -> None:
    if state is State.CLOSED:
        with pytest.raises(ConversationClosed):
            after(state, move)
    elif (state, move) in LEGAL:
        assert after(state, move) == LEGAL[state, move]
    else:
        with pytest.raises(IllegalMove, match=state):
            after(state, move)
