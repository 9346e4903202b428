"""Follow-ups for the demonstration: clients who do not exist ask, the assistant answers, and agents have begun to follow up.

They go in by the same doors as everybody's, with the clock set back, so they are what the shipped models make of the questions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from assistant.agent import Agent
from assistant.audit import Actor
from assistant.bell import Bell
from assistant.demo import DEMO
from assistant.follow_up_policy import FollowUpPolicy
from assistant.follow_up_task import Result, TaskState
from assistant.follow_ups import FollowUps
from assistant.inbox import Inbox, Responds, utc_now
from assistant.service import Conversations
from assistant.storage import Store
from assistant.storage.follow_ups import Sought
from assistant.suitability import FirmPolicy

__all__ = ["fill_follow_ups"]

# Number of the client, hours ago, the question, and what an agent has made of it.
_ASKED: tuple[tuple[int, float, str, Result | TaskState | None], ...] = (
    (12, 0.1, "账上的钱一直放着有利息吗", None), (31, 0.2, "佣金太高了，再不降我就转到别家去了", None),
    (47, 0.5, "想给孩子攒几年后的学费，每个月定投一点行不行", None), (9, 1, "卖了股票有三十万闲着，先放哪里好", None),
    (63, 2, "听说现在可以买香港的股票，要怎么才能买", None), (77, 3, "存款利率越来越低，有没有比存款稳一点的", TaskState.CLAIMED),
    (5, 5, "手里的股票怕跌，有没有办法对冲一下", None), (90, 6, "上班没空看盘，到价能不能自动卖", TaskState.CLAIMED),
    (101, 20, "退休以后想每个月有点钱用，现在该准备什么", None), (112, 26, "账户里二十多万一直没动，放着是不是亏了", None),
    (123, 28, "想把手上的股票押出去借点钱周转", None), (134, 30, "一直亏，想找个专业的人帮我管一管", None),
    (140, 50, "新股怎么才能多中几个", Result.REACHED), (145, 60, "想买点黄金保值", Result.INTERESTED),
    (151, 70, "闲钱放着有利息吗，能不能随时取", Result.DONE), (155, 80, "美股可以在你们这买吗", Result.INTERESTED),
    (160, 90, "我想借钱多买点股票", Result.NOT_WANTED), (165, 100, "账上的钱放着有利息吗", Result.WRONG_FLAG),
)


def fill_follow_ups(store: Store, responder: Responds, policy: FollowUpPolicy, firm: FirmPolicy, *,
                    clock: Callable[[], datetime] = utc_now) -> int:
    """Add them where no client of the demonstration has any; how many. Its clients and accounts are there already."""
    with store.read() as work:
        if work.follow_ups.page(Sought(states=frozenset(TaskState)), limit=1):
            return 0
    now, made = clock(), 0
    for number, hours, text, came in sorted(_ASKED, key=lambda asked: -asked[1]):
        at = now - timedelta(hours=hours)
        made += _ask(store, responder, policy, firm, number, text, came, lambda at=at: at)
    return made


def _ask(store: Store, responder: Responds, policy: FollowUpPolicy, firm: FirmPolicy, number: int, text: str,
         came: Result | TaskState | None, then: Callable[[], datetime]) -> int:
    bell, who = Bell(), f"demo-{number:03}"
    conversation = Conversations(store, bell, clock=then).open("web", who).conversation
    Inbox(store, responder, bell, clock=then, follow_ups=policy).receive(conversation.id, "demo", text)
    with store.read() as work:
        opened = work.follow_ups.page(Sought(conversation_id=conversation.id))
    work_of, name = FollowUps(store, bell, policy, firm, clock=then), f"agent{number % 2 + 1}"
    agent = Agent(name, DEMO[name][0], Actor(name))
    for item in opened:
        if isinstance(came, Result):
            work_of.close(item.id, came, "", agent)
        elif came:
            work_of.claim(item.id, agent)
    return len(opened)
