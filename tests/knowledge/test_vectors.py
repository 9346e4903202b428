"""Vectors kept in a file: small, true to what was computed, and only for their own encoder."""

from pathlib import Path

import numpy as np
import pytest

from assistant.clock import china_day
from knowledge.articles import KnowledgeBase
from knowledge.encoder import load_encoder
from knowledge.passages import passages_of
from knowledge.vectors import SHIPPED, StoredVectors


def _unit(count: int, dimension: int = 384) -> np.ndarray:
    vectors = np.random.default_rng(1).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    texts, vectors = [f"问题{i}" for i in range(50)], _unit(50)
    StoredVectors.of(texts, vectors).save(tmp_path / "v.npz", "abc")
    known = StoredVectors.load(tmp_path / "v.npz", "abc")
    assert len(known) == 50 and all(text in known for text in texts) and "别的" not in known
    back = np.stack([known[text] for text in texts])
    assert back.dtype == np.float32
    assert ((back * vectors).sum(axis=1) > 0.9999).all()
    assert np.allclose(np.linalg.norm(back, axis=1), 1, atol=1e-5)
    with pytest.raises(KeyError):
        known["别的"]


@pytest.mark.parametrize("fingerprint", ["abd", ""])
def test_another_encoder_knows_none_of_them(tmp_path: Path, fingerprint: str) -> None:
    StoredVectors.of(["开户"], _unit(1)).save(tmp_path / "v.npz", "abc")
    assert "开户" not in StoredVectors.load(tmp_path / "v.npz", fingerprint)


def test_no_file_is_no_vectors(tmp_path: Path) -> None:
    assert len(StoredVectors.load(tmp_path / "v.npz", "abc")) == 0


def test_the_shipped_ones_are_those_of_the_shipped_encoder_and_base() -> None:
    base, encoder = KnowledgeBase.load(), load_encoder()
    known = StoredVectors.load(SHIPPED, encoder.fingerprint)
    texts = [passage.text for article in base.articles.values() for passage in passages_of(article, base, china_day())]
    assert np.mean([text in known for text in texts]) > 0.97, "run zhike train vectors"
    some = [text for text in texts if text in known][::900]
    # Computed in the company of others, an int8 model moves a vector a little.
    assert ((np.stack([known[text] for text in some]) * encoder.encode_passages(some)).sum(axis=1) > 0.98).all()
