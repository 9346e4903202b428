"""The floor of the demonstration: of one kind with what really happens, and nobody real."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from assistant.audit import Actor
from assistant.dashboard import Dashboard, Days
from assistant.demo_floor import fill_floor
from assistant.demo_talk import floor_data
from assistant.duty import Duty
from assistant.measures import Dimension
from assistant.privacy import find
from assistant.quality import load_quality_rules
from assistant.service_rules import load_service_rules
from assistant.storage import Store
from assistant.trail import AuditTrail
from assistant.wording import Worded
from intents.catalogue import intent_names
from tests.assistant.clock import Clock

SERVICE = load_service_rules(None)
BY = Actor("manager")
DAYS = Days(date(2026, 9, 1), date(2026, 11, 27))


class Any:
    """Words every article."""

    version = 1

    def worded(self, article_id: str, day: date) -> Worded | None:
        return Worded(article_id, 1, article_id, "answer", "答复")


def test_the_floor_is_filled_once_and_for_the_days_that_are_missing(store: Store) -> None:
    clock = Clock()
    added = fill_floor(store, Any(), clock=clock)
    assert added > 400 and fill_floor(store, Any(), clock=clock) == 0
    dashboard = Dashboard(store, load_quality_rules(None, SERVICE.goals), SERVICE, Duty(timedelta(minutes=30)), clock=clock)
    report = dashboard.report(DAYS, BY, split=Dimension.WEEK)
    assert len(report.groups) in (12, 13) and report.total["contacts"].n > 400
    for name, figure in report.total.items():
        assert figure.n and (figure.value or name == "findings"), name
    assert {group.key for group in dashboard.report(DAYS, BY, split=Dimension.AGENT).groups} == {"agent1", "agent2", ""}
    assert dict(dashboard.board(BY).states) == {"waiting": 3, "agent": 3, "assistant": 2}
    assert AuditTrail(store).verify().broken is None
    clock.go(days=3)
    assert 0 < fill_floor(store, Any(), clock=clock) < 40
    assert dashboard.board(BY).states["waiting"] == 3


def test_without_any_article_there_is_nothing_to_show(store: Store) -> None:
    class Nothing:
        version = 0

        def worded(self, article_id: str, day: date) -> Worded | None:
            return None

    assert fill_floor(store, Nothing(), clock=Clock()) == 0


def test_what_is_asked_is_in_the_base_and_names_nobody() -> None:
    from assistant.bootstrap import load_knowledge
    from assistant.settings import Settings

    base = load_knowledge(Settings())
    for ask in floor_data()["ask"]:
        assert ask["article"] in base.articles and ask["intent"] in intent_names(), ask
    said = str(floor_data())
    assert not find(said)
    assert max(Counter(ask["article"] for ask in floor_data()["ask"]).values()) == 1
