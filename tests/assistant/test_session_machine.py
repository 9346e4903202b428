"""Whatever staff and their admins do in whatever order, a session is admitted exactly as long as it should be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from assistant import accounts as accounts_module
from assistant import sessions as sessions_module
from assistant.accounts import Accounts
from assistant.audit import Actor
from assistant.errors import BadCredentials, NotSignedIn, SignInLocked
from assistant.roles import Role
from assistant.sessions import Sessions, SignedIn
from assistant.storage import Store
from assistant.trail import AuditTrail
from tests.assistant.clock import Clock

BY = Actor("os:root")
IDLE, LONGEST, TOUCH = timedelta(minutes=30), timedelta(hours=2), timedelta(minutes=1)
PASSWORDS = ["correct horse battery", "tea and 8 little birds"]
NUMBERS = count()


class Machine(RuleBasedStateMachine):
    """One account on a store that all runs share; the model is a set of open sessions with their times."""

    store: Store
    opened = Bundle("opened")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.name = f"staff{next(NUMBERS)}"
        self.password, self.active = PASSWORDS[0], True
        self.seen: dict[str, datetime] = {}
        self.ends: dict[str, datetime] = {}
        self.accounts = Accounts(self.store, clock=self.clock)
        self.sessions = [Sessions(self.store, idle=IDLE, longest=LONGEST, clock=self.clock) for _ in range(2)]
        self.accounts.add(self.name, self.password, [Role.AGENT], by=BY)

    @rule(target=opened, password=some.sampled_from(PASSWORDS), process=some.integers(0, 1))
    def sign_in(self, password: str, process: int) -> SignedIn | None:
        try:
            signed_in = self.sessions[process].sign_in(self.name, password)
        except SignInLocked as locked:
            assert 0 < locked.retry_after <= 900
            return None
        except BadCredentials:
            assert not (self.active and password == self.password)
            return None
        assert self.active and password == self.password
        self.seen[signed_in.token], self.ends[signed_in.token] = self.clock.now, signed_in.expires_at
        return signed_in

    @rule(signed_in=opened, process=some.integers(0, 1))
    def use(self, signed_in: SignedIn | None, process: int) -> None:
        if signed_in is None:
            return
        token, now = signed_in.token, self.clock.now
        unused = now - self.seen[token] if token in self.seen else LONGEST
        try:
            admitted = self.sessions[process].admit(token)
        except NotSignedIn:
            assert token not in self.seen or now >= self.ends[token] or unused > IDLE - TOUCH
            self.seen.pop(token, None)
        else:
            assert token in self.seen and now < self.ends[token] and unused <= IDLE
            assert admitted.account.name == self.name and self.active
            self.seen[token] = now

    @rule(signed_in=consumes(opened))
    def sign_out(self, signed_in: SignedIn | None) -> None:
        if signed_in:
            self.sessions[0].sign_out(signed_in.token, BY)
            self.seen.pop(signed_in.token, None)

    @rule(password=some.sampled_from(PASSWORDS))
    def set_password(self, password: str) -> None:
        self.accounts.set_password(self.name, password, by=BY)
        self.password = password
        self.seen.clear()

    @rule(active=some.booleans())
    def switch(self, active: bool) -> None:
        (self.accounts.activate if active else self.accounts.deactivate)(self.name, by=BY)
        self.active = active
        if not active:
            self.seen.clear()

    @rule(minutes=some.sampled_from([0.2, 1, 5, 20, 29, 31, 90]))
    def wait(self, minutes: float) -> None:
        self.clock.go(minutes=minutes)

    @invariant()
    def trail_holds(self) -> None:
        with self.store.read() as work:
            assert work.audit.head()


@contextmanager
def quick_passwords() -> Iterator[None]:
    """Hashing is slow on purpose; here it is not the point."""
    with (patch.object(accounts_module, "hash_password", lambda password: f"hash of {password}"),
          patch.object(sessions_module, "verify_password", lambda known, password: known == f"hash of {password}"),
          patch.object(sessions_module, "is_outdated", lambda _: False)):
        yield


def test_sessions_are_admitted_as_long_as_they_should_be() -> None:
    with tempfile.TemporaryDirectory() as folder, quick_passwords():
        Machine.store = Store.open(f"sqlite:///{Path(folder) / 'zhike.db'}")
        try:
            Machine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None, database=None,
                                                 suppress_health_check=list(HealthCheck))
            Machine.TestCase("runTest").runTest()
            assert AuditTrail(Machine.store).verify().broken is None
        finally:
            Machine.store.close()
