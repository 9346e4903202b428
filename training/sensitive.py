"""Trains the net behind the rules: a head on an encoder's vectors, and what a tuned transformer is taught that reads again after it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from intents.layered_head import LayeredHead
from intents.sensitive import ORDINARY, suspected
from intents.tuned_head import TUNED, TunedHead, agreed, take_away
from intents.understand import MODELS
from knowledge.articles import UNANSWERED, KnowledgeBase
from knowledge.encoder import Encoder, load_encoder
from knowledge.text import content, normalize
from training.datasets import (
    DATA,
    LabelledQuestion,
    development_questions,
    off_topic_texts,
    sensitive_texts,
    training_questions,
)
from training.heads import CannotTune, Shape, fit_layered_head, folds_of, pick
from training.taught import FEWEST_TO_MEASURE, UNPASSED, Taught, reader_beside
from training.vectors import remembered

__all__ = ["measure_sensitive", "sensitive_examples", "sensitive_kept", "sensitive_taught", "train_sensitive"]

_SHAPE = Shape(members=3)
# So many ordinary texts for each sensitive one teach a tuned reader: more would only cost time.
_ORDINARY = 2


def sensitive_examples(base: KnowledgeBase, data: Path = DATA) -> tuple[list[str], list[str]]:
    """(texts, labels): an article that hands over or declines, or ORDINARY.

    Labels are the articles that `sensitive*.jsonl` names; what stands among the questions of another refusal is left out.
    """
    asked = _asked(base, data, to_train=True)
    labels = _labels(base, data)
    examples = {query: article if article in labels else ORDINARY for query, article in training_questions(base, data)
                if article in labels or base.articles[article].kind not in UNANSWERED}
    # What was written for this, or labelled, counts where the same words stand elsewhere too.
    examples.update(asked)
    return list(examples), list(examples.values())


def _labels(base: KnowledgeBase, data: Path) -> set[str]:
    written = sensitive_texts(to_train=True, data=data)
    return {article for _, article in written if article in base.articles}


def _asked(base: KnowledgeBase, data: Path, *, to_train: bool) -> dict[str, str]:
    """Label by text of what was written for the net, of questions as clients ask them, and of off-topic ones."""
    labels = _labels(base, data)
    told = {content(normalize(text)): ORDINARY for text in off_topic_texts(to_train=to_train, data=data)}
    told.update(_told_apart(development_questions(base, to_train=to_train, data=data), base, labels))
    told.update((content(normalize(text)), article or ORDINARY) for text, article in sensitive_texts(to_train=to_train, data=data)
                if not article or article in labels)
    return told


def sensitive_kept(base: KnowledgeBase, data: Path = DATA, trained: Iterable[str] | None = None) -> dict[str, str]:
    """Label by text of what is kept from training (one in eighty-five of what was written for the net, half of the development questions),
    but for what stands, once it is normalised, among the texts of `sensitive_examples`; these are `trained`, where they are known."""
    seen = set(sensitive_examples(base, data)[0] if trained is None else trained)
    return {text: label for text, label in _asked(base, data, to_train=False).items() if text not in seen}


def _too_few(kept: Mapping[str, str]) -> bool:
    """To measure a tuned reader on."""
    return len(kept) < FEWEST_TO_MEASURE or set(kept.values()) <= {ORDINARY}


def sensitive_taught(base: KnowledgeBase, labels: Sequence[str], data: Path = DATA) -> Taught:
    """What a tuned reader is taught: all that is sensitive, what only sounds so, and some of the ordinary questions, by chance.

    Raises CannotTune where too few texts are kept to measure it on.
    """
    texts, given = sensitive_examples(base, data)
    kept = sensitive_kept(base, data, texts)
    if _too_few(kept):
        raise CannotTune(f"{len(kept)} texts are kept to measure a tuned reader of what is sensitive; it takes {FEWEST_TO_MEASURE}, "
                         f"sensitive ones among them: half of development-*.jsonl, and one in eighty-five of sensitive*.jsonl")
    alike = set(_asked(base, data, to_train=True))
    wanted = [number for number, label in enumerate(given) if label != ORDINARY or texts[number] in alike]
    ordinary = [number for number, label in enumerate(given) if label == ORDINARY and texts[number] not in alike]
    more = _ORDINARY * sum(label != ORDINARY for label in given) - sum(given[number] == ORDINARY for number in wanted)
    wanted += random.Random(0).sample(ordinary, min(len(ordinary), max(0, more)))
    targets = np.array([[given[number] == label for label in labels] for number in wanted])
    return Taught(labels, [texts[number] for number in wanted], targets, one_holds=True)


def _told_apart(questions: Sequence[LabelledQuestion], base: KnowledgeBase, labels: set[str]) -> dict[str, str]:
    """Of questions as clients ask them, which are ordinary and which are for whom; without those that may be answered or not."""
    told: dict[str, str] = {}
    for question in questions:
        unanswered = [article for article in question.articles if base.articles[article].kind in UNANSWERED]
        if not unanswered and question.kinds[0] not in UNANSWERED:
            told[content(normalize(question.turns[-1]))] = ORDINARY
        elif unanswered and len(unanswered) == len(question.articles) and unanswered[0] in labels:
            told[content(normalize(question.turns[-1]))] = unanswered[0]
    return told


def train_sensitive(folder: Path | None = None, encoder: Encoder | None = None, *, base: KnowledgeBase | None = None,
                    data: Path = DATA) -> LayeredHead | None:
    """The head behind the rules; None, and nothing written, where `data` holds nothing to train it on.

    A tuned reader in the folder stays where both together tell better what is meant, with what is measured anew beside the new head.
    """
    folder, base, encoder = folder or MODELS / "sensitive", base or KnowledgeBase.load(), encoder or load_encoder()
    texts, labels = sensitive_examples(base, data)
    if len(set(labels)) < 2:
        return None
    vectors = remembered(encoder, texts)
    held = folds_of(len(texts)) == 0
    trial = fit_layered_head(pick(texts, ~held), vectors[~held], pick(labels, ~held), _SHAPE)
    found = np.array([trial.labels[int(trial.probabilities(texts[i], vectors[i]).argmax())] for i in np.flatnonzero(held)])
    given = np.array(pick(labels, held))
    sensitive = given != ORDINARY
    recall, alarms = float((found == given)[sensitive].mean()), float((found != ORDINARY)[~sensitive].mean())
    print(f"sensitive: {len(set(labels)) - 1} labels, {len(texts)} texts, held out: {recall:.3f} heard (n={sensitive.sum()}), "
          f"{alarms:.4f} of ordinary ones suspected (n={(~sensitive).sum()})")
    head = fit_layered_head(texts, vectors, labels, _SHAPE)
    tuned = reader_beside(folder)
    if tuned is not None and (why := measure_sensitive(tuned, folder / TUNED, head, sensitive_kept(base, data, texts), encoder)):
        take_away(folder)
        print(f"The tuned reader that lay there {why}, and is gone.")
    head.save(folder, {"held_out_recall": round(recall, 4), "held_out_alarms": round(alarms, 4), "texts": len(texts)})
    return head


def measure_sensitive(tuned: TunedHead, folder: Path, head: LayeredHead, kept: Mapping[str, str], encoder: Encoder) -> str:
    """Find from which probability on that a text is not ordinary the head passes it on, and save the tuned reader to its `folder` with
    that. Returns why it should not stay there, or nothing.

    Measured on what is `kept` from both, as `sensitive_kept` gives it: the log of what the right label is given, in the mean. Where that is
    too little, all stays.
    """
    if tuned.labels != head.labels:
        return "knows other labels"
    kept = {text: label for text, label in kept.items() if label in head.labels}
    if _too_few(kept):
        print(f"sensitive: {len(kept)} texts are kept, too few to measure the tuned reader; it stays as it was")
        return ""
    texts, given = list(kept), np.array([head.labels.index(label) for label in kept.values()])
    place = head.labels.index(ORDINARY)
    alone = np.stack([head.probabilities(text, vector) for text, vector in zip(texts, remembered(encoder, texts), strict=True)])
    both = agreed(alone, np.stack([tuned.log_odds(text) for text in texts]))
    heard = suspected(both, place)
    passing = float(np.quantile(1 - alone[heard, place], UNPASSED)) if heard.any() else 0.0
    passed = 1 - alone[:, place] >= passing
    twice = np.where(passed[:, None], both, alone)
    of_one, of_both = (_figures(found, given, place) for found in (alone, twice))
    of_both["passed_on"] = round(float(passed.mean()), 3)
    print(f"sensitive, {len(texts)} texts whose labels neither reader has seen: the head {_in_words(of_one)}; both {_in_words(of_both)}, "
          f"{of_both['passed_on']:.1%} read twice")
    replace(tuned, passing=round(passing, 5)).save(folder, {"held_out": of_both})
    return "" if of_both["log_loss"] < of_one["log_loss"] else "does not tell better what is meant"


def _figures(probabilities: np.ndarray, given: np.ndarray, ordinary: int) -> dict[str, float]:
    """Of probabilities (n, L) for texts with these labels (n,)."""
    found, sensitive = suspected(probabilities, ordinary), given != ordinary
    own = probabilities.argmax(axis=1) == given
    loss = -np.log(np.maximum(probabilities[np.arange(len(given)), given], 1e-9)).mean()
    return {"texts": len(given), "sensitive": int(sensitive.sum()), "heard": round(float((found & own)[sensitive].mean()), 4),
            "suspected": round(float(found[sensitive].mean()), 4), "alarms": round(float(found[~sensitive].mean()), 4),
            "log_loss": round(float(loss), 4)}


def _in_words(figures: Mapping[str, float]) -> str:
    return (f"suspects {figures['suspected']:.3f} of {figures['sensitive']} sensitive ones, {figures['heard']:.3f} as what they are, and "
            f"{figures['alarms']:.4f} of the others")
