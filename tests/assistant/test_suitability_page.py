"""docs/suitability.md shows what the code holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.firm_policy import load_firm_policy
from assistant.suitability import RULES, Certainty, FirmPolicy, Kind, Rule, TradingPermission
from assistant.suitability.findings import REASONS, REMEDIES, STEPS
from tests.assistant.test_suitability import TABLE

PAGE = (Path(__file__).parents[2] / "docs" / "suitability.md").read_text(encoding="utf-8")
ROWS = {"最低类别": "lowest", "C1": "C1", "C2": "C2", "C3": "C3", "C4": "C4", "C5": "C5", "not assessed": "unassessed",
        "专业投资者 A": "professional"}


def part(name: str) -> list[str]:
    return PAGE.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- /{name} -->")[0].splitlines()[2:]


def where(rule: Rule) -> str:
    title = rule.title if rule.certainty is Certainty.FIRM else f"《{rule.title}》"
    return " ".join(item for item in (title, rule.number and f"（{rule.number}）", rule.paragraph) if item)


def ids(rules: tuple[str, ...]) -> str:
    return " ".join(f"`{rule}`" for rule in rules) or "—"


def test_the_rules() -> None:
    assert part("rules") == [
        f"| `{rule.id}` | {rule.text} | {where(rule)} | {rule.effective_from} | {rule.effective_to or ''} | {rule.certainty} |"
        for rule in RULES]


def test_the_reasons_steps_and_remedies() -> None:
    assert part("reasons") == [
        f"| `{code}` | {words.text} | {ids(words.rules)} | `{words.remedy}` |" for code, words in REASONS.items()]
    assert part("steps") == [
        f"| `{code}` | {words.text} | {ids(words.rules)} | {'✓' if words.special else ' '} |" for code, words in STEPS.items()]
    assert part("remedies") == [
        f"| `{code}` | {text} | {ids((rule,) if rule else ())} |" for code, (rule, text, _) in REMEDIES.items()]


@pytest.mark.parametrize(("title", "row"), ROWS.items())
def test_the_table(title: str, row: str) -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("| ") and title in line and "may_" in line)
    assert [cell.strip() for cell in line.split("|")[2:-1]] == [outcome.value for outcome in TABLE[row]]


def test_the_policy_that_is_shown_is_the_default(tmp_path: Path) -> None:
    shown = PAGE.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "policy.toml").write_text(shown, encoding="utf-8")
    assert load_firm_policy(tmp_path / "policy.toml") == FirmPolicy()


@pytest.mark.parametrize("word", [*TradingPermission, *Kind])
def test_every_permission_and_kind_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE
