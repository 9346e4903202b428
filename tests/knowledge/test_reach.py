"""What a change can reach is found without searching: nothing that search would find is missed, whatever is remembered."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import dense, reach_words
from knowledge.changed import Changed, changed_passages
from knowledge.dense import DenseIndex
from knowledge.horizons import Horizons, carried
from knowledge.nearby import Nearby
from knowledge.passages import Passage
from knowledge.reach import Asked, prepare, reached
from knowledge.reach_words import Horizon, by_words
from knowledge.search import DEPTH, SearchIndex
from knowledge.segment import tokens
from tests.fakes.encoder import CountingEncoder

WORDS = [
    "开户", "销户", "印花税", "过户费", "佣金", "手续费", "密码", "银行卡", "身份证", "基金", "股票",
    "可转债", "新股", "申购", "融资融券", "保证金", "北交所", "科创板", "权限", "怎么", "多少",
]


def text(chance: random.Random, words: int) -> str:
    return "".join(chance.choice(WORDS) for _ in range(words))


def an_index(chance: random.Random, passages: int = 1200) -> SearchIndex:
    return SearchIndex.build(CountingEncoder(64), [
        Passage(f"a{number // 6}", "answer" if number % 6 == 5 else "similar", text(chance, chance.choice((1, 2, 3, 4, 40))))
        for number in range(passages)])


def revised(index: SearchIndex, article: str, chance: random.Random) -> tuple[SearchIndex, Changed]:
    new = index.revised({article}, [Passage(article, "similar", text(chance, 2)), Passage(article, "answer", text(chance, 30))])
    return new, changed_passages(index, new, {article})


def finds(index: SearchIndex, query: str, vector: np.ndarray, wanted: frozenset[int]) -> bool:
    """Whether the ranker hears of any wanted passage that search finds: of an answer; by vectors of a question with a thousandth of the
    best one's vote; by words of questions with a hundredth of all votes."""
    by_vector, by_words = index.dense.search(vector, DEPTH), index.lexical.search(reach_words._words(query), DEPTH)
    if any(number in wanted and number in index.answers for number, _ in (*by_vector, *by_words)):
        return True
    near, worded = (np.array([(score, number in wanted) for number, score in scored if number not in index.answers]).reshape(-1, 2).T
                    for scored in (by_vector, by_words))
    if near[1].any() and (np.exp(30 * (near[0] - near[0].max())) * near[1]).max() >= 1e-3:
        return True
    votes = np.exp(12 / sum(map(index.lexical.idf, set(tokens(query)))) * (worded[0] - worded[0].max(initial=-np.inf)))
    return bool((votes * worded[1]).sum() >= 1e-2 * votes.sum() > 0)


def test_no_question_that_finds_a_changed_passage_is_missed_and_what_is_remembered_changes_nothing() -> None:
    chance = random.Random(11)
    index = an_index(chance)
    queries = list(dict.fromkeys(text(chance, chance.choice((1, 2, 3))) for _ in range(150)))
    asked = Asked(queries, index.encoder.encode_queries(queries))
    nearby, horizons, kept = index.dense.nearby(None, 1000), Horizons(), 0
    for draft in range(6):
        new, changed = revised(index, f"a{draft * 7}", chance)
        searched = {place for place, query in enumerate(queries)
                    if finds(index, query, asked.vectors[place], changed.gone) or finds(new, query, asked.vectors[place], changed.come)}
        afresh = reached(asked, index, new, changed)
        assert searched <= set(afresh) and len(afresh) < len(queries)
        assert reached(asked, index.remembering(nearby), new, changed, horizons) == afresh
        if draft in (2, 4):
            nearby = new.dense.nearby(nearby, 1000)
            horizons, index = carried(horizons, index, new, changed), new
            kept += len(horizons.lexical)
            assert horizons.dense and horizons.moved is not None and not horizons.checked
    assert kept, "of questions that a publication did not reach"
    assert horizons.changed == 16


def test_what_was_prepared_is_not_searched_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(13)
    index = an_index(chance)
    queries = list(dict.fromkeys(text(chance, chance.choice((1, 2, 3))) for _ in range(80)))
    asked, horizons = Asked(queries, index.encoder.encode_queries(queries)), Horizons()
    prepare(asked, index, horizons)
    drafts = [revised(index, f"a{number}", chance) for number in (2, 9)]
    afresh = [reached(asked, index, new, changed) for new, changed in drafts]

    def searched(*_: object) -> None:
        raise AssertionError("searched for a horizon")

    monkeypatch.setattr(index.dense, "search", searched)
    monkeypatch.setattr(index.lexical, "reach", searched)
    assert [reached(asked, index, new, changed, horizons) for new, changed in drafts] == afresh
    assert any(afresh)


def test_of_one_article_all_may_change() -> None:
    index = SearchIndex.build(CountingEncoder(64), [Passage("a", "similar", "开户"), Passage("a", "answer", "开户怎么办")])
    new, changed = revised(index, "a", random.Random(1))
    queries = ["开户", "销户", "佣金"]
    assert reached(Asked(queries, index.encoder.encode_queries(queries)), index, new, changed)


def test_a_question_that_comes_in_beside_a_near_answer_is_heard() -> None:
    """Answers do not vote: however near one is, it drowns nobody."""
    index = SearchIndex.build(CountingEncoder(64), [Passage("a", "answer", "怎么开户要带身份证"), Passage("b", "similar", "基金申购手续费"),
                                                    *(Passage(f"c{number}", "similar", f"佣金{number}") for number in range(DEPTH))])
    new = index.revised({"d"}, [Passage("d", "similar", "开户密码")])
    query = "怎么开户要带身份证"
    asked = Asked([query], index.encoder.encode_queries([query]))
    assert reached(asked, index, new, changed_passages(index, new, {"d"})) == [0]


