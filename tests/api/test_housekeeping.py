"""What a server puts in order by itself."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from types import SimpleNamespace

from api.housekeeping import Housekeeping
from assistant.errors import StorageUnavailable
from assistant.files import Files
from assistant.storage import Store
from assistant.uploads import Uploads


def test_orphans_go_while_it_runs_and_a_failure_ends_nothing(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'zhike.db'}")
    uploads = Uploads(tmp_path / "uploads")
    digest = uploads.keep(b"nobody's")
    os.utime(uploads.path(digest), (time.time() - 172_800,) * 2)
    files, failures = Files(store, tmp_path / "uploads"), [StorageUnavailable("gone"), OSError("full")]

    def sweep() -> int:
        if failures:
            raise failures.pop()
        return files.sweep()

    async def run() -> None:
        housekeeping = Housekeeping(SimpleNamespace(files=SimpleNamespace(sweep=sweep)), first=0.01, seconds=0.01)  # type: ignore[arg-type]
        for _ in range(500):
            if not uploads.path(digest).exists():
                break
            await asyncio.sleep(0.01)
        await housekeeping.close()

    asyncio.run(run())
    assert not failures and not uploads.path(digest).exists()
    store.close()
