"""Clients and agents who talk: each side of a conversation sends one message at a time, again and again until it is acknowledged, and
follows what happens, as widget and console do."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import quote

from benchmarks.floor_check import SIDES, Heard, Record
from benchmarks.floor_wire import Calls, follow
from benchmarks.load import get, post

__all__ = ["Agent", "Delivery", "Talk"]

OTHER = {"client": "agent", "agent": "client"}
_WORDS = {"client": "请问第 {} 件事怎么办理？", "agent": "好的，第 {} 件事我来为您办理。"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message from the moment at which it was due to be sent until the other side's stream told it; `acknowledged` until the answer.
    Seconds of the event loop's clock."""

    due: float
    acknowledged: float
    heard: float


@dataclass(frozen=True, slots=True)
class Agent:
    name: str
    token: str
    calls: Calls
    port: int


@dataclass(eq=False)
class Talk:
    """A conversation, with who holds it; `calls` and `port` are the client's."""

    id: str
    token: str
    agent: Agent
    calls: Calls
    port: int
    sent: dict[str, list[str]] = field(default_factory=lambda: {side: [] for side in SIDES})
    due: dict[tuple[str, str], float] = field(default_factory=dict)
    acknowledged: dict[tuple[str, str], float] = field(default_factory=dict)
    arrived: dict[tuple[str, str], float] = field(default_factory=dict)
    heard: dict[str, list[Heard]] = field(default_factory=lambda: {side: [] for side in SIDES})
    waiting: dict[str, deque[str]] = field(default_factory=lambda: {side: deque() for side in SIDES})
    busy: set[str] = field(default_factory=set)

    def say(self, side: str, due: float) -> asyncio.Task[None] | None:
        """Send one more; the task that does it, where none runs yet."""
        text = _WORDS[side].format(len(self.sent[side]) + 1)
        self.sent[side].append(text)
        self.due[side, text] = due
        self.waiting[side].append(text)
        if side in self.busy:
            return None
        self.busy.add(side)
        return asyncio.create_task(self._send(side))

    async def _send(self, side: str) -> None:
        whose, path, token = {
            "client": (self.calls, f"/v1/conversations/{self.id}/messages", self.token),
            "agent": (self.agent.calls, f"/v1/agent/conversations/{self.id}/messages", self.agent.token)}[side]
        try:
            while self.waiting[side]:
                text = self.waiting[side][0]
                body = {"client_message_id": str(self.sent[side].index(text) + 1), "text": text}
                await whose.until(post(path, body, token), 200)
                self.acknowledged[side, text] = time.monotonic()
                self.waiting[side].popleft()
        finally:
            self.busy.discard(side)

    def hear(self, listener: str, event_id: int, message: dict[str, str] | None) -> None:
        """The listener's stream told of a message of the load."""
        if message is None or message["sender"] not in SIDES:
            return
        sender, text = message["sender"], message["text"]
        self.heard[listener].append(Heard(event_id, sender, text))
        if listener == OTHER[sender]:
            self.arrived.setdefault((sender, text), time.monotonic())

    async def follow(self, after: int, opened) -> None:
        def told(event_id: int, name: str, data: str) -> None:
            if name in ("message.received", "message.sent"):
                self.hear("client", event_id, json.loads(data).get("message"))

        await follow(self.port, f"/v1/conversations/{self.id}/events", self.token, after, told, opened)

    @property
    def is_done(self) -> bool:
        """Everything sent was acknowledged, and heard by both sides."""
        told = sum(len(self.sent[side]) for side in SIDES)
        return len(self.acknowledged) == told and all(len(self.heard[side]) >= told for side in SIDES)

    async def record(self) -> Record:
        """With what the service gives back."""
        stored, after = [], ""
        while True:
            found = json.loads(await self.calls.until(get(f"/v1/conversations/{self.id}/messages{after}", self.token), 200))["messages"]
            stored += [(item["sender"], item["text"]) for item in found if item["sender"] in SIDES]
            if len(found) < 500:
                break
            after = f"?after={quote(found[-1]['id'])}"
        acknowledged = {side: frozenset(text for sender, text in self.acknowledged if sender == side) for side in SIDES}
        return Record(self.id, self.sent, acknowledged, stored, self.heard)

    def deliveries(self) -> list[Delivery]:
        return [Delivery(self.due[key], self.acknowledged[key], at) for key, at in self.arrived.items() if key in self.acknowledged]
