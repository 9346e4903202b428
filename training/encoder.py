"""Fine-tunes the encoder on questions that mean the same, against the ones that only look alike.

    python -m training.encoder OUT --base FOLDER [--steps N] [--batch N]

Pairs: two questions of one article, from the base's own and the written ones in `training/data`; every other time one that is
near, since search asks only for the nearest. Hard negatives: the nearest question of each of the nearest other articles under the
model as it stands, found anew for each round, so that one word that turns the answer (开通 and 取消, 融资 and 融券) is seen often.
Runs on a CPU or a GPU unchanged, in bfloat16 where the processor has it. OUT is an ordinary sentence-transformers folder; an
interrupted run goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from torch import nn

from knowledge.articles import KnowledgeBase
from training.datasets import hard_questions, training_questions
from training.noise import with_noise

__all__ = ["PREFIX", "ByLength", "InOrder", "bunches", "embedded_by_length", "encode", "fine_tune", "has_bfloat16", "near_misses",
           "nearest", "tuples"]

PREFIX = "query: "
_LONGEST = 48
_FULL_LENGTH = 128
_NEGATIVE_DEPTH = 8
_POSITIVE_DEPTH = 8
_SEARCHED = 150
_CHUNK = 512
_NOISY = 0.08
_SCALE = 30.0
_BUNCHES = 4
_WORKERS = 6


def tuples(questions: Sequence[tuple[str, str]], vectors: np.ndarray, count: int, *, negatives: int = 1,
           hard: Collection[str] = (), seed: int = 13) -> dict[str, list[str]]:
    """Columns of `count` anchors, positives and `negatives` hard negatives. `questions`: (text, article id); `vectors`: unit, (n, d).

    Every article is drawn alike. Where it has questions that are `hard`, every other anchor is one of them.
    """
    choose, hard = random.Random(seed), frozenset(hard)
    of_article: dict[str, list[int]] = defaultdict(list)
    hard_of: dict[str, list[int]] = defaultdict(list)
    for number, (text, article) in enumerate(questions):
        of_article[article].append(number)
        if text in hard:
            hard_of[article].append(number)
    articles = [article for article, numbers in of_article.items() if len(numbers) > 1]
    near = _near_kin(of_article.values(), vectors)
    misses = near_misses([article for _, article in questions], vectors)
    anchors: list[str] = []
    chosen: list[list[int]] = []
    while len(anchors) < count:
        choose.shuffle(articles)
        for article in articles[:count - len(anchors)]:
            asked = hard_of[article] if hard_of[article] and choose.random() < 0.5 else of_article[article]
            anchor = choose.choice(asked)
            positive = choose.choice(near[anchor])
            if choose.random() < 0.5:
                positive = choose.choice([number for number in choose.sample(of_article[article], 2) if number != anchor])
            text = questions[anchor][0]
            anchors.append(with_noise(text, choose) if choose.random() < _NOISY else text)
            chosen.append([positive, *_some(misses[anchor], negatives, choose)])
    names = ["positive", *(f"negative_{place}" for place in range(1, negatives + 1))]
    columns = [[PREFIX + questions[number][0] for number in column] for column in zip(*chosen, strict=True)]
    return {"anchor": [PREFIX + text for text in anchors], **dict(zip(names, columns, strict=True))}


def _near_kin(groups: Iterable[Sequence[int]], vectors: np.ndarray) -> dict[int, list[int]]:
    """For each question the nearest ones of the same article."""
    found: dict[int, list[int]] = {}
    for group in groups:
        numbers = np.array(group)
        alike = vectors[numbers] @ vectors[numbers].T
        np.fill_diagonal(alike, -2)
        ordered = np.argsort(-alike, axis=1)[:, :min(_POSITIVE_DEPTH, len(numbers) - 1)]
        found.update(zip(group, numbers[ordered].tolist(), strict=True))
    return found


def near_misses(articles: Sequence[str], vectors: np.ndarray) -> list[list[int]]:
    """For each question the nearest one of each of the nearest other articles, nearest first."""
    owner = np.unique(articles, return_inverse=True)[1]
    found: list[list[int]] = []
    for number, ordered in enumerate(nearest(vectors, vectors, _SEARCHED)):
        others = ordered[owner[ordered] != owner[number]]
        # An article with more questions of its own than were looked at leaves none: take any others.
        others = others if len(others) else np.flatnonzero(owner != owner[number])
        first = np.sort(np.unique(owner[others], return_index=True)[1])
        found.append(others[first[:_NEGATIVE_DEPTH]].tolist())
    return found


def _some(items: Sequence[int], count: int, choose: random.Random) -> list[int]:
    """So many of them; with repetition where there are fewer."""
    return choose.sample(items, count) if count <= len(items) else choose.choices(items, k=count)


def nearest(queries: np.ndarray, vectors: np.ndarray, depth: int) -> np.ndarray:
    """(len(queries), at most depth): the numbers of the nearest vectors, nearest first."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    table = torch.from_numpy(vectors).to(device)
    depth = min(depth, len(vectors))
    found = [torch.topk(torch.from_numpy(queries[start:start + _CHUNK]).to(device) @ table.T, depth, dim=1).indices.cpu().numpy()
             for start in range(0, len(queries), _CHUNK)]
    return np.concatenate(found)


