"""A service floor for the demonstration: twelve weeks of conversations that nobody had, and some that go on now.

Always the same for a day, made for the days that are missing, and of real questions with the answers that the base gives.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta

from assistant.audit import Action, Actor
from assistant.clock import china_day
from assistant.demo import DEMO
from assistant.demo_talk import Ask, Rows, Talk, floor_data, name_of
from assistant.inbox import utc_now
from assistant.measures import start_of
from assistant.storage import Store
from assistant.wording import Words

__all__ = ["WEEKS", "fill_floor"]

WEEKS = 12
_AGENTS = ("agent1", "agent2")
# How many clients come in each hour from 8 to 21, against each other; and on a day, at least and at most.
_HOURS = dict(zip(range(8, 22), (4, 10, 9, 6, 4, 8, 8, 5, 3, 2, 2, 3, 3, 1), strict=True))
_WORKDAY, _WEEKEND = (6, 10), (1, 4)
_FINDING = {"rule": "promise", "severity": "hard", "start": 0, "end": 2, "acknowledged": False}


def fill_floor(store: Store, words: Words, *, clock: Callable[[], datetime] = utc_now) -> int:
    """Add the days that are missing up to now, and at the first time conversations that go on; how many were added.

    The store's accounts of the demonstration are there already, and so are its clients.
    """
    now = clock()
    asks = _asks(words, china_day(now))
    if not asks:
        return 0
    floor = _Floor(asks, now)
    days = [china_day(now) - timedelta(days=back) for back in range(WEEKS * 7, -1, -1)]
    with store.write() as work:
        known = work.floor.known([name_of(f"{day}:{number}") for day in days for number in range(_WORKDAY[1])] + [name_of("now:0")])
        for day in days:
            floor.day(day, known)
        if name_of("now:0") not in known:
            floor.now()
        rows = {item.name: getattr(floor.rows, item.name) for item in fields(floor.rows)}
        for agent, conversation_id, at in rows.pop("found"):
            work.audit.record(Action.OUTGOING_FOUND, Actor(agent), at, subject=f"conversation:{conversation_id}", details={
                "sent": False, "demo": True, "findings": [_FINDING]})
        rows["event"].sort(key=lambda row: row["at"])
        work.floor.add(rows)
    return len(rows["conversation"])


class _Floor:
    def __init__(self, asks: Sequence[Ask], now: datetime) -> None:
        self.rows = Rows()
        self._asks = asks
        self._now = now

    def day(self, day: date, known: set[str]) -> None:
        """The conversations of a day that began and ended by now."""
        chance = random.Random(f"zhike {day}")
        workday = day.weekday() < 5
        for number in range(chance.randint(*(_WORKDAY if workday else _WEEKEND))):
            hour = chance.choices(list(_HOURS), list(_HOURS.values()))[0]
            at = start_of(day) + timedelta(hours=hour, seconds=chance.randrange(3600))
            name, seed = name_of(f"{day}:{number}"), chance.random()
            if name in known or at > self._now - timedelta(hours=2):
                continue
            talk = self._talk(name, at, random.Random(seed))
            # Near closing time nobody new is called for, and on other days nobody is there.
            _history(talk, served=workday and 9 <= hour < 16)
            talk.keep()

    def now(self) -> None:
        """Who waits, who is being served, and with whom the assistant is just now."""
        chance = random.Random("zhike now")
        waits = ((25, None), (95, None), (240, None), (400, "agent1"), (700, "agent1"), (150, "agent2"), (40, ""), (300, ""))
        for number, (seconds, agent) in enumerate(waits):
            talk = self._talk(name_of(f"now:{number}"), self._now - timedelta(seconds=seconds + 70), random.Random(chance.random()))
            _going_on(talk, seconds, agent)
            talk.keep()

    def _talk(self, name: str, at: datetime, chance: random.Random) -> Talk:
        return Talk(name, at, chance, self._asks, self.rows)


def _history(talk: Talk, *, served: bool) -> None:
    """How a conversation went, from beginning to end."""
    chance = talk.chance
    ask = talk.open()
    kinds = ("solved", "unhelpful", "unanswered", "human", "complaint", "abandoned", "hello", "back")
    kind = chance.choices(kinds, (64, 7, 8, 7, 1.5, 2, 3, 5) if served else (88, 0, 9, 0, 0, 0, 3, 0))[0]
    if kind == "hello":
        talk.client(chance.choice(floor_data()["lines"]["hello"]))
        talk.reply("smalltalk", "courtesy.greeting", "您好，请问有什么可以帮您？")
        return
    if kind in ("solved", "unhelpful", "back"):
        talk.ask(ask)
        if kind == "unhelpful" or chance.random() < 0.25:
            talk.judge(helpful=kind != "unhelpful")
        if kind == "solved" and chance.random() < 0.35:
            talk.ask(chance.choice(talk.asks))
        if kind == "solved":
            return
        if kind == "back":
            talk.wait(hours=1 + chance.random())
    elif kind == "unanswered":
        category, words = chance.choice(list(floor_data()["unanswered"].items()))
        talk.client(chance.choice(words))
        talk.reply("fallback", f"{category}.other", "这个问题我还没有准确的答案，可以为您转人工。")
        if not served:
            return
    else:
        talk.client(chance.choice(ask.words))
        talk.reply("clarify", ask.intent, "您想问的是哪一个？")
    talk.call(complaint=kind == "complaint")
    agent = chance.choices(_AGENTS, (55, 45))[0]
    if kind == "abandoned":
        talk.wait(seconds=chance.uniform(120, 600))
        talk.leave()
        return
    talk.serve(agent, ask, kind == "complaint")


def _going_on(talk: Talk, seconds: float, agent: str | None) -> None:
    """`agent`: an account, "" for the assistant, None for the queue."""
    ask = talk.open()
    talk.ask(ask)
    if agent == "":
        return
    talk.wait_until(talk.began + timedelta(seconds=55))
    talk.call()
    if agent:
        talk.wait(seconds=20)
        talk.claim(agent)
        talk.agent_says(agent, talk.line("greeting").format(name=DEMO[agent][0]))
        if talk.chance.random() < 0.7:
            talk.client("好的，麻烦快一点")


def _asks(words: Words, day: date) -> list[Ask]:
    """Those whose article can be said today."""
    found = ((words.worded(item["article"], day), item) for item in floor_data()["ask"])
    return [Ask(article, item["intent"], item["words"]) for article, item in found if article]
