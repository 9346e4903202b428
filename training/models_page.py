"""The tables of docs/models.md, written between its markers."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from intents.tuned_head import CARD, TUNED
from intents.understand import MODELS as HEADS
from knowledge.articles import KnowledgeBase
from knowledge.cross_encoder import DEFAULT_CROSS_ENCODER
from knowledge.encoder import DEFAULT_ENCODER
from knowledge.rank import MODELS as RANKER
from training.held_out import HeldOut
from training.metrics import expected_calibration_error, wilson
from training.model_card import digest
from training.ranking import Gathered

__all__ = ["fill", "fill_page"]

_FOLDERS = {"encoder": DEFAULT_ENCODER, "cross-encoder": DEFAULT_CROSS_ENCODER, "ranker": RANKER, "intents": HEADS / "intents",
            "sensitive": HEADS / "sensitive", "needs": HEADS / "needs", "tone": HEADS / "tone", "second reader": HEADS / TUNED,
            "needs, read again": HEADS / "needs" / TUNED, "sensitive, read again": HEADS / "sensitive" / TUNED}
_SERVED = 0.02
_CATEGORIES, _EXAMPLES = 6, 3
# A question and two titles still fit into a line of a table.
_LONGEST = 60


def fill_page(path: Path, base: KnowledgeBase, gathered: Sequence[Gathered], found: HeldOut, table: Sequence[Mapping[str, float]]) -> None:
    """Write all tables anew; whatever stands outside the markers stays."""
    answer = next(row["answer"] for row in table if row["max_wrong_answer_rate"] == _SERVED)
    parts = {"ships": _ships(), "thresholds": _thresholds(table), "held-out": _held_out(found),
             "categories": _categories(gathered, found, answer), "errors": _errors(base, gathered, found, answer)}
    fill(path, parts)


def fill(path: Path, parts: Mapping[str, Sequence[str]]) -> None:
    """Put lines between the markers of their names. Raises ValueError where a page has no place for them, or several."""
    text = path.read_text(encoding="utf-8")
    for name, lines in parts.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        text, count = re.subn(pattern, lambda match, lines=lines: f"{match[1]}\n{chr(10).join(lines)}\n\n{match[2]}", text, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"{path} has {count} places for {name}; expected one <!-- {name} --> with <!-- /{name} -->")
    path.write_text(text, encoding="utf-8")


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), _row(*("---" for _ in cells))]


def _ships() -> list[str]:
    lines = _head("model", "size", "SHA-256 of its weights", "version", "figures")
    for name, folder in _FOLDERS.items():
        files = [path for path in sorted(folder.glob("*")) if path.is_file()]
        weights = [path for path in files if path.suffix in (".onnx", ".npz")]
        if weights:
            size = sum(path.stat().st_size for path in files) / 1e6
            version, figures = _described(name, folder)
            hashes = ", ".join(f"`{digest(path)[:12]}…`" for path in weights)
            lines.append(_row(name, f"{size:.1f} MB", hashes, version, figures))
    return lines


def _described(name: str, folder: Path) -> tuple[str, str]:
    """Version and figures, as they stand beside a model."""
    def read(file: str) -> dict[str, Any]:
        return json.loads((folder / file).read_text(encoding="utf-8"))

    if (folder / "encoder.json").is_file():
        return read("encoder.json")["name"], f"{read('encoder.json')['dimension']} numbers a text"
    if name == "cross-encoder":
        return read("cross_encoder.json")["name"], ""
    if name == "ranker":
        card = read("thresholds.json")
        return read("ranker.json")["version"], (f"{card['questions']:,} questions: right first {card['right_at_1']:.1%}, "
                                                f"calibration error {card['expected_calibration_error']:.3f}")
    card = read(CARD if (folder / CARD).is_file() else "head.json")
    figures = [f"{len(card['labels'])} labels"]
    figures += [f"held-out accuracy {card['held_out_accuracy']:.1%}"] if "held_out_accuracy" in card else []
    if "held_out_recall" in card:
        figures.append(f"held out: {card['held_out_recall']:.1%} heard, {card['held_out_alarms']:.1%} of ordinary ones suspected")
    figures += [f"out of fold: exact {card['out_of_fold_exact']:.1%}, F1 {card['out_of_fold_f1']:.1%}"] if "out_of_fold_f1" in card else []
    if desk := card.get("out_of_fold_desk", card.get("held_out_desk")):
        figures.append(f"at a desk: precision {desk['precision']:.1%}, recall {desk['recall']:.1%}, "
                       f"{desk['needless_left_alone']:.1%} of needless ones left alone")
    if told := card.get("held_out"):
        figures.append(f"suspects {told['suspected']:.1%} of {told['sensitive']} sensitive texts, {told['heard']:.1%} as what they are, "
                       f"and {told['alarms']:.1%} of {told['texts'] - told['sensitive']:,} others")
    if again := card.get("held_out_desk", card.get("held_out")):
        figures.append(f"of both readers, on what neither has seen; {again['passed_on']:.1%} read twice")
    return card["version"], ", ".join(figures)


def _thresholds(table: Sequence[Mapping[str, float]]) -> list[str]:
    return _head("wrong answers allowed", "answers from confidence", "answered", "wrong") + [
        _row(f"{row['max_wrong_answer_rate']:.1%}", f"{row['answer']:.3f}" if row["answer"] <= 1 else "never", f"{row['answered']:.1%}",
             f"{row['wrong']:.2%}") for row in table]


def _held_out(found: HeldOut) -> list[str]:
    low, high = wilson(int(found.right.sum()), len(found.right))
    return [f"{len(found.right):,} questions: the right article first for {found.right.mean():.1%} ({low:.1%}–{high:.1%}), "
            f"expected calibration error {expected_calibration_error(found.confidence, found.right):.3f}."]


def _by_category(gathered: Sequence[Gathered]) -> dict[str, np.ndarray]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(gathered):
        places[item.question.category].append(place)
    return {name: np.array(places[name]) for name in sorted(places)}


def _categories(gathered: Sequence[Gathered], found: HeldOut, answer: float) -> list[str]:
    lines = _head("category", "questions", "right first", "95 %", "answered rightly", "answered wrongly", "not sure enough")
    sure = found.confidence >= answer
    groups = {**_by_category(gathered), "**all**": np.arange(len(gathered))}
    for name, places in groups.items():
        low, high = wilson(int(found.right[places].sum()), len(places))
        right, wrong = (sure & found.right)[places].mean(), (sure & ~found.right)[places].mean()
        lines.append(_row(name, len(places), f"{found.right[places].mean():.1%}", f"{low:.0%}–{high:.0%}", f"{right:.1%}", f"{wrong:.1%}",
                          f"{1 - right - wrong:.1%}"))
    return lines


def _errors(base: KnowledgeBase, gathered: Sequence[Gathered], found: HeldOut, answer: float) -> list[str]:
    """Of the categories with most wrong answers, those that the ranker was surest of."""
    wrong = {name: places[(found.confidence[places] >= answer) & ~found.right[places]] for name, places in _by_category(gathered).items()}
    lines = _head("category", "question", "given (confidence)", "right")
    for name, places in sorted(wrong.items(), key=lambda item: -len(item[1]))[:_CATEGORIES]:
        for place in places[np.argsort(-found.confidence[places])][:_EXAMPLES]:
            given = base.articles[found.article[place]].question
            lines.append(_row(name, _short(gathered[place].question.turns[-1]), f"{_short(given)} ({found.confidence[place]:.2f})",
                              "; ".join(_titles(base, gathered[place]))))
    return lines


def _titles(base: KnowledgeBase, item: Gathered) -> Iterator[str]:
    yield from (_short(base.articles[name].question) for name in item.question.articles[:2])
    if not item.question.articles:
        yield " / ".join(item.question.kinds)


def _short(text: str) -> str:
    plain = re.sub(r"[|\n]", " ", text)
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"
