"""How flags of needs are scored: what readers differ about counts neither way, and authors' labels are told beside."""

from __future__ import annotations

import pytest

from knowledge.text import content, normalize
from training.datasets import LabelledQuestion, evaluation_questions, measures_needs, needs_of_desk, needs_written
from training.scoring import Answered, needs_scores


def question(needs: tuple[str, ...] | None, perhaps: tuple[str, ...] = (), author: tuple[str, ...] | None = None) -> LabelledQuestion:
    return LabelledQuestion("1", ("放着有利息吗",), ("answer",), ("a",), needs, "money", perhaps=perhaps, needs_author=author)


def flagged(*families: str) -> Answered:
    return Answered("answer", "a", (), families)


def test_right_wrong_and_missed_flags() -> None:
    scores = needs_scores([question(("cash",)), question(()), question(("cash", "plan")), question(None)],
                          [flagged("cash"), flagged("gold"), flagged("plan"), flagged("cash")])
    assert scores["questions"] == 3 and scores["exact"]["share"] == pytest.approx(1 / 3, abs=1e-3)
    assert (scores["precision"], scores["recall"]) == (pytest.approx(2 / 3, abs=1e-3), pytest.approx(2 / 3, abs=1e-3))
    assert scores["needless_left_alone"]["n"] == 1 and scores["needless_left_alone"]["share"] == 0 and "author" not in scores


def test_what_readers_differ_about_counts_neither_way() -> None:
    scores = needs_scores([question((), ("cash",)), question(("fund",), ("cash",))], [flagged("cash"), flagged("fund", "cash")])
    assert scores["exact"]["share"] == 1 and scores["precision"] == 1 and scores["recall"] == 1
    assert scores["needless_left_alone"]["n"] == 0, "a question that perhaps shows one is not needless"


def test_labels_of_the_authors_are_scored_beside() -> None:
    scores = needs_scores([question(("cash",), author=("fund",))], [flagged("cash")])
    assert scores["precision"] == 1 and scores["author"]["precision"] == 0 and scores["author"]["recall"] == 0


def test_each_evaluation_question_is_labelled_by_readers_and_by_its_author() -> None:
    asked = evaluation_questions()
    assert all(item.needs is not None and item.needs_author is not None and not set(item.needs) & set(item.perhaps) for item in asked)
    needy = sum(bool(item.needs) for item in asked)
    assert 100 < needy < len(asked) / 5, "a desk hears needs now and then"


def test_no_evaluation_question_stands_among_what_trains_needs_and_a_third_of_the_desk_is_kept() -> None:
    asked = {content(normalize(item.turns[-1])) for item in evaluation_questions()}
    desk = needs_of_desk()
    assert not [utterance.text for utterance in (*desk, *needs_written()) if content(normalize(utterance.text)) in asked]
    assert 0.3 < sum(measures_needs(utterance.text) for utterance in desk) / len(desk) < 0.37
