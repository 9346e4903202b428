"""Trains the cross-encoder: it reads a question together with a candidate and says whether the candidate answers it.

    zhike train cross-encoder

Rows: for each question, the passage of its own article that comes nearest (itself left out) and the nearest ones of other
articles; off-topic questions have only wrong candidates. What comes near is decided by encoders that have not seen the
question (cross-fitting in two halves), because a tuned encoder no longer makes its mistakes on what it was tuned on.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss

from knowledge.articles import KnowledgeBase
from knowledge.cross_encoder import SETTINGS_FILE, OnnxCrossEncoder, pair_text
from knowledge.passages import standard_questions
from knowledge.text import content, normalize
from training.datasets import off_topic_texts, training_questions
from training.encoder import encode, fine_tune, has_bfloat16, nearest
from training.onnx_export import export_int8, export_tokenizer, sha256

__all__ = ["NAME", "candidate_rows", "cross_fitted_vectors", "drop_layers", "export_cross_encoder", "fine_tune_cross_encoder", "make",
           "off_topic_rows"]

NAME = "zhike-cross-small"
_LONGEST = 96
_SEARCHED = 120
_DEPTH = 15


def make(work: Path, output: Path, *, layers: int, steps: int, epochs: float, batch: int, learning_rate: float, name: str) -> float:
    """From the tuned encoder in `work` to the files that serve; returns how well the int8 scores follow the float ones."""
    base = KnowledgeBase.load()
    questions = training_questions(base)
    standard = standard_questions(base)
    choose = random.Random(3)
    halves = cross_fitted_vectors(work / "base-float", work, questions, steps=steps)
    rows = [row for vectors, asked in halves for row in candidate_rows(questions, standard, vectors, asked, choose=choose)]
    off_topic = [content(normalize(text)) for text in off_topic_texts(to_train=True)]
    nearer = encode(SentenceTransformer(str(work / "half-0")), off_topic)
    rows += off_topic_rows(off_topic, nearer, questions, standard, halves[0][0], choose=choose)
    choose.shuffle(rows)
    start = drop_layers(work / "tuned", work / f"cross-{layers}-start", layers)
    fine_tune_cross_encoder(start, work / f"cross-{layers}", rows, epochs=epochs, batch=batch, learning_rate=learning_rate)
    pairs = [(str(row["query"]), str(row["passage"])) for row in rows[:200]]
    return export_cross_encoder(work / f"cross-{layers}", output, pairs, name=name)


def cross_fitted_vectors(base: Path, work: Path, questions: Sequence[tuple[str, str]], **training) -> list[tuple[np.ndarray, np.ndarray]]:
    """Two of (vectors (n, d) of all questions, numbers of those that this encoder was not tuned on)."""
    order = np.random.default_rng(5).permutation(len(questions))
    halves = (order[::2], order[1::2])
    found = []
    for number, unseen in enumerate(halves):
        folder = work / f"half-{number}"
        fine_tune(base, folder, [questions[i] for i in halves[1 - number]], rounds=1, **training)
        found.append((encode(SentenceTransformer(str(folder)), [text for text, _ in questions]), unseen))
    return found


def candidate_rows(questions: Sequence[tuple[str, str]], standard: Mapping[str, str], vectors: np.ndarray, asked: np.ndarray, *,
                   wrong: int = 7, choose: random.Random) -> list[dict[str, object]]:
    """Rows (query, passage, label) for the questions numbered `asked`: their own article and `wrong` others that come near."""
    names = [article for _, article in questions]
    rows: list[dict[str, object]] = []
    for number, ordered in zip(asked, nearest(vectors[asked], vectors, _SEARCHED), strict=True):
        text, article = questions[number]
        best: dict[str, int] = {}
        own = []
        for other in ordered:
            if questions[other][0] == text:
                continue
            if names[other] == article:
                own.append(int(other))
            else:
                best.setdefault(names[other], int(other))
        own = own or [i for i, name in enumerate(names) if name == article and questions[i][0] != text][:1]
        if not own:
            continue
        shown = own[0] if choose.random() < 0.75 else choose.choice(own[:5])
        rows.append({"query": text, "passage": pair_text(questions[shown][0], standard[article]), "label": 1.0})
        rows += [{"query": text, "passage": pair_text(questions[other][0], standard[name]), "label": 0.0}
                 for name, other in _some(list(best.items()), wrong, choose)]
    return rows


def off_topic_rows(texts: Sequence[str], text_vectors: np.ndarray, questions: Sequence[tuple[str, str]], standard: Mapping[str, str],
                   vectors: np.ndarray, *, wrong: int = 4, choose: random.Random) -> list[dict[str, object]]:
    """Rows for questions that no article answers."""
    rows: list[dict[str, object]] = []
    for text, ordered in zip(texts, nearest(text_vectors, vectors, _SEARCHED), strict=True):
        best: dict[str, int] = {}
        for other in ordered:
            best.setdefault(questions[other][1], int(other))
        rows += [{"query": text, "passage": pair_text(questions[other][0], standard[name]), "label": 0.0}
                 for name, other in _some(list(best.items()), wrong, choose)]
    return rows


def _some(ordered: list[tuple[str, int]], count: int, choose: random.Random) -> list[tuple[str, int]]:
    """The nearest two, and of the next ones a draw: the hardest are what decides, the others keep the scale."""
    head, rest = ordered[:2], ordered[2:_DEPTH]
    return head + choose.sample(rest, min(len(rest), max(0, count - len(head))))


def drop_layers(base: Path, output: Path, layers: int) -> Path:
    """A copy of a BERT folder with `layers` of its layers, evenly spread."""
    from transformers import AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(base, add_pooling_layer=False)
    total = len(model.encoder.layer)
    kept = [round(i * (total - 1) / (layers - 1)) for i in range(layers)]
    model.encoder.layer = torch.nn.ModuleList(model.encoder.layer[i] for i in kept)
    model.config.num_hidden_layers = layers
    model.save_pretrained(output)
    AutoTokenizer.from_pretrained(base).save_pretrained(output)
    return output


def fine_tune_cross_encoder(base: Path, output: Path, rows: Sequence[dict[str, object]], *, epochs: float = 2, batch: int = 64,
                            learning_rate: float = 1e-4, seed: int = 11) -> CrossEncoder:
    """Train `base` (a transformers folder) on rows and save it to `output`."""
    torch.manual_seed(seed)
    model = CrossEncoder(str(base), num_labels=1, max_length=_LONGEST)
    checkpoints = output.parent / f"{output.name}-checkpoints"
    arguments = CrossEncoderTrainingArguments(
        output_dir=str(checkpoints), num_train_epochs=epochs, per_device_train_batch_size=batch, learning_rate=learning_rate,
        warmup_steps=max(10, int(epochs * len(rows) / batch * 0.06)), lr_scheduler_type="cosine", logging_steps=50, save_steps=500,
        save_total_limit=1,
        save_strategy="no" if torch.cuda.is_available() else "steps", report_to=[], seed=seed,
        bf16=has_bfloat16(), use_cpu=not torch.cuda.is_available())
    trainer = CrossEncoderTrainer(model, arguments, train_dataset=Dataset.from_list(list(rows)), loss=BinaryCrossEntropyLoss(model))
    trainer.train(resume_from_checkpoint=any(checkpoints.glob("checkpoint-*")))
    model.save_pretrained(str(output))
    (output / "training.json").write_text(json.dumps({"rows": len(rows), "epochs": epochs, "batch": batch, "learning_rate": learning_rate}),
                                          encoding="utf-8")
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
