"""What was found out about an index is there again after a start, under digests and not words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge import kept_horizons as module
from knowledge.horizons import Horizons, digest
from knowledge.kept_horizons import keep_horizons, kept_horizons
from knowledge.reach_words import Horizon

KNOWN = Horizons({"怎么开户": Horizon(1.5, 2.5), "销户": Horizon(0.1, 0.2), "佣金": Horizon(3.0, 4.0),
                  "税": Horizon(0.5, 0.5, at_least=True)},
                 {"怎么开户": Horizon(0.625, 0.75), "销户": Horizon(-2.0, -2.0), "税": Horizon(0.5, 0.5)}, changed=12)


def test_what_was_kept_is_recalled(tmp_path: Path) -> None:
    keep_horizons(KNOWN, tmp_path)
    again = kept_horizons(tmp_path)
    again.recall(["怎么开户", "没问过", "佣金", "税"])
    assert (again.lexical, again.dense) == ({"怎么开户": Horizon(1.5, 2.5)}, {"怎么开户": Horizon(0.625, 0.75)})
    assert again.changed == 12
    [written] = tmp_path.iterdir()
    assert "开户".encode() not in written.read_bytes()


def test_what_was_not_recalled_is_not_kept_for_ever(tmp_path: Path) -> None:
    keep_horizons(KNOWN, tmp_path)
    again = kept_horizons(tmp_path)
    again.recall(["销户"])
    again.forget_all_but(["销户"])
    keep_horizons(again, tmp_path)
    assert set(kept_horizons(tmp_path).kept) == {digest("销户")}


def test_what_is_not_checked_yet_is_not_kept(tmp_path: Path) -> None:
    keep_horizons(Horizons(KNOWN.lexical, KNOWN.dense, moved=np.zeros((1, 4), np.float32), checked={"销户"}), tmp_path)
    again = kept_horizons(tmp_path)
    again.recall(list(KNOWN.dense))
    assert set(again.dense) == {"销户"}


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 half", b"something else", "an array", "too few", "cut off"])
def test_what_can_not_be_read_is_found_anew(content: bytes | str | None, tmp_path: Path) -> None:
    path = tmp_path / "horizons.npz"
    keep_horizons(KNOWN, tmp_path)
    whole, arrays = path.read_bytes(), dict(np.load(path))
    path.unlink()
    match content:
        case bytes():
            path.write_bytes(content)
        case "an array":
            with path.open("wb") as file:
                np.save(file, np.zeros(3))
        case "too few":
            np.savez(path, **{**arrays, "digests": arrays["digests"][:1]})
        case "cut off":
            path.write_bytes(whole[:-40])
    assert kept_horizons(tmp_path) == Horizons()


def test_what_another_release_found_otherwise_is_found_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_horizons(KNOWN, tmp_path)
    assert kept_horizons(tmp_path).kept
    monkeypatch.setattr(module, "_MADE_WITH", module._MADE_WITH + 1)
    assert kept_horizons(tmp_path) == Horizons()


def test_nothing_half_is_left_where_it_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "horizons.npz").mkdir()
    with pytest.raises(OSError):
        keep_horizons(KNOWN, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["horizons.npz"]
