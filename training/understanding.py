"""Trains the heads for intents, needs and tone on an encoder's vectors."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score, fbeta_score

from intents.catalogue import FAMILIES
from intents.head import TextHead
from intents.layered_head import LayeredHead
from intents.sensitive import ORDINARY
from intents.understand import MODELS
from knowledge.articles import UNANSWERED, KnowledgeBase
from knowledge.encoder import Encoder, load_encoder
from knowledge.rank import OFF_TOPIC
from knowledge.text import content, normalize
from training.datasets import (
    DATA,
    LabelledQuestion,
    Utterance,
    development_questions,
    off_topic_texts,
    read_utterances,
    sensitive_texts,
    training_questions,
)
from training.heads import Shape, fit_head, fit_layered_head
from training.vectors import remembered

__all__ = ["intent_examples", "sensitive_examples", "train_intents", "train_needs", "train_sensitive", "train_tone"]

_FOLDS = 5
# A labelled question of the desk says more about when to speak up than an utterance written to show a need.
_DESK_WEIGHT = 3.0
_NEEDS, _SENSITIVE = Shape(hidden=256, decay=3.0, epochs=10, members=4), Shape(members=3)


def intent_examples(base: KnowledgeBase, data: Path = DATA) -> tuple[list[str], list[str]]:
    """(queries, intents): all that may train, each question under its article's intent, and off-topic utterances."""
    written = [(content(normalize(text)), article) for text, article in sensitive_texts(to_train=True, data=data)
               if article in base.articles]
    questions = list(dict.fromkeys([*training_questions(base, data), *written]))
    off_topic = [content(normalize(text)) for text in off_topic_texts(to_train=True, data=data)]
    return ([query for query, _ in questions] + off_topic,
            [base.articles[article].intent for _, article in questions] + [OFF_TOPIC] * len(off_topic))


def train_intents(folder: Path | None = None, encoder: Encoder | None = None, *, base: KnowledgeBase | None = None,
                  data: Path = DATA, accepted: Sequence[tuple[str, str]] = ()) -> TextHead:
    """`base`: the shipped one by default; `accepted`: (query, article id) that train beside the questions of `data`."""
    base, encoder = base or KnowledgeBase.load(), encoder or load_encoder()
    texts, labels = intent_examples(base, data)
    texts += [query for query, _ in accepted]
    labels += [base.articles[article].intent for _, article in accepted]
    vectors = remembered(encoder, texts)
    held = _folds(len(texts)) == 0
    trial = fit_head(_pick(texts, ~held), vectors[~held], _pick(labels, ~held))
    right = [trial.labels[int(trial.probabilities(texts[i], vectors[i]).argmax())] == labels[i] for i in np.flatnonzero(held)]
    print(f"intents: {len(set(labels))} leaves, {len(texts)} questions, held-out accuracy {np.mean(right):.3f} (n={len(right)})")
    head = fit_head(texts, vectors, labels)
    head.save(folder or MODELS / "intents", {"held_out_accuracy": round(float(np.mean(right)), 4), "questions": len(texts)})
    return head


def train_needs(folder: Path | None = None, encoder: Encoder | None = None, *, data: Path = DATA) -> LayeredHead:
    """The multi-label head; each family's threshold has the best F0.5 out of fold, weighted as needs occur at a service desk:
    precision counts twice as much as recall, because a false flag takes an agent's time and a client's patience.

    How often they do is read from `needs-desk-*.jsonl`, labelled questions as a desk gets them, or without any from all.
    """
    desk = [utterance for path in sorted(data.glob("needs-desk-*.jsonl")) for utterance in read_utterances(path)]
    utterances = read_utterances(data / "needs.jsonl") + desk
    texts, vectors = _encoded(utterances, encoder)
    labels = [set(utterance.labels) for utterance in utterances]
    at_desk = slice(len(utterances) - len(desk) if desk else 0, None)
    fit_weights = np.ones(len(texts))
    if desk:
        fit_weights[at_desk] = _DESK_WEIGHT
    probabilities = np.zeros((len(texts), len(FAMILIES)))
    folds = _folds(len(texts))
    for fold in range(_FOLDS):
        seen = folds != fold
        head = fit_layered_head(_pick(texts, seen), vectors[seen], _pick(labels, seen), _NEEDS, multi_label=True,
                                weights=fit_weights[seen])
        columns = [FAMILIES.index(name) for name in head.labels]
        for i in np.flatnonzero(~seen):
            probabilities[i, columns] = head.probabilities(texts[i], vectors[i])
    target = np.array([[family in given for family in FAMILIES] for given in labels])
    needy = target.any(axis=1)
    share = np.mean([bool(utterance.labels) for utterance in desk or utterances])
    weights = np.where(needy, 1.0, needy.sum() / (~needy).sum() * (1 - share) / max(share, 1e-9))
    thresholds = {family: _best_threshold(probabilities[:, c], target[:, c], weights) for c, family in enumerate(FAMILIES)}
    flagged = probabilities >= np.array([thresholds[family] for family in FAMILIES])
    exact, f1 = float((flagged == target).all(axis=1).mean()), float(f1_score(target, flagged, average="micro"))
    both, shown, meant = (flagged & target)[at_desk].sum(), flagged[at_desk].sum(), target[at_desk].sum()
    of_desk = {"precision": both / max(shown, 1), "recall": both / max(meant, 1),
               "needless_left_alone": 1 - flagged[at_desk].any(axis=1)[~needy[at_desk]].mean()}
    print(f"needs: {len(texts)} utterances, out of fold: exact {exact:.3f}, micro F1 {f1:.3f}; "
          f"of {len(desk) or len(texts)} {'questions of a desk' if desk else 'utterances'}: "
          + ", ".join(f"{name.replace('_', ' ')} {share:.3f}" for name, share in of_desk.items()))
    head = fit_layered_head(texts, vectors, labels, _NEEDS, multi_label=True, weights=fit_weights)
    head.save(folder or MODELS / "needs", {
        "thresholds": thresholds, "out_of_fold_exact": round(exact, 4), "out_of_fold_f1": round(f1, 4),
        "out_of_fold_desk": {name: round(float(share), 3) for name, share in of_desk.items()}})
    return head


