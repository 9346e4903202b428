"""How small an encoder may be: the table and the Pareto plot of docs/models.md.

    python -m training.sizes STUDENTS [--untrained FOLDER]

STUDENTS: what `training.distil` wrote. FOLDER: the base as a sentence-transformers folder, which `training.base_encoder` writes. Each is
exported as the shipped one is, and ranked for the development questions that no encoder trained on: by the nearest passage alone, by
it and BM25 together, and by trees that are fitted on it and have not seen the question. Students speak the teacher's language, so
the shipped heads read them. Needs the extra `training`; half an hour on two cores.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from knowledge.article_head import ArticleHead
from knowledge.articles import KnowledgeBase
from knowledge.encoder import DEFAULT_ENCODER, Encoder, load_encoder
from knowledge.rank import FEATURES
from knowledge.rank import MODELS as RANKER
from training.command import show_progress
from training.held_out import held_out, risks
from training.metrics import wilson
from training.models_page import fill
from training.plots import save_plot
from training.ranking import Gathered, gather

__all__ = ["EncoderSize", "measured", "size_table"]

_DOCS = Path(__file__).parents[1] / "docs"
_TIMED = 300
_ALLOWED_WRONG = 0.02
# As candidates are put in order before anything is learned.
_OF_BM25 = 0.5
app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class EncoderSize:
    """An encoder: megabytes on disk, milliseconds a query in one thread, and of the `questions` that have an article the shares for
    which it comes first, alone, with BM25 and with the ranker; and the share of all that the ranker answers with
    2 % of them wrong."""

    name: str
    megabytes: float
    milliseconds: float
    questions: int
    alone: float
    with_bm25: float
    ranked: float
    answered: float


@app.command()
def sizes(students: Annotated[Path, typer.Argument(help="What training.distil wrote.")],
          untrained: Annotated[Path | None, typer.Option(help="The base before tuning, as a sentence-transformers folder.")] = None,
          docs: Annotated[Path, typer.Option(help="Folder with models.md and images/.")] = _DOCS) -> None:
    """Measure, draw, and write the table."""
    folders = {"12 layers, tuned: ships": DEFAULT_ENCODER, "6 layers, distilled": _exported(students / "layers-6"),
               "4 layers, distilled": _exported(students / "layers-4"), "static, distilled": students / "layers-0"}
    if untrained:
        folders = {"12 layers, untuned": _exported(untrained), **folders}
    base, found, words = KnowledgeBase.load(), [], 0.0
    for name, folder in folders.items():
        timed = load_encoder(None if folder == DEFAULT_ENCODER else str(folder))
        many = load_encoder(None if folder == DEFAULT_ENCODER else str(folder), threads=2)
        with show_progress(name) as progress:
            gathered = gather(base, many, ArticleHead.load(RANKER), progress=progress).ranked
        found.append(measured(name, folder, timed, gathered))
        words = _right([item for item in gathered if item.question.articles], {"lexical_best": 1.0})
        typer.echo(found[-1])
    fill(docs / "models.md", {"sizes": size_table(found, words)})
    save_plot(docs / "images" / "pareto.svg", lambda axes: _pareto(axes, found))


def measured(name: str, folder: Path, encoder: Encoder, gathered: Sequence[Gathered]) -> EncoderSize:
    """`gathered` with this encoder; which article is first counts for questions that have one, what is answered among all."""
    stage = held_out(gathered)
    with_article = np.array([bool(item.question.articles) for item in gathered])
    asked = [item for item, has in zip(gathered, with_article, strict=True) if has]
    covered, wrong, _ = risks(stage.confidence, stage.right)
    answered = covered[wrong <= _ALLOWED_WRONG]
    weighs = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    return EncoderSize(
        name, weighs, _milliseconds(encoder, gathered), len(asked),
        _right(asked, {"dense_best": 1.0}), _right(asked, {"dense_best": 1.0, "lexical_best": _OF_BM25}),
        float(stage.right[with_article].mean()), float(answered.max()) if len(answered) else 0.0)


def _right(gathered: Sequence[Gathered], weights: Mapping[str, float]) -> float:
    """The share of questions whose right candidate has the greatest sum of some features."""
    by = np.array([weights.get(name, 0.0) for name in FEATURES])
    return float(np.mean([item.example.fine[int((item.example.features @ by).argmax())] for item in gathered]))


def _milliseconds(encoder: Encoder, gathered: Sequence[Gathered]) -> float:
    texts = [item.question.turns[-1] for item in gathered[::max(1, len(gathered) // _TIMED)]]
    taken = []
    for text in texts:
        started = time.perf_counter()
        # Texts that were seen are remembered.
        encoder.encode_queries([f"{text}呢"])
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def _exported(folder: Path) -> Path:
    """The files that serve, made beside a sentence-transformers folder where they are not there yet, or older."""
    from training.base_encoder import export

    served = folder.with_name(f"{folder.name}-served")
    made = served / "encoder.json"
    if not made.is_file() or made.stat().st_mtime < (folder / "modules.json").stat().st_mtime:
        export(folder, served, name=folder.name)
    return served


def size_table(sizes: Sequence[EncoderSize], words: float) -> list[str]:
    def share(value: float, questions: int) -> str:
        low, high = wilson(round(value * questions), questions)
        return f"{value:.1%} ({low:.1%}–{high:.1%})"

    lines = ["| encoder | MB | ms a query | alone | with BM25 | with the ranker | answered at 2% wrong |",
             "| --- | --- | --- | --- | --- | --- | --- |",
             f"| none: BM25, among the candidates | | | {share(words, sizes[0].questions)} | | | |"]
    return lines + [
        f"| {size.name} | {size.megabytes:.1f} | {size.milliseconds:.2g} | {share(size.alone, size.questions)} "
        f"| {share(size.with_bm25, size.questions)} | {share(size.ranked, size.questions)} | {size.answered:.1%} |" for size in sizes]


def _pareto(axes, sizes: Sequence[EncoderSize]) -> None:
    for size in sizes:
        axes.scatter(size.milliseconds, size.ranked, s=size.megabytes * 6, color="#1f5fae", alpha=0.7)
        axes.scatter(size.milliseconds, size.alone, s=size.megabytes * 6, color="#b0501e", alpha=0.5)
        axes.annotate(size.name, (size.milliseconds, size.ranked), textcoords="offset points", xytext=(0, 9), ha="center", fontsize=7)
    axes.set(xlabel="milliseconds a query, one thread; area: megabytes", ylabel="right article first", xscale="log",
             title="Quality against time: with the ranker (blue), alone (brown)")
    axes.margins(0.25)


if __name__ == "__main__":
    app()
