"""Whatever clients and agents do in whatever order: one holds the conversation, nothing that was said is lost or doubled,
and events and trail tell exactly what happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from assistant.agent import Agent
from assistant.errors import AlreadyClaimed, ConversationClosed, IllegalMove, NotClaimed
from assistant.storage import Store
from assistant.trail import AuditTrail
from tests.assistant.office import IDLE, Office

AGENTS = some.sampled_from(["anna", "bert", "boss"])
REFUSALS = (AlreadyClaimed, ConversationClosed, IllegalMove, NotClaimed)


class Machine(RuleBasedStateMachine):
    """One conversation on a store that all runs share. The model: who holds it, who held it before, who closed it when, and what was
    said."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.office = Office(self.store)
        self.id = self.office.open()
        self.state, self.holder = "assistant", None
        self.last: str | None = None
        self.closed: tuple[str, datetime] | None = None
        self.seen: dict[str, datetime] = {}
        self.said: list[tuple[str, str]] = []
        self.moves: list[str] = []
        for name in ("anna", "bert", "boss"):
            self.office.sign_out(self.agent(name))

    def agent(self, name: str) -> Agent:
        return getattr(self.office, name)

    def expect(self, allowed: bool, call: Callable[[], object]) -> bool:
        try:
            call()
        except REFUSALS as refused:
            assert not allowed, f"{refused} in {self.state} of {self.holder}"
            if isinstance(refused, AlreadyClaimed):
                assert self.state == "agent" and refused.agent == self.holder
            if isinstance(refused, ConversationClosed):
                assert self.state == "closed"
            return False
        assert allowed, f"in {self.state} of {self.holder}"
        return True

    def may_give_on(self, name: str) -> bool:
        return self.state == "agent" and (self.holder == name or name == "boss")

    def now_with(self, state: str, holder: str | None, event: str) -> None:
        self.last = self.holder or self.last
        self.state, self.holder = state, holder
        self.moves.append(event)

    @rule(text=some.sampled_from(["怎么开户", "转人工", "月亮多远"]))
    def client_writes(self, text: str) -> None:
        now = self.office.clock.now
        if self.state == "closed" and self.closed:
            known = self.last if now - self.closed[1] <= timedelta(hours=24) else None
            back = known in self.seen and now - self.seen[known] <= IDLE
            self.last = known
            self.now_with("agent" if back else "assistant", known if back else None, "conversation.reopened")
        reply = self.office.say(self.id, text).reply
        self.said.append(("client", text))
        assert bool(reply) == (self.state == "assistant")
        if reply:
            self.said.append(("assistant", reply.message.text))
            if text == "转人工":
                self.now_with("waiting", None, "conversation.handed_over")

    @rule()
    def client_resumes(self) -> None:
        if self.expect(self.state == "waiting", lambda: self.office.conversations.resume(self.id)):
            self.now_with("assistant", None, "conversation.resumed")

    @rule(name=AGENTS)
    def claim(self, name: str) -> None:
        free = self.state in ("assistant", "waiting")
        if self.expect(free or self.holder == name, lambda: self.office.console.claim(self.id, self.agent(name))) and free:
            self.now_with("agent", name, "conversation.claimed")

    @rule(name=AGENTS, to=some.sampled_from(["anna", "bert", "boss", None]))
    def transfer(self, name: str, to: str | None) -> None:
        allowed = self.may_give_on(name) and to != self.holder
        if self.expect(allowed, lambda: self.office.console.transfer(self.id, to, self.agent(name))):
            self.now_with("agent" if to else "waiting", to, "conversation.transferred")

    @rule(name=AGENTS, to_queue=some.booleans())
    def release(self, name: str, to_queue: bool) -> None:
        if self.expect(self.may_give_on(name), lambda: self.office.console.release(self.id, self.agent(name), to_queue=to_queue)):
            self.now_with("waiting" if to_queue else "assistant", None, "conversation.released")

    @rule(name=AGENTS)
    def close(self, name: str) -> None:
        allowed = self.state in ("assistant", "waiting") or self.may_give_on(name)
        if self.expect(allowed, lambda: self.office.console.close(self.id, self.agent(name))):
            self.closed = (name, self.office.clock.now)
            self.now_with("closed", None, "conversation.closed")

    @rule(name=AGENTS)
    def send(self, name: str) -> None:
        if self.expect(self.holder == name, lambda: self.office.send(self.id, f"我是{name}", self.agent(name))):
            self.said.append(("agent", f"我是{name}"))

    @rule(name=AGENTS)
    def sign_in(self, name: str) -> None:
        self.office.sign_in(self.agent(name))
        self.seen[name] = self.office.clock.now

    @rule(name=AGENTS)
    def sign_out(self, name: str) -> None:
        self.office.sign_out(self.agent(name))
        self.seen.pop(name, None)

    @rule(minutes=some.sampled_from([1, 20, 31, 600, 1441]))
    def wait(self, minutes: float) -> None:
        self.office.clock.go(minutes=minutes)

    @invariant()
    def one_holds_it(self) -> None:
        kept = self.office.get(self.id)
        assert (kept.state.value, kept.agent) == (self.state, self.holder)
        assert (kept.waiting_since is not None) == (self.state == "waiting")
        assert kept.last_agent == self.last
        assert (kept.closed_by, kept.closed_at) == (self.closed if self.state == "closed" and self.closed else (None, None))

    @invariant()
    def nothing_said_is_lost(self) -> None:
        assert self.office.texts(self.id) == self.said

    @invariant()
    def events_tell_it(self) -> None:
        events = self.office.feed.of_conversation(self.id, 0)
        hands = [told.event for told in events if "state" in told.event.payload]
        assert [event.type for event in hands] == self.moves
        assert not hands or hands[-1].payload["state"] == self.state
        assert [(told.said.message.sender, told.said.message.text) for told in events if told.said] == self.said
        # Each agent hears of all changes of hands.
        heard = [told.event.type for told in self.office.feed.of_agent("bert", hands[0].id - 1 if hands else 0)
                 if told.event.conversation_id == self.id and "state" in told.event.payload]
        assert heard == self.moves


def test_agents_and_clients_in_any_order(database_url: str, store: Store) -> None:
    # A server answers each statement more slowly.
    Machine.store, examples = store, 50 if database_url.startswith("sqlite") else 8
    Machine.TestCase.settings = settings(max_examples=examples, stateful_step_count=25, deadline=None, database=None,
                                         suppress_health_check=list(HealthCheck))
    Machine.TestCase("runTest").runTest()
    assert AuditTrail(store).verify().broken is None
