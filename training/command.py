"""`zhike evaluate` and `zhike train …`."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["evaluate_app", "train_app"]

evaluate_app = typer.Typer(add_completion=False, help="Measure how well clients' questions are answered.")
train_app = typer.Typer(no_args_is_help=True, add_completion=False, help="Train the models that ship, from data to a model folder.")


@contextmanager
def _progress(title: str):
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                  console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@evaluate_app.callback(invoke_without_command=True)
def evaluate(
    questions: Annotated[Path | None, typer.Option(help="Labelled questions (default: the shipped evaluation set).")] = None,
    results: Annotated[Path | None, typer.Option(
        help="Score these results (lines as `zhike batch` writes them, in the order of the questions) instead of running Zhike.")] = None,
    export: Annotated[Path | None, typer.Option(help="Only write the questions as `zhike batch` reads them, for another system.")] = None,
    out: Annotated[Path, typer.Option(help="Where the figures go, as JSON.")] = Path("build/evaluation.json"),
) -> None:
    """Ask every evaluation question and print what came of it, beside BM25 alone and dense alone.

    Another system can be measured on the same questions: --export them, answer them, score the answers with --results.
    """
    from training.datasets import EVALUATION, read_questions
    from training.report import print_report
    from training.scoring import Answered, needs_scores, summarise

    asked = read_questions(questions or EVALUATION / "questions.jsonl")
    if export:
        lines = [json.dumps({"id": q.id, **({"q": q.turns[0]} if len(q.turns) == 1 else {"turns": q.turns})}, ensure_ascii=False) for q in asked]
        export.write_text("\n".join(lines) + "\n", encoding="utf-8")
        typer.echo(f"{len(lines)} questions in {export}")
        return
    if results:
        given = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines() if line.strip()]
        if len(given) != len(asked):
            raise typer.BadParameter(f"{len(given)} results for {len(asked)} questions", param_hint="--results")
        answers = [Answered.from_result(item["result"]) for item in given]
        figures: dict[str, Any] = {"systems": {results.name: summarise(asked, answers)}, "needs": needs_scores(asked, answers)}
    else:
        figures = _measure(asked)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, ensure_ascii=False, indent=2), encoding="utf-8")
    print_report(figures)
    typer.echo(f"\nAll figures: {out}")


def _measure(asked: list) -> dict[str, Any]:
    from assistant.bootstrap import open_application
    from assistant.settings import load_settings
    from training.evaluate import evaluate as run

    application = open_application(load_settings())
    try:
        with _progress("questions") as progress:
            return run(application.responder, asked, progress)
    finally:
        application.close()


@train_app.command("intents")
def intents(out: Annotated[Path | None, typer.Option(help="Model folder (default: the shipped one).")] = None) -> None:
    """Train the intent head on the knowledge base's own questions and off-topic utterances. Seconds."""
    from training.understanding import train_intents

    train_intents(out)


@train_app.command("needs")
def needs(out: Annotated[Path | None, typer.Option(help="Folder for the heads `needs` and `tone` (default: the shipped one).")] = None) -> None:
    """Train the heads for latent needs and tone on written utterances. Seconds."""
    from training.understanding import train_needs, train_tone

    train_needs(out / "needs" if out else None)
    train_tone(out / "tone" if out else None)


@train_app.command("ranker")
def ranker(out: Annotated[Path | None, typer.Option(help="Model folder (default: the shipped one).")] = None) -> None:
    """Fit the ranker, calibrate its confidence, and set the thresholds for each allowed wrong-answer rate. Minutes."""
    from training.ranking import train

    with _progress("questions") as progress:
        train(out, progress)


@train_app.command("encoder")
def encoder(
    out: Annotated[Path | None, typer.Option(help="Model folder (default: the shipped one).")] = None,
    work: Annotated[Path, typer.Option(help="Where the float models and checkpoints go; an interrupted run goes on from here.")] = Path("build/encoder"),
    steps: Annotated[int, typer.Option(help="Optimiser steps of 48 triples; about 3 seconds each on two cores.")] = 500,
) -> None:
    """Make the shipped encoder: base weights from the published packages, tuned on our questions, as int8 ONNX.

    Needs zhike[training]. The heads and the ranker belong to an encoder: train intents, needs and ranker after it.
    """
    from knowledge.encoder import DEFAULT_ENCODER
    from training.base_encoder import NAME, build, export
    from training.encoder import fine_tune

    if not (work / "base-float" / "modules.json").is_file():
        build(work / "base", work / "base-float")
    if not (work / "tuned" / "modules.json").is_file():
        fine_tune(work / "base-float", work / "base", work / "tuned", steps=steps)
    typer.echo(export(work / "tuned", out or DEFAULT_ENCODER, name=NAME))
