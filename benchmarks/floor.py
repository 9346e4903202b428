"""A whole floor on the real service: open widgets and agents' consoles, messages both ways at a fixed rate, and a kill -9 in the middle.

Proves that every message came once and in order on both sides, and that nothing that was acknowledged was lost.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from uuid import uuid4

from sqlalchemy import make_url

from assistant.accounts import Accounts
from assistant.audit import SYSTEM
from assistant.conversation import State
from assistant.roles import Role
from assistant.storage import Store
from assistant.trail import AuditTrail
from benchmarks.figures import Figure, quantile
from benchmarks.floor_check import SIDES, faults
from benchmarks.floor_people import Agent, Delivery, Talk
from benchmarks.floor_wire import Calls, follow
from benchmarks.load import post
from benchmarks.server import Server, free_port, running

__all__ = ["Scale", "measure"]

_PASSWORD = "correct horse battery staple"
_TICK = 0.01
# After the load, so long may the last messages take.
_PATIENCE = 240.0
# Seconds after all streams are back in which messages are still told of apart.
_AFTER = 5.0
_SHOWN_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Scale:
    """`rate`: messages a second, both ways together. `database`: URL of an empty one, SQLite otherwise. `kill`: the first process is killed
    in the middle, and started again."""

    widgets: int = 2000
    agents: int = 50
    seconds: float = 300.0
    rate: float = 100.0
    processes: int = 1
    database: str | None = None
    kill: bool = True


@dataclass(slots=True)
class _Course:
    """What happened when, in seconds of the event loop's clock."""

    began: float = 0.0
    ended: float = 0.0
    killed: float | None = None
    ready: float | None = None
    all_back: float | None = None
    open_streams: int = 0
    late_ticks: list[float] = field(default_factory=list)

    def disturbed(self, item: Delivery) -> bool:
        """It was on its way when the process was killed, or sent before all were back."""
        return self.killed is not None and item.heard >= self.killed and item.due <= (self.all_back or self.ended) + _AFTER


def measure(data: Path, scale: Scale | None = None) -> list[Figure]:
    """Raises RuntimeError where a message was lost, doubled or out of order."""
    given = scale or Scale()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else max(soft, 65536), hard))
    folder = data / "floor"
    folder.mkdir(parents=True, exist_ok=True)
    url = given.database or f"sqlite:///{(folder / 'zhike.db').as_posix()}"
    names, opened = _prepare(url, given)
    with _Servers(_environment(folder, url, given), given.processes) as servers:
        course, talks, figures = asyncio.run(_Floor(given, servers, names, opened).run())
    _check_trail(url)
    return [*figures, *_figures(given, course, talks, make_url(url).get_backend_name())]


def _prepare(url: str, scale: Scale) -> tuple[list[str], list[tuple[str, str]]]:
    """Accounts of the agents, and (id, token) of conversations that they hold, dealt out one by one. None of it is measured."""
    store, now = Store.open(url), datetime.now(UTC)
    names = [f"agent{number}" for number in range(scale.agents)]
    opened = [(uuid4().hex, token_urlsafe(16)) for _ in range(scale.widgets)]
    try:
        for name in names:
            Accounts(store).add(name, _PASSWORD, [Role.AGENT], by=SYSTEM)
        with store.write() as work:
            work.floor.add({"conversation": [{
                "id": conversation_id, "channel": "web", "token_hash": sha256(token.encode()).hexdigest(), "state": State.AGENT.value,
                "agent": names[number % len(names)], "turn": 0, "created_at": now, "updated_at": now, "needed_at": now}
                for number, (conversation_id, token) in enumerate(opened)]})
    finally:
        store.close()
    return names, opened


def _check_trail(url: str) -> None:
    store = Store.open(url)
    try:
        if broken := AuditTrail(store).verify().broken:
            raise RuntimeError(f"the audit trail is broken: {broken}")
    finally:
        store.close()


def _environment(folder: Path, url: str, scale: Scale) -> dict[str, str]:
    service = folder / "service.toml"
    service.write_text(f"[load]\nmax_conversations = {-(-scale.widgets // scale.agents)}\n", encoding="utf-8")
    return {"ZHIKE_DATA": str(folder), "ZHIKE_DATABASE": url, "ZHIKE_SERVICE": str(service)}