def train_tone(folder: Path | None = None, encoder: Encoder | None = None, *, data: Path = DATA) -> TextHead:
    utterances = read_utterances(data / "tone.jsonl")
    texts, vectors = _encoded(utterances, encoder)
    labels = [utterance.labels[0] for utterance in utterances]
    held = _folds(len(texts)) == 0
    trial = fit_head(_pick(texts, ~held), vectors[~held], _pick(labels, ~held))
    right = [trial.labels[int(trial.probabilities(texts[i], vectors[i]).argmax())] == labels[i] for i in np.flatnonzero(held)]
    print(f"tone: {len(texts)} utterances, held-out accuracy {np.mean(right):.3f} (n={len(right)})")
    head = fit_head(texts, vectors, labels)
    head.save(folder or MODELS / "tone", {"held_out_accuracy": round(float(np.mean(right)), 4)})
    return head


def sensitive_examples(base: KnowledgeBase, data: Path = DATA) -> tuple[list[str], list[str]]:
    """(texts, labels): an article that hands over or declines, or ORDINARY.

    Labels are the articles that `sensitive*.jsonl` names; what stands among the questions of another refusal is left out.
    """
    written = sensitive_texts(to_train=True, data=data)
    labels = {article for _, article in written if article in base.articles}
    examples = {content(normalize(text)): ORDINARY for text in off_topic_texts(to_train=True, data=data)}
    for query, article in training_questions(base, data):
        if article in labels or base.articles[article].kind not in UNANSWERED:
            examples[query] = article if article in labels else ORDINARY
    examples.update(_told_apart(development_questions(base, to_train=True, data=data), base, labels))
    # What was written for this counts where the same words stand elsewhere too.
    examples.update((content(normalize(text)), article or ORDINARY) for text, article in written if not article or article in labels)
    return list(examples), list(examples.values())


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
    """The head behind the rules; None, and nothing written, where `data` holds nothing to train it on."""
    base, encoder = base or KnowledgeBase.load(), encoder or load_encoder()
    texts, labels = sensitive_examples(base, data)
    if len(set(labels)) < 2:
        return None
    vectors = remembered(encoder, texts)
    held = _folds(len(texts)) == 0
    trial = fit_layered_head(_pick(texts, ~held), vectors[~held], _pick(labels, ~held), _SENSITIVE)
    found = np.array([trial.labels[int(trial.probabilities(texts[i], vectors[i]).argmax())] for i in np.flatnonzero(held)])
    given = np.array(_pick(labels, held))
    sensitive = given != ORDINARY
    recall, alarms = float((found == given)[sensitive].mean()), float((found != ORDINARY)[~sensitive].mean())
    print(f"sensitive: {len(set(labels)) - 1} labels, {len(texts)} texts, held out: {recall:.3f} heard (n={sensitive.sum()}), "
          f"{alarms:.4f} of ordinary ones suspected (n={(~sensitive).sum()})")
    head = fit_layered_head(texts, vectors, labels, _SENSITIVE)
    head.save(folder or MODELS / "sensitive", {"held_out_recall": round(recall, 4), "held_out_alarms": round(alarms, 4),
                                               "texts": len(texts)})
    return head


def _encoded(utterances: Sequence[Utterance], encoder: Encoder | None) -> tuple[list[str], np.ndarray]:
    texts = [content(normalize(utterance.text)) for utterance in utterances]
    return texts, remembered(encoder or load_encoder(), texts)


def _folds(count: int, seed: int = 11) -> np.ndarray:
    order = list(range(count))
    random.Random(seed).shuffle(order)
    folds = np.empty(count, int)
    folds[order] = np.arange(count) % _FOLDS
    return folds


def _pick(items: Sequence, mask: np.ndarray) -> list:
    return [item for item, wanted in zip(items, mask, strict=True) if wanted]


def _best_threshold(probabilities: np.ndarray, target: np.ndarray, weights: np.ndarray) -> float:
    def value(threshold: float) -> float:
        return float(fbeta_score(target, probabilities >= threshold, beta=0.5, sample_weight=weights, zero_division=0))

    return round(float(max(np.arange(0.3, 0.96, 0.05), key=value)), 2)
