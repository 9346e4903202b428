"""A transformer tuned for labels: any model by name, or the encoder that ships.

    zhike train needs|sensitive|intents|tone --transformer shipped|NAME|FOLDER

Its layers learn, with a linear one on the mean of the tokens' vectors, to tell the labels of each text (binary cross-entropy,
summed over labels; softmax where one label holds), perhaps of several kinds at once; words' vectors stay, and on a CPU the lower half of
the layers too. An interrupted run goes on from its last checkpoint. What comes of the shipped encoder is served as int8 ONNX; another
model stays an ordinary sentence-transformers folder, and serving it needs torch.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.modules import Dense, Normalize
from torch import nn

from intents.head import TextHead
from intents.tuned_head import TunedHead, put_beside
from knowledge.encoder import DEFAULT_ENCODER, load_encoder
from training.base_encoder import export
from training.encoder import InOrder, has_bfloat16
from training.heads import folds_of
from training.restored import restore
from training.runs import begin_run

__all__ = ["SERVED", "SHIPPED", "Task", "tune", "tune_beside"]

SHIPPED, SERVED = "shipped", "served"
_LONGEST = 96
# Unit vectors differ little: centred and scaled, they teach the layer behind them as fast as the transformer learns.
_SCALE = 20.0
_CENTRED_ON = 2000
_RARE = -3.5
# So many batches are sorted by length together.
_NEAR = 50


@dataclass(frozen=True, eq=False)
class Task:
    """What a transformer learns to tell of texts: which of `labels` hold, or which one where `one_holds`.

    `targets` (n, L) of 0 and 1; `known` (n,): of which texts they are known. Nothing is learned from the others. `weight`: how
    much its loss counts.
    """

    labels: Sequence[str]
    targets: np.ndarray
    known: np.ndarray
    one_holds: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Pace:
    """What a machine can do: texts a step, the learning rate at its highest (both found with the encoder that ships), and whether all
    layers learn, with dropout."""

    batch: int
    learning_rate: float
    whole: bool

    @classmethod
    def here(cls) -> _Pace:
        return cls(128, 1.5e-4, whole=True) if torch.cuda.is_available() else cls(64, 2e-4, whole=False)


def tune(base: str, work: Path, texts: Sequence[str], tasks: Sequence[Task], *, name: str, epochs: float = 3, batch: int | None = None,
         seed: int = 19) -> list[TunedHead]:
    """Tune `base` (SHIPPED, a name or a folder) on texts without their prefix, for all `tasks` at once; a head for each.

    The transformer as it serves lies in `work / SERVED`, into which the heads are yet to be saved. What `work` holds of another run is
    thrown away.
    """
    torch.manual_seed(seed)
    pace = _Pace.here()
    batch = min(batch or pace.batch, len(texts))
    told = np.hstack([np.hstack([np.asarray(task.targets, np.int8), np.asarray(task.known, np.int8)[:, None]]) for task in tasks])
    begin_run(work, [base, name, epochs, batch, pace.learning_rate, pace.whole, seed,
                     *([list(task.labels), task.one_holds, task.weight] for task in tasks), list(texts),
                     hashlib.sha256(told.tobytes()).hexdigest()])
    if base == SHIPPED:
        restore(DEFAULT_ENCODER, work / "start")
    # Its own attention takes more than twice as long on a CPU as the plain one.
    attention = {} if pace.whole else {"attn_implementation": "eager"}
    model = SentenceTransformer(str(work / "start") if base == SHIPPED else base, model_kwargs=attention)
    prompt = model.prompts.get("query") or ""
    model.max_seq_length = _LONGEST
    if not isinstance(model[-1], Normalize):
        model.append(Normalize())
    _hold_still(model, lower_half=not pace.whole)
    known = random.Random(seed).sample(list(texts), min(len(texts), _CENTRED_ON))
    centre = np.asarray(model.encode(known, prompt=prompt, show_progress_bar=False), np.float32).mean(axis=0)
    _append_layers(model, centre, sum(len(task.labels) for task in tasks))
    order = _by_length([len(text) for text in texts], epochs, batch, random.Random(seed))
    rows = Dataset.from_dict({"text": [prompt + texts[i] for i in order], "label": [told[i].astype(float).tolist() for i in order]})
    checkpoints = work / "checkpoints"
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(checkpoints), num_train_epochs=1, per_device_train_batch_size=batch, learning_rate=pace.learning_rate,
        warmup_steps=len(order) // batch // 20, lr_scheduler_type="cosine", logging_steps=50, save_steps=500, save_total_limit=1,
        report_to=[], batch_sampler=InOrder, seed=seed, bf16=has_bfloat16(), use_cpu=not torch.cuda.is_available())
    trainer = SentenceTransformerTrainer(model, arguments, train_dataset=rows, loss=_Labels(model, tasks))
    trainer.train(resume_from_checkpoint=any(checkpoints.glob("checkpoint-*")))
    last = model[-1].linear
    weights, bias = last.weight.detach().float().cpu().numpy().T * _SCALE, last.bias.detach().float().cpu().numpy()
    for _ in range(2):
        del model[-1]
    model.save(str(work / "tuned"), create_model_card=False)
    target = TunedHead.encoder_folder(work / SERVED)
    shutil.rmtree(target, ignore_errors=True)
    if base == SHIPPED:
        print(f"int8 against float: {export(work / 'tuned', target, name=name)}")
    else:
        shutil.copytree(work / "tuned", target)
    encoder, ends = load_encoder(str(target)), np.cumsum([len(task.labels) for task in tasks])
    return [TunedHead(tuple(task.labels), encoder, centre, weights[:, end - len(task.labels):end], bias[end - len(task.labels):end])
            for task, end in zip(tasks, ends, strict=True)]


def tune_beside(transformer: str, folder: Path, texts: Sequence[str], labels: Sequence[str], *, name: str, work: Path,
                epochs: float = 3) -> TunedHead:
    """A tuned head for `folder`, in which a linear one that was trained on the same lies already; of its labels one holds.

    `texts` and `labels` (n,). Four fifths train it; on the others, on which the linear one was measured too, it is measured.
    """
    names = TextHead.load(folder).labels
    held = folds_of(len(texts)) == 0
    seen, kept = np.flatnonzero(~held), np.flatnonzero(held)
    targets = np.array([[label == labels[i] for label in names] for i in seen], float)
    (tuned,) = tune(transformer, work, [texts[i] for i in seen], [Task(names, targets, np.ones(len(seen), bool), one_holds=True)],
                    name=name, epochs=epochs)
    accuracy = float(np.mean([names[int(tuned.log_odds(texts[i]).argmax())] == labels[i] for i in kept]))
    print(f"{name}: held-out accuracy of the tuned one alone {accuracy:.3f} (n={len(kept)})")
    tuned.save(work / SERVED, {"held_out_accuracy": round(accuracy, 4), "texts": len(seen)})
    put_beside(folder, work / SERVED)
    shutil.rmtree(work)
    return tuned


class _Labels(nn.Module):
    """What the model gives are the logits of all tasks' labels; what it is told, each task's targets and whether they are known."""

    def __init__(self, model: SentenceTransformer, tasks: Sequence[Task]) -> None:
        super().__init__()
        self.model, self._tasks = model, [(len(task.labels), task.one_holds, task.weight) for task in tasks]

    def forward(self, sentence_features: Iterable[dict[str, torch.Tensor]], labels: torch.Tensor) -> torch.Tensor:
        (column,) = sentence_features
        logits, told = self.model(column)["sentence_embedding"].float(), labels.float()
        losses = []
        for width, one_holds, weight in self._tasks:
            given, targets, known = logits[:, :width], told[:, :width], told[:, width]
            logits, told = logits[:, width:], told[:, width + 1:]
            each = nn.functional.cross_entropy(given, targets, reduction="none") if one_holds else (
                nn.functional.binary_cross_entropy_with_logits(given, targets, reduction="none").sum(dim=1))
            losses.append(weight * (each * known).mean())
        return torch.stack(losses).sum()


def _hold_still(model: SentenceTransformer, *, lower_half: bool) -> None:
    """Words' vectors learn nothing, and where wanted the `lower_half` of the layers neither; then nothing is dropped out: masks are a
    quarter of a step on a CPU."""
    transformer = model[0].auto_model
    stacked = max((part for part in transformer.modules() if isinstance(part, nn.ModuleList)), key=len, default=())
    still = stacked[:len(stacked) // 2] if lower_half else ()
    for name, part in transformer.named_modules():
        if name.endswith("embeddings") or part in still:
            part.requires_grad_(False)
        if lower_half and isinstance(part, nn.Dropout):
            part.p = 0.0


def _by_length(lengths: Sequence[int], epochs: float, batch: int, choose: random.Random) -> list[int]:
    """The numbers of texts in full batches of like length (half of a batch of any texts is padding), each text `epochs` times but for
    a few that are left over each time, by chance."""
    laid: list[int] = []
    while len(laid) < epochs * (len(lengths) // batch * batch):
        order = choose.sample(range(len(lengths)), len(lengths) // batch * batch)
        batches = [near[i:i + batch] for start in range(0, len(order), batch * _NEAR)
                   for near in [sorted(order[start:start + batch * _NEAR], key=lengths.__getitem__)] for i in range(0, len(near), batch)]
        laid += [number for full in choose.sample(batches, len(batches)) for number in full]
    return laid[:max(batch, int(epochs * len(lengths)) // batch * batch)]


def _append_layers(model: SentenceTransformer, centre: np.ndarray, labels: int) -> None:
    """One that centres and scales, and one that learns."""
    d = len(centre)
    spread = Dense(d, d, activation_function=nn.Identity(), init_weight=torch.eye(d) * _SCALE, init_bias=torch.from_numpy(-centre * _SCALE))
    spread.requires_grad_(False)
    model.append(spread)
    model.append(Dense(d, labels, activation_function=nn.Identity(), init_weight=torch.zeros(labels, d),
                       init_bias=torch.full((labels,), _RARE)))
    model.to(model.device)
