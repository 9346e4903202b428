"""From which confidence on an answer is given, and which rules stand."""

import json
from functools import cache

import numpy as np
import pytest

from assistant.guard import Verdict
from intents.sensitive import Overtone, Suspicion
from knowledge.found import Hit
from knowledge.rank import FEATURES, Trees
from knowledge.surety import with_surety
from training.metrics import conformal_threshold, least_threshold
from training.ranker import Example, Stage, Weighed, fit_stage, folds_of, train_ranker

CONFIDENCE = np.linspace(0.01, 0.99, 99)


def test_the_rate_counts_among_all_questions_those_settled_too() -> None:
    wrong = CONFIDENCE < 0.5
    at_5 = conformal_threshold(CONFIDENCE, wrong, 0.05)
    assert wrong[at_5 <= CONFIDENCE].sum() <= 0.05 * 100 - 1
    assert conformal_threshold(CONFIDENCE, wrong, 0.05, settled=100) < at_5
    assert conformal_threshold(CONFIDENCE, wrong, 0.005) > 1


def _told(pairs: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One label for each text: its probabilities, whether it holds, and that all of it counts."""
    probabilities, holds = (np.array(column)[:, None] for column in zip(*pairs, strict=True))
    return probabilities, holds.astype(bool), np.ones(probabilities.shape, bool)


def test_of_thresholds_that_cannot_be_told_apart_the_least_stands() -> None:
    """At 0.8 two of eighteen are missed, at 0.5 one more than those is flagged: 0.976 and 0.957, which few texts don't tell apart."""
    texts = [(0.9, True)] * 16 + [(0.6, True)] * 2 + [(0.6, False)] + [(0.1, False)] * 20
    thresholds = np.array([0.5, 0.8])
    assert least_threshold(thresholds, *_told(texts)) == 0.5
    assert least_threshold(thresholds, *_told(texts * 100)) == 0.8


def test_what_readers_differ_about_chooses_no_threshold() -> None:
    probabilities, holds, clear = _told([(0.9, True)] * 50 + [(0.6, False)] * 50)
    assert least_threshold(np.array([0.5, 0.8]), probabilities, holds, clear) == 0.8
    clear[50:] = False
    assert least_threshold(np.array([0.5, 0.8]), probabilities, holds, clear) == 0.5


def test_what_weighs_less_counts_less() -> None:
    wrong = CONFIDENCE < 0.5
    weights = np.where(wrong, 0.25, 1.0)
    assert conformal_threshold(CONFIDENCE, wrong, 0.05, weights=weights) < conformal_threshold(CONFIDENCE, wrong, 0.05)
    assert conformal_threshold(CONFIDENCE, wrong, 0.05, weights=np.ones(99)) == conformal_threshold(CONFIDENCE, wrong, 0.05)


def examples(weighed: int, rng: np.random.Generator) -> list[Example]:
    """Of each the first of two candidates is right as often as its first feature says; a third may not be answered, as the net knows."""
    made = []
    for number in range(400):
        features = rng.random((2, len(FEATURES)))
        features[:, FEATURES.index("refuses")] = 0
        first = rng.random() < features[0, 0]
        right, rightly = np.array([first, not first]), number % 3 == 0
        overtone = Overtone(Suspicion("h", 0.8, ""), 0.1) if rightly else Overtone(None, 0.9)
        called = Weighed("handover", Verdict("human", "h", "人"), overtone, rightly) if number < weighed else None
        made.append(Example((Hit("a"), Hit("b")), features, right, right, number, np.zeros((0, 3)), right[:0], called,
                            0.5 if number % 2 else 1.0))
    return made


@pytest.mark.parametrize("weighed", [200, 20])
def test_rules_are_weighed_where_there_are_enough_to_learn_from(tmp_path, weighed: int) -> None:
    card = train_ranker(examples(weighed, np.random.default_rng(4)), tmp_path, settled=10, report=lambda _: None)
    assert card == json.loads((tmp_path / "thresholds.json").read_text(encoding="utf-8"))
    if weighed < 50:
        assert "standing" not in card and card["settled"] == 10
    else:
        assert card["weighed"]["stand_rightly"] > 0.9 * card["weighed"]["rightly"]
        assert card["weighed"]["stand"] < 0.6 * card["weighed"]["questions"]
        # What stands is replied to, each by its weight, and is never a wrong answer.
        assert 10 + 0.5 * card["weighed"]["stand"] < card["settled"] < 10 + card["weighed"]["stand"]
    assert all(row["wrong"] <= row["max_wrong_answer_rate"] for row in card["table"])


@cache
def stage_of(questions: int) -> tuple[Stage, list[np.ndarray]]:
    """Of questions whose best candidate is right nearly always where words and vectors agree on it, and else as often as not."""
    rng, features, right = np.random.default_rng(6), [], []
    for _ in range(questions):
        table = np.zeros((3, len(FEATURES)))
        for name in ("dense_best", "lexical_best"):
            table[:, FEATURES.index(name)] = rng.random(3)
        best = int(table[:, FEATURES.index("dense_best")].argmax())
        agreed = int(table[:, FEATURES.index("lexical_best")].argmax()) == best
        hit = rng.random() < (0.98 if agreed else 0.5)
        features.append(table)
        right.append(np.arange(3) == (best if hit else (best + 1) % 3))
    return fit_stage(FEATURES, features, right, right, folds_of(range(questions)), np.ones(questions)), features


def test_how_sure_the_best_is_is_told_from_all_candidates() -> None:
    stage, features = stage_of(1500)
    agreed = np.array([table[:, FEATURES.index("lexical_best")].argmax() == place
                       for table, place in zip(features, stage.best, strict=True)])
    assert stage.surety is not None
    # No candidate's own features say it, nor how far it leads.
    assert stage.confidence[agreed].mean() - stage.confidence[~agreed].mean() > 0.25
    assert all(one.argmax() == place for one, place in zip(stage.probabilities, stage.best, strict=True))


def test_rivals_that_were_higher_keep_their_order_below_the_best() -> None:
    told = with_surety(np.array([0.15, 0.2, 0.5, 0.3, 0.5, 0.01]), 2, 0.13)
    assert np.argsort(-told, kind="stable").tolist() == [2, 4, 3, 1, 0, 5]
    assert told[2] == 0.13 and np.allclose(told[[0, 1, 3, 4]], 0.13, atol=1e-5) and told[5] == 0.01


def test_of_few_questions_it_is_not_learned() -> None:
    assert stage_of(300)[0].surety is None


@pytest.mark.parametrize("questions", [1500, 300])
def test_what_was_trained_is_what_is_served(tmp_path, questions: int) -> None:
    pytest.importorskip("onnx", reason="needs the extra training")
    stage, features = stage_of(questions)
    (tmp_path / "ranker-surety.onnx").write_bytes(b"of an earlier training")
    stage.save(tmp_path, "ranker")
    served = Trees(tmp_path, "ranker", FEATURES)
    assert (tmp_path / "ranker-surety.onnx").is_file() == (questions == 1500)
    for table in [*features[:20], features[0][:1]]:
        assert np.allclose(served.probabilities(table), stage.applied(table), atol=1e-4)