class _Servers:
    """Processes of the service, each on a port that it keeps."""

    def __init__(self, environment: dict[str, str], count: int) -> None:
        self._environment = environment
        self.ports = [free_port() for _ in range(count)]
        self._open: list[ExitStack] = []
        self.running: list[Server] = []

    def __enter__(self) -> _Servers:
        for port in self.ports:
            self._open.append(ExitStack())
            self.running.append(self._start(self._open[-1], port))
        return self

    def __exit__(self, *_: object) -> None:
        for stack in self._open:
            stack.close()

    def kill(self, place: int) -> None:
        os.kill(self.running[place].pid, signal.SIGKILL)

    def start_again(self, place: int) -> None:
        """Blocks until it is ready."""
        self._open[place].close()
        self.running[place] = self._start(self._open[place], self.ports[place])

    def seconds_of_processor(self) -> float:
        """What the processes that run now have used."""
        return sum(server.processor() for server in self.running)

    def _start(self, stack: ExitStack, port: int) -> Server:
        return stack.enter_context(running("benchmarks.floor_server", environment=self._environment, port=port))


class _Floor:
    def __init__(self, scale: Scale, servers: _Servers, names: Sequence[str], opened: Sequence[tuple[str, str]]) -> None:
        self._scale, self._servers, self._names, self._opened = scale, servers, names, opened
        self._course = _Course()
        self._talks: list[Talk] = []
        self._sending: set[asyncio.Task[None]] = set()
        # The same messages in the same conversations each time.
        self._random = random.Random(7)

    async def run(self) -> tuple[_Course, list[Talk], list[Figure]]:
        course, scale = self._course, self._scale
        calls = [Calls(port) for port in self._servers.ports]
        agents = [await self._sign_in(name, calls, number) for number, name in enumerate(self._names)]
        self._talks = [Talk(*opened, agents[number % len(agents)], calls[number % len(calls)], self._servers.ports[number % len(calls)])
                       for number, opened in enumerate(self._opened)]
        streams = self._follow(agents)
        await self._until(lambda: course.open_streams == len(streams), _PATIENCE, "not all streams opened")
        _say(f"floor: {len(streams)} streams are open; {scale.rate:g} messages a second for {scale.seconds:g} s")
        memory = self._servers.running[0].memory().get("now", 0.0)
        course.began, used = time.monotonic(), self._servers.seconds_of_processor()
        killing = asyncio.create_task(self._kill(len(streams))) if scale.kill else None
        await self._load()
        course.ended = time.monotonic()
        # A process that was started anew has not used what the one before it had.
        used = 0.0 if killing else self._servers.seconds_of_processor() - used
        if killing:
            await killing
        _say("floor: the last messages …")
        await self._until(lambda: all(talk.is_done for talk in self._talks), _PATIENCE, None)
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
        await self._prove()
        return course, self._talks, [
            Figure("floor", "memory with all streams open", memory, "MB", "resident, of one process"),
            *([] if killing else [Figure("floor", "processor of the service", 100 * used / (course.ended - course.began), "%",
                                         "of one core, all processes together")]),
        ]

    async def _sign_in(self, name: str, calls: Sequence[Calls], number: int) -> Agent:
        # Not as the clients are dealt to processes, so that messages go from one to the other.
        place = number // 2 % len(calls)
        body = await calls[place].until(post("/v1/session", {"username": name, "password": _PASSWORD}), 200)
        return Agent(name, json.loads(body)["token"], calls[place], self._servers.ports[place])

    def _follow(self, agents: Sequence[Agent]) -> list[asyncio.Task[None]]:
        by_id = {talk.id: talk for talk in self._talks}

        def opened(change: int) -> None:
            self._course.open_streams += change

        def told(event_id: int, name: str, data: str) -> None:
            if name in ("message.received", "message.sent"):
                event = json.loads(data)
                by_id[event["conversation_id"]].hear("agent", event_id, event.get("message"))

        return [*(asyncio.create_task(talk.follow(0, opened)) for talk in self._talks),
                *(asyncio.create_task(follow(agent.port, "/v1/agent/events", agent.token, 0, told, opened)) for agent in agents)]

    async def _load(self) -> None:
        """Messages at the rate, whether or not the service keeps up."""
        course, due = self._course, self._course.began
        for number in range(round(self._scale.rate * self._scale.seconds)):
            due = course.began + number / self._scale.rate
            if (ahead := due - time.monotonic()) > 0:
                await asyncio.sleep(max(ahead, _TICK))
                course.late_ticks.append(time.monotonic() - due)
            self._say(due, SIDES[number % 2])

    def _say(self, due: float, side: str) -> None:
        task = self._random.choice(self._talks).say(side, due)
        if task:
            self._sending.add(task)
            task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        task.result()

    async def _kill(self, streams: int) -> None:
        course = self._course
        await asyncio.sleep(self._scale.seconds / 2)
        course.killed = time.monotonic()
        self._servers.kill(0)
        _say("floor: killed")
        await asyncio.to_thread(self._servers.start_again, 0)
        course.ready = time.monotonic()
        await self._until(lambda: course.open_streams == streams, _PATIENCE, "not all streams came back")
        course.all_back = time.monotonic()
        _say(f"floor: ready again after {course.ready - course.killed:.1f} s, all streams after {course.all_back - course.killed:.1f} s")

    async def _until(self, holds, seconds: float, otherwise: str | None) -> None:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                if otherwise:
                    raise RuntimeError(f"{otherwise} ({self._course.open_streams} open)")
                return
            await asyncio.sleep(0.05)

    async def _prove(self) -> None:
        records = [await talk.record() for talk in self._talks]
        found = [f"{record.id}: {fault}" for record in records for fault in faults(record)]
        missing = sum(len(record.sent[side]) - len(record.acknowledged[side]) for record in records for side in SIDES)
        if missing:
            found.append(f"{missing} messages were never acknowledged")
        if found:
            raise RuntimeError("\n".join([f"{len(found)} faults on the floor:", *found[:_SHOWN_FAULTS]]))


