"""Calls over some connections that stay open, and event streams that come back where they broke off; both survive the server's end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

from benchmarks.load import response

__all__ = ["Calls", "follow"]

# What a connection to a server that is being killed may raise.
BROKEN = (OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, IndexError)
_LIMIT = 2**20
_PAUSE, _LONGEST_PAUSE = 1.0, 8.0


class Calls:
    """At most so many calls at once to the server on `port`."""

    def __init__(self, port: int, connections: int = 64) -> None:
        self._port = port
        self._turn = asyncio.Semaphore(connections)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Status and body. Raises OSError where no answer came: whether the call was heard, nobody knows."""
        async with self._turn:
            reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port, limit=_LIMIT)
            try:
                writer.write(request)
                answer = await response(reader)
            except BROKEN as error:
                self._drop()
                writer.close()
                raise OSError("no answer") from error
            self._idle.append((reader, writer))
            return answer

    async def until(self, request: bytes, status: int, pause: float = 0.2) -> bytes:
        """The body, from the first answer with `status`; asked again where none came, or 503. Raises RuntimeError at any other."""
        while True:
            with suppress(OSError):
                code, body = await self.send(request)
                if code == status:
                    return body
                if code != 503:
                    raise RuntimeError(f"{request[:100]!r} was answered {code}: {body[:300]!r}")
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))

    def _drop(self) -> None:
        """Connections that were idle broke with the one that was not."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()


async def follow(port: int, path: str, token: str, after: int, told: Callable[[int, str, str], None],
                 opened: Callable[[int], None]) -> None:
    """Tell of every event, with id, name and data, for as long as the task lives. `opened` hears 1 when the stream is open, -1 when it
    broke."""
    pause = _PAUSE
    while True:
        writer = None
        is_open = False
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LIMIT)
            writer.write((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
                          f"Last-Event-ID: {after}\r\n\r\n").encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise OSError(head[:100])
            is_open, pause = True, _PAUSE
            opened(1)
            while frame := await _frame(reader):
                fields = dict(line.split(": ", 1) for line in frame.splitlines() if not line.startswith(":"))
                if "id" in fields:
                    after = int(fields["id"])
                    told(after, fields["event"], fields["data"])
        except BROKEN:
            pass
        finally:
            if is_open:
                opened(-1)
            if writer:
                writer.close()
        # As a browser does, after a time of its own, and more patiently each time: thousands at once would keep the server from starting.
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))
        pause = min(2 * pause, _LONGEST_PAUSE)


async def _frame(reader: asyncio.StreamReader) -> str:
    """One chunk of the body, which is one frame of the stream; empty at the end."""
    size = int((await reader.readuntil(b"\r\n")).strip(), 16)
    chunk = await reader.readexactly(size + 2)
    return chunk[:-2].decode().rstrip("\n") if size else ""
