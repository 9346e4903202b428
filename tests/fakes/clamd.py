"""A clamd that knows one pattern, on a socket of its own."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from pathlib import Path

__all__ = ["BAD", "FakeClamd"]

BAD = b"X5O!P%@AP[4 a pattern that only this scanner knows"


class FakeClamd:
    """Listens for as long as the block lasts; `answer` in place of what it would say. `seen` is what it was sent."""

    def __init__(self, folder: Path | None = None, answer: bytes | None = None) -> None:
        self.seen: list[bytes] = []
        self.answer = answer
        handler = type("Handler", (_Handler,), {"clamd": self})
        if folder:
            self._server: socketserver.BaseServer = socketserver.ThreadingUnixStreamServer(str(folder / "clamd.ctl"), handler)
            self.address = str(folder / "clamd.ctl")
        else:
            self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
            self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FakeClamd:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(socketserver.BaseRequestHandler):
    clamd: FakeClamd
    request: socket.socket

    def handle(self) -> None:
        assert self._read(10) == b"zINSTREAM\0"
        data = b""
        while size := struct.unpack("!L", self._read(4))[0]:
            data += self._read(size)
        self.clamd.seen.append(data)
        found = b"stream: Test.Pattern-1 FOUND\0" if BAD in data else b"stream: OK\0"
        self.request.sendall(self.clamd.answer if self.clamd.answer is not None else found)

    def _read(self, size: int) -> bytes:
        heard = b""
        while len(heard) < size:
            more = self.request.recv(size - len(heard))
            if not more:
                raise EOFError
            heard += more
        return heard
