"""A sketch of many vectors finds what reading them all finds, as they change, and after they were kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge import dense
from knowledge.dense import DenseIndex

_MANY, _NEAREST = 3000, 20


@pytest.fixture(params=[384, 64], ids=["cut in threes", "cut in twos"])
def dimension(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def vectors(dimension: int) -> np.ndarray:
    """As questions lie: many about the same thing."""
    rng = np.random.default_rng(5)
    about = rng.standard_normal((_MANY // 30, dimension))
    made = np.repeat(about, 30, axis=0) + 0.4 * rng.standard_normal((_MANY, dimension))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def asked(vectors: np.ndarray, dimension: int) -> np.ndarray:
    made = vectors[::60] + 0.04 * np.random.default_rng(6).standard_normal((_MANY // 60, dimension))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def kept(vectors: np.ndarray, folder: Path) -> DenseIndex:
    index = DenseIndex(vectors.shape[1])
    index.add(range(len(vectors)), vectors)
    folder.mkdir()
    index.save(folder)
    return DenseIndex.load(folder)


def agreement(index: DenseIndex, other: DenseIndex, asked: np.ndarray) -> float:
    """The share of what one finds that the other finds too, with the same cosines."""
    shares = []
    for vector in asked:
        found, theirs = dict(index.search(vector, _NEAREST)), dict(other.search(vector, _NEAREST))
        assert len(found) == len(theirs) == _NEAREST
        both = found.keys() & theirs.keys()
        assert all(found[number] == pytest.approx(theirs[number], abs=1e-6) for number in both)
        shares.append(len(both) / _NEAREST)
    return float(np.mean(shares))


def test_a_sketch_finds_what_all_vectors_give(vectors: np.ndarray, asked: np.ndarray, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    whole = kept(vectors, tmp_path / "whole")
    monkeypatch.setattr(dense, "_SKETCHED", 1000)
    sketched = kept(vectors, tmp_path / "sketched")
    assert not (tmp_path / "whole" / "sketch.faiss").exists() and (tmp_path / "sketched" / "sketch.faiss").exists()
    assert agreement(sketched, whole, asked) > 0.999


def test_it_goes_with_the_copies(vectors: np.ndarray, asked: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "_SKETCHED", 1000)
    index = kept(vectors[:2000], tmp_path / "first")
    held, rough = set(range(2000)), vectors.shape[1] % 3 == 0
    for start in range(2000, 3000, 200):
        gone, come = range(start - 2000, start - 1900), range(start, start + 200)
        index = index.copy()
        index.remove(gone)
        index.add(come, vectors[come])
        assert index._main.sketch
        held = (held - set(gone)) | set(come)
        own = DenseIndex(vectors.shape[1])
        own.add(sorted(held), vectors[sorted(held)])
        # The sketch has learned from the first 2,000 alone, and loses more where it is rougher.
        assert len(index) == len(held) and agreement(index, own, asked) > (0.99 if rough else 0.999)
    (tmp_path / "last").mkdir()
    index.save(tmp_path / "last")
    # A third is new to what the sketch has learned.
    assert agreement(DenseIndex.load(tmp_path / "last"), own, asked) > (0.97 if rough else 0.99)


def test_what_was_loaded_can_be_changed(vectors: np.ndarray, tmp_path: Path) -> None:
    index = kept(vectors[:10], tmp_path / "few")
    index.add([77], vectors[77:78])
    index.remove([0])
    assert len(index) == 10 and index.search(vectors[77], 1)[0][0] == 77 and 0 not in dict(index.search(vectors[0], 10))


def test_a_sketch_of_other_vectors_is_refused(vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "_SKETCHED", 1000)
    kept(vectors, tmp_path / "all")
    kept(vectors[:2000], tmp_path / "fewer")
    (tmp_path / "all" / "sketch.faiss").replace(tmp_path / "fewer" / "sketch.faiss")
    with pytest.raises(ValueError, match="3000 vectors, the index has 2000"):
        DenseIndex.load(tmp_path / "fewer")


def test_much_that_is_near_may_be_gone(vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "_SKETCHED", 1000)
    index = kept(vectors, tmp_path / "all")
    near = [number for number, _ in index.search(vectors[0], 200)]
    left = index.copy()
    left.remove(near[:150])
    assert [number for number, _ in left.search(vectors[0], 40)] == near[150:190]


def test_vectors_of_an_odd_dimension_have_no_sketch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "_SKETCHED", 2)
    index = DenseIndex(3)
    index.add([1, 2, 3], np.eye(3, dtype=np.float32))
    index.save(tmp_path)
    assert DenseIndex.load(tmp_path).search(np.eye(3, dtype=np.float32)[1], 1) == [(2, 1.0)]
    assert not (tmp_path / "sketch.faiss").exists()
