"""What goes on by itself while clients wait: each hears where they stand, and, where the firm wants it, agents are given them."""

from __future__ import annotations

import asyncio

import structlog
from anyio import to_thread

from api.following import queue_for_client
from api.live import Live, of_client
from api.schemas import QueueState
from assistant.bootstrap import Application
from assistant.errors import AssistantError

__all__ = ["Floor"]


class Floor:
    """Looks every `poll_seconds`, in each process: the store is the only thing that they share."""

    def __init__(self, application: Application, live: Live) -> None:
        self._application = application
        self._live = live
        self._told: dict[str, QueueState] = {}
        self._walking = asyncio.create_task(self._walk())

    async def close(self) -> None:
        self._walking.cancel()
        await asyncio.gather(self._walking, return_exceptions=True)

    async def _walk(self) -> None:
        room = self._application.room
        while True:
            await asyncio.sleep(self._application.settings.poll_seconds)
            try:
                if room.rules.automatic:
                    await to_thread.run_sync(self._application.assigner.assign)
                self._tell({name: QueueState.of(standing) for name, standing in (await to_thread.run_sync(room.standings)).items()})
            except AssistantError as error:
                structlog.get_logger().warning("floor_not_seen", code=error.code)

    def _tell(self, standings: dict[str, QueueState]) -> None:
        """Whoever stands elsewhere than they were told; who comes to a stream anew asks by themselves."""
        for conversation_id, standing in standings.items():
            topic = of_client(conversation_id)
            if self._told.get(conversation_id) != standing and self._live.listens(topic):
                self._live.tell_here(topic, queue_for_client(standing))
        self._told = standings
