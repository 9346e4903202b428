"""The folder of uploads: files under the digest of their bytes, on the disk before anybody is told that they are kept."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from uuid import uuid4

__all__ = ["Uploads"]


class Uploads:
    """Safe to share between threads and processes; replicas share the folder. Nothing in it is served by its path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes) -> str:
        """Its SHA-256, as hex. The same bytes are kept once."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if not path.is_file():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Whole or not at all: another name until the bytes are on the disk.
            making = path.with_name(f".{uuid4().hex}")
            descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            making.replace(path)
            _sync(path.parent)
            _sync(path.parent.parent)
        return digest

    def path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


def _sync(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
