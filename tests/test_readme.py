"""What the README and the documents promise is there: commands, files, settings; both languages tell the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from api.cli import app
from assistant.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = [*READMES, *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def told(text: str) -> str:
    """The text without its blocks of code."""
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def shell(name: str) -> str:
    """What is to be typed: shell blocks without comments and prompts, and code within lines."""
    blocks = re.findall(r"```sh\n(.*?)```", read(name), re.DOTALL)
    lines = [re.sub(r"\s#.*$", "", line) for block in blocks for line in block.splitlines()]
    return "\n".join([*(line.removeprefix("$ ") for line in lines), *re.findall(r"`([^`\n]+)`", told(read(name)))])


def commands(name: str) -> Iterator[tuple[Any, list[str]]]:
    """Each `zhike …` of a document: the command that its first words call, and the options that follow."""
    from training.command import evaluate_app, train_app

    delegated = {"evaluate": get_command(evaluate_app), "train": get_command(train_app)}
    for line in re.findall(r"(?:^|[\s/])zhike ([a-z-][^\n&|]*)", shell(name), re.MULTILINE):
        command, words = get_command(app), line.split()
        while words and not words[0].startswith("-") and (known := getattr(command, "commands", None)):
            assert words[0] in known, f"zhike {line}"
            command = delegated.get(words[0]) or known[words[0]]
            words.pop(0)
        yield command, [word for word in words if re.fullmatch(r"--[a-z-]+", word)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_targets_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", shell(name), re.MULTILINE)) <= targets


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_and_their_options_exist(name: str) -> None:
    for command, options in commands(name):
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert set(options) <= known, (name, command.name)


@pytest.mark.parametrize("name", READMES)
def test_the_first_commands_are_told(name: str) -> None:
    for command in ("make run", "make test", "zhike ask", "zhike batch", "zhike evaluate", "zhike kb check"):
        assert command in shell(name)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    text = told(read(name))
    for link in (*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'(?:src|href)="([^"]+)"', text)):
        path = link.partition("#")[0]
        if path and not re.match(r"[a-z]+:", link):
            assert ((ROOT / name).parent / path).exists(), link


@pytest.mark.parametrize("name", DOCUMENTS)
def test_settings_exist(name: str) -> None:
    known = {f"{PREFIX}{field}".upper() for field in Settings.model_fields} | {f"{PREFIX}CONFIG"}
    assert set(re.findall(r"\bZHIKE_[A-Z_]+\b", read(name))) <= known


@pytest.mark.parametrize("pattern", [r"^## ", r"^\|---", r"^<img ", r"^\d\. ", r"^```"])
def test_both_languages_have_the_same_parts(pattern: str) -> None:
    english, chinese = (len(re.findall(pattern, read(name), re.MULTILINE)) for name in READMES)
    assert english == chinese


@pytest.mark.parametrize(
    "pattern", [r"`(ZHIKE_[A-Z_]+)`", r"\]\(((?:docs|knowledge)/[^)]+)\)", r"\b(?:make|zhike) [a-z]+"])
def test_both_languages_name_the_same(pattern: str) -> None:
    english, chinese = (set(re.findall(pattern, read(name))) for name in READMES)
    assert english == chinese


@pytest.mark.parametrize("name", READMES)
def test_folders_of_the_layout_exist(name: str) -> None:
    folders = re.findall(r"^\| `([a-z]+)/` \|", read(name), re.MULTILINE)
    assert len(folders) == 7
    assert all((ROOT / folder).is_dir() for folder in folders)
