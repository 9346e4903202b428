"""The whole house, nothing faked: HTTP, store, the shipped knowledge and the shipped models.

The index that `zhike index build` made is used again; without one the first run builds it, which takes minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from assistant.bootstrap import open_application
from assistant.settings import Settings
from knowledge.rank import MODELS as RANKER
from tests.api.conftest import Talk

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(not (RANKER / "thresholds.json").is_file(), reason="no ranker yet: zhike train ranker"),
]
SECONDS_TO_BUILD_AN_INDEX = 800


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    database = tmp_path_factory.mktemp("end-to-end") / "zhike.db"
    settings = Settings(database=f"sqlite:///{database}")
    with TestClient(create_app(settings, lambda: open_application(settings))) as client:
        end = time.monotonic() + SECONDS_TO_BUILD_AN_INDEX
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < end, "the application did not open"
            time.sleep(0.5)
        yield Talk.open(client)


def test_an_answer_has_a_published_revision_and_its_sources(talk: Talk) -> None:
    reply = talk.say("主板ST股票一天能涨多少").json()["reply"]
    assert reply["kind"] == "answer" and "10%" in reply["text"]
    assert reply["article"] == {"id": "main-st-price-limit", "revision": 1, "title": reply["article"]["title"]}
    assert reply["sources"] and all(source["effective_from"] for source in reply["sources"])


@pytest.mark.parametrize(("text", "kind"), [("你好", "smalltalk"), ("推荐一只明天会涨停的股票", "decline")])
def test_other_kinds(talk: Talk, text: str, kind: str) -> None:
    assert talk.say(text).json()["reply"]["kind"] == kind


@pytest.mark.parametrize("text", ["👍", "？", "a" * 2000, "＠＃￥%……&*", "\u202e开户", "<b>开户</b>", "𠮷", "1"])
def test_odd_texts_get_a_reply(talk: Talk, text: str) -> None:
    assert talk.say(text).json()["reply"]["text"]


def test_who_asks_for_a_human_waits_for_one(talk: Talk) -> None:
    waiting = Talk.open(talk.client)
    assert waiting.say("我要转人工客服").json()["reply"]["kind"] == "handover"
    assert waiting.say("在吗").json()["reply"] is None
