"""Trains the heads for intents, for what is sensitive, and for tone on an encoder's vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from intents.head import TextHead
from intents.layered_head import LayeredHead
from intents.sensitive import ORDINARY
from intents.tuned_head import take_away
from intents.understand import MODELS
from knowledge.articles import UNANSWERED, KnowledgeBase
from knowledge.encoder import Encoder, load_encoder
from knowledge.rank import OFF_TOPIC
from knowledge.text import content, normalize
from training.datasets import (
    DATA,
    LabelledQuestion,
    development_questions,
    off_topic_texts,
    read_utterances,
    sensitive_texts,
    training_questions,
)
from training.heads import Shape, fit_head, fit_layered_head, folds_of
from training.vectors import remembered

__all__ = ["intent_examples", "sensitive_examples", "tone_examples", "train_intents", "train_sensitive",
           "train_tone"]

_SENSITIVE = Shape(members=3)


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
    trial = fit_head(_pick(texts, ~held), vectors[~held], _pick(labels, ~held))
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
    trial = fit_head(_pick(texts, ~held), vectors[~held], _pick(labels, ~held))
    right = [trial.labels[int(trial.probabilities(texts[i], vectors[i]).argmax())] == labels[i] for i in np.flatnonzero(held)]
    print(f"tone: {len(texts)} utterances, held-out accuracy {np.mean(right):.3f} (n={len(right)})")
    head = fit_head(texts, vectors, labels)
    _alone(folder or MODELS / "tone")
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
    held = folds_of(len(texts)) == 0
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


def _pick(items: Sequence, mask: np.ndarray) -> list:
    return [item for item, wanted in zip(items, mask, strict=True) if wanted]


def _alone(folder: Path) -> None:
    if take_away(folder):
        print(f"{folder}: the tuned reader belonged to the head before, and is gone; --transformer makes another")
