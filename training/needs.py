"""Trains the head of latent needs on an encoder's vectors; and what a tuned transformer is taught that reads again after it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.metrics import fbeta_score

from intents.catalogue import FAMILIES
from intents.layered_head import LayeredHead
from intents.needs import together
from intents.tuned_head import TUNED, TunedHead, take_away
from intents.understand import MODELS
from knowledge.encoder import Encoder, load_encoder
from knowledge.text import content, normalize
from training.datasets import DATA, Utterance, evaluation_texts, measures_needs, needs_of_desk, needs_written
from training.heads import FOLDS, CannotTune, Shape, fit_layered_head, folds_of
from training.metrics import least_threshold
from training.scoring import flag_figures
from training.taught import FEWEST_TO_MEASURE, UNPASSED, Taught, reader_beside
from training.vectors import remembered

__all__ = ["keep_taught", "measure_needs", "needs_taught", "train_needs"]

_SHAPE = Shape(hidden=256, decay=1.0, epochs=10, members=3)
# A labelled question of the desk says more about when to speak up than an utterance written to show a need.
_DESK_WEIGHT = 3.0
_THRESHOLDS, _THRESHOLDS_OF_BOTH = np.arange(0.3, 0.96, 0.05), np.arange(0.2, 0.96, 0.02)
# In its folder: digests of what it was taught.
_SEEN = "taught.npy"


@dataclass(frozen=True)
class _Examples:
    """Utterances with what training makes of them; arrays (n, ...) in their order.

    `target` and `clear` (n, F): which of FAMILIES a text shows, and of which readers are sure. `measures`: a third of the desk's, or where
    there is no desk of all; `held`, what has their words, is kept from the tuned reader. `certain`: may train; of what readers differ
    about nothing is learned.
    """

    utterances: Sequence[Utterance]
    texts: Sequence[str]
    target: np.ndarray
    clear: np.ndarray
    at_desk: np.ndarray
    measures: np.ndarray
    held: np.ndarray
    weights: np.ndarray

    @property
    def certain(self) -> np.ndarray:
        return self.clear.all(axis=1)


def _examples(data: Path, judged: Sequence[Utterance] = ()) -> _Examples:
    """Those of `data`, and what agents judged beside those that were written. An empty text trains nothing, nor does an evaluation
    question, wherever it stands."""
    written, desk = [*needs_written(data), *judged], needs_of_desk(data)
    given = [(utterance, content(normalize(utterance.text))) for utterance in (*written, *desk)]
    numbers = [i for i, (_, text) in enumerate(given) if text and text not in evaluation_texts()]
    if len(numbers) < len(given):
        print(f"needs: {len(given) - len(numbers)} utterances are empty or evaluation questions, and train nothing")
    utterances, texts = [given[i][0] for i in numbers], [given[i][1] for i in numbers]
    if not any(utterance.labels for utterance in utterances):
        raise FileNotFoundError(f"no labelled needs in {data}: needs*.jsonl, as the README of the training data says")
    at_desk = np.array(numbers) >= (len(written) if desk else 0)
    measures = at_desk & np.array([measures_needs(utterance.text) for utterance in utterances])
    apart = {text for text, out in zip(texts, measures, strict=True) if out}
    return _Examples(
        utterances, texts, target=np.array([[family in utterance.labels for family in FAMILIES] for utterance in utterances]),
        clear=np.array([[family not in utterance.perhaps for family in FAMILIES] for utterance in utterances]), at_desk=at_desk,
        measures=measures, held=np.array([text in apart for text in texts]), weights=np.where(at_desk & bool(desk), _DESK_WEIGHT, 1.0))


def _fit(examples: _Examples, vectors: np.ndarray, chosen: np.ndarray) -> LayeredHead:
    """Without thresholds, on the `chosen` (n,) of the examples that may train."""
    numbers = np.flatnonzero(chosen & examples.certain)
    return fit_layered_head([examples.texts[i] for i in numbers], vectors[numbers], [set(examples.utterances[i].labels) for i in numbers],
                            _SHAPE, multi_label=True, weights=examples.weights[numbers])


def _told(head: LayeredHead, examples: _Examples, vectors: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """(len(numbers), F) probabilities; a family that the head does not know has none."""
    found, columns = np.zeros((len(numbers), len(FAMILIES))), [FAMILIES.index(name) for name in head.labels]
    for row, i in enumerate(numbers):
        found[row, columns] = head.probabilities(examples.texts[i], vectors[i])
    return found


def train_needs(folder: Path | None = None, encoder: Encoder | None = None, *, data: Path = DATA,
                judged: Sequence[Utterance] = ()) -> LayeredHead:
    """The multi-label head; each family's threshold has the best F0.5 out of fold, weighted as needs occur at a service desk:
    precision counts twice as much as recall, because a false flag takes an agent's time and a client's patience.

    How often they do is read from `needs-desk-*.jsonl`, labelled questions as a desk gets them, or without any from all. `judged` is what
    agents said of flags, and trains beside what was written: only flags are judged, so it says nothing of how often. A tuned reader in
    the folder stays where it makes the flags better, with what is measured anew beside the new head.
    """
    folder, encoder, examples = folder or MODELS / "needs", encoder or load_encoder(), _examples(data, judged)
    vectors, everything = remembered(encoder, examples.texts), np.ones(len(examples.texts), bool)
    probabilities, folds = np.zeros(examples.target.shape), folds_of(len(examples.texts))
    for fold in range(FOLDS):
        numbers = np.flatnonzero(folds == fold)
        probabilities[numbers] = _told(_fit(examples, vectors, folds != fold), examples, vectors, numbers)
    needy = examples.target.any(axis=1)
    share = needy[examples.at_desk].mean()
    weights = np.where(needy, 1.0, needy.sum() / max((~needy).sum(), 1) * (1 - share) / max(share, 1e-9))
    best = [_best(_THRESHOLDS, probabilities[clear, c], examples.target[clear, c], weights[clear])
            for c, clear in enumerate(examples.clear.T)]
    flagged, desk = probabilities >= np.array(best), np.flatnonzero(examples.at_desk)
    of_all, of_desk = _figures(examples, np.arange(len(flagged)), flagged), _figures(examples, desk, flagged[desk])
    print(f"needs: {len(examples.texts)} utterances, out of fold: exact {of_all['exact']:.3f}, F1 {of_all['f1']:.3f}; "
          f"of {examples.at_desk.sum()} as a desk gets them: {_in_words(of_desk)}")
    head = _fit(examples, vectors, everything)
    tuned = reader_beside(folder)
    if tuned is not None and (why := _unfit(tuned, folder / TUNED, head.labels, examples, vectors)):
        take_away(folder)
        print(f"The tuned reader that lay there {why}, and is gone.")
    head.save(folder, {"thresholds": dict(zip(FAMILIES, best, strict=True)), "out_of_fold_exact": of_all["exact"],
                       "out_of_fold_f1": of_all["f1"], "out_of_fold_desk": of_desk})
    return head


def needs_taught(labels: Sequence[str], data: Path = DATA) -> Taught:
    """What a tuned reader is taught of these families. Raises CannotTune where too few texts are left to measure it on."""
    examples = _examples(data)
    if examples.measures.sum() < FEWEST_TO_MEASURE:
        raise CannotTune(f"{examples.measures.sum()} labelled texts are kept to measure a tuned reader of needs; it takes "
                         f"{FEWEST_TO_MEASURE}, a third of all that stand in needs-desk-*.jsonl, or without any in needs*.jsonl")
    numbers = np.flatnonzero(examples.certain & ~examples.held)
    return Taught(labels, [examples.texts[i] for i in numbers], examples.target[numbers][:, [FAMILIES.index(name) for name in labels]])


def keep_taught(folder: Path, taught: Taught) -> None:
    """Keep digests of what it was taught with a tuned reader: it can't be measured on that."""
    np.save(folder / _SEEN, np.array([_digest(text) for text in taught.texts], np.uint64))


