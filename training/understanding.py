"""Trains the heads for intents, needs and tone on the shipped encoder's vectors."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score

from intents.catalogue import FAMILIES
from intents.head import TextHead
from intents.understand import MODELS
from knowledge.articles import KnowledgeBase
from knowledge.encoder import load_encoder
from knowledge.text import content, normalize
from training.datasets import DATA, Utterance, base_questions, read_utterances
from training.heads import fit_head

__all__ = ["OFF_TOPIC", "intent_examples", "train_intents", "train_needs", "train_tone"]

OFF_TOPIC = "guard.off_topic"
_FOLDS = 5
# Half of the written utterances show a need; of a service desk's questions about one in eight does.
_NO_NEED_WEIGHT = 6.0


def intent_examples(base: KnowledgeBase) -> tuple[list[str], list[str]]:
    """(queries, intents): the base's questions, each under its article's intent, and off-topic utterances."""
    questions = base_questions(base)
    off_topic = [content(normalize(utterance.text)) for utterance in read_utterances(DATA / "off_topic.jsonl")]
    return ([query for query, _ in questions] + off_topic,
            [base.articles[article].intent for _, article in questions] + [OFF_TOPIC] * len(off_topic))


def train_intents(folder: Path | None = None) -> TextHead:
    base, encoder = KnowledgeBase.load(), load_encoder(None)
    texts, labels = intent_examples(base)
    vectors = encoder.encode_queries(texts)
    held = _folds(len(texts)) == 0
    trial = fit_head(_pick(texts, ~held), vectors[~held], _pick(labels, ~held))
    right = [trial.labels[int(trial.probabilities(texts[i], vectors[i]).argmax())] == labels[i] for i in np.flatnonzero(held)]
    print(f"intents: {len(set(labels))} leaves, {len(texts)} questions, held-out accuracy {np.mean(right):.3f} (n={len(right)})")
    head = fit_head(texts, vectors, labels)
    head.save(folder or MODELS / "intents", {"held_out_accuracy": round(float(np.mean(right)), 4), "questions": len(texts)})
    return head


def train_needs(folder: Path | None = None) -> TextHead:
    """The multi-label head; each family's threshold has the best F1 out of fold, weighted as needs occur in service."""
    texts, vectors, utterances = _encoded(DATA / "needs.jsonl")
    labels = [set(utterance.labels) for utterance in utterances]
    probabilities = np.zeros((len(texts), len(FAMILIES)))
    folds = _folds(len(texts))
    for fold in range(_FOLDS):
        seen = folds != fold
        head = fit_head(_pick(texts, seen), vectors[seen], _pick(labels, seen), multi_label=True)
        columns = [FAMILIES.index(name) for name in head.labels]
        for i in np.flatnonzero(~seen):
            probabilities[i, columns] = head.probabilities(texts[i], vectors[i])
    target = np.array([[family in given for family in FAMILIES] for given in labels])
    weights = np.where(target.any(axis=1), 1.0, _NO_NEED_WEIGHT)
    thresholds = {family: _best_threshold(probabilities[:, c], target[:, c], weights) for c, family in enumerate(FAMILIES)}
    flagged = probabilities >= np.array([thresholds[family] for family in FAMILIES])
    exact, f1 = float((flagged == target).all(axis=1).mean()), float(f1_score(target, flagged, average="micro"))
    print(f"needs: {len(texts)} utterances, out of fold: exact {exact:.3f}, micro F1 {f1:.3f}")
    head = fit_head(texts, vectors, labels, multi_label=True)
    head.save(folder or MODELS / "needs", {"thresholds": thresholds, "out_of_fold_exact": round(exact, 4), "out_of_fold_f1": round(f1, 4)})
    return head


def train_tone(folder: Path | None = None) -> TextHead:
    texts, vectors, utterances = _encoded(DATA / "tone.jsonl")
    labels = [utterance.labels[0] for utterance in utterances]
    held = _folds(len(texts)) == 0
    trial = fit_head(_pick(texts, ~held), vectors[~held], _pick(labels, ~held))
    right = [trial.labels[int(trial.probabilities(texts[i], vectors[i]).argmax())] == labels[i] for i in np.flatnonzero(held)]
    print(f"tone: {len(texts)} utterances, held-out accuracy {np.mean(right):.3f} (n={len(right)})")
    head = fit_head(texts, vectors, labels)
    head.save(folder or MODELS / "tone", {"held_out_accuracy": round(float(np.mean(right)), 4)})
    return head


def _encoded(path: Path) -> tuple[list[str], np.ndarray, list[Utterance]]:
    utterances = read_utterances(path)
    texts = [content(normalize(utterance.text)) for utterance in utterances]
    return texts, load_encoder(None).encode_queries(texts), utterances


def _folds(count: int, seed: int = 11) -> np.ndarray:
    order = list(range(count))
    random.Random(seed).shuffle(order)
    folds = np.empty(count, int)
    folds[order] = np.arange(count) % _FOLDS
    return folds


def _pick(items: Sequence, mask: np.ndarray) -> list:
    return [item for item, wanted in zip(items, mask, strict=True) if wanted]


def _best_threshold(probabilities: np.ndarray, target: np.ndarray, weights: np.ndarray) -> float:
    candidates = np.arange(0.3, 0.96, 0.05)
    return round(float(max(candidates, key=lambda t: f1_score(target, probabilities >= t, sample_weight=weights, zero_division=0))), 2)
