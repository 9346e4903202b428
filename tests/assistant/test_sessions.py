"""Signing in and out: what opens a session, what ends it, and what makes the next attempt wait."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from assistant import passwords, sessions
from assistant.accounts import Accounts
from assistant.audit import Actor
from assistant.errors import AccountNotFound, AssistantError, BadCredentials, Forbidden, NotSignedIn, SessionNotFound, SignInLocked
from assistant.roles import Permission, Role
from assistant.sessions import Sessions, SignedIn, csrf_token
from assistant.storage import Store
from assistant.trail import AuditTrail
from tests.assistant.clock import Clock

PASSWORD, OTHER = "correct horse battery", "tea and 8 little birds"
BY = Actor("os:root")
FAR = "203.0.113.7"


class Door:
    """Accounts and sessions on one store and one clock, with `zhangsan`, an agent and editor."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, Clock()
        self.accounts = Accounts(store, clock=self.clock)
        self.sessions = self.another_process()
        self.accounts.add("zhangsan", PASSWORD, [Role.AGENT, Role.EDITOR], by=BY)

    def another_process(self) -> Sessions:
        return Sessions(self.store, idle=timedelta(minutes=30), longest=timedelta(hours=12), clock=self.clock)

    def sign_in(self, name: str = "zhangsan", password: str = PASSWORD, address: str | None = None) -> SignedIn:
        return self.sessions.sign_in(name, password, address=address, request_id="r1")

    def fail(self, times: int, name: str = "zhangsan", address: str | None = None) -> None:
        for _ in range(times):
            with pytest.raises(BadCredentials):
                self.sign_in(name, "wrong", address)

    def locked(self, name: str = "zhangsan", address: str | None = None) -> int:
        with pytest.raises(SignInLocked) as refused:
            self.sign_in(name, address=address)
        return refused.value.retry_after

    def admits(self, signed_in: SignedIn) -> bool:
        try:
            self.sessions.admit(signed_in.token)
        except NotSignedIn:
            return False
        return True

    def recorded(self) -> list[tuple[str, str | None, str | None, object]]:
        return [(entry.action, entry.actor, entry.subject, entry.details) for entry in AuditTrail(self.store).page(1, 500)]


@pytest.fixture
def door(store: Store) -> Door:
    return Door(store)


def test_who_signs_in_is_admitted_with_their_permissions(door: Door) -> None:
    opened = door.sign_in(" ZhangSan ")
    assert opened.expires_at == door.clock.now + timedelta(hours=12)
    signed_in = door.another_process().admit(opened.token)
    assert signed_in == opened and signed_in.account.name == "zhangsan"
    assert {Permission.REPLY, Permission.EDIT_KNOWLEDGE} <= signed_in.permissions
    assert Permission.SEE_AUDIT not in signed_in.permissions
    assert door.recorded() == [("session.signed_in", "zhangsan", None, {})]


def test_a_token_has_256_bits_and_only_its_digest_is_kept(door: Door) -> None:
    opened = [door.sign_in() for _ in range(3)]
    assert len({item.token for item in opened}) == 3
    assert all(len(item.token) == 43 and item.token not in repr(item) for item in opened)
    with door.store.read() as work:
        assert all(work.sessions.get(item.token) is None for item in opened)


@pytest.mark.parametrize(("name", "password", "reason", "subject"), [
    ("zhangsan", "wrong", "password", "account:zhangsan"), ("zhangsan", "", "password", "account:zhangsan"),
    ("nobody", PASSWORD, "name", None), ("a b\x00", PASSWORD, "name", None), ("\ud800", "\ud800", "name", None), ("", "", "name", None),
    ("lisi", PASSWORD, "not active", "account:lisi"), ("lisi", "wrong", "password", "account:lisi")])
def test_what_opens_nothing_is_told_apart_only_in_the_trail(door: Door, name: str, password: str, reason: str, subject: str | None) -> None:
    door.accounts.add("lisi", PASSWORD, [Role.AGENT], by=BY)
    door.accounts.deactivate("lisi", by=BY)
    with pytest.raises(BadCredentials) as refused:
        door.sign_in(name, password)
    assert str(refused.value) == str(BadCredentials())
    assert door.recorded()[-1] == ("session.sign_in_failed", None, subject, {"reason": reason})


