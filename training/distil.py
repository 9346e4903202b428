"""Smaller students of the tuned encoder: fewer layers, or word vectors alone.

    python -m training.distil OUT [--teacher FOLDER] [--layers 6 4 0] [--steps N] [--misspelt N]

FOLDER: a sentence-transformers folder; without one, the encoder that ships. OUT gets a folder for each number of layers.
A student learns to give the teacher's vector for every question and for its misspelt forms (mean squared error on unit
vectors). 0 layers: a static embedding, the mean of one vector a word piece, which starts from the teacher's vectors of
single pieces. Others start from the teacher's first layers.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import MSELoss
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, StaticEmbedding, Transformer
from tokenizers import Tokenizer

from knowledge.articles import KnowledgeBase
from knowledge.encoder import DEFAULT_ENCODER, load_encoder
from training.cross_encoder import drop_layers
from training.datasets import training_questions
from training.encoder import PREFIX, embedded_by_length, encode, has_bfloat16
from training.noise import with_noise
from training.restored import restore
from training.vectors import remembered

__all__ = ["distil", "with_misspelt"]

_LONGEST = 48
_PROMPTS = {"query": PREFIX, "document": PREFIX}


def distil(teacher_folder: Path, output: Path, texts: Sequence[str], vectors: np.ndarray, *, layers: int, steps: int, batch: int = 256,
           learning_rate: float = 3e-4, seed: int = 17) -> SentenceTransformer:
    """Train a student of `layers` layers (0: static) to give `vectors` (n, d) for `texts`, and save it to `output`."""
    student = _static(SentenceTransformer(str(teacher_folder)), teacher_folder) if layers == 0 else _shallow(teacher_folder, output, layers)
    rows = Dataset.from_dict({"text": [PREFIX + text for text in texts], "label": vectors.tolist()})
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(output.parent / f"{output.name}-checkpoints"), max_steps=steps, per_device_train_batch_size=batch,
        learning_rate=learning_rate if layers else 100 * learning_rate, warmup_steps=steps // 20, lr_scheduler_type="cosine",
        logging_steps=20, save_strategy="no", report_to=[], seed=seed, bf16=has_bfloat16(), use_cpu=not torch.cuda.is_available())
    trainer = SentenceTransformerTrainer(student, arguments, train_dataset=rows, loss=_ByLength(student) if layers else MSELoss(student))
    trainer.train()
    student.save(str(output), create_model_card=False)
    return student


class _ByLength(MSELoss):
    """The library's loss, embedded by length."""

    def forward(self, sentence_features: Iterable[dict[str, torch.Tensor]], labels: torch.Tensor) -> torch.Tensor:
        return self.compute_loss_from_embeddings([embedded_by_length(self.model, sentence_features)], [labels.detach()])


def _shallow(teacher_folder: Path, output: Path, layers: int) -> SentenceTransformer:
    dropped = drop_layers(teacher_folder, output.parent / f"{output.name}-start", layers)
    transformer = Transformer(str(dropped), max_seq_length=_LONGEST)
    return SentenceTransformer(modules=[transformer, Pooling(transformer.get_embedding_dimension(), "mean"), Normalize()],
                               prompts=_PROMPTS)


def _static(teacher: SentenceTransformer, folder: Path) -> SentenceTransformer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    pieces = [tokenizer.id_to_token(number).replace("▁", " ") for number in range(tokenizer.get_vocab_size())]
    table = np.asarray(encode(teacher, pieces), np.float32)
    return SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=table - table.mean(axis=0)), Normalize()],
                               prompts=_PROMPTS)


def with_misspelt(texts: Sequence[str], forms: int, seed: int = 17) -> list[str]:
    """The texts, and `forms` misspelt ones of each."""
    choose = random.Random(seed)
    return [*texts, *(with_noise(text, choose) for text in texts for _ in range(forms))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--teacher", type=Path)
    parser.add_argument("--layers", type=int, nargs="+", default=[6, 4, 0])
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--misspelt", type=int, default=2, help="misspelt forms of each question")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    asked = with_misspelt([text for text, _ in training_questions(KnowledgeBase.load())], given.misspelt)
    if given.teacher is None:
        given.teacher = given.output / "teacher"
        restore(DEFAULT_ENCODER, given.teacher)
        taught = remembered(load_encoder(threads=os.cpu_count() or 1), asked)
    else:
        taught = encode(SentenceTransformer(str(given.teacher)), asked)
    for layers in given.layers:
        distil(given.teacher, given.output / f"layers-{layers}", asked, taught, layers=layers, steps=given.steps)
