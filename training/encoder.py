"""Fine-tunes the encoder on questions that mean the same, against the ones that only look alike.

    python -m training.encoder OUT --base FOLDER [--steps N] [--batch N]

Pairs: two questions of one article, from the base's own and the written ones in `training/data`. Hard negatives: the
nearest questions of other articles under the model as it stands, found anew for each round, so that one word that turns
the answer (开通 and 取消, 融资 and 融券) is seen often. Runs on a CPU or a GPU unchanged, in bfloat16 where the processor
has it. OUT is an ordinary sentence-transformers folder; an interrupted run goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

from knowledge.articles import KnowledgeBase
from training.datasets import training_questions
from training.noise import with_noise

__all__ = ["PREFIX", "InOrder", "encode", "fine_tune", "has_bfloat16", "near_misses", "nearest", "tuples"]

PREFIX = "query: "
_LONGEST = 48
_FULL_LENGTH = 128
_NEGATIVE_DEPTH = 12
_SEARCHED = 80
_CHUNK = 512
_NOISY = 0.08
_SCALE = 30.0


def tuples(questions: Sequence[tuple[str, str]], vectors: np.ndarray, count: int, *, negatives: int = 1,
           seed: int = 13) -> list[dict[str, str]]:
    """`count` of anchor, positive and `negatives` hard negatives. `questions`: (text, article id); `vectors`: unit, (n, d).

    Every article is drawn alike, and within it the questions in turn.
    """
    choose = random.Random(seed)
    of_article: dict[str, list[int]] = defaultdict(list)
    for number, (_, article) in enumerate(questions):
        of_article[article].append(number)
    articles = [article for article, numbers in of_article.items() if len(numbers) > 1]
    misses = near_misses([article for _, article in questions], vectors)
    rows = []
    while len(rows) < count:
        choose.shuffle(articles)
        for article in articles[:count - len(rows)]:
            anchor, positive = choose.sample(of_article[article], 2)
            text = questions[anchor][0]
            if choose.random() < _NOISY:
                text = with_noise(text, choose)
            row = {"anchor": PREFIX + text, "positive": PREFIX + questions[positive][0]}
            for place, negative in enumerate(choose.sample(misses[anchor], negatives), start=1):
                row[f"negative_{place}"] = PREFIX + questions[negative][0]
            rows.append(row)
    return rows


def near_misses(articles: Sequence[str], vectors: np.ndarray) -> list[list[int]]:
    """For each question the nearest ones that belong to other articles, nearest first."""
    owner = np.unique(articles, return_inverse=True)[1]
    found: list[list[int]] = []
    for number, ordered in enumerate(nearest(vectors, vectors, _SEARCHED)):
        others = ordered[owner[ordered] != owner[number]]
        # An article with more questions of its own than were looked at leaves too few: take any others.
        found.append((others if len(others) >= 4 else np.flatnonzero(owner != owner[number]))[:_NEGATIVE_DEPTH].tolist())
    return found


def nearest(queries: np.ndarray, vectors: np.ndarray, depth: int) -> np.ndarray:
    """(len(queries), depth): the numbers of the nearest vectors, nearest first."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    table = torch.from_numpy(vectors).to(device)
    found = [torch.topk(torch.from_numpy(queries[start:start + _CHUNK]).to(device) @ table.T, depth, dim=1).indices.cpu().numpy()
             for start in range(0, len(queries), _CHUNK)]
    return np.concatenate(found)


class InOrder(DefaultBatchSampler):
    """Rows as `tuples` laid them: a run of rows holds an article once, so that no batch holds its own negative."""

    def __iter__(self):
        for start in range(0, len(self.sampler) - self.batch_size + 1, self.batch_size):
            yield list(range(start, start + self.batch_size))


def encode(encoder: SentenceTransformer, texts: Sequence[str]) -> np.ndarray:
    """Unit vectors (n, d) of texts without their prefix."""
    batch = 1024 if torch.cuda.is_available() else 64
    return encoder.encode([PREFIX + text for text in texts], batch_size=batch, normalize_embeddings=True,
                          show_progress_bar=len(texts) > 2000)


def fine_tune(base: Path, output: Path, questions: Sequence[tuple[str, str]], *, steps: int, batch: int = 48, negatives: int = 1,
              rounds: int = 2, learning_rate: float = 6e-5) -> None:
    """Train `base` (a sentence-transformers folder) for `steps` in all and save it to `output`; rounds stay beside it.

    `questions`: (text, article id).
    """
    folder, done = base, 0
    for number in range(rounds):
        target = output.parent / f"{output.name}-round-{number + 1}" if number + 1 < rounds else output
        until = steps * (number + 1) // rounds
        if not (target / "training.json").is_file():
            _one_round(folder, target, questions, steps=until - done, batch=batch, negatives=negatives, seed=13 + number,
                       learning_rate=learning_rate / (number + 1))
        folder, done = target, until


def _one_round(base: Path, output: Path, questions: Sequence[tuple[str, str]], *, steps: int, batch: int, negatives: int, seed: int,
               learning_rate: float) -> None:
    encoder = SentenceTransformer(str(base))
    encoder.max_seq_length = _LONGEST
    print(f"{output.name}: {len(questions)} questions; mining hard negatives")
    rows = tuples(questions, encode(encoder, [text for text, _ in questions]), steps * batch, negatives=negatives, seed=seed)
    checkpoints = output.parent / f"{output.name}-checkpoints"
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(checkpoints), max_steps=steps, per_device_train_batch_size=batch, learning_rate=learning_rate,
        warmup_steps=max(10, steps // 20), lr_scheduler_type="cosine", logging_steps=20, save_steps=100, save_total_limit=1,
        save_strategy="no" if torch.cuda.is_available() else "steps", report_to=[], dataloader_drop_last=True, seed=seed,
        batch_sampler=InOrder, bf16=has_bfloat16(), use_cpu=not torch.cuda.is_available())
    trainer = SentenceTransformerTrainer(encoder, arguments, train_dataset=Dataset.from_list(rows),
                                         loss=MultipleNegativesRankingLoss(encoder, scale=_SCALE))
    trainer.train(resume_from_checkpoint=any(checkpoints.glob("checkpoint-*")))
    encoder.max_seq_length = _FULL_LENGTH
    encoder.save(str(output), create_model_card=False)
    described = {"questions": len(questions), "steps": steps, "batch": batch, "negatives": negatives, "learning_rate": learning_rate}
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
              negatives=given.negatives, learning_rate=given.learning_rate)
