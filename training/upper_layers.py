"""Fine-tunes only the upper layers of the encoder, which two cores do in half an hour.

    python -m training.upper_layers OUT --base FOLDER [--layers 4] [--steps 600]

What the lower layers make of each text is computed once and kept, so that a step costs a third. Anchors are in turn a development
question, as clients ask it, and one of `questions-*.jsonl`; each comes with a question of its article and a near one of another, and is
told apart from all others of its batch. See docs/decisions/0038.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import nn
from torch.nn import functional

from knowledge.articles import KnowledgeBase
from knowledge.text import content, normalize
from training.datasets import development_questions, training_questions, written_questions
from training.encoder import PREFIX, encode, nearest

__all__ = ["Lesson", "Pool", "UpperLayers", "fine_tune_upper", "pool_of"]

_LONGEST = 48
_TOGETHER = 96
_ALIKE = 30
_SCALE = 30.0
_NEAR = 5
_SEARCHED = 150


@dataclass(frozen=True, slots=True)
class Pool:
    """Questions to learn from: `texts`, the articles that are right for each (the best one first), and the places of the anchors."""

    texts: Sequence[str]
    articles: Sequence[tuple[str, ...]]
    asked: Sequence[int]
    written: Sequence[int]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Places in the pool: an anchor, a question of its article, and a near one of another."""

    anchor: int
    positive: int
    negative: int


def pool_of(base: KnowledgeBase) -> Pool:
    """All that may train the encoder."""
    asked = {content(normalize(question.turns[-1])): question.articles for question in development_questions(base, to_train=True)
             if question.articles and question.kinds[0] != "clarify"}
    texts = {text: (article,) for text, article in training_questions(base) if text not in asked} | asked
    chosen = {text for text, _ in written_questions(base)}
    places = list(texts)
    return Pool(places, list(texts.values()), [i for i, text in enumerate(places) if text in asked],
                [i for i, text in enumerate(places) if text in chosen and text not in asked])


def lessons(pool: Pool, vectors: np.ndarray, choose: random.Random) -> Iterator[Lesson]:
    """Without end; a development question comes as often as a written one. `vectors`: unit, (len(pool.texts), d)."""
    near = _near_misses(pool, vectors)
    of_article: dict[str, list[int]] = defaultdict(list)
    for place, names in enumerate(pool.articles):
        of_article[names[0]].append(place)
    while True:
        asked, written = list(pool.asked), list(pool.written)
        choose.shuffle(asked)
        choose.shuffle(written)
        for pair in zip(asked, written, strict=False):
            for anchor in pair:
                own = [place for place in of_article[pool.articles[anchor][0]] if place != anchor]
                if own and near[anchor]:
                    yield Lesson(anchor, choose.choice(own), choose.choice(near[anchor]))


def _near_misses(pool: Pool, vectors: np.ndarray) -> dict[int, list[int]]:
    """For each anchor the nearest question of each of the nearest other articles."""
    anchors = [*pool.asked, *pool.written]
    found: dict[int, list[int]] = {}
    for anchor, ordered in zip(anchors, nearest(vectors[anchors], vectors, _SEARCHED), strict=True):
        mine, others = set(pool.articles[anchor]), {}
        for other in map(int, ordered):
            if not mine & set(pool.articles[other]):
                others.setdefault(pool.articles[other][0], other)
        found[anchor] = list(others.values())[:_NEAR]
    return found


class UpperLayers(nn.Module):
    """The layers of a BERT encoder from `cut` on, over what those below make of the texts at `places`."""

    def __init__(self, encoder: SentenceTransformer, texts: Sequence[str], places: Collection[int], cut: int) -> None:
        super().__init__()
        model = encoder[0].auto_model
        self.layers = nn.ModuleList(model.encoder.layer[cut:])
        order = sorted(places, key=lambda place: len(texts[place]))
        self._kept: dict[int, torch.Tensor] = {}
        with torch.no_grad():
            for part in _parts(order, _TOGETHER):
                tokens = encoder[0].tokenizer([PREFIX + texts[place] for place in part], truncation=True, max_length=_LONGEST)["input_ids"]
                ids = nn.utils.rnn.pad_sequence([torch.tensor(one) for one in tokens], batch_first=True)
                hidden = _through(model.encoder.layer[:cut], model.embeddings(input_ids=ids), _mask([len(one) for one in tokens]))
                self._kept.update((place, hidden[row, :len(tokens[row])].half().clone()) for row, place in enumerate(part))

    def forward(self, places: Sequence[int]) -> torch.Tensor:
        """Unit vectors (len(places), d) of texts by their places; computed in parts of like length, which spares padding."""
        order = sorted(range(len(places)), key=lambda row: len(self._kept[places[row]]))
        vectors: list[torch.Tensor] = [torch.empty(0)] * len(places)
        for part in _parts(order, _ALIKE):
            states = [self._kept[places[row]].float() for row in part]
            mask = _mask([len(one) for one in states])
            hidden = _through(self.layers, nn.utils.rnn.pad_sequence(states, batch_first=True), mask)
            means = functional.normalize((hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True), dim=1)
            for row, vector in zip(part, means, strict=True):
                vectors[row] = vector
        return torch.stack(vectors)


