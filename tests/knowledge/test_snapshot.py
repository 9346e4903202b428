"""An index is built once, found again, and after a change only what is new is encoded."""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from knowledge import dense, linked, snapshot
from knowledge.articles import KnowledgeBase
from knowledge.found import Found
from knowledge.lexical import LexicalIndex
from knowledge.passages import Passage
from knowledge.rank import CANDIDATES, FEATURES, featured
from knowledge.search import SearchIndex
from knowledge.segment import tokens
from knowledge.snapshot import keep_index, open_index
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
    assert "stamp-duty-rate" in hits.articles


@pytest.mark.parametrize("left", ["", '{"format": 1'], ids=["nothing", "half"])
def test_what_was_left_unfinished_is_passed_over(small, tmp_path, left):
    base, encoder = KnowledgeBase.load(small), CountingEncoder()
    (tmp_path / ".building-x").mkdir()
    (tmp_path / ".building-x" / "manifest.json").write_text(left, encoding="utf-8")
    open_index(base, encoder, tmp_path, DAY)
    assert open_index(base, encoder, tmp_path, DAY).passages


def revised(index: SearchIndex, article: str, *texts: str) -> SearchIndex:
    return index.revised({article}, [Passage(article, "similar", text) for text in texts])


def of_digest(digest: str) -> KnowledgeBase:
    """All that an index is kept under."""
    return SimpleNamespace(digest=digest.ljust(64, "0"))


def same(loaded: SearchIndex, index: SearchIndex) -> None:
    numbers = sorted(index.passages)
    assert loaded.passages == index.passages and loaded.answers == index.answers
    assert np.array_equal(loaded.dense.vectors(numbers), index.dense.vectors(numbers))
    assert loaded.lexical.search(["印花税"], 50) == index.lexical.search(["印花税"], 50)


def test_a_changed_index_is_kept_beside_the_main_part_that_it_shares(small, tmp_path):
    encoder = CountingEncoder()
    index = open_index(KnowledgeBase.load(small), encoder, tmp_path, DAY)
    main = next(tmp_path.glob("*/dense.faiss")).stat()
    # Old ones are dropped meanwhile; each new one starts from what the last left behind.
    for number in range(5):
        index = revised(index, "stamp-duty-rate", f"印花税第{number}问", "国家抽多少水")
        keep_index(index, of_digest(f"{number}"), tmp_path, DAY)
        kept, = tmp_path.glob(f"{number}000*")
        assert (kept / "dense.faiss").stat().st_ino == main.st_ino and (kept / "beside.faiss").stat().st_size < main.st_size / 10
        same(open_index(of_digest(f"{number}"), encoder, tmp_path, DAY), index)
        index = open_index(of_digest(f"{number}"), encoder, tmp_path, DAY) if number == 2 else index
    assert len(list(tmp_path.iterdir())) == 2


def told(found: Found) -> list:
    """Of each article the nearest questions, and the scores of all its passages."""
    return [(hit, [(heard.scores[heard.rows == place].tolist(), float(heard.answers[place])) for heard in (found.dense, found.lexical)])
            for place, hit in enumerate(found.hits())]


def test_an_index_that_has_changed_much_is_kept_whole_and_goes_on_in_one_part(small, tmp_path, monkeypatch):
    monkeypatch.setattr(dense, "_MOST_APART", 1)
    encoder = CountingEncoder()
    changed = revised(open_index(KnowledgeBase.load(small), encoder, tmp_path, DAY), "stamp-duty-rate", *(f"印花税{n}" for n in range(90)))
    assert changed.dense.scattered
    before = told(changed.find("印花税", encoder.encode_queries(["印花税"])[0]))
    keep_index(changed, of_digest("a"), tmp_path, DAY)
    assert not changed.dense.scattered and not changed.dense.beside
    assert told(changed.find("印花税", encoder.encode_queries(["印花税"])[0])) == before
    same(open_index(of_digest("a"), encoder, tmp_path, DAY), changed)