def test_a_name_that_is_no_account_s_is_not_kept_anywhere(door: Door) -> None:
    """Somebody may type the password into the field of the name."""
    door.fail(1, "hunter2hunter2")
    with door.store.read() as work:
        assert "hunter2" not in repr(work.audit.after(0, limit=100))


@pytest.mark.parametrize(("name", "password"), [("zhangsan", "wrong"), ("nobody", "wrong"), ("a b", "wrong"), ("lisi", PASSWORD)])
def test_the_same_work_is_done_for_whoever_is_refused(door: Door, monkeypatch: pytest.MonkeyPatch, name: str, password: str) -> None:
    door.accounts.add("lisi", PASSWORD, [Role.AGENT], by=BY)
    door.accounts.deactivate("lisi", by=BY)
    hashed: list[str | None] = []

    def verify(password_hash: str | None, given: str) -> bool:
        hashed.append(password_hash)
        return passwords.verify_password(password_hash, given)

    monkeypatch.setattr(sessions, "verify_password", verify)
    with pytest.raises(BadCredentials):
        door.sign_in(name, password)
    assert len(hashed) == 1


@pytest.mark.parametrize("token", ["", "x", "\ud800", "\x00", "x" * 10_000])
def test_a_token_that_is_none_admits_nobody(door: Door, token: str) -> None:
    with pytest.raises(NotSignedIn):
        door.sessions.admit(token)


def test_a_session_ends_without_use(door: Door) -> None:
    opened = door.sign_in()
    for _ in range(5):
        door.clock.go(minutes=28)
        assert door.admits(opened)
    door.clock.go(minutes=31)
    assert not door.admits(opened)


def test_a_session_ends_however_much_it_is_used(door: Door) -> None:
    opened = door.sign_in()
    for _ in range(12 * 4 - 1):
        door.clock.go(minutes=15)
        assert door.admits(opened)
    door.clock.go(minutes=15)
    assert not door.admits(opened)