class InOrder(DefaultBatchSampler):
    """Rows as `tuples` laid them: a run of rows has each article's anchor once, so that hardly any batch holds an anchor's kin."""

    def __iter__(self):
        for start in range(0, len(self.sampler) - self.batch_size + 1, self.batch_size):
            yield list(range(start, start + self.batch_size))


def bunches(lengths: torch.Tensor, count: int) -> list[torch.Tensor]:
    """The numbers of texts, in at most `count` parts of like length."""
    return list(torch.tensor_split(torch.argsort(lengths), min(count, len(lengths))))


def embedded_by_length(model: nn.Module, columns: Iterable[dict[str, torch.Tensor]]) -> torch.Tensor:
    """(n, d) of all texts of a step, column after column, embedded in bunches of like length: half of a batch of questions is padding
    else."""
    pairs = [(column["input_ids"], column["attention_mask"]) for column in columns]
    longest = max(ids.shape[1] for ids, _ in pairs)
    ids, mask = (torch.cat([nn.functional.pad(part, (0, longest - part.shape[1])) for part in parts])
                 for parts in zip(*pairs, strict=True))
    lengths = mask.sum(dim=1)
    order = bunches(lengths, _BUNCHES)
    embedded = [model({"input_ids": ids[numbers, :length], "attention_mask": mask[numbers, :length]})["sentence_embedding"]
                for numbers in order for length in [int(lengths[numbers].max())]]
    return torch.cat(embedded)[torch.argsort(torch.cat(order))]


class ByLength(MultipleNegativesRankingLoss):
    """The library's loss, embedded by length."""

    def forward(self, sentence_features: Iterable[dict[str, torch.Tensor]], labels: torch.Tensor) -> torch.Tensor:
        columns = list(sentence_features)
        embeddings = embedded_by_length(self.model, columns)
        return self.compute_loss_from_embeddings(list(embeddings.split([len(column["input_ids"]) for column in columns])), labels)


def encode(encoder: SentenceTransformer, texts: Sequence[str]) -> np.ndarray:
    """Unit vectors (n, d) of texts without their prefix."""
    batch = 1024 if torch.cuda.is_available() else 64
    return encoder.encode([PREFIX + text for text in texts], batch_size=batch, normalize_embeddings=True,
                          show_progress_bar=len(texts) > 2000)


def fine_tune(base: Path, output: Path, questions: Sequence[tuple[str, str]], *, steps: int, batch: int = 48, negatives: int = 1,
              rounds: int = 2, learning_rate: float = 6e-5, hard: Collection[str] = ()) -> None:
    """Train `base` (a sentence-transformers folder) for `steps` in all and save it to `output`; rounds stay beside it.

    `questions`: (text, article id), of which those that are `hard` come more often.
    """
    folder, done = base, 0
    for number in range(rounds):
        target = output.parent / f"{output.name}-round-{number + 1}" if number + 1 < rounds else output
        until = steps * (number + 1) // rounds
        if not (target / "training.json").is_file():
            _one_round(folder, target, questions, steps=until - done, batch=batch, negatives=negatives, seed=13 + number,
                       learning_rate=learning_rate / (number + 1), hard=hard)
        folder, done = target, until


def _one_round(base: Path, output: Path, questions: Sequence[tuple[str, str]], *, steps: int, batch: int, negatives: int, seed: int,
               learning_rate: float, hard: Collection[str]) -> None:
    encoder = SentenceTransformer(str(base))
    encoder.max_seq_length = _LONGEST
    print(f"{output.name}: {len(questions)} questions; mining hard negatives")
    rows = tuples(questions, encode(encoder, [text for text, _ in questions]), steps * batch, negatives=negatives, hard=hard,
                  seed=seed)
    checkpoints = output.parent / f"{output.name}-checkpoints"
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(checkpoints), max_steps=steps, per_device_train_batch_size=batch, learning_rate=learning_rate,
        warmup_steps=max(10, steps // 20), lr_scheduler_type="cosine", logging_steps=20, save_total_limit=1,
        save_steps=500 if torch.cuda.is_available() else 100, report_to=[], dataloader_drop_last=True, seed=seed,
        dataloader_num_workers=_WORKERS if torch.cuda.is_available() else 0, batch_sampler=InOrder, bf16=has_bfloat16(),
        use_cpu=not torch.cuda.is_available())
    trainer = SentenceTransformerTrainer(encoder, arguments, train_dataset=Dataset.from_dict(rows), loss=ByLength(encoder, scale=_SCALE))
    trainer.train(resume_from_checkpoint=any(checkpoints.glob("checkpoint-*")))
    encoder.max_seq_length = _FULL_LENGTH
    encoder.save(str(output), create_model_card=False)
    described = {"questions": len(questions), "hard": len(hard), "steps": steps, "batch": batch, "negatives": negatives,
                 "learning_rate": learning_rate}
    (output / "training.json").write_text(json.dumps(described, indent=2), encoding="utf-8")


def has_bfloat16() -> bool:
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    return torch.cpu._is_avx512_bf16_supported()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--negatives", type=int, default=1)
    parser.add_argument("--learning-rate", type=float, default=6e-5)
    given = parser.parse_args()
    fine_tune(given.base, given.output, training_questions(KnowledgeBase.load()), steps=given.steps, batch=given.batch,
              negatives=given.negatives, learning_rate=given.learning_rate, hard=hard_questions())
