"""What the tests share: the shipped knowledge with the shipped models, opened once."""

from pathlib import Path

import pytest

from assistant.turn import Responder
from knowledge.articles import KnowledgeBase

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shipped() -> Responder:
    """On the index that `make install` built; built here, in a minute, when there is none."""
    return Responder.open(KnowledgeBase.load(), ROOT / "data" / "index")