def test_use_is_written_once_a_minute(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = door.sign_in()
    written: list[str] = []
    touch = "assistant.storage.staff.StaffSessions.touch"
    monkeypatch.setattr(touch, lambda _, token_hash, at: written.append(at.isoformat()))
    for second in (0, 30, 59):
        door.clock.now = opened.expires_at - timedelta(hours=12) + timedelta(seconds=second)
        assert door.admits(opened)
    assert written == []
    door.clock.go(seconds=1)
    assert door.admits(opened) and len(written) == 1


def test_signing_out_ends_this_session_only_and_is_recorded_once(door: Door) -> None:
    opened, other = door.sign_in(), door.sign_in()
    for _ in range(2):
        door.sessions.sign_out(opened.token, Actor("zhangsan"))
    assert not door.admits(opened) and door.admits(other)
    assert [action for action, *_ in door.recorded()].count("session.signed_out") == 1


def test_signing_in_again_replaces_the_session_that_is_named(door: Door) -> None:
    first = door.sign_in()
    second = door.sessions.sign_in("zhangsan", PASSWORD, replaces=first.token)
    assert not door.admits(first) and door.admits(second)


def test_a_changed_password_ends_all_sessions_and_the_lock(door: Door) -> None:
    opened = [door.sign_in(), door.sign_in()]
    door.fail(5)
    door.accounts.set_password("zhangsan", OTHER, by=BY)
    assert not any(door.admits(item) for item in opened)
    assert door.recorded()[-1] == ("account.password_changed", "os:root", "account:zhangsan", {"sessions_ended": 2})
    assert door.admits(door.sign_in(password=OTHER))
    with pytest.raises(BadCredentials):
        door.sign_in()


def test_deactivating_ends_all_sessions_and_activating_brings_none_back(door: Door) -> None:
    opened = [door.sign_in(), door.sign_in()]
    door.accounts.deactivate("zhangsan", by=BY)
    assert not any(door.admits(item) for item in opened)
    assert door.recorded()[-1][3] == {"sessions_ended": 2}
    with pytest.raises(BadCredentials):
        door.sign_in()
    door.accounts.activate("zhangsan", by=BY)
    assert not any(door.admits(item) for item in opened)
    assert door.admits(door.sign_in())


def test_new_roles_hold_at_once(door: Door) -> None:
    opened = door.sign_in()
    door.accounts.set_roles("zhangsan", [Role.ADMIN], by=BY)
    assert Permission.SEE_AUDIT in door.sessions.admit(opened.token).permissions
    assert Permission.REPLY not in door.sessions.admit(opened.token).permissions


@pytest.mark.parametrize("change", ["password", "deactivate"])
def test_an_account_that_changes_while_its_password_is_verified_opens_no_session(
        door: Door, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    def verify(password_hash: str | None, given: str) -> bool:
        if change == "password":
            door.accounts.set_password("zhangsan", OTHER, by=BY)
        else:
            door.accounts.deactivate("zhangsan", by=BY)
        return passwords.verify_password(password_hash, given)

    monkeypatch.setattr(sessions, "verify_password", verify)
    with pytest.raises(BadCredentials):
        door.sign_in()


def test_a_hash_with_old_parameters_is_made_anew(door: Door) -> None:
    old = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with door.store.write() as work:
        work.staff.change(work.staff.hold("zhangsan"), door.clock.now, password_hash=old)
    before = door.sign_in()
    assert door.accounts.all()[0].password_hash != old and "m=19456" in door.accounts.all()[0].password_hash
    assert door.admits(before) and door.admits(door.sign_in())


def test_failures_make_the_next_attempt_wait_ever_longer(door: Door) -> None:
    door.fail(5)
    assert door.locked() == 5
    door.clock.go(seconds=4.5)
    assert door.locked() == 1, "an attempt while it is locked costs nothing"
    door.clock.go(seconds=0.5)
    door.fail(1)
    assert door.locked() == 10
    door.clock.go(seconds=10)
    assert door.sign_in()
    door.fail(4)
    assert door.sign_in(), "a success ends the count"


def test_the_lock_is_the_same_in_every_process_and_for_unknown_names(door: Door) -> None:
    for name in ("zhangsan", "nobody", "a/b"):
        door.fail(5, name)
        with pytest.raises(SignInLocked):
            door.another_process().sign_in(name if "/" in name else name.upper(), PASSWORD)


def test_accounts_are_locked_apart(door: Door) -> None:
    door.accounts.add("lisi", PASSWORD, [Role.AGENT], by=BY)
    door.fail(5)
    assert door.sign_in("lisi")


def test_an_address_that_tries_many_names_is_locked_and_others_are_not(door: Door) -> None:
    for number in range(21):
        door.fail(1, f"name{number}", FAR)
    assert door.locked(address=FAR) == 5
    assert door.locked(address="::ffff:203.0.113.7") == 5
    assert door.sign_in(address="203.0.113.8")
    door.clock.go(seconds=5)
    assert door.sign_in(address=FAR)
    door.fail(1, "name", FAR)
    assert door.locked(address=FAR) == 10, "one success does not forgive an address its other failures"


def test_this_machine_itself_is_not_locked_as_an_address(door: Door) -> None:
    for number in range(30):
        door.fail(1, f"name{number}", "127.0.0.1")
    assert door.sign_in(address="127.0.0.1")


@pytest.mark.parametrize("processes", [1, 3])
def test_attempts_at_once_do_not_slip_past_the_count(door: Door, processes: int) -> None:
    doors = [door.another_process() for _ in range(processes)]

    def attempt(number: int) -> type[AssistantError]:
        try:
            doors[number % processes].sign_in("zhangsan", f"guess {number}", address=FAR)
        except AssistantError as error:
            return type(error)
        raise AssertionError

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(attempt, range(24)))
    assert results.count(BadCredentials) == 5 and results.count(SignInLocked) == 19
    assert AuditTrail(door.store).verify().broken is None


def test_many_people_may_sign_in_at_once_from_one_address(door: Door) -> None:
    for number in range(6):
        door.accounts.add(f"agent{number}", PASSWORD, [Role.AGENT], by=BY)
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda number: door.sign_in(f"agent{number}", address=FAR), range(6)))
    assert all(door.admits(item) for item in opened)
    with door.store.write() as work:
        assert [item.count for item in work.failures.hold([sessions.lockout.address_key(FAR)], door.clock.now).values()] == [0]