def _figures(scale: Scale, course: _Course, talks: Sequence[Talk], backend: str) -> Iterator[Figure]:
    deliveries = [item for talk in talks for item in talk.deliveries()]
    calm = [item for item in deliveries if not course.disturbed(item)]
    note = (f"{scale.widgets:,} widgets, {scale.agents} agents, {scale.seconds:g} s at {scale.rate:g} a second; {scale.processes} "
            f"process{'es' if scale.processes > 1 else ''}, {backend}")
    last = max(item.heard for item in deliveries)
    yield Figure("floor", "messages, each told once and in order to both", len(deliveries), "", note)
    yield Figure("floor", "delivered a second", len(deliveries) / (last - course.began), "", "until the last was told")
    yield from _times("delivery", [item.heard - item.due for item in calm])
    yield from _times("acknowledged", [item.acknowledged - item.due for item in calm])
    if course.killed and course.ready and course.all_back:
        yield Figure("floor", "kill -9 until ready again", course.ready - course.killed, "s")
        yield Figure("floor", "kill -9 until all streams are back", course.all_back - course.killed, "s")
        yield Figure("floor", "longest delivery around the kill", max(item.heard - item.due for item in deliveries), "s")
    behind = 1000 * quantile(course.late_ticks or [0.0], 0.99)
    yield Figure("floor", "sender behind, 99 of 100 under", behind, "ms", "what the sender adds")


def _times(name: str, seconds: Sequence[float]) -> Iterator[Figure]:
    if seconds:
        note = "from when it was due until the other side's stream told it" if name == "delivery" else "until the sender had its answer"
        yield Figure("floor", f"{name}, median", 1000 * quantile(seconds, 0.5), "ms", note)
        yield Figure("floor", f"{name}, 99 of 100 under", 1000 * quantile(seconds, 0.99), "ms", f"{len(seconds):,} messages")
        yield Figure("floor", f"{name}, slowest", 1000 * max(seconds), "ms")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
