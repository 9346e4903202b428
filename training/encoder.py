"""Fine-tunes the encoder on questions that mean the same, against the ones that only look alike.

    python -m training.encoder OUT --base FOLDER [--miner FOLDER] [--steps N]

On a CPU with AVX512-BF16 a step takes a third of the time in bfloat16, which is used wherever it is there.

Pairs: two questions of one article, from the base's own and the written ones in `training/data`. Hard negatives: the
nearest questions of other articles under the model as it stands before training, so that one word that turns the
answer (开通 and 取消, 融资 and 融券) is seen often. OUT is an ordinary sentence-transformers folder; an interrupted run
goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import os
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
from knowledge.encoder import DEFAULT_ENCODER, OnnxEncoder
from training.datasets import training_questions
from training.noise import with_noise

__all__ = ["fine_tune", "triplets"]

PREFIX = "query: "
_NEGATIVE_DEPTH = 12
_SEARCHED = 60
_CHUNK = 512
_NOISY = 0.08


def triplets(questions: Sequence[tuple[str, str]], vectors: np.ndarray, count: int, *, seed: int = 13) -> list[dict[str, str]]:
    """`count` of anchor, positive, negative. `questions`: (text, article id); `vectors`: unit, (len(questions), d).

    Every article is drawn alike, and within it the questions in turn.
    """
    choose = random.Random(seed)
    of_article: dict[str, list[int]] = defaultdict(list)
    for number, (_, article) in enumerate(questions):
        of_article[article].append(number)
    articles = [article for article, numbers in of_article.items() if len(numbers) > 1]
    near_misses = _near_misses([article for _, article in questions], vectors)
    rows = []
    while len(rows) < count:
        choose.shuffle(articles)
        for article in articles[:count - len(rows)]:
            anchor, positive = choose.sample(of_article[article], 2)
            text = questions[anchor][0]
            if choose.random() < _NOISY:
                text = with_noise(text, choose)
            negative = questions[choose.choice(near_misses[anchor])][0]
            rows.append({"anchor": PREFIX + text, "positive": PREFIX + questions[positive][0], "negative": PREFIX + negative})
    return rows


def _near_misses(articles: Sequence[str], vectors: np.ndarray) -> list[list[int]]:
    """For each question the nearest ones that belong to other articles."""
    owner = np.unique(articles, return_inverse=True)[1]
    found: list[list[int]] = []
    for start in range(0, len(vectors), _CHUNK):
        scores = vectors[start:start + _CHUNK] @ vectors.T
        nearest = np.argpartition(-scores, _SEARCHED, axis=1)[:, :_SEARCHED]
        for row, candidates in enumerate(nearest):
            ordered = candidates[np.argsort(-scores[row, candidates])]
            found.append(ordered[owner[ordered] != owner[start + row]][:_NEGATIVE_DEPTH].tolist())
    return found


class InOrder(DefaultBatchSampler):
    """Rows as `triplets` laid them: a run of rows holds an article once, so that no batch holds its own negative."""

    def __iter__(self):
        for start in range(0, len(self.sampler) - self.batch_size + 1, self.batch_size):
            yield list(range(start, start + self.batch_size))


def fine_tune(base: Path, miner: Path, output: Path, *, steps: int, batch: int = 48, learning_rate: float = 4e-5) -> None:
    """Train `base` (a sentence-transformers folder) for `steps` and save it to `output`, with checkpoints beside it.

    `miner`: the folder that serves the same encoder as int8 ONNX, which finds the hard negatives several times faster.
    """
    questions = training_questions(KnowledgeBase.load())
    encoder = SentenceTransformer(str(base))
    encoder.max_seq_length = 40
    print(f"{len(questions)} questions; mining hard negatives")
    vectors = OnnxEncoder(miner, threads=os.cpu_count() or 1).encode_passages([text for text, _ in questions])
    rows = triplets(questions, vectors, steps * batch)
    checkpoints = output.parent / f"{output.name}-checkpoints"
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(checkpoints), max_steps=steps, per_device_train_batch_size=batch, learning_rate=learning_rate,
        warmup_steps=max(10, steps // 20), lr_scheduler_type="cosine", logging_steps=20, save_steps=100, save_total_limit=1,
        report_to=[], dataloader_drop_last=True, seed=13, batch_sampler=InOrder, bf16=_has_bfloat16(),
        use_cpu=not torch.cuda.is_available())
    trainer = SentenceTransformerTrainer(encoder, arguments, train_dataset=Dataset.from_list(rows),
                                         loss=MultipleNegativesRankingLoss(encoder, scale=30.0))
    trainer.train(resume_from_checkpoint=any(checkpoints.glob("checkpoint-*")))
    encoder.max_seq_length = 128
    encoder.save(str(output), create_model_card=False)
    (output / "training.json").write_text(json.dumps({"questions": len(questions), "steps": steps, "batch": batch,
                                                      "learning_rate": learning_rate}), encoding="utf-8")


def _has_bfloat16() -> bool:
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    return torch.cpu._is_avx512_bf16_supported()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--miner", type=Path, default=DEFAULT_ENCODER, help="ONNX folder of the base (default: the shipped one)")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--learning-rate", type=float, default=4e-5)
    given = parser.parse_args()
    fine_tune(given.base, given.miner, given.output, steps=given.steps, batch=given.batch, learning_rate=given.learning_rate)
