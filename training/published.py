"""Figures that others have published on the sets of `training.suite`, each with its source. Per cent; Spearman times 100.

A figure that no source gives is left out. None of the sources gives an interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["PUBLISHED", "Published", "published_on"]

_CASANUEVA = "Casanueva et al. 2020, arXiv 2003.04807, table 3"
_LARSON = "Larson et al. 2019, arXiv 1909.02027, table 2, the full set"
_TEXT2VEC = "README of github.com/shibing624/text2vec at 019c960, released models"
_MTEB = "github.com/embeddings-benchmark/results, intfloat__multilingual-e5-small at e4ce987, cosine Spearman"
_LEADERBOARD = "huggingface.co/spaces/mteb/leaderboard at b23830c, Chinese STS"


@dataclass(frozen=True, slots=True)
class Published:
    """What one system reached: by name of the set, then of the measure as `training.suite` names them."""

    system: str
    source: str
    figures: Mapping[str, Mapping[str, float]]
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {"system": self.system, "source": self.source, "note": self.note, "figures": self.figures}


def _banking77(system: str, ten: float, thirty: float, full: float, note: str = "") -> Published:
    return Published(system, _CASANUEVA, {"banking77": {
        "accuracy, 10 an intent": ten, "accuracy, 30 an intent": thirty, "accuracy, all": full}}, note)


def _clinc150(system: str, trained: tuple[float, float], threshold: tuple[float, float], note: str = "") -> Published:
    """Each way: in-scope accuracy, out-of-scope recall."""
    return Published(system, _LARSON, {"clinc150": {
        "oos-train, in-scope accuracy": trained[0], "oos-train, out-of-scope recall": trained[1],
        "oos-threshold, in-scope accuracy": threshold[0], "oos-threshold, out-of-scope recall": threshold[1]}}, note)


def _pairs(system: str, source: str, note: str = "", **spearman: float) -> Published:
    return Published(system, source, {name: {"Spearman": value} for name, value in spearman.items()}, note)


PUBLISHED = (
    _banking77("BERT-tuned", 83.42, 90.03, 93.66, "BERT-large, all of it fine-tuned"),
    _banking77("USE", 84.23, 89.74, 92.81, "a classifier on frozen vectors"),
    _banking77("ConveRT", 83.32, 89.37, 93.01, "a classifier on frozen vectors"),
    _banking77("USE+ConveRT", 85.19, 90.57, 93.36, "a classifier on frozen vectors"),
    _clinc150("BERT", (96.9, 40.3), (96.2, 52.3), "all of it fine-tuned"),
    _clinc150("MLP", (93.5, 47.4), (93.4, 49.1), "on vectors of the Universal Sentence Encoder"),
    _clinc150("SVM", (91.0, 14.5), (88.2, 18.0), "on bags of words"),
    _pairs("w2v-light-tencent-chinese", _TEXT2VEC, atec=20.00, bq=31.49, lcqmc=59.46, pawsx_zh=2.57, stsb_zh=55.78),
    _pairs("paraphrase-multilingual-MiniLM-L12-v2", _TEXT2VEC, atec=18.42, bq=38.52, lcqmc=63.96, pawsx_zh=10.14, stsb_zh=78.90),
    _pairs("text2vec-base-chinese", _TEXT2VEC, "trained on the training part of the Chinese STS-B",
           atec=31.93, bq=42.67, lcqmc=70.16, pawsx_zh=17.21, stsb_zh=79.30),
    _pairs("text2vec-base-chinese-paraphrase", _TEXT2VEC, "trained on a collection of Chinese question pairs",
           atec=44.89, bq=63.58, lcqmc=74.24, pawsx_zh=40.90, stsb_zh=78.93),
    _pairs("bge-small-zh-v1.5", "huggingface.co/datasets/mteb/results, bge-small-zh-v1.5, cosine Spearman",
           atec=43.01, pawsx_zh=9.26, stsb_zh=76.73, afqmc=33.42),
    _pairs("multilingual-e5-small", _MTEB, "the base of zhike-e5-small", atec=35.14, bq=43.27, lcqmc=72.70, pawsx_zh=11.00,
           stsb_zh=77.73),
    _pairs("multilingual-e5-base", _LEADERBOARD, atec=37.01, bq=45.45, lcqmc=74.15, pawsx_zh=12.14, stsb_zh=79.05, afqmc=29.67),
)


def published_on(names: set[str]) -> list[Published]:
    """Those that have a figure on any of these sets."""
    return [item for item in PUBLISHED if names & item.figures.keys()]
