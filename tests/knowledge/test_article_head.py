"""The head over articles: learned voices, and new articles that are read off their questions."""

import numpy as np
import pytest

from knowledge.article_head import NO_ARTICLE, ArticleHead
from training.article_head import fit_article_head

_ARTICLES, _EACH, _DIMENSION = 12, 40, 32


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@pytest.fixture(scope="module")
def questions() -> tuple[np.ndarray, list[str]]:
    """Vectors around one centre an article, and whose each is."""
    draw = np.random.default_rng(1)
    centres = draw.normal(size=(_ARTICLES, _DIMENSION))
    vectors = np.concatenate([centre + 0.6 * draw.normal(size=(_EACH, _DIMENSION)) for centre in centres])
    return unit(vectors).astype(np.float32), [f"a{number}" for number in range(_ARTICLES) for _ in range(_EACH)]


@pytest.fixture(scope="module")
def head(questions) -> ArticleHead:
    """Trained without the last article, whose questions no article answers as far as it knows."""
    vectors, owners = questions
    seen = [name != "a11" for name in owners]
    return fit_article_head(vectors[seen][1::2], [NO_ARTICLE if name == "a10" else name for name in owners if name != "a11"][1::2])


def means_of(questions):
    vectors, owners = questions
    return lambda names: {name: vectors[[owner == name for owner in owners]][1::2].mean(axis=0) for name in names if name in owners}


def share_right(head: ArticleHead, questions, names: set[str]) -> float:
    vectors, owners = questions
    rows = [number for number in range(0, len(owners), 2) if owners[number] in names]
    voices = [head.log_probabilities(vectors[number]) for number in rows]
    return float(np.mean([max(voice, key=voice.get) == owners[number] for voice, number in zip(voices, rows, strict=True)]))


def test_questions_that_it_has_not_seen_speak_for_their_article(head, questions):
    names = {f"a{number}" for number in range(10)}
    assert share_right(head.among(sorted(names), means_of(questions)), questions, names) > 0.9


def test_voices_are_the_logarithms_of_shares(head, questions):
    voices = head.among(["a1", "a2"], means_of(questions)).log_probabilities(questions[0][0])
    assert set(voices) == {NO_ARTICLE, "a1", "a2"}
    assert sum(np.exp(list(voices.values()))) == pytest.approx(1)


def test_an_article_that_training_never_saw_is_read_off_its_questions(head, questions):
    names = [f"a{number}" for number in (*range(10), 11)]
    extended = head.among(names, means_of(questions))
    assert "a11" in extended.articles
    assert share_right(extended, questions, {"a11"}) > 0.8
    assert share_right(extended, questions, set(names) - {"a11"}) > 0.75


def test_an_article_without_questions_has_no_voice(head, questions):
    assert head.among(["a1", "unknown"], means_of(questions)).articles == (NO_ARTICLE, "a1")


def test_what_no_article_answers_is_told(head, questions):
    vectors, owners = questions
    voices = head.among([f"a{number}" for number in range(10)], means_of(questions)).log_probabilities(vectors[owners.index("a10")])
    assert max(voices, key=voices.get) == NO_ARTICLE


def test_kept_and_read_again_it_says_the_same(head, questions, tmp_path):
    head.save(tmp_path)
    again = ArticleHead.load(tmp_path)
    names = [f"a{number}" for number in range(_ARTICLES)]
    before, after = (one.among(names, means_of(questions)).log_probabilities(questions[0][7]) for one in (head, again))
    assert list(before) == list(after)
    assert list(after.values()) == pytest.approx(list(before.values()), abs=0.05)


def test_fewer_than_three_articles_are_refused():
    with pytest.raises(ValueError, match="three"):
        fit_article_head(np.eye(4, dtype=np.float32), ["a", "a", "b", "b"])
