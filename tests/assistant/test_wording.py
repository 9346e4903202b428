"""The shipped articles in approved words, as they read on a day."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.clock import china_day
from assistant.wording import ApprovedWords, NoWords
from knowledge.articles import KnowledgeBase

TODAY = china_day()


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    return KnowledgeBase.load()


def test_an_article_reads_as_the_assistant_would_say_it(base: KnowledgeBase) -> None:
    article = base.articles["decline-advice"]
    worded = ApprovedWords(base, {"decline-advice": 7}).worded("decline-advice", TODAY)
    assert worded and (worded.revision, worded.title, worded.kind) == (7, article.question, "decline")
    assert worded.text == base.render(article, TODAY).text and "{{" not in worded.text


def test_every_article_in_force_can_be_worded_and_no_other(base: KnowledgeBase) -> None:
    words = ApprovedWords(base, {})
    live = base.live_on(TODAY)
    assert {name for name in base.articles if words.worded(name, TODAY)} == live
    assert all(words.worded(name, TODAY).revision == 1 for name in sorted(live)[:20])


def test_what_is_not_there_has_no_words(base: KnowledgeBase) -> None:
    assert ApprovedWords(base, {}).worded("none", TODAY) is None
    assert NoWords().worded("decline-advice", date(2026, 1, 1)) is None
