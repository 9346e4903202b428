"""A head with a hidden layer tells apart what no plane divides, says by which words, and is the same when it was kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from intents.layered_head import LayeredHead
from tests.fakes.encoder import CountingEncoder
from training.heads import Shape, fit_head, fit_layered_head

# Either of two marks alone is one thing, both or neither is the other: no plane divides that.
WAYS = ("请问{}可以吗", "{}怎么办", "我想{}", "{}要多久", "能{}么", "今天{}行不行", "{}在哪里", "帮我{}")


def asked(*numbers: int) -> tuple[list[str], list[str]]:
    texts, labels = [], []
    for way in WAYS:
        for number in numbers:
            for first, second in ((0, 0), (0, 1), (1, 0), (1, 1)):
                texts.append(way.format(f"{'甲' if first else ''}{number}{'乙' if second else ''}"))
                labels.append("one" if first != second else "other")
    return texts, labels


@pytest.fixture(scope="module")
def head() -> LayeredHead:
    texts, labels = asked(*range(20, 60))
    return fit_layered_head(texts, CountingEncoder(64).encode_passages(texts), labels, Shape(hidden=64, epochs=20))


def share_right(head, texts: list[str], labels: list[str]) -> float:
    vectors = CountingEncoder(64).encode_passages(texts)
    return float(np.mean([head.labels[int(head.probabilities(text, vector).argmax())] == label
                          for text, vector, label in zip(texts, vectors, labels, strict=True)]))


def test_it_tells_apart_what_a_linear_head_does_not(head: LayeredHead) -> None:
    texts, labels = asked(*range(20, 60))
    linear = fit_head(texts, CountingEncoder(64).encode_passages(texts), labels)
    fresh = asked(*range(60, 70))
    assert share_right(head, *fresh) > 0.9 > 0.8 > share_right(linear, *fresh)


def test_probabilities_sum_to_one_and_the_dimension_is_the_encoder_s(head: LayeredHead) -> None:
    vector = CountingEncoder(64).encode_queries(["甲31怎么办"])[0]
    assert head.probabilities("甲31怎么办", vector).sum() == pytest.approx(1.0) and head.dimension == 64


def test_the_words_that_speak_for_a_label_are_the_client_s(head: LayeredHead) -> None:
    text = "今天甲31行不行"
    words = head.words_for(text, "one", CountingEncoder(64).encode_queries([text])[0])
    assert words in text and "甲" in words


def test_kept_and_loaded_it_is_the_same(head: LayeredHead, tmp_path: Path) -> None:
    head.save(tmp_path)
    loaded, vector = LayeredHead.load(tmp_path), CountingEncoder(64).encode_queries(["乙甲"])[0]
    assert loaded.labels == head.labels and loaded.version == head.version
    assert np.allclose(loaded.probabilities("乙甲", vector), head.probabilities("乙甲", vector), atol=0.01)


def test_several_networks_err_less_than_one() -> None:
    texts, labels = asked(*range(20, 30))
    vectors, fresh = CountingEncoder(64).encode_passages(texts), asked(*range(60, 90))
    alone = fit_layered_head(texts, vectors, labels, Shape(hidden=8, epochs=1))
    together = fit_layered_head(texts, vectors, labels, Shape(hidden=8, epochs=1, members=5))
    assert together.hidden.shape[1] == 5 * alone.hidden.shape[1]
    assert log_loss(together, *fresh) < log_loss(alone, *fresh)


def log_loss(head: LayeredHead, texts: list[str], labels: list[str]) -> float:
    vectors = CountingEncoder(64).encode_passages(texts)
    return -float(np.mean([np.log(head.probabilities(text, vector)[head.labels.index(label)])
                           for text, vector, label in zip(texts, vectors, labels, strict=True)]))


def test_of_several_labels_a_text_each_stands_for_itself(tmp_path: Path) -> None:
    texts = [way.format(f"{first}{number}{second}") for way in WAYS for number in range(20, 40)
             for first in ("", "甲") for second in ("", "乙")]
    labels = [{name for name, mark in (("one", "甲"), ("other", "乙")) if mark in text} for text in texts]
    made = fit_layered_head(texts, CountingEncoder(64).encode_passages(texts), labels, Shape(hidden=64, members=2), multi_label=True)
    made.save(tmp_path, {"thresholds": {"one": 0.5, "other": 0.6}})
    head = LayeredHead.load(tmp_path)
    told = {text: head.probabilities(text, CountingEncoder(64).encode_queries([text])[0]) > 0.5
            for text in ("甲77乙怎么办", "甲77怎么办", "77乙怎么办", "77怎么办")}
    assert [told[text].tolist() for text in told] == [[True, True], [True, False], [False, True], [False, False]]
    assert head.thresholds == {"one": 0.5, "other": 0.6}


def test_texts_that_weigh_more_are_heard_more() -> None:
    texts, labels = ["怎么办甲"] * 40, ["one", "other"] * 20
    vectors = CountingEncoder(64).encode_passages(texts)
    weights = np.where(np.array(labels) == "one", 9.0, 1.0)
    head = fit_layered_head(texts, vectors, labels, Shape(hidden=16, epochs=300), weights=weights)
    assert head.probabilities("怎么办甲", vectors[0])[head.labels.index("one")] == pytest.approx(0.9, abs=0.05)


def test_a_head_of_an_earlier_version_is_refused(tmp_path: Path) -> None:
    texts, labels = asked(1, 2)
    fit_head(texts, CountingEncoder(64).encode_passages(texts), labels).save(tmp_path)
    with pytest.raises(ValueError, match="earlier version; train it again"):
        LayeredHead.load(tmp_path)
