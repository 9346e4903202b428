"""Prints an evaluation so that a person can read it."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from training.gates import Gate
from training.scoring import VERDICTS

__all__ = ["print_gate", "print_report"]

_ROWS = (
    ("right", "right (answer, kind)"), ("wrong", "wrong"), ("right_kind", "right kind"),
    ("right_answer_at_1", "right answer, questions with an answer"),
    ("right_article_first", "right article held most likely, same questions"), ("wrong_answer", "wrong answer, same questions"),
    ("asked_back_with_the_answer_among_choices", "asked back, the answer among the choices"),
    ("fallback_in_scope", "fallback, same questions"), ("off_topic_answered", "off-topic questions answered"),
    ("guards", "rules that never depend on a model"), ("contrast_pairs", "contrast pairs, both right"),
)


def print_report(figures: dict[str, Any], console: Console | None = None) -> None:
    console = console or Console()
    systems = figures["systems"]
    table = Table(title="Evaluation: share (95 % interval)")
    table.add_column("")
    for name in systems:
        table.add_column(name, justify="right")
    for key, label in _ROWS:
        table.add_row(label, *(_share(system[key]) for system in systems.values()))
    console.print(table)
    first = next(iter(systems))
    verdicts = Table(title=f"{first}, by category")
    verdicts.add_column("category")
    for name in VERDICTS:
        verdicts.add_column(name, justify="right")
    for category, counts in systems[first]["verdicts"].items():
        verdicts.add_row(category, *(str(counts[name]) for name in VERDICTS))
    console.print(verdicts)
    _print_needs("Latent needs", figures["needs"], console)
    if "author" in figures["needs"]:
        _print_needs("As the questions' authors labelled them", figures["needs"]["author"], console)


def _print_needs(title: str, needs: dict[str, Any], console: Console) -> None:
    console.print(f"{title}: exact {_share(needs['exact'])}, precision {needs['precision']:.1%}, recall {needs['recall']:.1%}, "
                  f"F1 {needs['f1']:.1%}; without a need, left alone {_share(needs['needless_left_alone'])}")


def _share(figure: dict[str, Any]) -> str:
    return f"{figure['share']:.1%} ({figure['low']:.1%}–{figure['high']:.1%})" if figure["n"] else "–"


def print_gate(gate: Gate, console: Console | None = None) -> None:
    """Each group in which anything changed, worse ones marked."""
    table = Table("", "group", "questions", "outcome", "before", "after", "lost", "won", "p", title="New models against those in use")
    for item in gate.comparisons:
        if item.lost or item.won or item.group == "all":
            table.add_row("worse" if item.worse else "", item.group, str(item.questions), item.outcome, str(item.before), str(item.after),
                          str(item.lost), str(item.won), f"{item.p:.3f}")
    (console or Console()).print(table)
