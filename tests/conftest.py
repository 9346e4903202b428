"""What the tests share: the shipped knowledge with the shipped models, opened once."""

from pathlib import Path

import pytest

from assistant.turn import Responder
from knowledge.articles import KnowledgeBase

ROOT = Path(__file__).parents[1]
WEB = Path(__file__).parent / "web"


@pytest.fixture(scope="session")
def shipped() -> Responder:
    """On the index that `make install` built; built here, in a minute, when there is none."""
    return Responder.open(KnowledgeBase.load(), ROOT / "data")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side, a file's tests share a process; those in a browser come first and share one, so that only one browser is open."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group("browser" if WEB in item.path.parents else str(item.path)))
    items.sort(key=lambda item: WEB not in item.path.parents)
