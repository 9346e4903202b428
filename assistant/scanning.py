"""A scanner for malware in what is sent as a file: clamd of ClamAV, by its own protocol (`zINSTREAM`, man 8 clamd)."""

from __future__ import annotations

import re
import socket
import struct
from typing import Protocol

from assistant.errors import ScannerUnavailable, SettingsInvalid

__all__ = ["Clamd", "Scans", "no_scan"]

_PIECE = 1 << 17
_LONGEST_ANSWER = 4096
_NETWORK = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_FOUND = re.compile(r"stream: (?P<name>.+) FOUND", re.DOTALL)


class Scans(Protocol):
    """What was found, by the scanner's name for it, or None. Raises ScannerUnavailable. Safe to call from several threads."""

    def __call__(self, data: bytes) -> str | None: ...


def no_scan(_: bytes) -> str | None:
    """Where the firm has set no scanner."""
    return None


class Clamd:
    """Keeps `Scans`. `address` is the path of a socket, or HOST:PORT; each file has a connection of its own."""

    def __init__(self, address: str, *, seconds: float = 60.0) -> None:
        """Raises SettingsInvalid."""
        found = _NETWORK.fullmatch(address)
        if not address.startswith("/") and (found is None or not 0 < int(found["port"]) < 65536):
            raise SettingsInvalid(f"ZHIKE_CLAMD is {address!r}; expected the path of clamd's socket, or HOST:PORT")
        self._place = (found["host"].strip("[]"), int(found["port"])) if found else address
        self._seconds = seconds

    def __call__(self, data: bytes) -> str | None:
        try:
            with self._connected() as clamd:
                clamd.sendall(b"zINSTREAM\0")
                for start in range(0, len(data), _PIECE):
                    piece = data[start:start + _PIECE]
                    clamd.sendall(struct.pack("!L", len(piece)) + piece)
                clamd.sendall(struct.pack("!L", 0))
                answer = _answer(clamd)
        except OSError as error:
            raise ScannerUnavailable(str(error)) from error
        if answer == "stream: OK":
            return None
        if found := _FOUND.fullmatch(answer):
            return "".join(char for char in found["name"] if char.isprintable())[:120] or "unnamed"
        # Too large for clamd, or an error of its own: what was not looked at is not taken.
        raise ScannerUnavailable(answer[:200])

    def _connected(self) -> socket.socket:
        if isinstance(self._place, tuple):
            return socket.create_connection(self._place, timeout=self._seconds)
        clamd = socket.socket(socket.AF_UNIX)
        try:
            clamd.settimeout(self._seconds)
            clamd.connect(self._place)
        except OSError:
            clamd.close()
            raise
        return clamd


def _answer(clamd: socket.socket) -> str:
    """Up to the NUL that ends it, or the end."""
    heard = b""
    while b"\0" not in heard and len(heard) < _LONGEST_ANSWER:
        more = clamd.recv(_LONGEST_ANSWER)
        if not more:
            break
        heard += more
    return heard.partition(b"\0")[0].decode("utf-8", "replace").strip()
