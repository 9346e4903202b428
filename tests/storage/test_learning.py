"""What use teaches: each voice once, masked, with the question as it was understood."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from assistant.lessons import Voice
from assistant.reply import ArticleRef, Context, Outcome
from assistant.storage import Store
from tests.assistant.office import Office
from tests.fakes import FakeResponder


class Choosing(FakeResponder):
    """A message that is a title is a choice among those offered."""

    def respond(self, text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        outcome = super().respond(text, context, at)
        if text != "怎么把钱转进来？":
            return outcome
        article = ArticleRef("transfer-in", 1, text)
        return replace(outcome, reply=replace(outcome.reply, kind="answer", reason="chosen by the client", article=article))


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store, responder=Choosing())


def lessons(office: Office, since: timedelta = timedelta(days=1)) -> list[tuple[str, str, Voice]]:
    with office.store.read() as work:
        return [(item.question, item.article_id, item.voice) for item in work.learning.lessons(office.clock.now - since)]


def test_feedback_speaks_for_or_against_the_answer(office: Office) -> None:
    first, second = office.open(), office.open()
    for name, helpful in ((first, True), (second, False)):
        reply = office.say(name, "怎么开户，我是13812345678").reply
        assert reply
        office.conversations.judge_reply(name, reply.message.id, helpful=helpful)
    assert sorted(voice for _, _, voice in lessons(office)) == [Voice.HELPFUL, Voice.UNHELPFUL]
    assert {(question, article) for question, article, _ in lessons(office)} == {("怎么开户，我是〈手机号〉", "open-account-online")}


def test_what_is_chosen_answers_the_question_that_was_asked_back_about(office: Office) -> None:
    office.open("想转钱进账户", "怎么把钱转进来？")
    office.open("想转钱进账户", "算了", "怎么把钱转进来？")
    assert lessons(office) == [("想转钱进账户", "transfer-in", Voice.CHOSEN)], "what lies between belongs to something else"
    office.clock.now += timedelta(days=2)
    assert lessons(office) == []


def test_what_an_agent_sends_speaks_for_its_article(office: Office) -> None:
    name = office.claimed(office.anna)
    office.say(name, "我叫王小明，怎么开户")
    offered = office.suggested(name, office.anna)[0]
    office.send(name, offered.text, office.anna, suggestion_id=offered.id)
    assert lessons(office) == [("我叫〈姓名〉,怎么开户", offered.article_id, Voice.SENT)]
    office.send(name, f"您好！{offered.text}", office.anna, suggestion_id=offered.id)
    assert {voice for _, _, voice in lessons(office)} == {Voice.SENT, Voice.EDITED}


def test_what_an_agent_sends_in_place_of_an_answer_speaks_against_that(office: Office) -> None:
    name = office.open("怎么开户")
    office.console.claim(name, office.anna)
    offered = office.suggested(name, office.anna)[0]
    other = replace(offered, id="other", article_id="transfer-in", place=2)
    with office.store.write() as work:
        work.suggestions.add([other])
    office.send(name, other.text, office.anna, suggestion_id=other.id)
    assert set(lessons(office)) == {("怎么开户", "transfer-in", Voice.SENT), ("怎么开户", "open-account-online", Voice.REPLACED)}
