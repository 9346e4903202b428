"""Trains the cross-encoder: it reads a question together with a candidate and says whether the candidate answers it.

    zhike train cross-encoder

Lists: for each question, a passage of its own article that comes near (itself left out) and the nearest ones of other
articles; off-topic questions have only wrong candidates. What comes near the encoder decides, from which the training
starts too. The loss asks for both: the right candidate before the wrong ones, and a score that means the same
from question to question.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import CrossEncoder
from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.util import batch_to_device
from torch import nn

from knowledge.article_head import NO_ARTICLE
from knowledge.articles import KnowledgeBase
from knowledge.cross_encoder import SETTINGS_FILE, OnnxCrossEncoder, pair_text
from knowledge.encoder import DEFAULT_ENCODER, Encoder, load_encoder
from knowledge.passages import standard_questions
from training.article_head import article_examples
from training.datasets import DATA, training_questions
from training.encoder import bunches, has_bfloat16, nearest
from training.noise import with_noise
from training.onnx_export import export_int8, export_tokenizer, sha256
from training.restored import restore
from training.runs import begin_run
from training.vectors import remembered

__all__ = ["NAME", "Candidates", "ListLoss", "candidates_of", "drop_layers", "export_cross_encoder", "fine_tune_cross_encoder", "lists",
           "make"]

NAME = "zhike-cross-small"
_LONGEST = 96
# Enough to leave the seventy and more questions of its own article behind.
_SEARCHED = 300
_DEPTH = 12
_HARDEST = 3
_WRONG = 6
# A question that trains has nearer kin in its article than one that is asked: the fourth nearest is as near as a stranger's nearest.
_NEAREST, _KIN = 0.3, 10
_NOISY = 0.08
_BUNCHES = 4


@dataclass(frozen=True, slots=True)
class Candidates:
    """A question with what a reader is shown, and for each whether it answers it (1.0 or 0.0)."""

    query: str
    passages: tuple[str, ...]
    labels: tuple[float, ...]


def make(work: Path, output: Path, *, layers: int, epochs: float, batch: int, learning_rate: float, name: str,
         encoder: str | None = None, base: KnowledgeBase | None = None, data: Path = DATA) -> float:
    """From an encoder, by default the one that ships, to the files that serve; returns how well the int8 scores follow the float ones.

    An interrupted run goes on in `work`. Raises CannotTune where that holds something else.
    """
    read = load_encoder(encoder, threads=os.cpu_count() or 1)
    found = lists(read, base or KnowledgeBase.load(), data=data)
    begin_run(work, [read.fingerprint, layers, epochs, batch, learning_rate, [[item.query, *item.passages] for item in found]])
    whole, folder = work / "whole", Path(encoder or DEFAULT_ENCODER)
    served = (folder / "model.onnx").is_file()
    if served:
        restore(folder, whole)
    start = drop_layers(whole if served else folder, work / "start", layers)
    fine_tune_cross_encoder(start, work / "cross", found, epochs=epochs, batch=batch, learning_rate=learning_rate)
    pairs = [(item.query, passage) for item in found[:60] for passage in item.passages]
    return export_cross_encoder(work / "cross", output, pairs, name=name)


def lists(encoder: Encoder, base: KnowledgeBase, *, data: Path = DATA, seed: int = 3) -> list[Candidates]:
    """What there is to read for all training questions, sensitive utterances among them, and off-topic ones, mixed."""
    choose = random.Random(seed)
    questions, asked = training_questions(base, data), article_examples(base, data)
    vectors, place = remembered(encoder, [text for text, _ in asked]), {item: number for number, item in enumerate(asked)}
    found = candidates_of(asked, vectors, questions, vectors[[place[item] for item in questions]],
                          standard_questions(base.articles.values()), choose=choose)
    choose.shuffle(found)
    return found


def candidates_of(asked: Sequence[tuple[str, str]], asked_vectors: np.ndarray, questions: Sequence[tuple[str, str]], vectors: np.ndarray,
                  standard: Mapping[str, str], *, wrong: int = _WRONG, choose: random.Random) -> list[Candidates]:
    """For each (query, article id) a passage of its own article, and of each of `wrong` others the nearest one; where no article replies
    (NO_ARTICLE), one more of the others, which come near nevertheless."""
    names = [article for _, article in questions]
    of_article: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        of_article[name].append(number)
    found: list[Candidates] = []
    for (text, article), ordered in zip(asked, nearest(asked_vectors, vectors, _SEARCHED), strict=True):
        best: dict[str, int] = {}
        own = []
        for other in ordered:
            if questions[other][0] == text:
                continue
            if names[other] == article:
                own.append(int(other))
            else:
                best.setdefault(names[other], int(other))
        if article == NO_ARTICLE:
            shown = _some(list(best.values()), wrong + 1, choose)
            found.append(Candidates(text, _passages(shown, questions, standard), tuple(0.0 for _ in shown)))
            continue
        own = own or [number for number in of_article[article] if questions[number][0] != text][:1]
        if not own:
            continue
        right = own[0] if choose.random() < _NEAREST else choose.choice(own[:_KIN])
        shown = [right, *_some(list(best.values()), wrong, choose)]
        query = with_noise(text, choose) if choose.random() < _NOISY else text
        found.append(Candidates(query, _passages(shown, questions, standard), (1.0, *(0.0 for _ in shown[1:]))))
    return found


def _passages(shown: Sequence[int], questions: Sequence[tuple[str, str]], standard: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(pair_text(text, standard[article]) for text, article in (questions[number] for number in shown))


def _some(ordered: list[int], count: int, choose: random.Random) -> list[int]:
    """The nearest ones, and of the next ones a draw: the hardest are what decides, the others keep the scale."""
    head, rest = ordered[:_HARDEST], ordered[_HARDEST:_DEPTH]
    return head + choose.sample(rest, min(len(rest), max(0, count - len(head))))


class ListLoss(nn.Module):
    """Softmax over the candidates of a question, and a cross-entropy for each alone, which holds for questions without a right one too."""

    def __init__(self, model: CrossEncoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: list[list], labels: list[torch.Tensor], prompt: str | None = None, task: str | None = None) -> torch.Tensor:
        pairs = [(query, passage) for query, passages in zip(*inputs, strict=True) for passage in passages]
        order = bunches(torch.tensor([len(query) + len(passage) for query, passage in pairs]), _BUNCHES)
        read = [self.model(batch_to_device(self.model.preprocess([pairs[i] for i in numbers.tolist()], prompt=prompt, task=task),
                                           self.model.device))["scores"].reshape(-1) for numbers in order]
        back = torch.argsort(torch.cat(order)).to(self.model.device)
        scores, wanted = torch.cat(read)[back].float(), torch.cat(labels).to(self.model.device)
        alone = nn.functional.binary_cross_entropy_with_logits(scores, wanted)
        sizes = [len(part) for part in labels]
        right = torch.tensor([int(part.argmax()) for part in labels if part.any()], device=scores.device)
        compared = nn.utils.rnn.pad_sequence([listed for listed, part in zip(scores.split(sizes), labels, strict=True) if part.any()],
                                             batch_first=True, padding_value=-torch.inf) if len(right) else None
        return alone if compared is None else alone + nn.functional.cross_entropy(compared, right)


def drop_layers(base: Path, output: Path, layers: int) -> Path:
    """A copy of a BERT folder with its first `layers`, which serve other tasks better than the last ones (Sajjad et al. 2023)."""
    from transformers import AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(base, add_pooling_layer=False)
    model.encoder.layer = model.encoder.layer[:layers]
    model.config.num_hidden_layers = layers
    model.save_pretrained(output)
    AutoTokenizer.from_pretrained(base).save_pretrained(output)
    return output


def fine_tune_cross_encoder(base: Path, output: Path, listed: Sequence[Candidates], *, epochs: float = 2, batch: int = 8,
                            learning_rate: float = 1e-4, seed: int = 11) -> CrossEncoder:
    """Train `base` (a transformers folder) on `listed`, `batch` questions a step, and save it to `output`. Word vectors stay."""
    torch.manual_seed(seed)
    model = CrossEncoder(str(base), num_labels=1, max_length=_LONGEST)
    model.model.get_input_embeddings().weight.requires_grad_(False)
    checkpoints = output.parent / f"{output.name}-checkpoints"
    arguments = CrossEncoderTrainingArguments(
        output_dir=str(checkpoints), num_train_epochs=epochs, per_device_train_batch_size=batch, learning_rate=learning_rate,
        warmup_steps=max(10, int(epochs * len(listed) / batch * 0.06)), lr_scheduler_type="cosine", logging_steps=50, save_steps=500,
        save_total_limit=1, report_to=[], seed=seed,
        bf16=has_bfloat16(), use_cpu=not torch.cuda.is_available())
    rows = Dataset.from_dict({"query": [item.query for item in listed], "passages": [list(item.passages) for item in listed],
                              "labels": [list(item.labels) for item in listed]})
    trainer = CrossEncoderTrainer(model, arguments, train_dataset=rows, loss=ListLoss(model))
    trainer.train(resume_from_checkpoint=any(checkpoints.glob("checkpoint-*")))
    model.save_pretrained(str(output))
    # What is finished is not to be gone on from.
    shutil.rmtree(checkpoints, ignore_errors=True)
    (output / "training.json").write_text(
        json.dumps({"questions": len(listed), "epochs": epochs, "batch": batch, "learning_rate": learning_rate}), encoding="utf-8")
    return model


def export_cross_encoder(folder: Path, output: Path, pairs: Sequence[tuple[str, str]], *, name: str) -> float:
    """A trained folder -> the int8 files that `OnnxCrossEncoder` serves; returns the correlation of their scores on `pairs`.

    Half of the pairs serve to even out activations, the other half to compare.
    """
    model = CrossEncoder(str(folder), num_labels=1, max_length=_LONGEST, device="cpu")
    classifier = model.model
    batch = model.tokenizer([a for a, _ in pairs[::2]], [b for _, b in pairs[::2]], padding=True, truncation=True, max_length=_LONGEST,
                            return_tensors="pt")
    output.mkdir(parents=True, exist_ok=True)
    export_int8(classifier.bert, output / "model.onnx", max_length=_LONGEST, classifier=classifier.classifier,
                calibration={key: batch[key] for key in ("input_ids", "attention_mask")})
    export_tokenizer(folder, output)
    described = {"name": name, "max_length": _LONGEST, "layers": classifier.config.num_hidden_layers,
                 "sha256": sha256(output / "model.onnx")}
    (output / SETTINGS_FILE).write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    served = OnnxCrossEncoder(output)
    expected = model.predict([list(pair) for pair in pairs[1::2]], activation_fn=torch.nn.Identity(), show_progress_bar=False)
    found = [served.scores(a, [b])[0] for a, b in pairs[1::2]]
    return float(np.corrcoef(expected, found)[0, 1])
