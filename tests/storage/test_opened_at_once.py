"""Several processes may make a new database at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

import assistant.storage.engine
from assistant.storage import Store
from assistant.storage.migrate import migrate


def test_a_new_database_is_opened_by_several_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant.storage.engine, "migrate", migrate)
    with ThreadPoolExecutor(4) as threads:
        for number in range(10):
            together = Barrier(4)

            def opened(url: str, together: Barrier = together) -> Store:
                together.wait()
                return Store.open(url)

            for store in threads.map(opened, [f"sqlite:///{tmp_path / f'{number}.db'}"] * 4):
                store.close()
