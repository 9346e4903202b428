"""Gives those who wait to the agents on duty, where the firm wants it so: by skill, tier, adviser and load."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from assistant.agent import subject_of
from assistant.audit import SYSTEM, Action
from assistant.bell import Bell
from assistant.console import change_of, hand_over
from assistant.conversation import Move, Party, State, Who, held_by, moved
from assistant.events import ConversationClaimed
from assistant.inbox import utc_now
from assistant.routing import assigned
from assistant.storage import Account, Store, Work
from assistant.waiting_room import WaitingRoom

__all__ = ["Assigner"]


class Assigner:
    """Safe to call from several processes at once: the agents on duty are locked while one of them gives."""

    def __init__(self, store: Store, bell: Bell, room: WaitingRoom, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._bell = bell
        self._room = room
        self._clock = clock

    def assign(self) -> list[tuple[str, str]]:
        """(conversation, agent) for all who could be given to somebody now."""
        with self._store.read() as work:
            if not work.queue.waiting():
                return []
        with self._store.write() as work:
            now = self._clock()
            floor = self._room.floor(work, now, hold=True)
            pairs = assigned(work.queue.waiting(), floor.servers, self._room.rules.plan, now)
            given = [(conversation_id, name) for conversation_id, name in pairs
                     if self._give(work, conversation_id, floor.accounts[name], now)]
            # Events come last: from the first one on, commits take turns.
            for conversation_id, name in given:
                work.outbox.append(conversation_id, now, ConversationClaimed(
                    State.AGENT.value, name, floor.accounts[name].display_name, by=SYSTEM.name), holding=held_by(name))
        for conversation_id, _ in given:
            self._bell.ring(conversation_id)
        return given

    def _give(self, work: Work, conversation_id: str, account: Account, now: datetime) -> bool:
        held = work.conversations.hold(conversation_id)
        # Somebody claimed it, or the client went on without, since the queue was read.
        if held.state is not State.WAITING:
            return False
        holding = moved(held.holding, Move.CLAIM, Who(Party.AGENT, account.name))
        hand_over(work, self._room, held, holding, now)
        work.audit.record(Action.CONVERSATION_CLAIMED, SYSTEM, now, subject=subject_of(conversation_id), details=change_of(held, holding))
        return True
