"""An index is built once, found again, and after a change only what is new is encoded."""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from knowledge import snapshot
from knowledge.articles import KnowledgeBase
from knowledge.rank import CANDIDATES, FEATURES, featured
from knowledge.segment import tokens
from knowledge.snapshot import open_index
from tests.fakes.encoder import CountingEncoder

SHIPPED = Path(snapshot.__file__).parent
DAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A knowledge folder with the shipped facts and the articles on fees alone."""
    folder = tmp_path_factory.mktemp("knowledge")
    shutil.copytree(SHIPPED / "facts", folder / "facts")
    for name in ("sources.toml", "firm.toml"):
        shutil.copy(SHIPPED / name, folder / name)
    shutil.copytree(SHIPPED / "base" / "fees", folder / "base" / "fees")
    return folder


def test_an_index_is_built_once_and_loaded_afterwards(small, tmp_path):
    base, encoder = KnowledgeBase.load(small), CountingEncoder()
    built = open_index(base, encoder, tmp_path, DAY)
    count = len(encoder.encoded)
    loaded = open_index(base, encoder, tmp_path, DAY)
    assert count > 500
    assert len(encoder.encoded) == count
    assert loaded.passages == built.passages


def test_after_a_change_only_new_texts_are_encoded(small, tmp_path):
    folder = tmp_path / "knowledge"
    shutil.copytree(small, folder)
    encoder = CountingEncoder()
    open_index(KnowledgeBase.load(folder), encoder, tmp_path / "index", DAY)
    encoder.encoded.clear()
    path = folder / "base" / "fees" / "stamp-duty-rate.md"
    path.write_text(path.read_text(encoding="utf-8").replace("similar:\n", "similar:\n  - 卖票的时候国家抽多少水\n", 1), encoding="utf-8")
    index = open_index(KnowledgeBase.load(folder), encoder, tmp_path / "index", DAY)
    assert encoder.encoded == ["卖票的时候国家抽多少水"]
    query = "卖票国家抽多少水"
    hits = index.find(query, encoder.encode_queries([query])[0])
    assert "stamp-duty-rate" in {hit.article_id for hit in hits}


@pytest.mark.parametrize("left", ["", '{"format": 1'], ids=["nothing", "half"])
def test_what_was_left_unfinished_is_passed_over(small, tmp_path, left):
    base, encoder = KnowledgeBase.load(small), CountingEncoder()
    (tmp_path / ".building-x").mkdir()
    (tmp_path / ".building-x" / "manifest.json").write_text(left, encoding="utf-8")
    open_index(base, encoder, tmp_path, DAY)
    assert open_index(base, encoder, tmp_path, DAY).passages


def test_an_old_index_goes_whole(small, tmp_path, monkeypatch):
    """Whoever is killed while an old index is cleared away leaves nothing that looks like one."""
    base = KnowledgeBase.load(small)
    cleared = []
    clear = shutil.rmtree
    monkeypatch.setattr(snapshot.shutil, "rmtree", lambda path, **given: (cleared.append(Path(path).name), clear(path, **given)))
    for number in range(4):
        open_index(base, CountingEncoder(fingerprint=f"counting-{number}"), tmp_path, DAY)
    assert len(snapshot._newest_first(tmp_path)) == 2 == len(list(tmp_path.iterdir()))
    assert cleared and all(name.startswith(".building-") for name in cleared)


def test_another_encoder_shares_no_vectors(small, tmp_path):
    base = KnowledgeBase.load(small)
    open_index(base, CountingEncoder(), tmp_path, DAY)
    other = CountingEncoder(dimension=48, fingerprint="counting-2")
    assert open_index(base, other, tmp_path, DAY).encoder is other
    assert len(other.encoded) > 500


def test_other_words_in_the_lexicon_make_another_index(small, tmp_path, monkeypatch):
    base, encoder = KnowledgeBase.load(small), CountingEncoder()
    open_index(base, encoder, tmp_path, DAY)
    monkeypatch.setattr(snapshot, "lexicon_digest", lambda: "f" * 64)
    open_index(base, encoder, tmp_path, DAY)
    assert len(list(tmp_path.glob("*/manifest.json"))) == 2


def test_features_are_finite_and_votes_are_shares(small, tmp_path):
    base, encoder = KnowledgeBase.load(small), CountingEncoder()
    index = open_index(base, encoder, tmp_path, DAY)
    query = "印花税是多少"
    hits = index.find(query, encoder.encode_queries([query])[0])
    chosen, features = featured(hits, query, {article.id: article.intent for article in base.articles.values()}, {}, {},
                                index.lexical.idf, {hits[0].article_id})
    assert [hit.article_id for hit, refuses in zip(chosen, features[:, FEATURES.index("refuses")], strict=True) if refuses] == [
        hits[0].article_id]
    assert len(chosen) == min(len(hits), CANDIDATES)
    assert features.shape == (len(chosen), len(FEATURES))
    shares = features[:, FEATURES.index("dense_share")].sum()
    assert abs(shares - 1) < 1e-6 if len(chosen) == len(hits) else shares < 1
    assert ((features[:, FEATURES.index("lexical_share")] >= 0) & (features[:, FEATURES.index("lexical_share")] <= 1)).all()


def test_voices_of_the_head_are_features_and_nobody_is_fainter_than_the_faintest(small, tmp_path):
    base, encoder = KnowledgeBase.load(small), CountingEncoder()
    index = open_index(base, encoder, tmp_path, DAY)
    query = "印花税是多少"
    hits = index.find(query, encoder.encode_queries([query])[0])
    first, second, third = (hit.article_id for hit in hits[:3])
    chosen, features = featured(hits[:3], query, {article.id: article.intent for article in base.articles.values()}, {},
                                {first: -0.5, second: -3.0}, index.lexical.idf, ())
    place = {hit.article_id: number for number, hit in enumerate(chosen)}
    article, gap = (features[:, FEATURES.index(name)] for name in ("article", "article_gap"))
    assert [article[place[name]] for name in (first, second, third)] == [-0.5, -3.0, -12.0]
    assert [gap[place[name]] for name in (first, second, third)] == [2.5, -2.5, -11.5]


def test_the_tokeniser_knows_the_trade_from_its_first_call():
    """In a fresh process, where nothing else has loaded the lexicon yet."""
    text = "国债逆回购和融资融券"
    asked = f"from knowledge.segment import tokens; print(' '.join(tokens({text!r})))"
    first = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert first == list(tokens(text))
    assert "融资融券" in first
