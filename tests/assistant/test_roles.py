"""The table of roles and permissions, and the page that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.roles import TABLE, Permission, Role, in_order, permissions_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "roles.md"


def test_every_permission_is_in_the_table_once_and_somebody_has_it() -> None:
    assert [permission for permission, _, _ in TABLE] == list(Permission)
    assert all(roles for _, _, roles in TABLE)


def test_the_page_shows_the_table() -> None:
    lines = [f"| permission | allows to | {' | '.join(Role)} |", "|---|---|" + ":-:|" * len(Role)]
    lines += [f"| `{permission}` | {meaning} | {' | '.join('✓' if role in roles else ' ' for role in Role)} |"
              for permission, meaning, roles in TABLE]
    shown = DOCUMENT.read_text(encoding="utf-8").partition("<!-- roles -->\n")[2].partition("<!-- /roles -->")[0]
    assert shown.splitlines() == lines, "\n".join(["The page should show:", *lines])


@pytest.mark.parametrize("role", Role)
def test_everybody_may_see_and_end_their_own_session(role: Role) -> None:
    assert Permission.OWN_SESSION in permissions_of([role])


def test_several_roles_may_what_any_of_them_may() -> None:
    both = permissions_of([Role.EDITOR, Role.AGENT])
    assert both == permissions_of([Role.EDITOR]) | permissions_of([Role.AGENT])
    assert Permission.EDIT_KNOWLEDGE in both and Permission.REPLY in both
    assert permissions_of([]) == frozenset()


@pytest.mark.parametrize("role", Role)
def test_who_hands_out_roles_sees_no_client(role: Role) -> None:
    clients = {Permission.SEE_CLIENTS, Permission.EDIT_CLIENTS, Permission.SEE_CONVERSATIONS, Permission.REPLY}
    may = permissions_of([role])
    assert not (Permission.ADMINISTER_STAFF in may and may & clients)


@pytest.mark.parametrize("role", Role)
def test_no_one_role_both_writes_and_approves(role: Role) -> None:
    assert not {Permission.EDIT_KNOWLEDGE, Permission.REVIEW_KNOWLEDGE} <= permissions_of([role])


def test_roles_are_kept_in_order_and_once() -> None:
    assert in_order(["admin", "agent", "admin", "king"]) == (Role.AGENT, Role.ADMIN)
