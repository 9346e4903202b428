"""Fifty publications while clients write fifty messages a second: every reply comes from exactly one version."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from assistant.audit import Actor
from assistant.bootstrap import Application
from assistant.settings import Settings
from assistant.storage import Store
from tests.api.conftest import Talk, serving, wait_until
from tests.fakes.knowledge import an_article, fake_application, fake_base

EDITOR, REVIEWER = Actor("editor"), Actor("reviewer")
A_SECOND, CLIENTS = 50, 10
ARTICLES = {"open-account": "怎么开户", "close-account": "怎么销户"}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Application, str]]:
    """An application with its address."""
    settings = Settings(data=tmp_path, poll_seconds=0.05, messages_per_minute=100_000, requests_per_minute=100_000)
    base = fake_base(*(an_article(name, question, "第1版。") for name, question in ARTICLES.items()))
    made = fake_application(settings, Store.open(f"sqlite:///{tmp_path / 'zhike.db'}"), base)
    with serving(create_app(settings, lambda: made)) as url:
        yield made, url


def publish(application: Application, number: int) -> None:
    """A version in which both articles say its number."""
    for name, question in ARTICLES.items():
        item = application.desk.start(name, {"body": f"第{number}版。", "question": f"{question}（{number}）"}, EDITOR)
        application.desk.submit(item.article_id, item.revision, EDITOR)
        application.desk.approve(item.article_id, item.revision, REVIEWER)
    assert application.publishing.publish(EDITOR) == number
    assert application.knowledge.respond("怎么开户").reply.text == f"第{number}版。"


@pytest.mark.parametrize("publications", [8, pytest.param(50, marks=pytest.mark.slow)])
def test_each_reply_is_of_exactly_one_version(served: tuple[Application, str], publications: int) -> None:
    (application, url), stop, read = served, threading.Event(), set[str]()

    def write(client: int) -> dict[str, str]:
        """Reply id to reply, of a client who writes at a steady pace."""
        got: dict[str, str] = {}
        with httpx.Client(base_url=url, timeout=30) as http:
            talk, due = Talk.open(http), time.monotonic()
            while not stop.is_set():
                due += CLIENTS / A_SECOND
                time.sleep(max(0.0, due - time.monotonic()))
                answered = talk.say(list(ARTICLES.values())[client % 2])
                assert answered.status_code == 200, answered.text
                reply = answered.json()["reply"]
                got[reply["id"]] = reply["text"]
                read.add(reply["text"])
        return got

    with ThreadPoolExecutor(CLIENTS) as pool:
        writing = [pool.submit(write, client) for client in range(CLIENTS)]
        for number in range(2, publications + 2):
            publish(application, number)
            # The machine says how fast: the next one as soon as any client has read this one.
            wait_until(lambda text=f"第{number}版。": text in read or any(each.done() for each in writing))
        stop.set()
        replies = [reply for each in writing for reply in each.result().items()]
    seen = set()
    with application.store.read() as work:
        for reply_id, text in replies:
            decision = work.decisions.get(reply_id)
            assert decision is not None
            version = decision.knowledge_version
            assert (text, decision.article_revision) == (f"第{version}版。", version)
            titles = {candidate["title"] for candidate in decision.outcome["candidates"]}
            assert titles == {asked if version == 1 else f"{asked}（{version}）" for asked in ARTICLES.values()}
            seen.add(version)
    assert seen >= set(range(2, publications + 2)), "a version that no client got"