def _parts(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (items[start:start + size] for start in range(0, len(items), size))


def _mask(lengths: Sequence[int]) -> torch.Tensor:
    return (torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]).float()


def _through(layers: Sequence[nn.Module], hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    hides = (1.0 - mask[:, None, None, :]) * torch.finfo(torch.float32).min
    for layer in layers:
        passed = layer(hidden, attention_mask=hides)
        hidden = passed[0] if isinstance(passed, tuple) else passed
    return hidden


def loss_of(upper: UpperLayers, batch: Sequence[Lesson], articles: Sequence[tuple[str, ...]]) -> torch.Tensor:
    """Multiple negatives ranking loss (Henderson et al. 2017); what is another right answer for an anchor counts neither way."""
    others = [*(lesson.positive for lesson in batch), *(lesson.negative for lesson in batch)]
    vectors = upper([*(lesson.anchor for lesson in batch), *others])
    scores = _SCALE * vectors[:len(batch)] @ vectors[len(batch):].T
    for row, lesson in enumerate(batch):
        right = set(articles[lesson.anchor])
        for column, place in enumerate(others):
            if column != row and right & set(articles[place]):
                scores[row, column] = -1e4
    return functional.cross_entropy(scores, torch.arange(len(batch)))


def fine_tune_upper(base: Path, output: Path, pool: Pool, *, layers: int = 4, steps: int = 600, batch: int = 40,
                    learning_rate: float = 5e-5, seed: int = 2) -> None:
    """Train the last `layers` of `base` (a sentence-transformers folder of a BERT encoder) and save the whole to `output`."""
    torch.manual_seed(seed)
    encoder = SentenceTransformer(str(base), device="cpu")
    total = len(encoder[0].auto_model.encoder.layer)
    print(f"{len(pool.texts)} texts, {len(pool.asked)} asked and {len(pool.written)} written anchors; mining near misses")
    drawn = lessons(pool, encode(encoder, pool.texts), random.Random(seed))
    batches = [_batch(drawn, batch, pool.articles) for _ in range(steps)]
    used = {place for some in batches for lesson in some for place in (lesson.anchor, lesson.positive, lesson.negative)}
    print(f"keeping what the lower {total - layers} layers make of {len(used)} texts")
    upper = UpperLayers(encoder, pool.texts, used, total - layers)
    optimiser = torch.optim.AdamW(upper.parameters(), lr=learning_rate, weight_decay=0.01)
    warm = max(1, steps // 16)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min(1.0, (step + 1) / warm) * max(0.03, 1 - step / steps))
    upper.train()
    recent: list[float] = []
    for step, lessons_of_step in enumerate(batches):
        loss = loss_of(upper, lessons_of_step, pool.articles)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(upper.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        recent.append(loss.item())
        if (step + 1) % 50 == 0:
            print(f"{step + 1} of {steps}: loss {np.mean(recent[-50:]):.3f}", flush=True)
    encoder.eval()
    encoder.save(str(output), create_model_card=False)
    described = {"texts": len(pool.texts), "asked": len(pool.asked), "written": len(pool.written), "layers": layers, "steps": steps,
                 "batch": batch, "learning_rate": learning_rate}
    (output / "training.json").write_text(json.dumps(described, indent=2), encoding="utf-8")


def _batch(drawn: Iterator[Lesson], size: int, articles: Sequence[tuple[str, ...]]) -> list[Lesson]:
    """The next lessons, of as many different articles."""
    batch: dict[str, Lesson] = {}
    for lesson in drawn:
        batch.setdefault(articles[lesson.anchor][0], lesson)
        if len(batch) == size:
            break
    return list(batch.values())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=40)
    parser.add_argument("--learning-rate", type=float, default=5e-5)
    given = parser.parse_args()
    fine_tune_upper(given.base, given.output, pool_of(KnowledgeBase.load()), layers=given.layers, steps=given.steps, batch=given.batch,
                    learning_rate=given.learning_rate)
