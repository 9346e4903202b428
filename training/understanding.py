"""Trains the heads for intents and for tone on an encoder's vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from intents.head import TextHead
from intents.tuned_head import take_away
from intents.understand import MODELS
from knowledge.articles import KnowledgeBase
from knowledge.encoder import Encoder, load_encoder
from knowledge.rank import OFF_TOPIC
from knowledge.text import content, normalize
from training.datasets import DATA, off_topic_texts, read_utterances, sensitive_texts, training_questions
from training.heads import fit_head, folds_of, pick
from training.vectors import remembered

__all__ = ["intent_examples", "tone_examples", "train_intents", "train_tone"]


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
    held = folds_of(len(texts)) == 0
    trial = fit_head(pick(texts, ~held), vectors[~held], pick(labels, ~held))
    right = [trial.labels[int(trial.probabilities(texts[i], vectors[i]).argmax())] == labels[i] for i in np.flatnonzero(held)]
    print(f"intents: {len(set(labels))} leaves, {len(texts)} questions, held-out accuracy {np.mean(right):.3f} (n={len(right)})")
    head = fit_head(texts, vectors, labels)
    _alone(folder or MODELS / "intents")
    head.save(folder or MODELS / "intents", {"held_out_accuracy": round(float(np.mean(right)), 4), "questions": len(texts)})
    return head


def tone_examples(data: Path = DATA) -> tuple[list[str], list[str]]:
    """(texts, tones)."""
    utterances = read_utterances(data / "tone.jsonl")
    return [content(normalize(utterance.text)) for utterance in utterances], [utterance.labels[0] for utterance in utterances]


def train_tone(folder: Path | None = None, encoder: Encoder | None = None, *, data: Path = DATA) -> TextHead:
    texts, labels = tone_examples(data)
    vectors = remembered(encoder or load_encoder(), texts)
    held = folds_of(len(texts)) == 0
    trial = fit_head(pick(texts, ~held), vectors[~held], pick(labels, ~held))
    right = [trial.labels[int(trial.probabilities(texts[i], vectors[i]).argmax())] == labels[i] for i in np.flatnonzero(held)]
    print(f"tone: {len(texts)} utterances, held-out accuracy {np.mean(right):.3f} (n={len(right)})")
    head = fit_head(texts, vectors, labels)
    _alone(folder or MODELS / "tone")
    head.save(folder or MODELS / "tone", {"held_out_accuracy": round(float(np.mean(right)), 4)})
    return head


def _alone(folder: Path) -> None:
    if take_away(folder):
        print(f"{folder}: the tuned reader belonged to the head before, and is gone; --transformer makes another")
