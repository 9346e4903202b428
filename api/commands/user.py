"""`zhike user`: the accounts of staff."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.loading import opened_store, who_types
from assistant.roles import Role

if TYPE_CHECKING:
    from assistant.accounts import Accounts
    from assistant.sessions import Sessions

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Accounts of staff 员工账号: add, list, roles, name, skills, team, password, sessions, "
                                             "sign-out, unlock, deactivate, activate.")
Name = Annotated[str, typer.Argument(help="Name to sign in with.")]
Skills = Annotated[list[str] | None, typer.Option(
    "--skill", help="What clients are routed by, as named in service.toml; may be given several times. None: a generalist.")]
Most = Annotated[int | None, typer.Option("--max", min=1, max=1000, help="Conversations at once; the firm's limit otherwise.")]
Team = Annotated[str | None, typer.Option(help="Team by which figures of service are split.")]
Roles = Annotated[list[Role], typer.Option("--role", help="May be given several times. What each may do: docs/roles.md.")]


@app.command("add")
def add(
    name: Name, role: Roles,
    display_name: Annotated[str, typer.Option(help="Name that colleagues see; the name itself otherwise.")] = "",
    skill: Skills = None, max_conversations: Most = None, team: Team = None,
) -> None:
    """Add an account 新增账号. The password, 15 characters or more, is asked for, or is one line of standard input.

    Example: zhike user add zhangsan --role agent --role editor --skill margin
    """
    with _accounts() as accounts:
        account = accounts.add(name, _password(), role, by=who_types(), display_name=display_name, skills=skill or [],
                               max_conversations=max_conversations, team=team or None)
    print(f"{account.name} added: {', '.join(account.roles)}")


@app.command("list")
def list_() -> None:
    """List all accounts 账号列表."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from assistant.lockout import MOST_IN_A_ROW

    with _accounts() as known:
        accounts = known.all()
    # A column that nobody fills would cost the others their width.
    shown = {
        "Name": [account.name for account in accounts],
        "Shown as": [account.display_name for account in accounts],
        "Roles": [", ".join(account.roles) for account in accounts],
        "Skills": [", ".join(account.skills) for account in accounts],
        "Team": [account.team or "" for account in accounts],
        "Max": [str(account.max_conversations or "") for account in accounts],
        "Active": [_yes(account.active) for account in accounts],
        "Locked": ["yes" if account.failed_sign_ins >= MOST_IN_A_ROW else "" for account in accounts],
        "Demo": [_yes(account.demo) for account in accounts],
        "Since": [account.created_at.date().isoformat() for account in accounts],
    }
    shown = {name: cells for name, cells in shown.items() if any(cells)}
    table = Table(*shown, box=box.SIMPLE)
    for row in zip(*shown.values(), strict=True):
        table.add_row(*row)
    Console(markup=False, highlight=False).print(table if accounts else "No accounts yet: zhike user add NAME --role …")


@app.command("roles")
def roles(name: Name, role: Roles) -> None:
    """Give an account these roles 修改角色, in place of those it has. Open sessions have them at once."""
    with _accounts() as accounts:
        accounts.set_roles(name, role, by=who_types())
    print(f"{name} has the roles now")


@app.command("name")
def name(name: Name, display_name: Annotated[str, typer.Argument(help="Name that colleagues see.")]) -> None:
    """Say how an account is shown 修改显示名称."""
    with _accounts() as accounts:
        account = accounts.rename(name, display_name, by=who_types())
    print(f"{account.name} is shown as {account.display_name}")


@app.command("skills")
def skills(name: Name, skill: Skills = None, max_conversations: Most = None) -> None:
    """Say what an account serves 设置技能组与接待上限, in place of what was said before."""
    with _accounts() as accounts:
        account = accounts.serve_as(name, skill or [], max_conversations, by=who_types())
    print(f"{name} serves {', '.join(account.skills) or 'everything'}, at most {max_conversations or 'as many as all'} at once")


@app.command("team")
def team(
    name: Name,
    team: Annotated[str | None, typer.Argument(help="How the team is called; none takes the account out of its team.")] = None,
) -> None:
    """Put an account into a team 设置团队, by which figures of service are split; without a team, out of it."""
    with _accounts() as accounts:
        account = accounts.join_team(name, team, by=who_types())
    print(f"{account.name} is in {account.team}" if account.team else f"{account.name} is in no team")


@app.command("password")
def password(name: Name) -> None:
    """Set a new password 重设密码, asked for, or one line of standard input. All its sessions end."""
    with _accounts() as accounts:
        accounts.set_password(name, _password(), by=who_types())
    print(f"{name} has a new password, and was signed out everywhere")


@app.command("sessions")
def sessions(name: Name) -> None:
    """List where an account is signed in 查看登录会话."""
    from rich import box
    from rich.console import Console
    from rich.table import Column, Table

    with _sessions() as known:
        found = known.see(name, who_types())
    table = Table(Column("Session", no_wrap=True), "Since", "Last used", "From", box=box.SIMPLE)
    for item in found:
        table.add_row(item.id, _minute(item.created_at), _minute(item.seen_at), item.address or "")
    Console(markup=False, highlight=False).print(table if found else f"{name} is not signed in.")


@app.command("sign-out")
def sign_out(name: Name, session: Annotated[str, typer.Option(help="Only this one, as `zhike user sessions` lists it.")] = "") -> None:
    """Sign an account out everywhere 强制下线, or end one of its sessions."""
    with _sessions() as known:
        if session:
            known.end(name, session, who_types())
        else:
            known.end_all(name, who_types())
    print(f"{name}: session {session} has ended" if session else f"{name} was signed out everywhere")


@app.command("unlock")
def unlock(name: Name) -> None:
    """Forget an account's failures to sign in 解除锁定. The password stays."""
    with _accounts() as accounts:
        accounts.unlock(name, by=who_types())
    print(f"{name} may sign in again")


@app.command("deactivate")
def deactivate(name: Name) -> None:
    """Take an account out of use 停用账号. All its sessions end; what it did stays on record."""
    with _accounts() as accounts:
        accounts.deactivate(name, by=who_types())
    print(f"{name} is not active any more")


@app.command("activate")
def activate(name: Name) -> None:
    """Take an account into use again 恢复账号."""
    with _accounts() as accounts:
        accounts.activate(name, by=who_types())
    print(f"{name} is active")


@contextmanager
def _accounts() -> Iterator[Accounts]:
    """As the settings say: which passwords may be chosen, and which skills there are."""
    from assistant.accounts import Accounts
    from assistant.service_rules import load_service_rules
    from assistant.settings import load_settings

    settings = load_settings()
    skills = load_service_rules(settings.service).plan.skills
    with opened_store() as store:
        yield Accounts(store, min_password=settings.password_min_length, skills=skills)


@contextmanager
def _sessions() -> Iterator[Sessions]:
    from assistant.sessions import Sessions
    from assistant.settings import load_settings

    settings = load_settings()
    idle, longest = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_max_hours)
    with opened_store() as store:
        yield Sessions(store, idle=idle, longest=longest)


def _password() -> str:
    if sys.stdin.isatty():
        return typer.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    return sys.stdin.readline().removesuffix("\n").removesuffix("\r")


def _minute(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def _yes(value: bool) -> str:
    return "yes" if value else "no"