def measure_needs(tuned: TunedHead, folder: Path, encoder: Encoder, data: Path = DATA) -> None:
    """Measure a tuned reader, and keep in its `folder` what was found."""
    examples = _examples(data)
    _unfit(tuned, folder, tuned.labels, examples, remembered(encoder, examples.texts))


def _unfit(tuned: TunedHead, folder: Path, labels: Sequence[str], examples: _Examples, vectors: np.ndarray) -> str:
    """Find from which probability on a flag of both readers stands (`least_threshold`), and from which the first one passes a message on,
    and save the tuned one to its `folder` with that. Returns why it should not stay there, or nothing.

    Measured on questions whose labels neither reader has seen: the first one is fitted anew without them, and what the tuned one was taught
    stands in its folder. The threshold is chosen on the same questions, one number for all families. Where too few are left, all stays.
    """
    if tuned.labels != tuple(labels):
        return "knows other families"
    seen = set(np.load(folder / _SEEN).tolist()) if (folder / _SEEN).is_file() else set()
    numbers = np.array([i for i in np.flatnonzero(examples.measures) if _digest(examples.texts[i]) not in seen], int)
    if len(numbers) < FEWEST_TO_MEASURE:
        print(f"needs: {len(numbers)} questions are left that the tuned reader was not taught, too few to measure it; it stays as it was")
        return ""
    alone = _told(_fit(examples, vectors, ~examples.held), examples, vectors, numbers)
    columns = [FAMILIES.index(name) for name in labels]
    both = np.zeros(alone.shape)
    both[:, columns] = together(alone[:, columns], np.stack([tuned.log_odds(examples.texts[i]) for i in numbers]))
    target, clear = examples.target[numbers], examples.clear[numbers]
    threshold = least_threshold(_THRESHOLDS_OF_BOTH, both, target, clear)
    flagged = both >= threshold
    passing = float(np.quantile(alone.max(axis=1)[flagged.any(axis=1)], UNPASSED)) if flagged.any() else 0.0
    passed = alone.max(axis=1) >= passing
    once, twice = alone >= least_threshold(_THRESHOLDS_OF_BOTH, alone, target, clear), flagged & passed[:, None]
    of_both = _figures(examples, numbers, twice) | {"passed_on": round(float(passed.mean()), 3)}
    print(f"needs, {len(numbers)} questions that neither reader has seen: the head {_in_words(_figures(examples, numbers, once))}; "
          f"both {_in_words(of_both)}, {of_both['passed_on']:.1%} read twice")
    replace(tuned, passing=round(passing, 5), threshold=threshold).save(folder, {"held_out_desk": of_both, "taught": len(seen)})
    before, after = (fbeta_score(target[clear], flags[clear], beta=0.5, zero_division=0) for flags in (once, twice))
    return "" if after > before else "does not make these flags better"


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def _figures(examples: _Examples, numbers: np.ndarray, flagged: np.ndarray) -> dict[str, float]:
    """Of the examples of these numbers (n,), on which `flagged` (n, F) stands."""
    labelled = [(set(examples.utterances[i].labels), set(examples.utterances[i].perhaps),
                 {family for family, holds in zip(FAMILIES, row, strict=True) if holds}) for i, row in zip(numbers, flagged, strict=True)]
    found = flag_figures(labelled)
    return {"questions": len(numbers), "precision": found["precision"], "recall": found["recall"], "f1": found["f1"],
            "exact": found["exact"]["share"], "needless_left_alone": found["needless_left_alone"]["share"]}


def _in_words(figures: dict[str, float]) -> str:
    return (f"precision {figures['precision']:.3f}, recall {figures['recall']:.3f}, without a need left alone "
            f"{figures['needless_left_alone']:.3f}")


def _best(thresholds: np.ndarray, probabilities: np.ndarray, target: np.ndarray, weights: np.ndarray) -> float:
    def value(threshold: float) -> float:
        return float(fbeta_score(target, probabilities >= threshold, beta=0.5, sample_weight=weights, zero_division=0))

    return round(float(max(thresholds, key=value)), 2)
