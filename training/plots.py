"""`python -m training.plots`: the plots of docs/images and the tables of docs/models.md, from the models and data as they are.

All figures are of the development questions that no encoder trained on, each ranked by trees that have not seen it; the
evaluation questions are never read. Needs the extra `training`; minutes on two cores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from knowledge.articles import KnowledgeBase
from training.held_out import HeldOut, Size, held_out, learning_curve, risks
from training.metrics import expected_calibration_error, wilson
from training.models_page import fill_page
from training.ranker import RATES

__all__ = ["app", "draw", "save_plot"]

_DOCS = Path(__file__).parents[1] / "docs"
_BINS = 10
app = typer.Typer(add_completion=False)


@app.command()
def plots(docs: Annotated[Path, typer.Option(help="Folder with models.md and images/.")] = _DOCS) -> None:
    """Draw the plots and write the tables."""
    import json

    from knowledge.article_head import ArticleHead
    from knowledge.encoder import load_encoder
    from knowledge.rank import MODELS
    from training.command import show_progress
    from training.ranking import gather

    base, encoder = KnowledgeBase.load(), load_encoder(threads=2)
    with show_progress("questions") as progress:
        gathered = gather(base, encoder, ArticleHead.load(MODELS), progress=progress).ranked
    found = held_out(gathered)
    draw(found, learning_curve(gathered), docs / "images")
    thresholds = json.loads((MODELS / "thresholds.json").read_text(encoding="utf-8"))
    fill_page(docs / "models.md", base, gathered, found, thresholds["table"])


def draw(found: HeldOut, sizes: Sequence[Size], images: Path) -> None:
    """`reliability.svg`, `risk.svg` and `learning.svg`."""
    save_plot(images / "reliability.svg", lambda axes: _reliability(axes, found))
    save_plot(images / "risk.svg", lambda axes: _risk(axes, found))
    save_plot(images / "learning.svg", lambda axes: _learning(axes, sizes))


def save_plot(path: Path, fill: Callable) -> None:
    """What `fill` draws on the axes it is given."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    # The same figures give the same file.
    with pyplot.rc_context({"svg.hashsalt": "zhike", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure, axes = pyplot.subplots(figsize=(5, 3.6), layout="constrained")
        fill(axes)
        axes.grid(alpha=0.25)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None})
        pyplot.close(figure)


def _reliability(axes, found: HeldOut) -> None:
    parts = [part for part in np.array_split(np.argsort(found.confidence, kind="stable"), _BINS) if len(part)]
    said = np.array([found.confidence[part].mean() for part in parts])
    held = np.array([found.right[part].mean() for part in parts])
    low, high = np.array([wilson(int(found.right[part].sum()), len(part)) for part in parts]).T
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=1, label="confidence that holds")
    axes.errorbar(said, held, yerr=[np.maximum(held - low, 0), np.maximum(high - held, 0)], fmt="o", markersize=4, capsize=2,
                  color="#1f5fae", label=f"tenths of {len(found.right):,} questions, 95 % intervals")
    error = expected_calibration_error(found.confidence, found.right, _BINS)
    axes.set(xlabel="confidence", ylabel="right", xlim=(0, 1.02), ylim=(0, 1.02), title=f"Reliability: calibration error {error:.3f}")
    axes.legend(loc="lower right", frameon=False)


def _risk(axes, found: HeldOut) -> None:
    answered, wrong, of_answered = risks(found.confidence, found.right)
    axes.plot(answered, of_answered, color="#b0501e", linewidth=1.4, label="wrong among those answered")
    axes.plot(answered, wrong, color="#1f5fae", linewidth=1.4, label="wrong among all asked")
    for rate in RATES[1:5]:
        axes.axhline(rate, color="0.75", linewidth=0.8, linestyle=":")
        axes.text(0.005, rate + 0.001, f"{rate:.0%} allowed", color="0.45", fontsize=7)
    axes.set(xlabel="answered, surest first", ylabel="wrong", xlim=(0, 1), ylim=(0, max(0.06, float(wrong[-1]) * 1.15)),
             title="Risk against coverage")
    axes.legend(loc="upper left", frameon=False, bbox_to_anchor=(0.1, 1))


def _learning(axes, sizes: Sequence[Size]) -> None:
    count = [size.questions for size in sizes]
    axes.plot(count, [size.right for size in sizes], marker="o", markersize=4, color="#1f5fae", label="right article first")
    axes.set(xlabel="questions that the trees were fitted on", ylabel="right", xscale="log", title="Learning curve of the ranker")
    other = axes.twinx()
    other.plot(count, [size.calibration_error for size in sizes], marker="s", markersize=3, color="#b0501e", label="calibration error")
    other.set(ylabel="calibration error", ylim=(0, None))
    handles = axes.get_legend_handles_labels()[0] + other.get_legend_handles_labels()[0]
    axes.legend(handles=handles, loc="center right", frameon=False)


if __name__ == "__main__":
    app()