def test_horizons_are_not_carried_for_ever() -> None:
    """BM25's counts move with each passage that goes or comes."""
    chance = random.Random(3)
    index = an_index(chance, 300)
    new, changed = revised(index, "a1", chance)
    known = Horizons({"怎么开户": Horizon(1e6, 1e6)})
    carried_over = carried(known, index, new, changed)
    assert carried_over.lexical == known.lexical
    assert carried_over.changed == len(changed.gone) + len(changed.come) < 0.04 * len(new.passages) < 2 * carried_over.changed
    after_that = carried(carried_over, index, new, changed)
    assert (after_that.lexical, after_that.changed) == ({}, 0) and after_that.moved is not None, "cosines know nothing of counts"


def test_cosines_that_moved_are_forgotten_once_every_question_is_checked_against_them(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(19)
    index = an_index(chance)
    queries = list(dict.fromkeys(text(chance, 2) for _ in range(40)))
    asked, horizons = Asked(queries, index.encoder.encode_queries(queries)), Horizons()
    prepare(asked, index, horizons)
    sizes = []
    for number, everyone in ((3, True), (8, False), (13, False)):
        new, changed = revised(index, f"a{number}", chance)
        horizons, index = carried(horizons, index, new, changed), new
        sizes.append(len(horizons.moved))
        # Of what is known, nothing that a changed passage reaches is left.
        some = None if everyone else 5
        prepare(Asked(queries[:some], asked.vectors[:some]), index, horizons)
        for query in horizons.checked:
            *_, (_, last) = index.dense.search(asked.vectors[queries.index(query)], DEPTH)
            assert horizons.dense[query].last == pytest.approx(last, abs=1e-5)
    assert sizes == [8, 8, 16], "6 go and 2 come each time; after the first all are checked"
    horizons.forget_all_but(queries[:5])
    assert set(horizons.dense) == set(queries[:5]) <= horizons.checked
    new, changed = revised(index, "a22", chance)
    assert len(carried(horizons, index, new, changed).moved) == 8, "of the others nobody asks"
    prepare(asked, index, horizons)
    horizons, index = carried(Horizons(horizons.lexical, horizons.dense, moved=horizons.moved), index, new, changed), new
    monkeypatch.setattr("knowledge.horizons._MOST_MOVED", 20)
    new, changed = revised(index, "a18", chance)
    assert not carried(horizons, index, new, changed).dense


def test_a_passage_gets_no_more_than_it_is_taken_to_get_at_most() -> None:
    chance = random.Random(5)
    index = an_index(chance)
    new, changed = revised(index, "a3", chance)
    queries = [text(chance, chance.choice((1, 2, 4))) for _ in range(120)]
    at_most = np.maximum(*reach_words._at_most(queries, index, new, changed))
    for query, most in zip(queries, at_most, strict=True):
        words = reach_words._words(query)
        scores = [score for number, score in index.lexical.search(words, 5000) if number in changed.gone]
        scores += [score for number, score in new.lexical.search(words, 5000) if number in changed.come]
        assert max(scores, default=0.0) <= most <= 1.2 * max(scores, default=0.0)


def test_a_horizon_by_the_rarer_words_is_never_higher() -> None:
    chance = random.Random(23)
    index = an_index(chance)
    lower = 0
    for query in (text(chance, chance.choice((1, 2, 4))) for _ in range(120)):
        least, known = reach_words.horizon_at_least(index, query), reach_words.horizon_by_words(index, query)
        assert least.last <= known.last and least.heard <= known.heard
        lower += least != known
    assert lower, "some words are in more than one passage of thirty"


def test_a_horizon_is_searched_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    index, lexical, queries = an_index(chance), {}, ["怎么开户", "佣金多少", "科创板权限"]
    searched: list[object] = []
    exactly: list[object] = []
    reach, horizon = type(index.lexical).reach, reach_words.horizon_by_words
    monkeypatch.setattr(type(index.lexical), "reach", lambda *args: searched.append(args) or reach(*args))
    monkeypatch.setattr(reach_words, "horizon_by_words", lambda *args: exactly.append(args) or horizon(*args))
    for article in ("a4", "a9", "a14"):
        by_words(queries, np.arange(3), index, *revised(index, article, chance), lexical)
    assert 0 < len(exactly) <= 3
    assert len(searched) - len(exactly) <= 3, "by the rarer words too"


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.tuples(st.sets(st.integers(0, 40), max_size=6), st.integers(0, 4)), min_size=1, max_size=6))
def test_what_is_kept_of_the_main_part_is_what_is_searched_for(steps: list[tuple[set[int], int]]) -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(80, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense, "DEEP", 7)
        index, fresh = DenseIndex(8), 41
        index.add(range(41), vectors[:41])
        held: Nearby = index.nearby(None, 10)
        assert index.remembering(held).search(vectors[0], 5) == index.search(vectors[0], 5)
        for out, into in steps:
            index = index.copy()
            index.remove(sorted(out))
            index.add(range(fresh, fresh + into), vectors[fresh:fresh + into])
            fresh += into
            assert index.nearby(held, 10) is held, "copies share their main part"
            same = index.remembering(held)
            for vector in vectors[60:64]:
                assert same.search(vector, 5) == index.search(vector, 5)
            assert sorted(index.ids().tolist()) == sorted(set(index.ids().tolist())) and len(index.ids()) == len(index)
    assert index.nearby(Nearby(object(), 1), 10) is not held
