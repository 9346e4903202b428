"""The base of any size that publication is measured on: always the same, and no two articles ask the same."""

from __future__ import annotations

import numpy as np

from benchmarks.many import Lending, many
from knowledge.text import content, normalize
from tests.fakes.encoder import CountingEncoder
from tests.fakes.knowledge import fake_base


def test_any_number_of_articles_always_the_same_and_each_asks_its_own() -> None:
    made = many(fake_base(), 25)
    assert len(made.articles) == 25 and made.digest == many(fake_base(), 25).digest
    asked = [content(normalize(article.question)) for article in made.articles.values()]
    assert len(set(asked)) == 25
    assert all(len(article.similar) <= 1 for article in many(fake_base(), 25, similar=1).articles.values())


def test_a_branch_s_question_has_a_vector_near_the_question_s_own_that_nothing_is_computed_for() -> None:
    encoder = CountingEncoder()
    known = {"怎么开户": encoder.encode_queries(["怎么开户"])[0]}
    lending = Lending(encoder, known)
    branches = [content(normalize(article.question)) for article in many(fake_base(), 6).articles.values() if "开户" in article.question]
    vectors = lending.encode_passages(branches)
    assert encoder.encoded == [] and vectors.shape == (3, encoder.dimension)
    assert np.array_equal(vectors, Lending(CountingEncoder(), known).encode_passages(branches))
    *near, own = sorted(vectors @ known["怎么开户"])
    assert own > 0.999 and all(0.8 < cosine < 0.99 for cosine in near) and not np.allclose(vectors[0], vectors[1])
    lending.encode_passages(["从没问过"])
    assert encoder.encoded == ["从没问过"]
