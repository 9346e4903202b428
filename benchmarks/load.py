"""Sends many requests over some connections that stay open, each as soon as the one before it is answered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Load", "get", "post", "response", "send"]

CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Load:
    """What came back, in the order of the requests; `milliseconds` for each, `seconds` for all."""

    seconds: float
    milliseconds: Sequence[float]
    statuses: Sequence[int]
    bodies: Sequence[bytes]

    @property
    def rate(self) -> float:
        return len(self.statuses) / self.seconds

    def require(self, status: int) -> Load:
        """Itself, if every response had `status`: a fast error is no speed."""
        others = [(code, body) for code, body in zip(self.statuses, self.bodies, strict=True) if code != status]
        if others:
            raise RuntimeError(
                f"{len(others)} of {len(self.statuses)} responses were not {status}, the first {others[0]}"
            )
        return self


def post(path: str, body: Any, token: str | None = None) -> bytes:
    """A request as it goes over the wire."""
    encoded = json.dumps(body, ensure_ascii=False).encode()
    head = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(encoded)}",
    ]
    if token:
        head.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*head, "", ""]).encode() + encoded


def get(path: str, token: str) -> bytes:
    """Likewise, without a body."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def send(port: int, requests: Sequence[bytes], connections: int = CONNECTIONS) -> Load:
    return asyncio.run(_send(port, requests, connections))


async def _send(port: int, requests: Sequence[bytes], connections: int) -> Load:
    waiting = iter(enumerate(requests))
    answers: list[tuple[float, int, bytes]] = [(0.0, 0, b"")] * len(requests)
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(min(connections, len(requests))):
            group.create_task(_connection(port, waiting, answers))
    seconds = time.perf_counter() - started
    milliseconds, statuses, bodies = zip(*answers, strict=True)
    return Load(seconds, milliseconds, statuses, bodies)


async def _connection(port: int, waiting: Any, answers: list[tuple[float, int, bytes]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for number, request in waiting:
            started = time.perf_counter()
            writer.write(request)
            status, body = await response(reader)
            answers[number] = ((time.perf_counter() - started) * 1000, status, body)
    finally:
        writer.close()


async def response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body of a response whose length is announced."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    return status, await reader.readexactly(length)
