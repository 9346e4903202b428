"""Those who wait for a human: where each stands, what they are promised, and who should take whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assistant.conversation import State
from assistant.duty import Duty
from assistant.errors import ConversationNotFound
from assistant.roles import Role
from assistant.routing import Case, Server, expected_wait, in_order, language_of, ranked_from, suits
from assistant.service_rules import Promise, ServiceRules, Standing
from assistant.storage import Account, Conversation, QueueLine, Store, Work
from assistant.storage.queue import case_of

__all__ = ["Floor", "Overview", "WaitingRoom"]

# So many messages of the client say in which language they write.
_HEARS = 5


@dataclass(frozen=True, slots=True)
class Floor:
    """The agents at a moment: all who may answer, and those of them who are on duty, with what they hold."""

    accounts: dict[str, Account]
    servers: tuple[Server, ...]

    def adviser(self, case: Case) -> Account | None:
        return self.accounts.get(case.adviser or "")


@dataclass(frozen=True, slots=True)
class Overview:
    """Whether it is within hours, and when the next begin; how many wait; what the agent holds, may hold, and is good at."""

    is_open: bool
    opens_at: datetime | None
    waiting: int
    load: int
    most: int
    skills: tuple[str, ...]


class WaitingRoom:
    """Safe to share between threads."""

    def __init__(self, store: Store, duty: Duty, rules: ServiceRules, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._duty = duty
        self.rules = rules
        self._clock = clock

    def enter(self, work: Work, conversation_id: str, now: datetime) -> Promise:
        """A conversation that is held has just begun to wait: give it its place, and say what the client may expect."""
        said = work.conversations.last_messages(conversation_id, _HEARS, sender="client")
        work.conversations.describe(
            conversation_id, language=language_of(message.text for message in said),
            ranked_at=ranked_from(now, work.queue.tier(conversation_id), self.rules.plan))
        return self._standings(work, now)[conversation_id].promise

    def rank(self, work: Work, held: Conversation) -> None:
        """More is known of the client than when the waiting began: the tier may give a head start."""
        if held.waiting_since:
            work.conversations.describe(held.id, ranked_at=ranked_from(held.waiting_since, work.queue.tier(held.id), self.rules.plan))

    def standing(self, conversation_id: str) -> Standing | None:
        """Of one client; None where they do not wait."""
        return self.standings().get(conversation_id)

    def standings(self) -> dict[str, Standing]:
        """Conversation → where its client stands, for all who wait."""
        with self._store.read() as work:
            return self._standings(work, self._clock())

    def overview(self, name: str) -> Overview:
        """How the queue stands for the agent of this account."""
        now = self._clock()
        with self._store.read() as work:
            account, load, waiting = work.staff.get(name), work.queue.loads().get(name, 0), len(work.queue.waiting())
        hours = self.rules.hours
        most, skills = (self.most_of(account), account.skills) if account else (self.rules.plan.most, ())
        return Overview(hours.is_open(now), hours.opens_at(now), waiting, load, most, skills)

    def most_of(self, account: Account) -> int:
        """How many conversations they may hold."""
        return account.max_conversations or self.rules.plan.most

    def floor(self, work: Work, now: datetime, *, hold: bool = False) -> Floor:
        """`hold` locks the agents on duty until the transaction ends, so that nobody else gives them anything."""
        known = self._duty.agents(work, now)
        on_duty = [account for account, is_on_duty in known if is_on_duty]
        # Managers step in where no agent is there.
        serving = [account for account in on_duty if Role.AGENT in account.roles] or on_duty
        if hold:
            serving = [work.staff.hold(account.name) for account in serving]
        loads = work.queue.loads()
        return Floor({account.name: account for account, _ in known}, tuple(
            Server(account.name, frozenset(account.skills), loads.get(account.name, 0), self.most_of(account))
            for account in serving))

    def line(self, work: Work, conversation_id: str, reader: str, now: datetime) -> QueueLine:
        """A conversation as the reader's list has it. Raises ConversationNotFound."""
        line = work.queue.line(reader, conversation_id)
        if line is None:
            raise ConversationNotFound()
        (marked,) = self.marked(work, [line], reader, now)
        return marked

    def marked(self, work: Work, lines: Sequence[QueueLine], reader: str, now: datetime) -> list[QueueLine]:
        """The lines, with `for_me` on those that wait and that the reader should take."""
        if not any(line.conversation.state is State.WAITING for line in lines):
            return list(lines)
        servers = self.floor(work, now).servers
        own = next((server for server in servers if server.name == reader), None)
        return [replace(line, for_me=own is not None and line.conversation.state is State.WAITING
                        and suits(case_of(line), own, servers, self.rules.plan, now)) for line in lines]

    def _standings(self, work: Work, now: datetime) -> dict[str, Standing]:
        cases = in_order(work.queue.waiting())
        return self._standing_of(cases, self.floor(work, now), now) if cases else {}

    def _standing_of(self, cases: Sequence[Case], floor: Floor, now: datetime) -> dict[str, Standing]:
        return {case.id: self.rules.standing(
            place, len(cases), expected_wait(place, floor.servers, self.rules.plan), now, adviser=self._answers(case, floor, now))
            for place, case in enumerate(cases, start=1)}

    def _answers(self, case: Case, floor: Floor, now: datetime) -> str | None:
        """How the client's own adviser is called, where it is they who will answer."""
        adviser = floor.adviser(case) if case.tier in self.rules.plan.one_to_one else None
        there = adviser and _is_among(adviser, floor.servers)
        return adviser.display_name if adviser and (there or not self.rules.hours.is_open(now)) else None


def _is_among(account: Account, servers: Iterable[Server]) -> bool:
    return any(server.name == account.name for server in servers)
