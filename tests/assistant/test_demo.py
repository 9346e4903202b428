"""The accounts of the demonstration: there while it runs, and at no other time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from assistant.accounts import Accounts
from assistant.audit import Actor
from assistant.demo import DEMO, close_demo, open_demo
from assistant.errors import BadCredentials, NotSignedIn
from assistant.own_password import OwnPassword
from assistant.roles import Role
from assistant.sessions import Sessions
from assistant.storage import Store
from assistant.trail import AuditTrail

BY = Actor("os:root")
PASSWORD = "correct horse battery"


@pytest.fixture
def sessions(store: Store) -> Sessions:
    return Sessions(store, idle=timedelta(minutes=30), longest=timedelta(hours=12))


def test_each_role_has_an_account_and_all_have_one_password(store: Store, sessions: Sessions) -> None:
    demo = open_demo(store, None)
    assert demo.names == ("agent1", "agent2", "editor", "reviewer", "manager", "admin") and demo.taken == ()
    assert len(demo.password) >= 16 and demo.password not in repr(demo)
    assert {role for name in demo.names for role in sessions.sign_in(name, demo.password).account.roles} == set(Role)
    assert [entry.action for entry in AuditTrail(store).page(0, 6)] == ["account.added"] * 6


@pytest.mark.parametrize("given", [PASSWORD, "demo", "好"])
def test_a_given_password_may_be_any(store: Store, sessions: Sessions, given: str) -> None:
    assert open_demo(store, given).password == given
    assert sessions.sign_in("agent1", given)


def test_starting_again_with_the_same_password_changes_nothing(store: Store, sessions: Sessions) -> None:
    open_demo(store, PASSWORD)
    before, opened = Accounts(store).all(), sessions.sign_in("agent1", PASSWORD)
    open_demo(store, PASSWORD)
    assert Accounts(store).all() == before
    assert sessions.admit(opened.token)


def test_starting_again_with_another_password_makes_it_the_one_that_is_printed(store: Store, sessions: Sessions) -> None:
    opened = (open_demo(store, None), sessions.sign_in)[1]("agent1", open_demo(store, PASSWORD).password)
    again = open_demo(store, None)
    assert again.password != PASSWORD and sessions.sign_in("agent1", again.password)
    with pytest.raises(NotSignedIn):
        sessions.admit(opened.token)


def test_without_the_demonstration_its_accounts_open_nothing(store: Store, sessions: Sessions) -> None:
    open_demo(store, PASSWORD)
    opened = sessions.sign_in("admin", PASSWORD)
    for _ in range(2):
        close_demo(store)
    with pytest.raises(BadCredentials):
        sessions.sign_in("admin", PASSWORD)
    with pytest.raises(NotSignedIn):
        sessions.admit(opened.token)
    assert not any(account.active for account in Accounts(store).all())
    actions = [entry.action for entry in AuditTrail(store).page(0, 100)]
    assert actions.count("account.deactivated") == 6
    open_demo(store, PASSWORD)
    assert sessions.sign_in("admin", PASSWORD)


def test_without_the_demonstration_no_account_is_made(store: Store) -> None:
    close_demo(store)
    assert Accounts(store).all() == [] and AuditTrail(store).page(0, 100) == []


def test_an_account_that_somebody_made_is_left_alone(store: Store, sessions: Sessions) -> None:
    Accounts(store).add("admin", PASSWORD, [Role.EDITOR], by=BY)
    demo = open_demo(store, "demo")
    assert demo.taken == ("admin",) and "admin" not in demo.names
    assert sessions.sign_in("admin", PASSWORD).account.roles == (Role.EDITOR,)
    close_demo(store)
    assert sessions.sign_in("admin", PASSWORD)


def test_an_account_that_was_given_a_password_of_its_own_is_no_demonstration_any_more(store: Store, sessions: Sessions) -> None:
    open_demo(store, "demo")
    Accounts(store).set_password("agent1", PASSWORD, by=BY)
    assert open_demo(store, "demo").taken == ("agent1",)
    close_demo(store)
    assert sessions.sign_in("agent1", PASSWORD)
    with pytest.raises(BadCredentials):
        sessions.sign_in("agent2", "demo")


def test_a_visitor_makes_nothing_that_outlives_the_demonstration(store: Store, sessions: Sessions) -> None:
    open_demo(store, "demo")
    accounts, visitor = Accounts(store), Actor("admin")
    OwnPassword(store).change(sessions.sign_in("admin", "demo"), "demo", PASSWORD, visitor)
    accounts.set_temporary_password("agent1", by=visitor)
    added = accounts.add_temporary("mallory", [Role.ADMIN], by=visitor).account
    assert added.demo and sessions.sign_in("admin", PASSWORD)
    assert open_demo(store, "demo").taken == () and sessions.sign_in("agent1", "demo").account.password_expires_at is None
    close_demo(store)
    assert not any(account.active for account in accounts.all())


def test_servers_may_start_together(store: Store, database_url: str, sessions: Sessions) -> None:
    other = Store.open(database_url)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda where: open_demo(where, PASSWORD), [store, other] * 2))
    other.close()
    assert [account.name for account in Accounts(store).all()] == sorted(DEMO)
    assert sessions.sign_in("manager", PASSWORD)
    assert AuditTrail(store).verify().broken is None
