"""Event streams: woken in this process at once, from others by looking, and always read from the store.

A stream remembers only the id of the last event that it sent, so a client that comes back with it misses
nothing and sees nothing twice, whichever process it meets.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from anyio import to_thread

from api.metrics import Metrics
from api.schemas import PublicEvent
from assistant.bootstrap import Application
from assistant.errors import StorageUnavailable, TooManyRequests
from assistant.service import Told

__all__ = ["Live"]

RETRY_MILLISECONDS = 2000


class Live:
    """The streams that are open in this process. All methods but `stop` belong to the event loop."""

    def __init__(self, application: Application, metrics: Metrics) -> None:
        self._conversations = application.conversations
        self._settings = application.settings
        self._metrics = metrics
        self._streams: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop = asyncio.get_running_loop()
        self._stopped = False
        self._stop_listening = application.bell.listen(self._from_thread)
        self._looking = asyncio.create_task(self._look())

    def stop(self) -> None:
        """End all streams; from any thread."""
        self._stopped = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_all)

    async def close(self) -> None:
        self.stop()
        self._stop_listening()
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)

    def check_room(self, conversation_id: str) -> None:
        """Raises TooManyRequests when the conversation has as many streams as it may."""
        if len(self._streams.get(conversation_id, ())) >= self._settings.streams_per_conversation:
            raise TooManyRequests(int(self._settings.heartbeat_seconds) or 1)

    async def stream(self, conversation_id: str, after: int) -> AsyncIterator[str]:
        """Frames of server-sent events with ids greater than `after`, without end."""
        with self._subscribed(conversation_id) as woken:
            yield f"retry: {RETRY_MILLISECONDS}\n\n"
            while not self._stopped:
                # Cleared before reading: what is committed during the read wakes the next round.
                woken.clear()
                told = await to_thread.run_sync(self._conversations.events_after, conversation_id, after)
                for item in told:
                    yield _frame(item)
                    after = item.event.id
                if not told and not await self._wait(woken):
                    yield ": heartbeat\n\n"

    async def _wait(self, woken: asyncio.Event) -> bool:
        try:
            async with asyncio.timeout(self._settings.heartbeat_seconds):
                return await woken.wait()
        except TimeoutError:
            return False

    @contextmanager
    def _subscribed(self, conversation_id: str) -> Iterator[asyncio.Event]:
        woken = asyncio.Event()
        self._streams[conversation_id].add(woken)
        self._metrics.streams.inc()
        try:
            yield woken
        finally:
            self._metrics.streams.dec()
            self._streams[conversation_id].discard(woken)
            if not self._streams[conversation_id]:
                del self._streams[conversation_id]

    def _from_thread(self, conversation_id: str) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, conversation_id)

    def _wake(self, conversation_id: str) -> None:
        for woken in self._streams.get(conversation_id, ()):
            woken.set()

    def _wake_all(self) -> None:
        for conversation_id in self._streams:
            self._wake(conversation_id)

    async def _look(self) -> None:
        """Wake streams for events that other processes wrote; without streams the store is left alone."""
        seen: int | None = None
        while True:
            await asyncio.sleep(self._settings.poll_seconds)
            if not self._streams:
                seen = None
                continue
            try:
                seen = await self._look_once(seen)
            except StorageUnavailable:
                seen = None

    async def _look_once(self, seen: int | None) -> int:
        if seen is None:
            last = await to_thread.run_sync(self._conversations.last_event_id)
            self._wake_all()
            return last
        for event_id, conversation_id in await to_thread.run_sync(self._conversations.touched_after, seen):
            self._wake(conversation_id)
            seen = event_id
        return seen


def _frame(told: Told) -> str:
    data = PublicEvent.of(told).model_dump_json(exclude_none=True)
    return f"id: {told.event.id}\nevent: {told.event.type}\ndata: {data}\n\n"
