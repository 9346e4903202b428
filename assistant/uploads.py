"""The folder of uploads: files under the digest of their bytes, on the disk before anybody is told that they are kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
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
        try:
            # Needed again: whoever takes away what nobody has needed for long sees that.
            os.utime(path)
        except FileNotFoundError:
            self._write(path, data)
        return digest

    def path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def untouched_since(self, moment: float) -> Iterator[str]:
        """Digests of the files that nobody has kept since, in seconds since 1970. What was begun before then and never finished goes."""
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime >= moment:
                        continue
                    if path.name.startswith("."):
                        path.unlink()
                    else:
                        yield path.name

    def remove(self, digest: str, *, untouched_since: float) -> bool:
        """Take a file away, unless somebody keeps it at this very moment; whether it is gone."""
        path = self.path(digest)
        # Aside first: who keeps the same bytes from now on finds nothing, and writes them anew.
        aside = path.with_name(f".{uuid4().hex}")
        # Another process may sweep too, and be first at any step.
        with suppress(FileNotFoundError):
            path.rename(aside)
            if aside.stat().st_mtime < untouched_since:
                aside.unlink()
                return True
            aside.replace(path)
        return False

    def _write(self, path: Path, data: bytes) -> None:
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


def _sync(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
