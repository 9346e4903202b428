"""One unit of work: all repositories on one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from assistant.storage.agents import Agents
from assistant.storage.attachments import Attachments
from assistant.storage.audit import Audit
from assistant.storage.clients import Clients
from assistant.storage.conversations import Conversations
from assistant.storage.decisions import Decisions
from assistant.storage.fact_changes import FactChanges
from assistant.storage.failures import SignInFailures
from assistant.storage.floor import Floor
from assistant.storage.follow_ups import FollowUps
from assistant.storage.golden import Golden
from assistant.storage.histories import Histories
from assistant.storage.impacts import GapOutcomes, Impacts
from assistant.storage.judgements import Judgements
from assistant.storage.knowledge import Revisions
from assistant.storage.labels import Labels
from assistant.storage.learning import Learning
from assistant.storage.measures import Measures
from assistant.storage.outbox import Outbox
from assistant.storage.products import Products
from assistant.storage.questions import Questions
from assistant.storage.queue import Queue
from assistant.storage.quick_replies import QuickReplies
from assistant.storage.staff import Staff, StaffSessions
from assistant.storage.suggestions import Suggestions

__all__ = ["Work"]


class Work:
    """The repositories that share a transaction; `Store.write` and `Store.read` open it and end it."""

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self.conversations = Conversations(connection)
        self.decisions = Decisions(connection)
        self.outbox = Outbox(connection)
        self.queue = Queue(connection)
        self.attachments = Attachments(connection)
        self.histories = Histories(connection)
        self.labels = Labels(connection)
        self.quick_replies = QuickReplies(connection)
        self.agents = Agents(connection)
        self.suggestions = Suggestions(connection)
        self.knowledge = Revisions(connection)
        self.fact_changes = FactChanges(connection)
        self.golden = Golden(connection)
        self.impacts = Impacts(connection)
        self.gap_outcomes = GapOutcomes(connection)
        self.questions = Questions(connection)
        self.learning = Learning(connection)
        self.clients = Clients(connection)
        self.follow_ups = FollowUps(connection)
        self.judgements = Judgements(connection)
        self.measures = Measures(connection)
        self.floor = Floor(connection)
        self.products = Products(connection)
        self.staff = Staff(connection)
        self.sessions = StaffSessions(connection)
        self.failures = SignInFailures(connection)
        self.audit = Audit(connection, writes=writes)
        self._connection = connection

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part that can fail by itself: when its block raises, only what the block wrote is undone.

        Acts for the audit trail that the block recorded stay, so it records them last.
        """
        with self._connection.begin_nested():
            yield
