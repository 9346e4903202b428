"""The head over articles: learned voices, and new articles that are read off their questions."""

from dataclasses import dataclass

import numpy as np
import pytest

from knowledge.article_head import NO_ARTICLE, ArticleHead
from knowledge.passages import Passage
from knowledge.search import SearchIndex
from tests.fakes.encoder import CountingEncoder
from training.article_head import fit_article_head

MATTERS = ("开户", "销户", "佣金", "印花税", "打新", "融资", "逆回购", "密码", "银行卡", "分红")
# The new one shares its words with one that was trained: neither may drown the other.
NEW, OFF = "银行转账", "外卖"
WAYS = ("怎么{}", "{}要多久", "{}在哪里办", "我想{}", "{}收费吗", "为什么{}不行", "{}需要什么材料", "请问{}", "{}的条件", "能不能{}",
        "{}失败了", "周末可以{}吗", "{}流程", "手机上{}", "{}以后呢", "朋友说{}很快")


@dataclass(frozen=True)
class Asked:
    texts: list[str]
    vectors: np.ndarray
    articles: list[str]


def asked(matters, ways) -> Asked:
    texts = [way.format(matter) for matter in matters for way in ways]
    return Asked(texts, CountingEncoder().encode_passages(texts), [NO_ARTICLE if m == OFF else m for m in matters for _ in ways])


@pytest.fixture(scope="module")
def head() -> ArticleHead:
    seen = asked((*MATTERS, OFF), WAYS[::2])
    return fit_article_head(seen.texts, seen.vectors, seen.articles)


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    known = asked((*MATTERS, NEW), WAYS[::2])
    return SearchIndex.build(CountingEncoder(), [Passage(article, "similar", text)
                                                 for text, article in zip(known.texts, known.articles, strict=True)])


def share_right(head: ArticleHead, matters) -> float:
    fresh = asked(matters, WAYS[1::2])
    voices = [head.log_probabilities(text, vector) for text, vector in zip(fresh.texts, fresh.vectors, strict=True)]
    return float(np.mean([max(voice, key=voice.get) == article for voice, article in zip(voices, fresh.articles, strict=True)]))


def test_questions_that_it_has_not_seen_speak_for_their_article(head, index):
    assert share_right(head.among(MATTERS, index), MATTERS) > 0.9


def test_an_article_that_training_never_saw_is_read_off_its_questions(head, index):
    extended = head.among((*MATTERS, NEW), index)
    assert NEW in extended.articles
    assert share_right(extended, [NEW]) > 0.7
    assert share_right(extended, MATTERS) > 0.85


def test_it_is_read_anew_when_its_questions_change(head, index):
    before = head.among((*MATTERS, NEW), index)
    other = asked(["融资账户"], WAYS[::2])
    revised = index.revised([NEW], [Passage(NEW, "similar", text) for text in other.texts])
    after = head.among((*MATTERS, NEW), revised)
    text = "融资账户要多久"
    vector = CountingEncoder().encode_queries([text])[0]
    assert after.log_probabilities(text, vector)[NEW] > before.log_probabilities(text, vector)[NEW] + 1
    assert after.changed_since(before) == {NEW}
    assert after.changed_since(after) == frozenset()


def test_a_head_that_is_made_of_another_says_what_one_made_afresh_says(head, index):
    """One article comes, one goes, one is rewritten; a trained one comes back."""
    before = head.among((*MATTERS[1:], NEW), index)
    other = [Passage(NEW, "similar", text) for text in asked(["融资账户"], WAYS[::2]).texts]
    revised = index.revised([NEW], [*other, Passage("newer", "similar", "保证金利率是多少")])
    articles = dict.fromkeys((MATTERS[0], *MATTERS[2:], NEW, "newer"))
    made = before.revised(head, (NEW, "newer", MATTERS[0], MATTERS[1]), articles, revised)
    text, vector = "融资账户要多久", CountingEncoder().encode_queries(["融资账户要多久"])[0]
    assert made.log_probabilities(text, vector) == pytest.approx(head.among(articles, revised).log_probabilities(text, vector), abs=1e-5)


def test_only_those_that_are_asked_for_are_told(head, index):
    vector = CountingEncoder().encode_queries(["怎么开户"])[0]
    voices = head.among(MATTERS, index).log_probabilities("怎么开户", vector)
    asked_for = head.among(MATTERS, index).log_probabilities("怎么开户", vector, [MATTERS[1], "unknown"])
    assert asked_for == {MATTERS[1]: voices[MATTERS[1]]}


def test_voices_are_the_logarithms_of_shares(head, index):
    voices = head.among(MATTERS[:2], index).log_probabilities("怎么开户", CountingEncoder().encode_queries(["怎么开户"])[0])
    assert set(voices) == {NO_ARTICLE, *MATTERS[:2]}
    assert sum(np.exp(list(voices.values()))) == pytest.approx(1)


def test_an_article_without_questions_has_no_voice(head, index):
    assert head.among([MATTERS[0], "unknown"], index).articles == (NO_ARTICLE, MATTERS[0])


def test_what_no_article_answers_is_told(head, index):
    assert share_right(head.among(MATTERS, index), [OFF]) > 0.9


def test_kept_and_read_again_it_says_the_same(head, index, tmp_path):
    head.save(tmp_path)
    text, vector = "印花税怎么收", CountingEncoder().encode_queries(["印花税怎么收"])[0]
    before, after = (one.among((*MATTERS, NEW), index).log_probabilities(text, vector) for one in (head, ArticleHead.load(tmp_path)))
    assert list(before) == list(after)
    assert list(after.values()) == pytest.approx(list(before.values()), abs=0.1)


def test_fewer_than_three_articles_are_refused():
    with pytest.raises(ValueError, match="three"):
        fit_article_head(["甲", "乙", "丙"], np.eye(3, dtype=np.float32), ["a", "a", "b"])
