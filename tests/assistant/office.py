"""An office for tests: the assistant, a console and accounts on one store, with a clock that the test sets."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from assistant.accounts import create
from assistant.agent import Agent
from assistant.agent_feed import AgentFeed
from assistant.agent_messages import AgentMessages, Draft
from assistant.audit import Actor, Entry
from assistant.bell import Bell
from assistant.console import Console
from assistant.duty import Duty
from assistant.family_verdicts import FamilyVerdicts
from assistant.follow_up_policy import load_follow_up_policy
from assistant.inbox import Exchange, Inbox, Said
from assistant.outgoing import load_outgoing_check
from assistant.overheard import Overheard, Overhears, nothing_overheard
from assistant.roles import Role, permissions_of
from assistant.service import Conversations
from assistant.service_rules import load_service_rules
from assistant.storage import Conversation, StaffSession, Store, Suggestion
from assistant.suggestions import Suggestions
from assistant.suitability import FirmPolicy
from assistant.trail import AuditTrail
from assistant.waiting_room import WaitingRoom
from assistant.wording import Words
from intents.reading import Intent, Need, Reading, Tone
from tests.assistant.clock import Clock
from tests.fakes import FakeResponder, FakeWords

__all__ = ["Office", "overheard"]

IDLE = timedelta(minutes=30)


def overheard(text: str, tone: str, *families: str) -> Overheard:
    """What the assistant reads in words to a human: their tone, and needs that stand for all of them."""
    needs = tuple(Need(name, 0.8, text) for name in families)
    return Overheard(Reading(text, text, Intent("unknown", 0.0), tone=Tone(tone, 0.9), needs=needs), frozenset(), {"encoder": "fake"})


class Office:
    """`anna` and `bert` are agents, `boss` manages; nobody is on duty until they sign in. Used again on a store, it finds them there."""

    def __init__(self, store: Store, *, responder: FakeResponder | None = None, words: Words | None = None,
                 hard: list[str] | None = None, overhears: Overhears = nothing_overheard) -> None:
        self.store, self.clock, self.bell = store, Clock(), Bell()
        self.responder = responder or FakeResponder()
        duty = Duty(IDLE)
        self.room = WaitingRoom(store, duty, load_service_rules(None), clock=self.clock)
        self.inbox = Inbox(store, self.responder, self.bell, clock=self.clock, duty=duty, room=self.room, overhears=overhears)
        self.conversations = Conversations(store, self.bell, clock=self.clock, room=self.room)
        self.console = Console(store, self.bell, duty, clock=self.clock, room=self.room)
        self.words = words or FakeWords()
        self.suggestions = Suggestions(store, self.responder, lambda: self.words, FamilyVerdicts(load_follow_up_policy(), FirmPolicy()),
                                       clock=self.clock)
        self.writing = AgentMessages(store, self.bell, load_outgoing_check(hard), clock=self.clock, reads=self.suggestions.text_of)
        self.feed = AgentFeed(store)
        self.anna, self.bert, self.boss = self._hire("anna", Role.AGENT), self._hire("bert", Role.AGENT), self._hire("boss", Role.MANAGER)
        self.sent = 0

    def _hire(self, name: str, role: Role) -> Agent:
        account = create(name, "no hash", [role], at=self.clock.now, display_name=f"坐席{name}")
        with self.store.write() as work:
            if work.staff.get(name) is None:
                work.staff.add(account)
        return Agent.of(account, permissions_of([role]), Actor(name))

    def sign_in(self, agent: Agent) -> None:
        now = self.clock.now
        with self.store.write() as work:
            account = work.staff.get(agent.name)
            assert account
            work.sessions.add(StaffSession(uuid4().hex, account.id, now, now, now + timedelta(hours=12)))

    def sign_out(self, agent: Agent) -> None:
        with self.store.write() as work:
            account = work.staff.get(agent.name)
            assert account
            work.sessions.end_all(account.id)

    def open(self, *said: str, channel: str = "web", client_token: str | None = None) -> str:
        """Id of a new conversation in which the client has said so."""
        name = self.conversations.open(channel, client_token).conversation.id
        for text in said:
            self.say(name, text)
        return name

    def waiting(self) -> str:
        return self.open("转人工")

    def claimed(self, agent: Agent) -> str:
        name = self.waiting()
        self.console.claim(name, agent)
        return name

    def say(self, conversation_id: str, text: str) -> Exchange:
        self.sent += 1
        return self.inbox.receive(conversation_id, f"m{self.sent}", text)

    def send(self, conversation_id: str, text: str, agent: Agent, client_message_id: str = "", **draft: object) -> Said:
        self.sent += 1
        return self.writing.send(conversation_id, Draft(client_message_id or f"a{self.sent}", text, **draft), agent)  # type: ignore[arg-type]

    def suggested(self, conversation_id: str, agent: Agent) -> list[Suggestion]:
        """What the agent is suggested, without the verdicts beside it."""
        return [shown.item for shown in self.suggestions.of(conversation_id, agent)]

    def get(self, conversation_id: str) -> Conversation:
        with self.store.read() as work:
            found = work.conversations.get(conversation_id)
        assert found
        return found

    def texts(self, conversation_id: str) -> list[tuple[str, str]]:
        return [(said.message.sender, said.message.text) for said in self.conversations.transcript(conversation_id).messages]

    def event_types(self, conversation_id: str) -> list[str]:
        return [told.event.type for told in self.feed.of_conversation(conversation_id, 0)]

    def trail(self, conversation_id: str | None = None) -> list[Entry]:
        """Entries of a conversation, or all."""
        entries = AuditTrail(self.store).page(0, 500)
        return [entry for entry in entries if conversation_id is None or entry.subject == f"conversation:{conversation_id}"]
