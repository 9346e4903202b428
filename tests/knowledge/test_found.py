"""Columns over what search found say of each article what the passages say one by one."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from knowledge.found import Found, Owners
from knowledge.passages import Passage

PASSAGES = {number: Passage(f"a{number % 7}", "answer" if number % 5 == 4 else "similar", f"问{number}") for number in range(60)}


def owners() -> Owners:
    owned = Owners()
    owned.add(PASSAGES)
    return owned


def listed(chance: random.Random, count: int) -> tuple[np.ndarray, np.ndarray]:
    return (np.array(chance.sample(sorted(PASSAGES), count), np.int64), np.sort(np.array([chance.random() for _ in range(count)]))[::-1])


@pytest.mark.parametrize("seed", range(20))
def test_columns_say_what_the_passages_say(seed: int) -> None:
    chance = random.Random(seed)
    searched = {"dense": listed(chance, chance.choice((0, 1, 9, 40))), "lexical": listed(chance, chance.choice((0, 3, 30)))}
    found = Found.of(owners(), PASSAGES, searched["dense"], searched["lexical"])
    everything = [PASSAGES[number] for numbers, _ in searched.values() for number in numbers.tolist()]
    assert sorted(found.articles) == sorted({passage.article_id for passage in everything})
    for name, (numbers, scores) in searched.items():
        heard = getattr(found, name)
        told = [(PASSAGES[number], score) for number, score in zip(numbers.tolist(), scores.tolist(), strict=True)]
        asking = [(passage, score) for passage, score in told if passage.kind != "answer"]
        votes = {article: sum(math.exp(3 * score) for passage, score in asking if passage.article_id == article)
                 for article in found.articles}
        for place, article in enumerate(found.articles):
            theirs = [score for passage, score in asking if passage.article_id == article]
            assert heard.best()[place] == max(theirs, default=0)
            assert heard.counts()[place] == len(theirs)
            assert heard.mean_of_best(3)[place] == pytest.approx(sum(theirs[:3]) / 3)
            assert heard.shares(3.0)[place] == pytest.approx(votes[article] / (sum(votes.values()) or 1))
            answered = [score for passage, score in told if passage.kind == "answer" and passage.article_id == article]
            assert heard.answers[place] == max(answered, default=0)
        assert heard.any == bool(told)
    for hit in found.hits():
        near, worded = (next((PASSAGES[number].text for number in numbers.tolist()
                              if PASSAGES[number].article_id == hit.article_id and PASSAGES[number].kind != "answer"), "")
                        for numbers, _ in searched.values())
        assert (hit.passage, hit.lexical_passage, hit.nearest) == (near, worded, near or worded)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_of_some_articles_is_what_was_found_of_them(seed: int) -> None:
    chance = random.Random(seed)
    found = Found.of(owners(), PASSAGES, listed(chance, 40), listed(chance, 30))
    kept = {"a1", "a4", "a6", "nobody"}
    left = found.among(kept)
    assert [hit for hit in found.hits() if hit.article_id in kept] == left.hits()
    places = [place for place, name in enumerate(found.articles) if name in kept]
    for name in ("dense", "lexical"):
        assert getattr(found, name).best()[places].tolist() == getattr(left, name).best().tolist()
        assert getattr(found, name).answers[places].tolist() == getattr(left, name).answers.tolist()


def test_what_is_taken_out_belongs_to_nobody_and_a_copy_changes_by_itself() -> None:
    first = owners()
    second = first.copy()
    second.remove([0, 7])
    second.add({900: Passage("new", "similar", "新问")})
    numbers = np.array([0, 7, 1], np.int64)
    assert (first.told(numbers)[0] >= 0).tolist() == [True, True, True]
    assert (second.told(numbers)[0] >= 0).tolist() == [False, False, True]
    assert second.name(int(second.told(np.array([900]))[0][0])) == "new"
    found = Found.of(second, PASSAGES, (numbers, np.array([0.9, 0.8, 0.7])), (np.empty(0, np.int64), np.empty(0)))
    assert found.articles == ["a1"] and found.dense.best().tolist() == [0.7]
