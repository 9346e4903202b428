"""The dashboard over a store: a day at the office, on both backends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from assistant.conversation import State
from assistant.dashboard import Dashboard, Days, FollowUpSplit, Number, Only
from assistant.duty import Duty
from assistant.errors import OutgoingRefused, RangeInvalid
from assistant.follow_up_policy import load_follow_up_policy
from assistant.follow_up_task import Result
from assistant.follow_ups import FollowUps
from assistant.measures import Dimension, Share
from assistant.quality import Alarm, load_quality_rules
from assistant.reply import Context, Outcome
from assistant.service_rules import load_service_rules
from assistant.storage import Store
from assistant.storage.follow_ups import Sought
from assistant.suitability import FirmPolicy
from intents.reading import Intent
from tests.assistant.office import IDLE, Office, overheard
from tests.fakes import FakeResponder

SERVICE = load_service_rules(None)
TODAY = Days(date(2026, 11, 24), date(2026, 11, 24))


@pytest.fixture
def office(store: Store) -> Office:
    """It is 9:30 on a Tuesday in China."""
    office = Office(store)
    office.clock.go(hours=-8)
    return office


@pytest.fixture
def dashboard(office: Office) -> Dashboard:
    return Dashboard(office.store, load_quality_rules(None, SERVICE.goals), SERVICE, Duty(IDLE), clock=office.clock)


def serve(office: Office, *, after: float, satisfaction: int | None = None, agent: str = "anna") -> str:
    """A client whom the assistant could not help waits for `after` seconds, is answered a minute later, and leaves."""
    who = getattr(office, agent)
    name = office.open("怎么开户", "我的电话是13812345678，转人工", client_token=f"t{office.sent}")
    office.clock.go(seconds=after)
    office.console.claim(name, who)
    office.clock.go(seconds=60)
    suggestion = office.suggested(name, who)[0]
    office.send(name, suggestion.text, who, suggestion_id=suggestion.id)
    office.send(name, "还有什么可以帮您？", who)
    office.console.close(name, who)
    if satisfaction:
        office.conversations.judge_conversation(name, satisfaction)
    office.clock.go(minutes=1)
    return name


def test_a_day_is_counted(office: Office, dashboard: Dashboard) -> None:
    solved = office.open("怎么开户")
    reply = office.conversations.transcript(office.open("怎么开户")).messages[-1].message
    office.conversations.judge_reply(reply.conversation_id, reply.id, helpful=False)
    first, second = serve(office, after=30, satisfaction=5), serve(office, after=100, satisfaction=3)
    third = serve(office, after=400, agent="bert")
    with pytest.raises(OutgoingRefused):
        office.send(office.claimed(office.bert), "这个产品保本，稳赚不赔", office.bert)
    office.clock.go(hours=2)
    report = dashboard.report(TODAY, office.boss.by, split=Dimension.AGENT)
    total = report.total
    assert total["contacts"].n == 6
    assert (total["solved_by_assistant"].n, total["solved_by_assistant"].count) == (5, 1)
    assert (total["satisfaction"].n, total["satisfaction"].mean, total["satisfaction"].value) == (2, 4.0, 0.5)
    assert (total["waiting"].n, total["waiting"].value, total["waiting"].p90) == (4, 65.0, 400.0)
    assert (total["first_response"].n, total["first_response"].p90) == (3, 460.0)
    assert (total["suggestions_used"].n, total["suggestions_used"].count, total["suggestions_edited"].count) == (6, 3, 0)
    assert (total["resolved"].n, total["resolved"].count, total["findings"].count) == (5, 4, 1)
    groups = {group.key: group for group in report.groups}
    assert list(groups) == ["anna", "bert", ""] and groups["anna"].title == "坐席anna"
    assert groups["anna"].figures["waiting"].value == 65.0 and groups[""].score is None
    assert groups["anna"].score and groups["bert"].score and groups["anna"].score.total > groups["bert"].score.total
    bad = dashboard.behind(TODAY, Number("waiting", counted=False), office.boss.by)
    assert [line.case.contact.conversation_id for line in bad.lines] == [third] and bad.total == 1
    assert bad.lines[0].words == "怎么开户"
    rated = dashboard.behind(TODAY, Number("satisfaction", only=Only({Dimension.AGENT: "anna"})), office.boss.by)
    assert [line.case.contact.conversation_id for line in rated.lines] == [second, first]
    alone = dashboard.behind(TODAY, Number("solved_by_assistant", counted=True), office.boss.by)
    assert alone.lines[0].case.contact.conversation_id == solved
    (article,) = dashboard.articles(TODAY, office.boss.by)
    assert (article.article_id, article.answers, article.unhelpful, article.handed_over) == ("open-account-online", 5, 1, 3)
    assert article.title == "怎么在网上开户？"
    blamed = Number("handed_over", counted=True, article="open-account-online")
    assert dashboard.behind(TODAY, blamed, office.boss.by).total == 3


def test_figures_follow_what_happens(office: Office, dashboard: Dashboard) -> None:
    name = serve(office, after=30)
    assert dashboard.report(TODAY, office.boss.by).total["satisfaction"].n == 0
    office.conversations.judge_conversation(name, 4)
    assert dashboard.report(TODAY, office.boss.by).total["satisfaction"].n == 1
    assert dashboard.report(TODAY, office.boss.by).total["resolved"].count == 1
    office.say(name, "我还是没弄好，开户")
    assert dashboard.report(TODAY, office.boss.by).total["resolved"].count == 0
    # The same after everything is made anew.
    with office.store.write() as work:
        while work.measures.catch_up(lambda start, end: 0):
            pass
        assert len(work.measures.contacts(TODAY.since, TODAY.until)) == 2


def test_days_are_china_s_and_bounded(office: Office, dashboard: Dashboard) -> None:
    serve(office, after=1)
    office.clock.go(hours=15)
    office.open("怎么开户")
    assert dashboard.report(TODAY, office.boss.by).total["contacts"].n == 1
    days = dashboard.days(None, None)
    assert days == Days(date(2026, 11, 19), date(2026, 11, 25))
    assert [group.key for group in dashboard.report(days, office.boss.by, split=Dimension.DAY).groups] == ["2026-11-24", "2026-11-25"]
    for first, last in ((date(2026, 1, 2), date(2026, 1, 1)), (date(2020, 1, 1), date(2026, 1, 1))):
        with pytest.raises(RangeInvalid):
            Days(first, last)


def test_an_agent_sees_only_their_own_and_the_team(office: Office, dashboard: Dashboard) -> None:
    serve(office, after=30, satisfaction=5)
    serve(office, after=30, satisfaction=1, agent="bert")
    own = dashboard.own(TODAY, office.anna)
    assert (own.own["satisfaction"].value, own.team["satisfaction"].value) == (1.0, 0.5)
    assert own.score and list(own.weeks) == ["2026-11-23"]
    nobody = dashboard.own(TODAY, office.boss)
    assert nobody.score is None and nobody.own["contacts"].n == 0


def test_the_board_warns_before_it_is_late(office: Office, dashboard: Dashboard) -> None:
    office.sign_in(office.anna)
    held, waiting = office.claimed(office.anna), office.waiting()
    office.open("你好")
    office.clock.go(seconds=59)
    board = dashboard.board(office.boss.by)
    assert dict(board.states) == {"assistant": 1, "waiting": 1, "agent": 1} and board.closed_today == 0
    assert [(item.waiting.conversation_id, item.seconds, item.alarm) for item in board.waiting] == [(waiting, 59.0, Alarm.FINE)]
    (anna,) = board.agents
    assert (anna.account.name, anna.on_duty, anna.holds, anna.unanswered, anna.alarm) == ("anna", True, 1, 1, Alarm.FINE)
    office.clock.go(seconds=61)
    board = dashboard.board(office.boss.by)
    assert board.waiting[0].alarm is board.agents[0].alarm is Alarm.SOON
    office.send(held, "您好", office.anna)
    office.clock.go(seconds=60)
    office.console.close(held, office.anna)
    board = dashboard.board(office.boss.by)
    assert board.waiting[0].alarm is Alarm.LATE and board.agents[0].holds == board.agents[0].unanswered == 0
    assert board.closed_today == 1 and State.AGENT not in board.states


def test_the_board_warns_before_an_agent_takes_too_long(office: Office, dashboard: Dashboard) -> None:
    office.sign_in(office.anna)
    long, short = office.claimed(office.anna), office.waiting()

    def anna() -> tuple[str, float, Alarm, int]:
        (found,) = [item for item in dashboard.board(office.boss.by).agents if item.account.name == "anna"]
        assert found.longest
        return found.longest.conversation_id, found.longest.seconds, found.longest.alarm, found.pressing

    office.clock.go(seconds=300)
    office.console.claim(short, office.anna)
    assert anna() == (long, 300.0, Alarm.FINE, 0)
    office.clock.go(seconds=329)
    assert anna() == (long, 629.0, Alarm.FINE, 0)
    office.clock.go(seconds=1)
    assert anna() == (long, 630.0, Alarm.SOON, 1)
    # What it took before it went back to the queue counts, as it does in the measure; the time in the queue does not.
    office.console.transfer(long, None, office.anna)
    assert anna() == (short, 330.0, Alarm.FINE, 0)
    office.clock.go(seconds=100)
    office.console.claim(long, office.anna)
    office.clock.go(seconds=270)
    assert anna() == (long, 900.0, Alarm.LATE, 2)
    office.console.close(long, office.anna)
    assert anna() == (short, 700.0, Alarm.SOON, 1)
    (closed,) = dashboard.behind(TODAY, Number("handling"), office.boss.by).lines
    assert closed.case.contact.handled == 900.0
    # The client comes again, to the same agent: another contact.
    office.clock.go(minutes=1)
    office.say(long, "还有一个问题")
    office.console.close(short, office.anna)
    office.clock.go(seconds=5)
    assert anna() == (long, 5.0, Alarm.FINE, 0)


def test_the_board_shows_who_is_upset_whoever_holds_them(store: Store) -> None:
    office = Office(store, overhears=lambda text: overheard(text, "angry" if "骗子" in text else "neutral"))
    dashboard = Dashboard(office.store, load_quality_rules(None, SERVICE.goals), SERVICE, Duty(IDLE), clock=office.clock)
    alone = office.open("你们是骗子")
    office.clock.go(minutes=1)
    held, waits = office.claimed(office.anna), office.open("骗子，转人工")
    office.say(held, "骗子")
    office.say(held, "算了")
    office.open("怎么开户")
    # Long after the last word it still stands there.
    office.clock.go(hours=3)

    def upset() -> list[tuple[str, float, State, str | None, str | None, str | None]]:
        board = dashboard.board(office.boss.by)
        assert board.raised_count == len(board.raised)
        return [(item.raised.conversation_id, item.seconds, item.raised.state, item.raised.agent, item.raised.agent_name,
                 item.raised.tone) for item in board.raised]

    later = 3 * 3600.0
    assert upset() == [(alone, later + 60, State.ASSISTANT, None, None, "angry"), *sorted([
        (held, later, State.AGENT, "anna", "坐席anna", "neutral"), (waits, later, State.WAITING, None, None, "angry")])]
    office.console.claim(alone, office.bert)
    assert upset()[0] == (alone, later + 60, State.AGENT, "bert", "坐席bert", "angry")
    office.console.close(alone, office.bert)
    office.console.close(held, office.anna)
    assert [name for name, *_ in upset()] == [waits]


def test_looks_are_in_the_trail_and_an_open_board_is_one(office: Office, dashboard: Dashboard) -> None:
    name = serve(office, after=30)
    for _ in range(3):
        dashboard.board(office.boss.by)
    dashboard.report(TODAY, office.boss.by, export=True)
    dashboard.behind(TODAY, Number("handed_over"), office.boss.by)
    seen = [(entry.action, entry.details["what"]) for entry in office.trail() if entry.action.startswith("dashboard.")]
    assert seen == [("dashboard.seen", "board"), ("dashboard.exported", "measures"), ("dashboard.seen", "conversations")]
    assert office.trail()[-1].details["conversations"] == [name]


def test_follow_ups_stand_beside_complaints(office: Office, dashboard: Dashboard) -> None:
    assert dashboard.follow_ups(TODAY, office.boss.by)[0] == []
    with office.store.write() as work:
        work.staff.join_team(work.staff.hold("anna"), office.clock(), "一组")
    for number, channel in enumerate(("web", "wechat", "web")):
        office.open("账上的钱一直放着有利息吗", channel=channel, client_token=f"idle-{number}")
        office.clock.go(minutes=20)
    office.open("我要投诉你们，转人工", client_token="angry")
    work_of = FollowUps(office.store, office.bell, load_follow_up_policy(), FirmPolicy(), clock=office.clock)
    first, second, _ = (shown.item for shown in work_of.page(office.anna, Sought(), limit=9).shown)
    for item, agent, result in ((first, office.anna, Result.INTERESTED), (second, office.bert, Result.WRONG_FLAG)):
        work_of.claim(item.id, agent)
        work_of.close(item.id, result, "", agent)

    def told(split: FollowUpSplit) -> dict[str, tuple[int, dict[str, int]]]:
        groups, complaints = dashboard.follow_ups(TODAY, office.boss.by, split=split)
        assert complaints.n == 4
        return {group.key: (group.opened, dict(group.outcomes)) for group in groups if group.opened}

    assert told(FollowUpSplit.FAMILY) == {"cash": (3, {"interested": 1, "wrong_flag": 1, "open": 1})}
    assert told(FollowUpSplit.AGENT) == {"anna": (1, {"interested": 1}), "bert": (1, {"wrong_flag": 1}), "": (1, {"open": 1})}
    assert told(FollowUpSplit.TEAM) == {"一组": (1, {"interested": 1}), "": (2, {"wrong_flag": 1, "open": 1})}
    assert told(FollowUpSplit.CHANNEL) == {"web": (2, {"interested": 1, "open": 1}), "wechat": (1, {"wrong_flag": 1})}
    assert told(FollowUpSplit.HOUR) == {"09": (2, {"interested": 1, "wrong_flag": 1}), "10": (1, {"open": 1})}
    groups, _ = dashboard.follow_ups(TODAY, office.boss.by, split=FollowUpSplit.AGENT)
    assert [group.title for group in groups][:2] == ["坐席anna", "坐席bert"] and groups[0].complaints is None
    assert (groups[0].precision, groups[0].right, groups[0].interested) == (None, None, None)
    groups, _ = dashboard.follow_ups(TODAY, office.boss.by, split=FollowUpSplit.CHANNEL)
    assert [group.complaints and group.complaints.n for group in groups] == [3, 1]
    (cash,), _ = dashboard.follow_ups(TODAY, office.boss.by, export=True)
    assert cash.precision and (cash.precision.flagged, cash.precision.judged) == (3, 2)
    assert cash.right == cash.interested == Share(2, 0.5, pytest.approx(0.0945, abs=1e-4), pytest.approx(0.9055, abs=1e-4))
    seen = [entry for entry in office.trail() if entry.details.get("what") == "follow_ups"]
    assert (seen[-1].action, seen[-1].details["by"]) == ("dashboard.exported", "family")


class _Topics(FakeResponder):
    """Tells margin from the rest, and complaints."""

    def respond(self, text: str, context: Context = Context(), at: datetime | None = None) -> Outcome:
        outcome = super().respond(text, context, at)
        name = "margin.rate" if "融资" in text else "guard.complaint" if "投诉" in text else "account.open"
        return replace(outcome, reading=replace(outcome.reading, intent=Intent(name, 0.9)))


def test_follow_ups_are_of_the_category_of_the_contact_in_which_they_were_opened(store: Store) -> None:
    office = Office(store, responder=_Topics())
    office.clock.go(hours=-8)
    dashboard = Dashboard(office.store, load_quality_rules(None, SERVICE.goals), SERVICE, Duty(IDLE), clock=office.clock)
    office.open("账上的钱有利息吗")
    office.open("账户里的钱有利息吗")
    # First about an account; two hours later about margin, and only then is there a need; and about an account again.
    name = office.open("怎么开户")
    office.clock.go(hours=2)
    office.say(name, "融资的利息怎么算")
    office.say(name, "我要投诉，转人工")
    office.console.claim(name, office.anna)
    office.console.close(name, office.anna)
    office.clock.go(hours=2)
    office.say(name, "怎么开户")

    def told() -> dict[str, tuple[int, dict[str, int], int | None]]:
        groups, _ = dashboard.follow_ups(TODAY, office.boss.by, split=FollowUpSplit.CATEGORY)
        return {group.key: (group.opened, dict(group.outcomes), group.complaints and group.complaints.count) for group in groups}

    assert told() == {"account": (2, {"open": 2}, 0), "margin": (1, {"open": 1}, 1)}


def test_two_servers_catch_up_at_once(office: Office, dashboard: Dashboard, database_url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for _ in range(3):
        serve(office, after=10)
    other_store = Store.open(database_url)
    other = Dashboard(other_store, dashboard.rules, SERVICE, Duty(timedelta(minutes=1)), clock=office.clock)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda one: one.report(TODAY, office.boss.by).total["handed_over"].count, [dashboard, other] * 3))
    other_store.close()
    assert found == [3] * 6
