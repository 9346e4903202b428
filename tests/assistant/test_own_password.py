"""Changing one's own password: with the one that one has, which can't be guessed at here any better than at the door."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from assistant import own_password, passwords
from assistant.audit import Actor
from assistant.errors import AssistantError, BadCredentials, Forbidden, PasswordRefused, PasswordTemporary, PasswordWrong, SignInLocked
from assistant.own_password import OwnPassword
from assistant.roles import Permission
from assistant.sessions import SignedIn
from assistant.storage import Store
from tests.assistant.test_sessions import BY, FAR, OTHER, PASSWORD, Door

OWN = Actor("zhangsan", FAR)


@pytest.fixture
def door(store: Store) -> Door:
    return Door(store)


@pytest.fixture
def own(door: Door) -> OwnPassword:
    return OwnPassword(door.store, clock=door.clock)


def test_who_gives_the_one_they_have_gets_another_and_is_out_everywhere_else(door: Door, own: OwnPassword) -> None:
    here, there = door.sign_in(), door.sign_in()
    own.change(here, PASSWORD, OTHER, OWN)
    assert door.admits(here) and not door.admits(there)
    assert door.recorded()[-1] == ("account.password_changed", "zhangsan", "account:zhangsan", {"sessions_ended": 1})
    assert door.admits(door.sign_in(password=OTHER))
    with pytest.raises(BadCredentials):
        door.sign_in()


def test_a_wrong_one_changes_nothing_and_is_recorded(door: Door, own: OwnPassword) -> None:
    here, there = door.sign_in(), door.sign_in()
    with pytest.raises(PasswordWrong):
        own.change(here, "wrong", OTHER, OWN)
    assert door.admits(here) and door.admits(there) and door.sign_in()
    assert door.recorded()[2] == ("account.password_refused", "zhangsan", "account:zhangsan", {})


def test_guesses_here_and_at_the_door_are_counted_together(door: Door, own: OwnPassword) -> None:
    here = door.sign_in()
    door.fail(3)
    for _ in range(2):
        with pytest.raises(PasswordWrong):
            own.change(here, "wrong", OTHER, OWN)
    with pytest.raises(SignInLocked):
        own.change(here, PASSWORD, OTHER, OWN)
    assert door.locked() == 5
    door.clock.go(seconds=5)
    own.change(here, PASSWORD, OTHER, OWN)
    door.fail(4)
    assert door.sign_in(password=OTHER), "a success ends the count"


def test_guesses_at_once_do_not_slip_past_the_count(door: Door, own: OwnPassword) -> None:
    here = door.sign_in()

    def attempt(number: int) -> type[AssistantError]:
        try:
            own.change(here, f"guess {number}", OTHER, OWN)
        except AssistantError as error:
            return type(error)
        raise AssertionError

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(attempt, range(12)))
    assert results.count(PasswordWrong) == 5 and results.count(SignInLocked) == 7


@pytest.mark.parametrize("new", ["short", "zhangsan-zhangsan", PASSWORD, "woaini-201314!!"])
def test_what_may_not_be_chosen_is_refused_before_the_other_is_looked_at(door: Door, own: OwnPassword, new: str) -> None:
    here = door.sign_in()
    for _ in range(10):
        with pytest.raises(PasswordRefused):
            own.change(here, PASSWORD, new, OWN)
    assert door.sign_in(), "it counts as no attempt"


@pytest.mark.parametrize("change", ["password", "deactivate"])
def test_an_account_that_changes_meanwhile_keeps_what_was_set(
        door: Door, own: OwnPassword, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    here = door.sign_in()

    def verify(password_hash: str | None, given: str) -> bool:
        if change == "password":
            door.accounts.set_password("zhangsan", "an altogether new one", by=BY)
        else:
            door.accounts.deactivate("zhangsan", by=BY)
        return passwords.verify_password(password_hash, given)

    monkeypatch.setattr(own_password, "verify_password", verify)
    with pytest.raises(PasswordWrong):
        own.change(here, PASSWORD, OTHER, OWN)
    with pytest.raises(BadCredentials):
        door.sign_in(password=OTHER)


def temporary(door: Door) -> tuple[SignedIn, str]:
    given = door.accounts.set_temporary_password("zhangsan", by=BY)
    return door.sign_in(password=given.password), given.password


def test_a_temporary_password_opens_only_the_way_to_another(door: Door, own: OwnPassword) -> None:
    here, password = temporary(door)
    assert here.permissions == door.sessions.admit(here.token).permissions == {Permission.OWN_SESSION}
    with pytest.raises(PasswordTemporary):
        door.sessions.check(here, Permission.REPLY, OWN, "GET /x")
    with pytest.raises(Forbidden) as refused:
        door.sessions.check(here, Permission.SEE_AUDIT, OWN, "GET /v1/audit")
    assert refused.type is Forbidden, "what the roles never allow is not the password's fault"
    with pytest.raises(PasswordRefused):
        own.change(here, password, password, OWN)
    own.change(here, password, OTHER, OWN)
    assert Permission.REPLY in door.sessions.admit(here.token).permissions
    assert Permission.REPLY in door.sign_in(password=OTHER).permissions


def test_a_temporary_password_ends_after_three_days(door: Door) -> None:
    given = door.accounts.set_temporary_password("zhangsan", by=BY)
    assert given.password not in repr(given) and given.account.password_expires_at == door.clock.now + timedelta(days=3)
    door.clock.go(hours=71.9)
    assert door.sign_in(password=given.password)
    door.clock.go(hours=0.1)
    with pytest.raises(BadCredentials):
        door.sign_in(password=given.password)
    assert door.recorded()[-1][3] == {"reason": "expired"}


def test_after_a_hundred_failures_in_a_row_only_somebody_else_opens_the_account(door: Door, own: OwnPassword) -> None:
    """NIST SP 800-63B-4 3.2.2, however slowly it is guessed."""
    here = door.sign_in()
    for number in range(99):
        door.clock.go(days=2)
        with pytest.raises(BadCredentials):
            door.sign_in(password=f"guess {number}")
    assert door.recorded()[-1][0] == "session.sign_in_failed"
    door.clock.go(days=2)
    with pytest.raises(PasswordWrong):
        own.change(here, "guess", OTHER, OWN)
    assert [(action, actor, subject) for action, actor, subject, _ in door.recorded()[-2:]] == [
        ("account.password_refused", "zhangsan", "account:zhangsan"), ("account.locked", "system", "account:zhangsan")]
    for _ in range(2):
        door.clock.go(days=2)
        with pytest.raises(BadCredentials) as refused:
            door.sign_in()
        assert str(refused.value) == str(BadCredentials())
        assert door.recorded()[-1][3] == {"reason": "locked"}
    door.clock.go(days=2)
    with pytest.raises(PasswordWrong):
        own.change(here, PASSWORD, OTHER, OWN)
    door.accounts.unlock("ZhangSan", by=BY)
    assert door.recorded()[-1] == ("account.unlocked", "os:root", "account:zhangsan", {"failed_sign_ins": 103})
    assert door.sign_in()


def failed(door: Door, times: int) -> None:
    with door.store.write() as work:
        for _ in range(times):
            work.staff.count_failure("zhangsan")


def test_the_hundredth_attempt_may_still_be_right(door: Door) -> None:
    failed(door, 99)
    assert door.sign_in()
    failed(door, 100)
    with pytest.raises(BadCredentials):
        door.sign_in()


def test_a_new_password_opens_a_locked_account(door: Door) -> None:
    failed(door, 120)
    door.accounts.set_password("zhangsan", OTHER, by=BY)
    assert door.sign_in(password=OTHER)


def test_other_accounts_and_unknown_names_are_not_locked_with_it(door: Door) -> None:
    failed(door, 120)
    door.fail(1, "nobody")
    assert [account.failed_sign_ins for account in door.accounts.all()] == [120]
