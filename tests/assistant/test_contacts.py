"""Contacts out of events: hand-computed stories, and what holds for any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.contacts import MOVES, RETURNS_WITHIN, Contact, Evidence, Replied, Talk, came_back, contacts_of, handled_by
from assistant.conversation import State
from assistant.events import (
    AgentReplied,
    ConversationClaimed,
    ConversationEnded,
    ConversationHandedOver,
    ConversationOpened,
    ConversationReleased,
    ConversationReopened,
    ConversationResumed,
    ConversationTransferred,
    Event,
    FeedbackGiven,
    MessageReceived,
    Recorded,
    ReplySent,
    SatisfactionGiven,
)

START = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
TALK = Talk("c1", "web", "web:9")
REPLIES = {"r-open": Replied("answer", "account.open", "open-account-online"), "r-fee": Replied("answer", "fees.commission", "fees"),
           "r-none": Replied("fallback", "fees.commission", None), "r-hello": Replied("smalltalk", "courtesy.greeting", "hello"),
           "r-human": Replied("handover", "guard.human", "handover-human"),
           "r-complaint": Replied("handover", "guard.complaint", "handover-complaint")}
Story = Sequence[tuple[float, Event]]
OPENED, ASKED = ConversationOpened("web"), MessageReceived("m")
CALLED, CLAIMED = ConversationHandedOver("waiting", "asked for"), ConversationClaimed("agent", "anna", "Anna")


def said(name: str) -> ReplySent:
    return ReplySent(name, REPLIES[name].kind, "m")


def told_by(minutes: float, story: Story) -> float:
    """Seconds with agents so many minutes after the start, as the wallboard counts them."""
    moves = [(State(asdict(event)["state"]), START + timedelta(minutes=at)) for at, event in story if event.type in MOVES]
    return handled_by(START + timedelta(minutes=minutes), moves)


def made(*story: tuple[float, Event], suggested: dict[str, bool] | None = None) -> list[Contact]:
    """Contacts of events at so many minutes after the start; what an agent holds has their name."""
    agent: str | None = None
    events = []
    for number, (minutes, event) in enumerate(story, start=1):
        payload = asdict(event)
        agent = payload.get("agent", agent) if payload.get("state") in (None, "agent") else None
        events.append(Recorded(number, "c1", event.type, payload, START + timedelta(minutes=minutes), agent))
    return contacts_of(TALK, events, Evidence(REPLIES, suggested or {}))


def test_what_the_assistant_answers_is_solved() -> None:
    (contact,) = made((0, OPENED), (1, ASKED), (1, said("r-hello")), (2, ASKED), (2, said("r-open")))
    assert (contact.solved, contact.handed_over, contact.asked, contact.category) == (True, False, True, "account")
    assert contact.waited is contact.first_response is contact.handled is None and contact.ended_at is None
    assert contact.over(contact.last_at + timedelta(minutes=59)) is None
    assert contact.over(contact.last_at + timedelta(minutes=61)) == contact.last_at


def test_what_it_did_not_answer_or_answered_badly_is_not() -> None:
    assert not made((0, OPENED), (1, ASKED), (1, said("r-open")), (2, ASKED), (2, said("r-none")))[0].solved
    unhelpful = FeedbackGiven("r-open", False)
    assert not made((0, OPENED), (1, ASKED), (1, said("r-open")), (2, unhelpful))[0].solved
    assert made((0, OPENED), (1, ASKED), (1, said("r-open")), (2, unhelpful), (3, FeedbackGiven("r-open", True)))[0].solved
    (greeted,) = made((0, OPENED), (1, ASKED), (1, said("r-hello")))
    assert not greeted.solved and not greeted.asked and greeted.category is None


def test_times_with_a_human_are_counted() -> None:
    (contact,) = made(
        (0, OPENED), (1, ASKED), (1, said("r-fee")), (2, ASKED), (2, said("r-human")), (2, CALLED), (5, CLAIMED),
        (6, AgentReplied("a1")), (8, AgentReplied("a2")), (12, ConversationEnded("closed", "anna")), (13, SatisfactionGiven(5)),
        suggested={"a1": False, "a2": True})
    assert (contact.waited, contact.first_response, contact.handled) == (180, 240, 420)
    assert (contact.agent, contact.state, contact.satisfaction, contact.blamed_article) == ("anna", "closed", 5, "fees")
    assert (contact.agent_messages, contact.suggestions_used, contact.suggestions_edited) == (2, 2, 1)
    assert contact.handed_over and not contact.solved and not contact.abandoned and not contact.complaint
    assert contact.over(START) == START + timedelta(minutes=12)


def test_waits_are_added_up_and_the_last_agent_has_it() -> None:
    (contact,) = made(
        (0, OPENED), (1, ASKED), (1, said("r-complaint")), (1, CALLED), (2, CLAIMED), (3, AgentReplied("a1")),
        (4, ConversationTransferred("waiting", None, None, "anna")), (9, ConversationClaimed("agent", "bert", "Bert")),
        (10, ConversationReleased("assistant", "bert")))
    assert (contact.waited, contact.handled, contact.agent, contact.complaint) == (60 + 300, 120 + 60, "bert", True)
    assert contact.state == State.ASSISTANT and not contact.abandoned


def test_who_leaves_the_queue_has_given_up() -> None:
    (contact,) = made((0, OPENED), (1, ASKED), (1, CALLED), (9, ConversationResumed("assistant")))
    assert contact.abandoned and contact.handed_over and contact.first_response is None and contact.waited == 480


def test_to_come_back_is_another_contact() -> None:
    first, second, third = made(
        (0, OPENED), (1, ASKED), (1, said("r-open")), (5, CALLED), (6, CLAIMED), (7, AgentReplied("a1")),
        (8, ConversationEnded("closed", "anna")), (100, ConversationReopened("agent", "anna", "Anna")), (100, ASKED),
        (101, AgentReplied("a2")), (102, ConversationReleased("assistant", "anna")), (103, ASKED), (103, said("r-open")),
        (200, SatisfactionGiven(2)), (300, ASKED), (300, said("r-fee")))
    assert [contact.number for contact in (first, second, third)] == [1, 2, 3]
    assert first.ended_at == START + timedelta(minutes=8) and second.ended_at == START + timedelta(minutes=103)
    assert (second.satisfaction, second.first_response, second.handed_over, third.category) == (2, 60, True, "fees")
    now = START + timedelta(days=3)
    # About the same, and soon; the third is about something else.
    assert came_back([first, second, third], now) == {("c1", 1)}


def test_a_client_is_known_over_conversations_for_a_day() -> None:
    (contact,) = made((0, OPENED), (1, ASKED), (1, said("r-open")))
    now = START + timedelta(days=9)

    def later(hours: float, **changes: object) -> Contact:
        start = contact.last_at + timedelta(hours=hours)
        return Contact(**{**asdict(contact), "conversation_id": "c2", "started_at": start, "last_at": start, **changes})

    assert came_back([later(23), contact], now) == {("c1", 1)}
    assert came_back([later(25), contact], now) == set()
    assert came_back([later(2, category="fees"), contact], now) == set()
    assert came_back([later(2, category=None), contact], now) == {("c1", 1)}
    assert came_back([later(2, client_ref=None), contact], now) == set()
    assert came_back([later(2, asked=False), contact], now) == set()


STEPS = st.sampled_from([
    ASKED, said("r-open"), said("r-none"), CALLED, CLAIMED, AgentReplied("a"), ConversationEnded("closed", "anna"),
    ConversationReopened("assistant", None, None), ConversationReleased("waiting", "anna"), ConversationResumed("assistant"),
    SatisfactionGiven(3), FeedbackGiven("r-open", False)])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), STEPS), max_size=25))
def test_any_story_is_cut_into_contacts_without_losing_time(steps: list[tuple[int, Event]]) -> None:
    story, minutes = [(0.0, OPENED)], 0
    for pause, event in steps:
        minutes += pause
        story.append((float(minutes), event))
    contacts = made(*story)
    assert [contact.number for contact in contacts] == list(range(1, len(contacts) + 1))
    assert sum(contact.agent_messages for contact in contacts) == sum(isinstance(event, AgentReplied) for _, event in story)
    spent = sum((contact.waited or 0) + (contact.handled or 0) for contact in contacts)
    assert 0 <= spent <= minutes * 60
    for before, after in pairwise(contacts):
        assert before.started_at <= before.last_at and before.ended_at and before.ended_at <= after.started_at
    for contact in contacts:
        assert not (contact.solved and contact.handed_over) and (contact.asked or not contact.solved)
        assert (contact.first_response is None) or contact.handed_over


def test_what_an_agent_has_now_is_counted_from_the_beginning_of_the_contact() -> None:
    story = [(0, OPENED), (1, ASKED), (1, CALLED), (2, CLAIMED), (3, ConversationTransferred("agent", "bert", "Bert", "anna")),
             (5, ConversationReleased("waiting", "bert")), (9, CLAIMED)]
    assert told_by(11, story) == (3 + 2) * 60
    back = [*story, (12, ConversationReleased("assistant", "anna"))]
    assert told_by(40, [*back, (30, CLAIMED)]) == (3 + 3 + 10) * 60
    assert told_by(100, [*back, (90, CLAIMED)]) == 10 * 60
    assert told_by(40, [*story, (12, ConversationEnded("closed", "anna")), (30, ConversationReopened("agent", "anna", "Anna"))]) == 10 * 60


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), STEPS), max_size=25))
def test_it_is_what_the_contact_will_say_if_it_ends_now(steps: list[tuple[int, Event]]) -> None:
    story, minutes, closed = [(0.0, OPENED)], 0, False
    for pause, event in [*steps, (1, ConversationReopened("agent", "anna", "Anna")), (1, CLAIMED)]:
        # What is closed is opened again and nothing else, and nothing else is.
        if event.type in MOVES and isinstance(event, ConversationReopened) != closed:
            continue
        closed = isinstance(event, ConversationEnded) if event.type in MOVES else closed
        minutes += pause
        story.append((float(minutes), event))
    ended = (minutes + 5.0, ConversationEnded("closed", "anna"))
    assert told_by(minutes + 5, story) == made(*story, ended)[-1].handled


def test_returns_are_looked_for_no_longer_than_a_day() -> None:
    assert timedelta(hours=24) == RETURNS_WITHIN