def test_of_two_servers_on_one_folder_each_stays_in_few_parts(small, tmp_path, monkeypatch):
    """The second finds kept what the first one kept, whose passages have other numbers."""
    monkeypatch.setattr(dense, "_MOST_APART", 3)
    base, encoder = KnowledgeBase.load(small), CountingEncoder()
    first, second = (open_index(base, encoder, tmp_path, DAY) for _ in range(2))
    for number in range(6):
        first, second = (revised(index, "stamp-duty-rate", f"印花税第{number}问", "国家抽多少水") for index in (first, second))
        keep_index(first, of_digest(f"{number}"), tmp_path, DAY)
        keep_index(second, of_digest(f"{number}"), tmp_path, DAY)
        assert not first.dense.scattered and not second.dense.scattered
    for index in (first, second):
        now = {passage.text for passage in index.passages.values() if passage.article_id == "stamp-duty-rate"}
        assert now == {"印花税第5问", "国家抽多少水"}
        assert index.find("印花税", encoder.encode_queries(["印花税"])[0]).articles
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".building-")]
    # What was gathered where nobody sees it is kept whole the next time.
    last = revised(second, "stamp-duty-rate", "印花税")
    keep_index(last, of_digest("c"), tmp_path, DAY)
    same(open_index(of_digest("c"), encoder, tmp_path, DAY), last)


def test_an_index_may_be_empty_and_fill_and_be_empty_again(tmp_path):
    encoder = CountingEncoder()
    index = SearchIndex.build(encoder, [], lexical=LexicalIndex(tmp_path / "lexical"))
    for number, texts in enumerate(([], ["印花税多少"], [])):
        index = revised(index, "tax", *texts)
        keep_index(index, of_digest(f"{number}"), tmp_path / "index", DAY)
        index = open_index(of_digest(f"{number}"), encoder, tmp_path / "index", DAY)
        assert [passage.text for passage in index.passages.values()] == texts
        assert bool(index.find("印花税", encoder.encode_queries(["印花税"])[0]).articles) == bool(texts)


def test_what_is_there_is_never_written_into(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text(name)
    linked.linked(tmp_path / "b", tmp_path / "c")
    with pytest.raises(FileExistsError):
        linked.linked(tmp_path / "a", tmp_path / "c")
    assert (tmp_path / "b").read_text() == "b"


@pytest.mark.parametrize("gone", ["whole", "another", "link"])
def test_an_index_is_kept_where_its_main_part_can_not_be_linked(small, tmp_path, monkeypatch, gone):
    """Another process has dropped it, or has put another one under its name; or the file system has no links."""
    base, encoder = KnowledgeBase.load(small), CountingEncoder()
    index = revised(open_index(base, encoder, tmp_path, DAY), "stamp-duty-rate", "印花税新问")
    if gone == "link":
        def no_link(*_: object) -> None:
            raise PermissionError
        monkeypatch.setattr(linked.os, "link", no_link)
    else:
        shutil.rmtree(next(tmp_path.iterdir()))
    if gone == "another":
        open_index(base, encoder, tmp_path, DAY)
    keep_index(index, of_digest("b"), tmp_path, DAY)
    same(open_index(of_digest("b"), encoder, tmp_path, DAY), index)
    kept, = tmp_path.glob("b000*")
    assert (kept / "beside.faiss").exists() == (gone == "link")


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
    nearest = hits.articles[int(hits.dense.best().argmax())]
    chosen, features = featured(hits, query, {article.id: article.intent for article in base.articles.values()}, {}, {},
                                index.lexical.idf, {nearest})
    assert [hit.article_id for hit, refuses in zip(chosen, features[:, FEATURES.index("refuses")], strict=True) if refuses] == [nearest]
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
    first, second, third = hits.articles[:3]
    intent_of = {article.id: article.intent for article in base.articles.values()}
    voices = {first: -0.5, second: -3.0}
    chosen, features = featured(hits.among({first, second, third}), query, intent_of, {}, voices, index.lexical.idf, ())
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
