"""An index that was made by changing another one finds what one built anew finds, and leaves the other as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import dense
from knowledge.dense import DenseIndex
from knowledge.lexical import LexicalIndex
from knowledge.passages import Passage
from knowledge.search import SearchIndex
from tests.fakes.encoder import CountingEncoder


def passage(article: str, text: str) -> Passage:
    return Passage(article, "similar", text)


def found(index: SearchIndex, query: str) -> list[tuple[str, float, float]]:
    hits = index.find(query, index.encoder.encode_queries([query])[0])
    return sorted(zip(hits.articles, hits.dense.best().round(4).tolist(), hits.lexical.best().round(4).tolist(), strict=True))


def test_a_revised_index_finds_the_new_words_and_the_old_index_the_old(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    first = SearchIndex.build(encoder, [passage("a", "怎么开户"), passage("b", "怎么销户")], lexical=LexicalIndex(tmp_path))
    encoder.encoded.clear()
    second = first.revised({"a"}, [passage("a", "怎么开户"), passage("a", "印花税多少")])
    assert encoder.encoded == ["印花税多少"], "what was there keeps its vector"
    assert [hit[0] for hit in found(second, "印花税多少") if hit[2]] == ["a"]
    assert not [hit for hit in found(first, "印花税") if hit[2]]
    third = second.revised({"a", "b"}, [])
    assert found(third, "怎么开户") == [] and len(third.dense) == 0
    assert found(first, "怎么销户")[1][0] == "b"
    built = SearchIndex.build(encoder, second.passages.values())
    assert [hit[:2] for hit in found(built, "怎么开户")] == [hit[:2] for hit in found(second, "怎么开户")]


STEP = st.tuples(st.sets(st.integers(0, 9), max_size=4), st.sets(st.integers(0, 9), max_size=4), st.sampled_from(["", "whole", "changes"]))


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(STEP, max_size=6))
def test_copies_hold_what_an_index_of_their_own_would(steps: list[tuple[set[int], set[int], str]]) -> None:
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(100, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index, held, fresh = DenseIndex(8), set(range(10)), 10
    index.add(sorted(held), vectors[:10])
    with tempfile.TemporaryDirectory() as folder:
        for number, (out, into, kept) in enumerate(steps):
            before = index.search(vectors[0], 5)
            copied = index.copy()
            gone = sorted(held)[:len(out)]
            copied.remove(gone)
            new = list(range(fresh, fresh + len(into)))
            copied.add(new, vectors[new])
            assert index.search(vectors[0], 5) == before
            if kept:
                (place := Path(folder) / str(number)).mkdir()
                # What lies nowhere yet is written whole.
                if kept == "whole" or not copied.save_changes(place):
                    copied.save(place)
                copied = DenseIndex.load(place)
            index, held, fresh = copied, (held - set(gone)) | set(new), fresh + len(into)
    assert len(index) == len(held)
    own = DenseIndex(8)
    own.add(sorted(held), vectors[sorted(held)])
    assert [number for number, _ in index.search(vectors[50], 5)] == [number for number, _ in own.search(vectors[50], 5)]
    assert np.array_equal(index.vectors(sorted(held)), vectors[sorted(held)].astype(np.float16)), "kept as 16-bit floats"


def test_much_that_lies_apart_is_time_for_another_main_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "_MOST_APART", 2)
    index = DenseIndex(8)
    index.add(range(8), np.eye(8, dtype=np.float32))
    copied = index.copy()
    copied.remove([0])
    copied.add([9], np.eye(8, dtype=np.float32)[:1])
    assert not copied.scattered
    copied.remove([1])
    assert copied.scattered and not index.scattered


def test_what_is_saved_of_a_copy_is_whole(tmp_path: Path) -> None:
    index = DenseIndex(4)
    index.add([1, 2], np.eye(4, dtype=np.float32)[:2])
    copied = index.copy()
    copied.remove([1])
    copied.add([3], np.eye(4, dtype=np.float32)[2:3])
    copied.save(tmp_path)
    loaded = DenseIndex.load(tmp_path)
    assert len(loaded) == 2 and loaded.search(np.eye(4, dtype=np.float32)[2], 1)[0][0] == 3
