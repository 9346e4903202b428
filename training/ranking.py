"""Gathers what the ranker is trained and calibrated on, and trains it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from intents.head import TextHead
from intents.understand import MODELS as HEADS
from intents.understand import Understander
from knowledge.articles import KnowledgeBase
from knowledge.encoder import load_encoder
from knowledge.rank import MODELS, Ranker
from knowledge.snapshot import open_index
from knowledge.text import content
from training.datasets import DATA, LabelledQuestion, base_questions, development_questions, read_utterances
from training.heads import out_of_fold
from training.ranker import Example, Examples, train_ranker
from training.understanding import intent_examples

__all__ = ["train"]

_OWN = 4000
_FOLDS = 5
# The base's own questions have siblings by the same hand in the index: easier than a client's, so they weigh less.
_OWN_WEIGHT = 0.5
# Off-topic questions calibrate, but would drown the rest if all of them did.
_OFF_TOPIC = 250


def train(output: Path | None = None, progress: Callable[[int, int], None] | None = None, *, index_folder: Path = Path("build/index")) -> Ranker:
    """Train on the base's own questions and the development questions; write the model folder."""
    base, encoder, day = KnowledgeBase.load(), load_encoder(None), date.today()
    index = open_index(base, encoder, index_folder, day, progress=progress)
    understander = Understander.open(base, encoder)
    make = Examples(base, index, day)
    intents = TextHead.load(HEADS / "intents")

    own_pairs = random.Random(5).sample(base_questions(base), _OWN)
    own_vectors = encoder.encode_queries([query for query, _ in own_pairs])
    own_intents = _own_intents(base, [query for query, _ in own_pairs], own_vectors)
    groups = {article: number for number, article in enumerate(base.articles)}
    questions = _development(base)
    total, done = len(own_pairs) + len(questions), 0
    own: list[Example] = []
    for (query, article), vector, probabilities in zip(own_pairs, own_vectors, own_intents, strict=True):
        example = make.of(query, vector, probabilities, {article}, group=groups[article], leave_out=True, weight=_OWN_WEIGHT)
        own += [example] if example else []
        done += 1
        if progress:
            progress(done, total)
    development: list[Example] = []
    for number, question in enumerate(questions):
        query = content(understander.repaired(question.turns[-1]))
        vector = encoder.encode_queries([query])[0]
        probabilities = dict(zip(intents.labels, map(float, intents.probabilities(query, vector)), strict=True))
        group = groups[question.articles[0]] if question.articles else len(groups) + number
        example = make.of(query, vector, probabilities, _right(base, question), group=group)
        development += [example] if example else []
        done += 1
        if progress:
            progress(done, total)
    return train_ranker(own, development, output or MODELS)


def _development(base: KnowledgeBase) -> list[LabelledQuestion]:
    """Development questions whose articles exist, and off-topic utterances, for which only a refusal is right."""
    questions = development_questions(base, to_train=False)
    off_topic = [utterance.text for utterance in read_utterances(DATA / "off_topic.jsonl")]
    chosen = random.Random(3).sample(off_topic, min(_OFF_TOPIC, len(off_topic)))
    return questions + [LabelledQuestion(f"off-{number}", (text,), ("decline",), (), None, "off_topic")
                        for number, text in enumerate(chosen)]


def _right(base: KnowledgeBase, question: LabelledQuestion) -> set[str]:
    """Articles that are a right reply: those named, and for a question that is to be refused every refusal."""
    if question.articles:
        return set(question.articles)
    return {article.id for article in base.articles.values() if article.kind in question.kinds}


def _own_intents(base: KnowledgeBase, queries: Sequence[str], vectors: np.ndarray) -> list[Mapping[str, float]]:
    """Intent probabilities of the base's own questions by heads that have not seen them."""
    texts, labels = intent_examples(base)
    known = dict(zip(texts, labels, strict=True))
    order = list(range(len(queries)))
    random.Random(9).shuffle(order)
    folds = np.empty(len(queries), int)
    folds[order] = np.arange(len(queries)) % _FOLDS
    return list(out_of_fold(list(queries), vectors, [known[query] for query in queries], folds))
