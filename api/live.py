"""Event streams: what happens is read from the store once for all who follow it here, and what a stream missed, by itself.

A stream remembers only the id of the last event that it sent, so whoever comes back with it misses nothing and sees
nothing twice, whichever process they meet. The bell says that something happened in this process; what others wrote is found
by looking. What is fleeting (that somebody types) has no id and is kept nowhere; it reaches the streams of other processes where
the database carries it to them.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import structlog
from anyio import CapacityLimiter, to_thread

from api.metrics import Metrics
from assistant.agent_feed import AgentTold
from assistant.bootstrap import Application
from assistant.errors import Forbidden, StorageUnavailable, TooManyRequests, Unauthenticated
from assistant.events import AT_ONCE

__all__ = ["QUEUE", "Following", "Listener", "Live", "of_agent", "of_client", "of_console", "of_conversation"]

RETRY_MILLISECONDS = 2000
# Events that come together are looked for together.
_TOGETHER_SECONDS = 0.02
_MOST_FLEETING = 16
_READERS = 8

# What a stream is told of. `of_client` and `of_console` are the two sides of a conversation.
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
    """What a stream follows. `frame` gives how it is told of an event of its topics, None where it is not. `read` gives (event id, frame)
    of the events after one, in order, from the store. `room` and `most`: so many at once. `admit` raises Unauthenticated or Forbidden
    when who follows may not do so any more, which ends the stream: it is asked before each batch of events and at each heartbeat."""

    topics: frozenset[str]
    frame: Callable[[AgentTold], str | None]
    read: Callable[[int], Sequence[tuple[int, str]]]
    room: str
    most: int
    admit: Callable[[], None] | None = None

    def read_again(self, after: int) -> Sequence[tuple[int, str]]:
        if self.admit:
            self.admit()
        return self.read(after)


@dataclass(eq=False, slots=True)
class Listener:
    """`after` is the id of the last event that it was sent. What happens waits in `told`; one that is `behind` reads the store first,
    where everything is that it was not told of."""

    following: Following
    after: int
    behind: bool = True
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    told: list[tuple[int, str]] = field(default_factory=list)
    fleeting: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_FLEETING))

    def tell(self, event_id: int, frame: str) -> None:
        if self.behind or len(self.told) >= AT_ONCE:
            # What is going to be read need not be kept; nor all that a slow one has not taken yet.
            self.fall_behind()
        else:
            self.told.append((event_id, frame))
            self.woken.set()

    def fall_behind(self) -> None:
        self.told.clear()
        self.behind = True
        self.woken.set()

    async def next_frames(self, limiter: CapacityLimiter | None = None) -> Sequence[tuple[int, str]]:
        """(event id, frame) of what comes next, in order; `limiter` bounds the threads that read. Raises what `Following.admit` does."""
        self.woken.clear()
        if not self.behind:
            told, self.told = self.told, []
            return told
        # Before reading: what is told meanwhile may not be in it.
        self.behind = False
        found = await to_thread.run_sync(self.following.read_again, self.after, limiter=limiter)
        if len(found) >= AT_ONCE:
            self.fall_behind()
        return found


class Live:
    """The streams that are open in this process. All methods but `stop` belong to the event loop."""

    def __init__(self, application: Application, metrics: Metrics) -> None:
        self._feed = application.agent_feed
        self._settings = application.settings
        self._signals = application.store.signals
        self._metrics = metrics
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._rooms: Counter[str] = Counter()
        self._loop = asyncio.get_running_loop()
        self._stopped = False
        self._rung = asyncio.Event()
        self._looked = 0.0
        # When thousands of streams read at once, all else goes on beside them.
        self._readers = CapacityLimiter(_READERS)
        self._stop_listening = application.bell.listen(self._from_thread)
        self._stop_hearing = self._signals.listen(self._from_elsewhere)
        self._looking = asyncio.create_task(self._look())

    def stop(self) -> None:
        """End all streams; from any thread."""
        self._stopped = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._read_again)

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
                try:
                    frames = await listener.next_frames(self._readers)
                except (Unauthenticated, Forbidden):
                    return
                for event_id, frame in frames:
                    # What was told while the store was read may be in both.
                    if event_id > listener.after:
                        yield frame
                        listener.after = event_id
                while listener.fleeting:
                    yield listener.fleeting.popleft()
                while not await self._wait(listener.woken):
                    yield ": heartbeat\n\n"
                    if following.admit:
                        listener.fall_behind()

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
        """Whether a stream is open here that is told of it."""
        return topic in self._listeners

    async def _wait(self, woken: asyncio.Event) -> bool:
        try:
            async with asyncio.timeout(self._settings.heartbeat_seconds):
                return await woken.wait()
        except TimeoutError:
            return False

    @contextmanager
    def _subscribed(self, following: Following, after: int) -> Iterator[Listener]:
        listener = Listener(following, after)
        if not self._listeners:
            # Until the first look, nobody knows from where on events are told.
            self._rung.set()
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

    def _from_thread(self, _: str) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)

    def _from_elsewhere(self, topic: str, frame: str) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.tell_here, topic, frame)

    def _read_again(self) -> None:
        for listener in {listener for followers in self._listeners.values() for listener in followers}:
            listener.fall_behind()

    async def _look(self) -> None:
        """Tell streams of events, whichever process wrote them; without streams the store is left alone."""
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
            except Exception:
                # Streams read for themselves what they are not told of.
                structlog.get_logger().exception("not_told")
                seen = None

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.poll_seconds):
                await self._rung.wait()
            await asyncio.sleep(self._looked + _TOGETHER_SECONDS - self._loop.time())
        self._rung.clear()
        self._looked = self._loop.time()

    async def _look_once(self, seen: int | None) -> int:
        """Tell of what is newer than the event `seen`; the id of the newest now. Where none was seen, all streams read by themselves."""
        if seen is None:
            last = await to_thread.run_sync(self._feed.last_id)
            self._read_again()
            return last
        events = await to_thread.run_sync(self._feed.of_all, seen, self._is_followed)
        if len(events) >= AT_ONCE:
            self._rung.set()
        heard = [item for told in events for item in self._heard(told)]
        # Who may follow whatever happens need not wait until the others were asked for.
        for listener, event_id, frame in heard:
            if not listener.following.admit:
                listener.tell(event_id, frame)
        asked = {listener for listener, _, _ in heard if listener.following.admit}
        refused = await to_thread.run_sync(_refused, asked) if asked else frozenset()
        admitted = asked - refused
        for listener, event_id, frame in heard:
            if listener in admitted:
                listener.tell(event_id, frame)
        # Their next reading is refused, too, and ends the stream.
        for listener in refused:
            listener.fall_behind()
        return events[-1].event.id if events else seen

    def _heard(self, told: AgentTold) -> list[tuple[Listener, int, str]]:
        """Who hears of an event, and how. Where that can't be said in words, those who follow read it by themselves."""
        followers = self._followers(told)
        try:
            frames = [(listener, listener.following.frame(told)) for listener in followers]
        except Exception:
            structlog.get_logger().exception("not_told", event=told.event.id)
            for listener in followers:
                listener.fall_behind()
            return []
        return [(listener, told.event.id, frame) for listener, frame in frames if frame is not None]

    def _is_followed(self, told: AgentTold) -> bool:
        """From any thread."""
        return any(topic in self._listeners for topic in _topics(told))

    def _followers(self, told: AgentTold) -> set[Listener]:
        return {listener for topic in _topics(told) for listener in self._listeners.get(topic, ())}


def _topics(told: AgentTold) -> Iterator[str]:
    """Of an event; which agents it concerns, only the store knows."""
    yield of_conversation(told.event.conversation_id)
    if told.event.agent:
        yield of_agent(told.event.agent)
    yield from map(of_agent, told.guests)
    if told.event.queued:
        yield QUEUE


def _refused(listeners: Collection[Listener]) -> frozenset[Listener]:
    """Those who may not follow any more."""
    refused = set()
    for listener in listeners:
        try:
            if listener.following.admit:
                listener.following.admit()
        except (Unauthenticated, Forbidden):
            refused.add(listener)
    return frozenset(refused)
