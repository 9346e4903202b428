"""`zhike user`: the accounts of staff."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.commands.loading import opened_store, who_types
from assistant.roles import Role

__all__ = ["app"]

app = typer.Typer(help="Accounts of staff 员工账号: add, list, roles, skills, team, password, deactivate, activate.", no_args_is_help=True)
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
    """Add an account 新增账号. The password is asked for, or is one line of standard input.

    Example: zhike user add zhangsan --role agent --role editor --skill margin
    """
    from assistant.accounts import Accounts
    from assistant.teams import clean_team

    skills = _known(skill or [])
    # Before anything is added.
    team = clean_team(team) if team else None
    with opened_store() as store:
        accounts = Accounts(store)
        account = accounts.add(name, _password(), role, by=who_types(), display_name=display_name)
        if skills or max_conversations:
            accounts.serve_as(account.name, skills, max_conversations, by=who_types())
        if team:
            accounts.join_team(account.name, team, by=who_types())
    print(f"{account.name} added: {', '.join(account.roles)}")


@app.command("list")
def list_() -> None:
    """List all accounts 账号列表."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from assistant.accounts import Accounts

    with opened_store() as store:
        accounts = Accounts(store).all()
    # A column that nobody fills would cost the others their width.
    shown = {
        "Name": [account.name for account in accounts],
        "Shown as": [account.display_name for account in accounts],
        "Roles": [", ".join(account.roles) for account in accounts],
        "Skills": [", ".join(account.skills) for account in accounts],
        "Team": [account.team or "" for account in accounts],
        "Max": [str(account.max_conversations or "") for account in accounts],
        "Active": [_yes(account.active) for account in accounts],
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
    from assistant.accounts import Accounts

    with opened_store() as store:
        Accounts(store).set_roles(name, role, by=who_types())
    print(f"{name} has the roles now")


@app.command("skills")
def skills(name: Name, skill: Skills = None, max_conversations: Most = None) -> None:
    """Say what an account serves 设置技能组与接待上限, in place of what was said before."""
    from assistant.accounts import Accounts

    known = _known(skill or [])
    with opened_store() as store:
        Accounts(store).serve_as(name, known, max_conversations, by=who_types())
    print(f"{name} serves {', '.join(known) or 'everything'}, at most {max_conversations or 'as many as all'} at once")


@app.command("team")
def team(
    name: Name,
    team: Annotated[str | None, typer.Argument(help="How the team is called; none takes the account out of its team.")] = None,
) -> None:
    """Put an account into a team 设置团队, by which figures of service are split; without a team, out of it."""
    from assistant.accounts import Accounts

    with opened_store() as store:
        account = Accounts(store).join_team(name, team, by=who_types())
    print(f"{account.name} is in {account.team}" if account.team else f"{account.name} is in no team")


@app.command("password")
def password(name: Name) -> None:
    """Set a new password 重设密码, asked for, or one line of standard input. All its sessions end."""
    from assistant.accounts import Accounts

    with opened_store() as store:
        Accounts(store).set_password(name, _password(), by=who_types())
    print(f"{name} has a new password, and was signed out everywhere")


@app.command("deactivate")
def deactivate(name: Name) -> None:
    """Take an account out of use 停用账号. All its sessions end; what it did stays on record."""
    from assistant.accounts import Accounts

    with opened_store() as store:
        Accounts(store).deactivate(name, by=who_types())
    print(f"{name} is not active any more")


@app.command("activate")
def activate(name: Name) -> None:
    """Take an account into use again 恢复账号."""
    from assistant.accounts import Accounts

    with opened_store() as store:
        Accounts(store).activate(name, by=who_types())
    print(f"{name} is active")


def _known(names: list[str]) -> list[str]:
    """The names, all of which service.toml has."""
    from assistant.service_rules import load_service_rules
    from assistant.settings import load_settings

    known = load_service_rules(load_settings().service).plan.skills
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"{name} is no skill; service.toml has {', '.join(known)}")
    return names


def _password() -> str:
    if sys.stdin.isatty():
        return typer.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    return sys.stdin.readline().removesuffix("\n").removesuffix("\r")


def _yes(value: bool) -> str:
    return "yes" if value else "no"
