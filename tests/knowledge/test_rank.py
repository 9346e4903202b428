"""The ranker asks the cross-encoder only where the first trees are not sure."""

import numpy as np
import pytest

from knowledge.cross_encoder import load_cross_encoder, pair_text
from knowledge.found import Hit
from knowledge.rank import CROSS_FEATURES, FEATURES, SHORTLIST, Ranker, with_cross


class Fixed:
    """Trees that give a column of the features as the probability."""

    version = "fixed"

    def __init__(self, column: int) -> None:
        self.column = column

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        return features[:, self.column]


class Crossed:
    """A cross-encoder that likes passages with 对."""

    name = version = "crossed"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def scores(self, query: str, passages) -> np.ndarray:
        self.asked += passages
        return np.array([1.0 if "对" in passage else -1.0 for passage in passages], np.float32)


HITS = [Hit(name, passage=f"问{name}") for name in ("甲", "对", "丙")]
STANDARD = {"甲": "甲怎么办", "对": "对怎么办", "丙": "丙怎么办"}


def features(*first: float) -> np.ndarray:
    table = np.zeros((len(first), len(FEATURES)))
    table[:, 0] = first
    return table


def test_sure_trees_settle_a_question_alone():
    cross = Crossed()
    ranked = Ranker(Fixed(0), Fixed(len(FEATURES)), cross, sure=0.9).rank("问", HITS, features(0.95, 0.5, 0.1), STANDARD)
    assert [item.article_id for item in ranked] == ["甲", "对", "丙"]
    assert cross.asked == []


def test_unsure_trees_ask_the_cross_encoder():
    cross = Crossed()
    ranked = Ranker(Fixed(0), Fixed(len(FEATURES)), cross, sure=0.9).rank("问", HITS, features(0.8, 0.5, 0.1), STANDARD)
    assert ranked[0].article_id == "对"
    assert cross.asked == ["问甲 / 甲怎么办", "问对 / 对怎么办", "问丙 / 丙怎么办"]


def test_without_a_cross_encoder_the_first_trees_rank():
    assert [item.article_id for item in Ranker(Fixed(0)).rank("问", HITS, features(0.2, 0.5, 0.1), STANDARD)] == ["对", "甲", "丙"]
    assert Ranker(Fixed(0)).rank("问", [], np.empty((0, len(FEATURES))), STANDARD) == []


def test_an_article_that_is_asked_by_its_own_words_is_first():
    ranked = Ranker(Fixed(0)).rank("问丙", HITS, features(0.8, 0.5, 0.1), STANDARD)
    assert [item.article_id for item in ranked] == ["丙", "甲", "对"]
    assert ranked[0].probability == 0.99 and ranked[1].probability <= 0.5


def test_words_that_two_articles_claim_decide_nothing():
    ranked = Ranker(Fixed(0)).rank("问丙", [*HITS, Hit("丁", passage="问丙")], features(0.8, 0.5, 0.1, 0.2), STANDARD)
    assert [item.article_id for item in ranked] == ["甲", "对", "丁", "丙"]


def test_no_more_candidates_are_read_than_the_shortlist_holds():
    cross = Crossed()
    hits = [Hit(f"a{i}", passage=f"p{i}") for i in range(SHORTLIST + 5)]
    Ranker(Fixed(0), Fixed(len(FEATURES)), cross, sure=2.0).rank("问", hits, features(*np.linspace(0.9, 0.1, len(hits))),
                                                               {hit.article_id: hit.passage for hit in hits})
    assert cross.asked == [f"p{i}" for i in range(SHORTLIST)]


def test_cross_features_stand_behind_the_others():
    table = with_cross(features(0.9, 0.2), np.array([2.0, -1.0]))
    assert table.shape == (2, len(CROSS_FEATURES))
    assert table[0, -3:] == pytest.approx([2.0, 3.0, 1 / (1 + np.exp(-3))])


def test_the_standard_question_is_not_read_twice():
    assert pair_text("怎么开户", "怎么开户") == "怎么开户"
    assert pair_text("咋开户", "怎么开户") == "咋开户 / 怎么开户"


def test_a_cross_encoder_can_be_switched_off():
    assert load_cross_encoder("none") is None
