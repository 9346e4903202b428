"""Accounts of staff, and that each change of one is in the audit trail."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.accounts import Accounts, account_name
from assistant.audit import Actor
from assistant.demo import open_demo
from assistant.errors import (
    AccountExists,
    AccountNameInvalid,
    AccountNotFound,
    AssistantError,
    EmptyMessage,
    LastAdmin,
    OwnAccount,
    PasswordRefused,
    RolesMissing,
    SkillUnknown,
    TeamInvalid,
)
from assistant.lockout import MOST_IN_A_ROW
from assistant.roles import Role
from assistant.storage import Store
from assistant.trail import AuditTrail
from tests.assistant.clock import Clock

PASSWORD = "correct horse battery"
BY = Actor("os:root")


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return Accounts(store, clock=Clock())


def recorded(store: Store) -> list[tuple[str, str | None, str | None, object]]:
    return [(entry.action, entry.actor, entry.subject, entry.details) for entry in AuditTrail(store).page(0, 100)]


def test_an_account_comes_back_as_it_was_made(accounts: Accounts, store: Store) -> None:
    added = accounts.add("ZhangSan", PASSWORD, [Role.EDITOR, Role.AGENT, Role.AGENT], by=BY, display_name="张三")
    assert (added.name, added.display_name, added.roles, added.active, added.demo) == (
        "zhangsan", "张三", (Role.AGENT, Role.EDITOR), True, False)
    assert accounts.all() == [added]
    assert recorded(store) == [("account.added", "os:root", "account:zhangsan", {"roles": ["agent", "editor"]})]


def test_no_password_and_no_hash_is_shown(accounts: Accounts, store: Store) -> None:
    added = accounts.add("zhangsan", PASSWORD, [Role.AGENT], by=BY)
    shown = repr(added) + repr(AuditTrail(store).page(0, 100))
    assert PASSWORD not in shown and "argon2" not in shown
    assert added.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(("typed", "name"), [
    ("Agent1", "agent1"), (" agent1 ", "agent1"), ("ＡＧＥＮＴ１", "agent1"), ("张三", "张三"), ("li.si_2-x@firm", "li.si_2-x@firm"),
    ("", None), (" ", None), ("a b", None), (".a", None), ("-a", None), ("_a", None), ("a\x00", None), ("a/b", None), ("x" * 65, None),
    ("a\n", "a"), ("\ud800", None), ("💼", None), ("os:root", None)])
def test_names_are_read_without_case_and_width(typed: str, name: str | None) -> None:
    assert account_name(typed) == name


@pytest.mark.parametrize(("name", "password", "roles", "display_name", "error"), [
    ("a b", PASSWORD, [Role.AGENT], "", AccountNameInvalid), ("zhangsan", PASSWORD, [], "", RolesMissing),
    ("zhangsan", "short", [Role.AGENT], "", PasswordRefused), ("zhangsan", "zhangsan123", [Role.AGENT], "", PasswordRefused),
    ("zhangsan", "张三丰张三丰张三丰1", [Role.AGENT], "张三丰", PasswordRefused),
    ("zhangsan", PASSWORD, [Role.AGENT], "\u200b", EmptyMessage)])
def test_what_can_not_be_an_account_is_refused(accounts: Accounts, store: Store, name: str, password: str, roles: list[Role],
                                               display_name: str, error: type[AssistantError]) -> None:
    with pytest.raises(error):
        accounts.add(name, password, roles, by=BY, display_name=display_name)
    assert accounts.all() == [] and recorded(store) == []


def test_a_name_is_given_once(accounts: Accounts, store: Store) -> None:
    first = accounts.add("zhangsan", PASSWORD, [Role.AGENT], by=BY)
    accounts.deactivate("zhangsan", by=BY)
    with pytest.raises(AccountExists):
        accounts.add("ZHANGSAN", PASSWORD, [Role.ADMIN], by=BY)
    assert [(account.id, account.roles) for account in accounts.all()] == [(first.id, (Role.AGENT,))]
    assert len(recorded(store)) == 2


def test_a_name_that_is_given_twice_at_once_is_given_once(accounts: Accounts, store: Store) -> None:
    def add(_: int) -> bool:
        try:
            accounts.add("zhangsan", PASSWORD, [Role.AGENT], by=BY)
        except AccountExists:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(add, range(4))) == 1
    assert len(accounts.all()) == 1 and len(recorded(store)) == 1


def test_roles_are_changed_with_before_and_after(accounts: Accounts, store: Store) -> None:
    accounts.add("zhangsan", PASSWORD, [Role.AGENT], by=BY)
    accounts.set_roles("ZhangSan", [Role.MANAGER, Role.EDITOR], by=Actor("admin"))
    assert accounts.all()[0].roles == (Role.EDITOR, Role.MANAGER)
    assert recorded(store)[1] == (
        "account.roles_changed", "admin", "account:zhangsan", {"before": ["agent"], "after": ["editor", "manager"]})
    with pytest.raises(RolesMissing):
        accounts.set_roles("zhangsan", [], by=BY)


def test_who_is_switched_off_and_on_twice_is_recorded_once_each(accounts: Accounts, store: Store) -> None:
    accounts.add("zhangsan", PASSWORD, [Role.AGENT], by=BY)
    for _ in range(2):
        accounts.deactivate("zhangsan", by=BY)
    assert accounts.all()[0].active is False
    for _ in range(2):
        accounts.activate("zhangsan", by=BY)
    assert accounts.all()[0].active is True
    assert [action for action, *_ in recorded(store)] == ["account.added", "account.deactivated", "account.activated"]


def test_a_refused_password_changes_nothing(accounts: Accounts, store: Store) -> None:
    before = accounts.add("zhangsan", PASSWORD, [Role.AGENT], by=BY)
    with pytest.raises(PasswordRefused):
        accounts.set_password("zhangsan", "woaini1314520", by=BY)
    assert accounts.all() == [before] and len(recorded(store)) == 1


@pytest.mark.parametrize("change", [
    lambda accounts, name: accounts.set_password(name, PASSWORD, by=BY), lambda accounts, name: accounts.deactivate(name, by=BY),
    lambda accounts, name: accounts.set_roles(name, [Role.AGENT], by=BY), lambda accounts, name: accounts.activate(name, by=BY),
    lambda accounts, name: accounts.rename(name, "x", by=BY), lambda accounts, name: accounts.unlock(name, by=BY),
    lambda accounts, name: accounts.set_temporary_password(name, by=BY), lambda accounts, name: accounts.see(name, by=BY),
    lambda accounts, name: accounts.serve_as(name, [], None, by=BY), lambda accounts, name: accounts.join_team(name, None, by=BY)])
@pytest.mark.parametrize("name", ["nobody", "a b", "\x00", "\ud800", ""])
def test_an_account_that_is_not_there_is_said(accounts: Accounts, change: Callable[[Accounts, str], None], name: str) -> None:
    with pytest.raises(AccountNotFound):
        change(accounts, name)


def test_all_that_is_said_of_a_new_account_is_kept_or_nothing_is(store: Store) -> None:
    accounts = Accounts(store, skills=("margin", "hk"), clock=Clock())
    for options, error in ({"skills": ["cooking"]}, SkillUnknown), ({"team": " "}, TeamInvalid), ({"display_name": "\u200b"}, EmptyMessage):
        with pytest.raises(error):
            accounts.add_temporary("zhangsan", [Role.AGENT], by=BY, **options)
    assert accounts.all() == [] and recorded(store) == []
    made = accounts.add_temporary("zhangsan", [Role.AGENT], by=BY, skills=["hk", "hk"], max_conversations=7, team="两融组")
    assert accounts.all() == [made.account]
    assert (made.account.skills, made.account.max_conversations, made.account.team) == (("hk",), 7, "两融组")
    assert [(action, details) for action, _, _, details in recorded(store)] == [
        ("account.added", {"roles": ["agent"]}), ("account.service_changed", {"skills": ["hk"], "max_conversations": 7}),
        ("account.team_changed", {"before": None, "after": "两融组"})]


def test_a_display_name_is_changed_and_recorded_once(accounts: Accounts, store: Store) -> None:
    accounts.add("zhangsan", PASSWORD, [Role.AGENT], by=BY)
    for _ in range(2):
        assert accounts.rename("ZhangSan", " 张三 ", by=BY).display_name == "张三"
    assert [entry for entry in recorded(store) if entry[0] == "account.renamed"] == [
        ("account.renamed", "os:root", "account:zhangsan", {"before": "zhangsan", "after": "张三"})]


@pytest.mark.parametrize("lose", [
    lambda accounts, name: accounts.deactivate(name, by=BY), lambda accounts, name: accounts.set_roles(name, [Role.AGENT], by=BY)])
def test_the_last_admin_stays(accounts: Accounts, store: Store, lose: Callable[[Accounts, str], object]) -> None:
    accounts.add("anna", PASSWORD, [Role.ADMIN, Role.EDITOR], by=BY)
    accounts.add("bert", PASSWORD, [Role.ADMIN], by=BY)
    lose(accounts, "anna")
    before = accounts.all(), recorded(store)
    with pytest.raises(LastAdmin):
        lose(accounts, "bert")
    assert (accounts.all(), recorded(store)) == before
    accounts.set_roles("bert", [Role.ADMIN, Role.EDITOR], by=BY)
    assert accounts.activate("anna", by=BY).active


def test_an_admin_who_can_not_sign_in_stands_in_for_nobody(accounts: Accounts, store: Store) -> None:
    accounts.add("anna", PASSWORD, [Role.ADMIN], by=BY)
    accounts.add_temporary("bert", [Role.ADMIN], by=BY)
    with pytest.raises(LastAdmin):
        accounts.deactivate("anna", by=BY)
    accounts.set_password("bert", PASSWORD, by=BY)
    with store.write() as work:
        for _ in range(MOST_IN_A_ROW):
            work.staff.count_failure("bert")
    with pytest.raises(LastAdmin):
        accounts.deactivate("anna", by=BY)
    accounts.unlock("bert", by=BY)
    assert not accounts.deactivate("anna", by=BY).active


def test_a_name_is_one_line_and_turns_nobody_s_words(accounts: Accounts) -> None:
    accounts.add("anna", PASSWORD, [Role.AGENT], by=BY)
    assert accounts.rename("anna", "张\n三\t\u202e丰", by=BY).display_name == "张 三 丰"


def test_of_two_admins_who_go_at_once_one_stays(accounts: Accounts) -> None:
    for name in ("anna", "bert", "cara"):
        accounts.add(name, PASSWORD, [Role.ADMIN], by=BY)

    def go(name: str) -> bool:
        try:
            accounts.deactivate(name, by=BY)
        except LastAdmin:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(go, ("cara", "anna", "bert"))) == 2
    assert sum(account.active for account in accounts.all()) == 1


def test_the_demonstration_s_admin_stands_in_for_nobody(accounts: Accounts, store: Store) -> None:
    open_demo(store, PASSWORD)
    accounts.add("anna", PASSWORD, [Role.ADMIN], by=BY)
    with pytest.raises(LastAdmin):
        accounts.deactivate("anna", by=BY)
    assert not accounts.deactivate("admin", by=BY).active


def test_nobody_gives_themselves_a_password_without_the_one_they_have(accounts: Accounts) -> None:
    accounts.add("anna", PASSWORD, [Role.ADMIN], by=BY)
    before = accounts.all()
    with pytest.raises(OwnAccount):
        accounts.set_temporary_password("ANNA", by=Actor("anna"))
    assert accounts.all() == before


def test_a_page_goes_on_after_a_name_and_is_recorded(accounts: Accounts, store: Store) -> None:
    for name in ("cara", "anna", "bert"):
        accounts.add(name, PASSWORD, [Role.AGENT], by=BY)
    assert [account.name for account in accounts.page("", 2, by=BY)] == ["anna", "bert"]
    assert [account.name for account in accounts.page("bert", 2, by=BY)] == ["cara"]
    assert recorded(store)[-1] == ("account.seen", "os:root", None, {"why": "list", "accounts": ["cara"]})