def test_signing_in_clears_away_what_is_over(door: Door) -> None:
    old = door.sign_in()
    door.fail(1, "nobody", FAR)
    door.clock.go(hours=30)
    door.sign_in()
    with door.store.write() as work:
        assert work.sessions.get(sessions._digest(old.token)) is None
        key = sessions.lockout.account_key("nobody")
        assert work.failures.hold([key], door.clock.now)[key].count == 0


def test_what_is_not_allowed_is_refused_and_recorded(door: Door) -> None:
    signed_in = door.sign_in()
    door.sessions.check(signed_in, Permission.REPLY, Actor("zhangsan"), "GET /x")
    with pytest.raises(Forbidden):
        door.sessions.check(signed_in, Permission.SEE_AUDIT, Actor("zhangsan"), "GET /v1/audit")
    assert door.recorded()[1:] == [
        ("access.refused", "zhangsan", None, {"permission": "audit.see", "call": "GET /v1/audit"})]


def test_a_csrf_token_belongs_to_one_session() -> None:
    assert csrf_token("a") == csrf_token("a") != csrf_token("b")
    assert re.fullmatch("[0-9a-f]{64}", csrf_token("\ud800"))


def test_open_sessions_are_listed_without_their_tokens(door: Door) -> None:
    old = door.sign_in()
    door.clock.go(minutes=20)
    new = door.sign_in(address=FAR)
    listed = door.sessions.open_of("ZhangSan")
    assert [(item.id, item.address, item.created_at) for item in listed] == [
        (new.session_id, FAR, door.clock.now), (old.session_id, None, door.clock.now - timedelta(minutes=20))]
    assert not [secret for opened in (old, new) for secret in (opened.token, sessions._digest(opened.token)) if secret in repr(listed)]
    door.clock.go(minutes=11)
    assert [item.id for item in door.sessions.see("zhangsan", BY)] == [new.session_id], "the other has ended for want of use"
    assert door.recorded()[-1] == ("account.seen", "os:root", "account:zhangsan", {"why": "sessions"})


def test_one_session_is_ended_by_its_id_and_only_of_its_account(door: Door) -> None:
    door.accounts.add("lisi", PASSWORD, [Role.AGENT], by=BY)
    first, second, other = door.sign_in(), door.sign_in(), door.sign_in("lisi")
    for wrong in (other.session_id, "0" * 32, first.token):
        with pytest.raises(SessionNotFound):
            door.sessions.end("zhangsan", wrong, BY)
    door.sessions.end("zhangsan", first.session_id, BY)
    assert not door.admits(first) and door.admits(second) and door.admits(other)
    assert door.recorded()[-1] == ("session.ended", "os:root", "account:zhangsan", {"session": first.session_id})
    with pytest.raises(SessionNotFound):
        door.sessions.end("zhangsan", first.session_id, BY)


def test_all_sessions_are_ended_at_once(door: Door) -> None:
    door.accounts.add("lisi", PASSWORD, [Role.AGENT], by=BY)
    opened, other = [door.sign_in(), door.sign_in()], door.sign_in("lisi")
    assert door.sessions.end_all("zhangsan", BY) == 2
    assert not any(door.admits(item) for item in opened) and door.admits(other)
    assert door.recorded()[-1] == ("session.ended", "os:root", "account:zhangsan", {"sessions_ended": 2})
    with pytest.raises(AccountNotFound):
        door.sessions.end_all("nobody", BY)
