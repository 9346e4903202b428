"""Words between processes: heard once by the others, on a database that carries them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

import pytest
from sqlalchemy import create_engine, text

from assistant.storage import Store
from assistant.storage.signals import NotifySignals
from tests.api.conftest import wait_until

Heard = SimpleQueue[tuple[str, str]]


@contextmanager
def listening(store: Store) -> Iterator[Heard]:
    heard: Heard = SimpleQueue()
    stop = store.signals.listen(lambda topic, body: heard.put((topic, body)))
    yield heard
    stop()


def reaches(sender: Store, heard: Heard, topic: str, body: str) -> bool:
    """Whether what is said now is heard; what was said before has been, or was lost."""
    sender.signals.send(topic, body)
    try:
        return heard.get(timeout=0.2) == (topic, body)
    except Empty:
        return False


def connect(sender: Store, heard: Heard) -> None:
    """Until the listener is there and has heard the last of what was said to find out: what comes after that comes once."""
    said = iter(range(300))
    wait_until(lambda: reaches(sender, heard, "there?", str(next(said))) or not heard.empty())
    last = str(next(said))
    sender.signals.send("there?", last)
    while heard.get(timeout=60) != ("there?", last):
        pass


@pytest.fixture
def other(database_url: str) -> Iterator[Store]:
    opened = Store.open(database_url)
    yield opened
    opened.close()


def test_another_process_hears_what_one_says_and_nobody_hears_themselves(store: Store, other: Store, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        with listening(other) as heard:
            store.signals.send("client:1", "typing")
            assert heard.empty()
        return
    with listening(store) as own, listening(other) as heard:
        connect(store, heard)
        connect(other, own)
        store.signals.send("client:1", "a client\n\n types ' 中文")
        other.signals.send("client:2", "back")
        assert heard.get(timeout=60) == ("client:1", "a client\n\n types ' 中文")
        assert own.get(timeout=60) == ("client:2", "back")
        assert own.empty() and heard.empty()


def test_a_listener_that_was_cut_off_comes_back(store: Store, other: Store, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite carries no words between processes")
    engine = create_engine(database_url)
    with listening(other) as heard:
        wait_until(lambda: reaches(store, heard, "client:1", "typing"))
        with engine.begin() as connection:
            cut = connection.execute(text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()")).all()
        assert len(cut) == 1
        wait_until(lambda: reaches(store, heard, "client:1", "typing again"))
    engine.dispose()


def test_saying_something_to_a_database_that_is_gone_is_no_error() -> None:
    engine = create_engine("postgresql+psycopg://zhike@127.0.0.1:1/none")
    NotifySignals(engine).send("client:1", "typing")
    engine.dispose()
