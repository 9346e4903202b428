"""What agents are offered: from what the assistant made of the message, or computed for them; the same for all who ask."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime

import pytest

from assistant.catalogue import Catalogue
from assistant.client_record import ClientFields
from assistant.clients import Clients
from assistant.errors import ConversationNotFound
from assistant.follow_up_policy import load_follow_up_policy
from assistant.reply import Candidate, Context, Outcome
from assistant.storage import Store
from assistant.suitability import FirmPolicy, Kind, Product, ProductRisk
from assistant.wording import Worded
from knowledge.template import NOBODY
from tests.assistant.office import Office
from tests.fakes import ANSWER, FakeResponder, FakeWords


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def test_what_the_assistant_found_is_suggested_without_asking_it_again(office: Office) -> None:
    name = office.open("怎么开户")
    asked = len(office.responder.seen)
    (first,) = office.suggested(name, office.anna)
    assert (first.article_id, first.revision, first.text, first.confidence, first.origin) == (
        "open-account-online", 3, ANSWER, 0.97, "recorded")
    assert first.sources == [{"title": "证券账户业务指南", "number": "中国结算发〔2023〕1号", "issuer": "中国结算",
                              "effective_from": "2023-08-28"}]
    assert len(office.responder.seen) == asked


def test_what_it_has_not_read_is_computed_in_the_context_of_the_conversation(office: Office) -> None:
    name = office.open("怎么开户", "转人工")
    office.say(name, "要多久")
    (first,) = office.suggested(name, office.anna)
    assert first.origin == "computed" and first.models == {"encoder": "fake"}
    text, context = office.responder.seen[-1]
    assert (text, context.turns) == ("要多久", 2)
    assert office.texts(name)[-1] == ("client", "要多久"), "nothing is said to the client"


def test_they_stay_the_same_for_a_message_and_change_with_the_next(office: Office) -> None:
    name = office.open("怎么开户", "转人工")
    office.say(name, "要多久")
    first = office.suggested(name, office.anna)
    asked = len(office.responder.seen)
    assert office.suggested(name, office.bert) == first and len(office.responder.seen) == asked
    office.say(name, "怎么转钱")
    assert office.suggested(name, office.anna) != first
    with office.store.read() as work:
        assert work.suggestions.get(first[0].id) == first[0], "what was offered stays known"


def test_who_asks_at_once_gets_the_same(office: Office) -> None:
    name = office.claimed(office.anna)
    office.say(name, "怎么开户")
    with ThreadPoolExecutor(6) as pool:
        offered = list(pool.map(lambda _: office.suggested(name, office.anna), range(6)))
    assert all(items == offered[0] and items for items in offered)


def test_only_what_is_in_force_and_can_be_sent_is_suggested(store: Store) -> None:
    assert Office(store, words=FakeWords("open-account-online")).suggested(
        Office(store).open("怎么开户"), Office(store).anna) == []
    office = Office(store)
    office.responder.before = None
    assert "handover" not in {item.article_id for item in office.suggested(office.waiting(), office.anna)}


class ManyCandidates(FakeResponder):
    """Finds articles a0 to a9, ever less likely."""

    def __init__(self, scores: list[float]) -> None:
        super().__init__()
        self.candidates = tuple(Candidate(f"a{number}", "?", score) for number, score in enumerate(scores))

    def respond(self, text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        outcome = super().respond(text, context, at)
        return replace(outcome, candidates=self.candidates, reply=replace(outcome.reply, article=None))


class AnyWords:
    version = 1

    def worded(self, article_id: str, day: date, client: Mapping[str, str] = NOBODY) -> Worded | None:
        return Worded(article_id, 1, "?", "handover" if article_id == "a0" else "answer", f"text of {article_id}")

    def families(self, article_id: str) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize(("scores", "offered"), [
    ([0.99, 0.009, 0.008, 0.007, 0.006], ["a1", "a2", "a3"]), ([0.9, 0.5, 0.3, 0.2, 0.1, 0.06, 0.05], ["a1", "a2", "a3", "a4", "a5"]),
    ([0.9, 0.5, 0.3, 0.2, 0.05, 0.04], ["a1", "a2", "a3", "a4"]), ([0.9], []), ([], [])])
def test_a_few_always_and_more_where_they_are_likely(store: Store, scores: list[float], offered: list[str]) -> None:
    office = Office(store, responder=ManyCandidates(scores), words=AnyWords())
    assert [item.article_id for item in office.suggested(office.open("怎么开户"), office.anna)] == offered


class SpeaksOfTheClient(FakeWords):
    """Says with each article what it is told of the client."""

    def worded(self, article_id: str, day: date, client: Mapping[str, str] = NOBODY) -> Worded | None:
        found = super().worded(article_id, day)
        return found and replace(found, text=";".join(f"{name}={value}" for name, value in sorted(client.items())))


def test_what_the_record_says_goes_into_the_words_for_agents_and_not_into_the_reply(store: Store) -> None:
    office = Office(store, words=SpeaksOfTheClient())
    clients = Clients(store, clock=office.clock)
    fields = {"risk_level": "C3", "assessed_on": "2026-01-05", "assessment_expires_on": "2027-01-05", "permissions": ["star", "hk_connect"],
              "display_name": "谷雨", "identities": {"web": "token-1"}}
    clients.put("C1", ClientFields.model_validate(fields), office.anna.by)
    known = office.open("怎么开户", client_token="token-1")
    said = "assessed_on=2026年1月5日;assessment_expires_on=2027年1月5日;permissions=港股通、科创板;risk_level=C3"
    (suggested,) = office.suggested(known, office.anna)
    assert suggested.text == said
    assert [found.worded.text for found in office.suggestions.search("怎么开户", office.anna, known)] == [said]
    assert office.texts(known)[-1] == ("assistant", ANSWER)
    looks = [(entry.subject, entry.details["why"]) for entry in office.trail() if entry.action == "client.seen"]
    assert looks == [("client:C1", "suggestions"), ("client:C1", "search")]
    with office.store.read() as work:
        kept = work.suggestions.get(suggested.id)
    assert kept and kept.text == "", "what is known of the client is read each time, and kept nowhere else"
    office.console.claim(known, office.anna)
    office.send(known, said, office.anna, suggestion_id=suggested.id)
    with office.store.read() as work:
        assert [use.edited for use in work.suggestions.uses(known)] == [False]
    # Another assessment; and one that is over tells no level.
    clients.put("C1", ClientFields.model_validate({"risk_level": "C4", "assessed_on": "2024-01-05", "assessment_expires_on": "2026-01-05"}),
                office.anna.by)
    assert office.suggested(known, office.anna)[0].text == (
        "assessed_on=2024年1月5日;assessment_expires_on=2026年1月5日;permissions=港股通、科创板")
    unknown = office.open("怎么开户", client_token="token-2")
    assert [item.text for item in office.suggested(unknown, office.anna)] == [""]
    assert [found.worded.text for found in office.suggestions.search("怎么开户", office.anna)] == [""]


CAREFUL = {"risk_level": "C2", "assessed_on": "2026-01-05", "assessment_expires_on": "2027-01-05", "birth_year": 1985,
           "wishes": {"term": "any", "kinds": ["fixed_income"], "losses": "some"}, "identities": {"web": "token-1"}}


@pytest.mark.parametrize(("given", "outcome", "codes", "warning"), [
    (CAREFUL, "may_offer", [], None), ({**CAREFUL, "birth_year": 1950}, "needs_notice", ["elder_care"], "needs_notice"),
    ({**CAREFUL, "risk_level": "C1"}, "may_not", ["risk_too_high"], "may_not"),
    ({**CAREFUL, "assessment_expires_on": "2026-11-23"}, "may_not", ["assessment_expired"], "assessment_expired"),
    (None, "may_not", ["client_unknown"], "client_unknown")])
def test_what_is_about_products_comes_with_the_verdict_and_is_never_withheld(
        store: Store, given: dict[str, object] | None, outcome: str, codes: list[str], warning: str | None) -> None:
    policy, words = load_follow_up_policy(), FakeWords()
    words.products["open-account-online"] = ("cash", "retention")
    office = Office(store, words=words)
    catalogue = Catalogue(store, FirmPolicy(), clock=office.clock)
    catalogue.take([Product("A", "现金", "cash", ProductRisk.R2, Kind.FIXED_INCOME)], office.boss.by)
    if given:
        Clients(store, clock=office.clock).put("C1", ClientFields.model_validate(given), office.boss.by)
    name = office.open("怎么开户", client_token="token-1")
    (suggested,), (found,) = office.suggestions.of(name, office.anna), office.suggestions.search("怎么开户", office.anna, name)
    assert suggested.item.text == found.worded.text == ANSWER
    assert suggested.verdicts == found.verdicts
    (beside,) = suggested.verdicts
    assert (beside.family, beside.offer.verdict.outcome, beside.policy.title) == ("cash", outcome, "闲置资金")
    assert [item.code for item in (*beside.offer.verdict.reasons, *beside.offer.verdict.steps)] == codes
    assert beside.warning == (policy.beside[warning] if warning else None)
    # Kept once, and named where the look is: with the client, or with the conversation where nobody knows whose it is.
    with store.read() as work:
        kept = work.judgements.get(beside.offer.digest)
    assert kept and kept.verdict["outcome"] == outcome and bool(kept.inputs["client"]) is bool(given)
    looks = [(entry.action, entry.details["why"]) for entry in office.trail() if entry.details.get("judgements") == [beside.offer.digest]]
    assert looks == ([("client.seen", "suggestions"), ("client.seen", "search")] if given
                     else [("conversation.seen", "suggestions"), ("knowledge.seen", "search")])


def test_a_search_for_nobody_says_that_nothing_may_be_offered(store: Store) -> None:
    words = FakeWords()
    words.products["open-account-online"] = ("cash",)
    (found,) = Office(store, words=words).suggestions.search("怎么开户", Office(store).anna)
    assert [reason.code for verdict in found.verdicts for reason in verdict.offer.verdict.reasons] == ["client_unknown"]


def test_before_the_client_says_something_there_is_nothing(office: Office) -> None:
    assert office.suggested(office.open(), office.anna) == []
    with pytest.raises(ConversationNotFound):
        office.suggested("none", office.anna)


def test_each_look_is_in_the_trail(office: Office) -> None:
    name = office.open("怎么开户")
    (item,) = office.suggested(name, office.anna)
    assert [(entry.action, entry.actor, entry.details) for entry in office.trail(name)] == [
        ("conversation.seen", "anna", {"why": "suggestions", "message": item.message_id})]
