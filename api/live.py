"""Event streams: woken in this process at once, from others by looking, and always read from the store.

A stream remembers only the id of the last event that it sent, so whoever comes back with it misses nothing and sees
nothing twice, whichever process they meet. What is fleeting (that somebody types) has no id and is kept nowhere; it
reaches the streams of other processes where the database carries it to them.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from anyio import to_thread

from api.metrics import Metrics
from assistant.bootstrap import Application
from assistant.errors import Forbidden, StorageUnavailable, TooManyRequests, Unauthenticated
from assistant.events import AT_ONCE

__all__ = ["QUEUE", "Following", "Live", "of_agent", "of_client", "of_console", "of_conversation"]

RETRY_MILLISECONDS = 2000
# Events that come together are looked for together.
_TOGETHER_SECONDS = 0.02
_MOST_FLEETING = 16

# What a stream is woken by. `of_client` and `of_console` are the two sides of a conversation.
QUEUE = "queue"


def of_conversation(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


def of_client(conversation_id: str) -> str:
    return f"client:{conversation_id}"


def of_console(conversation_id: str) -> str:
    return f"console:{conversation_id}"


def of_agent(name: str) -> str:
    return f"agent:{name}"


@dataclass(frozen=True, slots=True)
class Following:
    """What a stream follows. `read` gives (event id, frame) of the events after one, in order; it raises Unauthenticated
    or Forbidden when who follows may not do so any more, which ends the stream. `room` and `most`: so many at once.
    `can_end`: whether they may still follow is asked in silence too, with each heartbeat."""

    topics: frozenset[str]
    read: Callable[[int], Sequence[tuple[int, str]]]
    room: str
    most: int
    can_end: bool = False


@dataclass(eq=False, slots=True)
class _Listener:
    """`after` is the id of the last event that it was sent: events come in order, so of earlier ones it has nothing to hear."""

    after: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    fleeting: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_FLEETING))


class Live:
    """The streams that are open in this process. All methods but `stop` belong to the event loop."""

    def __init__(self, application: Application, metrics: Metrics) -> None:
        self._conversations = application.conversations
        self._settings = application.settings
        self._signals = application.store.signals
        self._metrics = metrics
        self._listeners: defaultdict[str, set[_Listener]] = defaultdict(set)
        self._rooms: Counter[str] = Counter()
        self._loop = asyncio.get_running_loop()
        self._stopped = False
        self._rung = asyncio.Event()
        self._stop_listening = application.bell.listen(self._from_thread)
        self._stop_hearing = self._signals.listen(self._from_elsewhere)
        self._looking = asyncio.create_task(self._look())

    def stop(self) -> None:
        """End all streams; from any thread."""
        self._stopped = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_all)

    async def close(self) -> None:
        self.stop()
        self._stop_listening()
        await to_thread.run_sync(self._stop_hearing)
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)

    def check_room(self, following: Following) -> None:
        """Raises TooManyRequests when there are as many streams as there may be."""
        if self._rooms[following.room] >= following.most:
            raise TooManyRequests(int(self._settings.heartbeat_seconds) or 1)

    async def stream(self, following: Following, after: int) -> AsyncIterator[str]:
        """Frames of server-sent events with ids greater than `after`, until who follows may not any more."""
        with self._subscribed(following, after) as listener:
            yield f"retry: {RETRY_MILLISECONDS}\n\n"
            while not self._stopped:
                # Cleared before reading: what is committed during the read wakes the next round.
                listener.woken.clear()
                try:
                    frames = await to_thread.run_sync(following.read, listener.after)
                except (Unauthenticated, Forbidden):
                    return
                for event_id, frame in frames:
                    yield frame
                    listener.after = event_id
                while listener.fleeting:
                    yield listener.fleeting.popleft()
                # A full page may not be all; what came during the read has woken the next round.
                while len(frames) < AT_ONCE and not await self._wait(listener.woken):
                    yield ": heartbeat\n\n"
                    if following.can_end:
                        break

    async def tell(self, topic: str, frame: str) -> None:
        """Something fleeting, to the streams that are open now, in whatever process."""
        self.tell_here(topic, frame)
        await to_thread.run_sync(self._signals.send, topic, frame)

    def tell_here(self, topic: str, frame: str) -> None:
        """Something fleeting that each process finds out by itself."""
        for listener in self._listeners.get(topic, ()):
            listener.fleeting.append(frame)
            listener.woken.set()

    def listens(self, topic: str) -> bool:
        """Whether a stream is open here that is woken by it."""
        return topic in self._listeners

    async def _wait(self, woken: asyncio.Event) -> bool:
        try:
            async with asyncio.timeout(self._settings.heartbeat_seconds):
                return await woken.wait()
        except TimeoutError:
            return False

    @contextmanager
    def _subscribed(self, following: Following, after: int) -> Iterator[_Listener]:
        listener = _Listener(after)
        for topic in following.topics:
            self._listeners[topic].add(listener)
        self._rooms[following.room] += 1
        self._metrics.streams.inc()
        try:
            yield listener
        finally:
            self._metrics.streams.dec()
            self._rooms -= Counter({following.room: 1})
            for topic in following.topics:
                self._listeners[topic].discard(listener)
                if not self._listeners[topic]:
                    del self._listeners[topic]

    def _from_thread(self, conversation_id: str) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring, conversation_id)

    def _from_elsewhere(self, topic: str, frame: str) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.tell_here, topic, frame)

    def _ring(self, conversation_id: str) -> None:
        self._wake(of_conversation(conversation_id))
        # Which agents an event concerns, only the store knows.
        if QUEUE in self._listeners:
            self._rung.set()

    def _wake(self, topic: str, event_id: int | None = None) -> None:
        """Those who follow the topic; for an event, only those who have not been sent it yet."""
        for listener in self._listeners.get(topic, ()):
            if event_id is None or listener.after < event_id:
                listener.woken.set()

    def _wake_all(self) -> None:
        for topic in self._listeners:
            self._wake(topic)

    async def _look(self) -> None:
        """Wake streams for events that other processes wrote; without streams the store is left alone."""
        seen: int | None = None
        while True:
            await self._pause()
            if not self._listeners:
                seen = None
                continue
            try:
                seen = await self._look_once(seen)
            except StorageUnavailable:
                seen = None

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._settings.poll_seconds):
                await self._rung.wait()
            await asyncio.sleep(_TOGETHER_SECONDS)
        except TimeoutError:
            pass
        self._rung.clear()

    async def _look_once(self, seen: int | None) -> int:
        if seen is None:
            last = await to_thread.run_sync(self._conversations.last_event_id)
            self._wake_all()
            return last
        for touch in await to_thread.run_sync(self._conversations.touched_after, seen):
            # The bell has woken most of them already.
            self._wake(of_conversation(touch.conversation_id), touch.id)
            if touch.agent:
                self._wake(of_agent(touch.agent), touch.id)
            for guest in touch.guests:
                self._wake(of_agent(guest), touch.id)
            if touch.queued:
                self._wake(QUEUE, touch.id)
            seen = touch.id
        return seen
