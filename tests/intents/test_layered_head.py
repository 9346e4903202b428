"""A head with a hidden layer tells apart what no plane divides, says by which words, and is the same when it was kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from intents.layered_head import LayeredHead
from tests.fakes.encoder import CountingEncoder
from training.heads import fit_head, fit_layered_head

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
    return fit_layered_head(texts, CountingEncoder(64).encode_passages(texts), labels)


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


def test_a_head_of_an_earlier_version_is_refused(tmp_path: Path) -> None:
    texts, labels = asked(1, 2)
    fit_head(texts, CountingEncoder(64).encode_passages(texts), labels).save(tmp_path)
    with pytest.raises(ValueError, match="earlier version; train it again"):
        LayeredHead.load(tmp_path)
