"""Tunes the one transformer that reads again what the heads of needs and of what is sensitive pass on.

    zhike train needs|sensitive --transformer shipped|NAME|FOLDER
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from intents.layered_head import LayeredHead
from intents.tuned_head import SHARED, TunedHead, put_beside, take_away
from intents.understand import MODELS
from knowledge.articles import KnowledgeBase
from knowledge.encoder import Encoder, load_encoder
from training.datasets import DATA
from training.needs import keep_taught, measure_needs, needs_taught
from training.sensitive import measure_sensitive, sensitive_kept, sensitive_taught

__all__ = ["tune_second"]

_NEEDS, _SENSITIVE = "needs", "sensitive"
# Few texts show a need, and a family holds for few of those: what is learned of needs counts more.
_WEIGHTS = {_NEEDS: 3.0, _SENSITIVE: 1.0}


def tune_second(transformer: str, models: Path | None = None, encoder: Encoder | None = None, *, base: KnowledgeBase | None = None,
                data: Path = DATA, work: Path, epochs: float = 2) -> None:
    """Tune `transformer` (see `training.tuned_head.tune`) for the heads of needs and of what is sensitive, as far as `models` has them,
    and put it beside them in place of an earlier one.

    It is put there, measured, whatever it is worth; what is printed says so. Raises CannotTune where too few texts are left to measure it
    on. The ranker, which weighs what is suspected, has to be trained after it.
    """
    models, encoder, base = models or MODELS, encoder or load_encoder(), base or KnowledgeBase.load()
    first = {name: LayeredHead.load(models / name) for name in (_NEEDS, _SENSITIVE) if (models / name).is_dir()}
    lessons = {name: needs_taught(head.labels, data) if name == _NEEDS else sensitive_taught(base, head.labels, data)
               for name, head in first.items()}
    # Only here torch is needed.
    from training.tuned_head import SERVED, Task, tune

    place = {text: number for number, text in enumerate(dict.fromkeys(text for taught in lessons.values() for text in taught.texts))}
    tasks = []
    for name, taught in lessons.items():
        targets, known = np.zeros((len(place), len(taught.labels)), np.int8), np.zeros(len(place), bool)
        rows = [place[text] for text in taught.texts]
        targets[rows], known[rows] = taught.targets, True
        tasks.append(Task(taught.labels, targets, known, taught.one_holds, _WEIGHTS[name]))
    tuned = dict(zip(lessons, tune(transformer, work, list(place), tasks, name="zhike-second-reader", epochs=epochs), strict=True))
    made = {name: work / SERVED / name for name in tuned}
    for name, reader in tuned.items():
        made[name].mkdir(exist_ok=True)
        shared = replace(reader, encoder_at=SHARED)
        shared.save(made[name], {"texts": len(lessons[name].texts)})
        if name == _NEEDS:
            keep_taught(made[name], lessons[name])
            measure_needs(shared, made[name], encoder, data)
        else:
            measure_sensitive(shared, made[name], first[name], sensitive_kept(base, data), encoder)
    for name in tuned:
        take_away(models / name)
    put_beside(models, TunedHead.encoder_folder(work / SERVED))
    for name in tuned:
        put_beside(models / name, made[name])
    shutil.rmtree(work)
