"""One folder per kept index, with a manifest; swapped in whole, so that a crash leaves the old one.

An index that was made by changing another one shares that one's main part: its files are linked, and what differs stands beside them.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np

from knowledge.articles import KnowledgeBase
from knowledge.dense import DenseIndex
from knowledge.encoder import Encoder
from knowledge.lexical import LexicalIndex
from knowledge.lexicon import lexicon_digest
from knowledge.passages import Passage, passages_of
from knowledge.search import SearchIndex
from knowledge.vectors import SHIPPED, StoredVectors

__all__ = ["index_folder", "keep_index", "open_index"]

_FORMAT = 5
_PASSAGES, _BESIDE = "passages.jsonl", "beside.jsonl"
# Who answers meanwhile waits while one line is made.
_LINE = 2048
_KEPT = 2
_UNFINISHED, _UNFINISHED_SECONDS = ".building-", 3600


def open_index(base: KnowledgeBase, encoder: Encoder, folder: Path, day: date, *, builder: Callable[[], Encoder] | None = None,
               progress: Callable[[int, int], None] | None = None) -> SearchIndex:
    """The index of `base` under `encoder`: loaded where it was built before, else built (with `progress`) and kept.

    `builder` gives the same encoder on more threads, for building: what serves single queries best has one.

    Texts whose vectors an earlier index under the same encoder holds, or the file that ships, keep them.
    Answers are indexed as they read on `day` of building; what a client is told is rendered anew each time.
    """
    target = index_folder(base, encoder, folder)
    if not (target / "manifest.json").is_file():
        _build(base, builder() if builder else encoder, target, day, _known_vectors(folder, encoder), progress)
        _drop_old(folder, keep=target)
    return _load(target, encoder)


def keep_index(index: SearchIndex, base: KnowledgeBase, folder: Path, day: date) -> None:
    """Keep an index of `base` that was made by changing another one, so that the next start finds it.

    Once much has changed it is written whole; `index` then finds in what was written, where everything is in one part again.
    """
    target = index_folder(base, index.encoder, folder)
    if not (target / "manifest.json").is_file():
        apart = _keep(target, base, index.encoder, day, lambda scratch: _write_apart(scratch, index) or _write_whole(scratch, index))
        if apart:
            index.dense.lies_in(target)
        elif apart is not None:
            index.settle(DenseIndex.load(target))
    if index.dense.scattered:
        # Another process kept it, whose passages may have other numbers.
        _gather(index, folder)
    _drop_old(folder, keep=target)


def _gather(index: SearchIndex, folder: Path) -> None:
    """Have an index in one part again, in files that nobody else sees."""
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=folder, ignore_cleanup_errors=True) as scratch:
        index.dense.save(Path(scratch))
        gathered = DenseIndex.load(Path(scratch))
    gathered.lies_in(None)
    index.settle(gathered)


def index_folder(base: KnowledgeBase, encoder: Encoder, folder: Path) -> Path:
    """Where in `folder` the index of a base is kept, if it is."""
    return folder / f"{base.digest[:16]}-{encoder.fingerprint[:16]}-{lexicon_digest()[:8]}-{_FORMAT}"


def _build(base: KnowledgeBase, encoder: Encoder, target: Path, day: date, known: Mapping[str, np.ndarray],
           progress: Callable[[int, int], None] | None) -> None:
    def write(scratch: Path) -> bool:
        passages = [passage for article in base.articles.values() for passage in passages_of(article, base, day)]
        index = SearchIndex.build(encoder, passages, lexical=LexicalIndex(scratch / "lexical"), known=known, progress=progress)
        _write_dense(scratch, index)
        return False

    _keep(target, base, encoder, day, write)


def _keep(target: Path, base: KnowledgeBase, encoder: Encoder, day: date, write: Callable[[Path], bool]) -> bool | None:
    """Have an index written beside its place, and move it there whole; what `write` says, or None where another process was first."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=target.parent))
    try:
        apart = write(scratch)
        manifest = {"format": _FORMAT, "knowledge": base.digest, "encoder": encoder.name,
                    "fingerprint": encoder.fingerprint, "day": day.isoformat()}
        (scratch / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        try:
            os.replace(scratch, target)
        except OSError:
            # Its result is as good as this one.
            if not (target / "manifest.json").is_file():
                raise
            return None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return apart


def _write_apart(folder: Path, index: SearchIndex) -> bool:
    """Beside its main part, where that can be linked and not much lies apart from it."""
    if index.dense.scattered or not index.dense.save_changes(folder, also=[_PASSAGES]):
        return False
    _write_passages(folder / _BESIDE, index, index.dense.beside)
    index.lexical.copy(folder / "lexical")
    return True


def _write_whole(folder: Path, index: SearchIndex) -> bool:
    _write_dense(folder, index)
    index.lexical.copy(folder / "lexical")
    return False


def _write_dense(folder: Path, index: SearchIndex) -> None:
    index.dense.save(folder)
    _write_passages(folder / _PASSAGES, index, index.passages)


def _write_passages(path: Path, index: SearchIndex, numbers: Iterable[int]) -> None:
    """Some of the index's passages; each line holds columns, because they are read at each start."""
    with path.open("w", encoding="utf-8") as file:
        rest = iter(numbers)
        while some := list(islice(rest, _LINE)):
            passages = [index.passages[number] for number in some]
            columns = [some, [one.article_id for one in passages], [one.kind for one in passages], [one.text for one in passages]]
            file.write(json.dumps(columns, ensure_ascii=False) + "\n")


def _read_passages(path: Path) -> Iterator[tuple[int, Passage]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            numbers, articles, kinds, texts = json.loads(line)
            # The same few names come again and again: each is kept once.
            yield from zip(numbers, map(Passage, map(sys.intern, articles), map(sys.intern, kinds), texts), strict=True)


def _load(folder: Path, encoder: Encoder) -> SearchIndex:
    dense, passages = DenseIndex.load(folder), dict(_read_passages(folder / _PASSAGES))
    for number in dense.gone:
        del passages[number]
    if (folder / _BESIDE).is_file():
        passages.update(_read_passages(folder / _BESIDE))
    return SearchIndex(encoder, dense, LexicalIndex(folder / "lexical"), passages)


def _known_vectors(folder: Path, encoder: Encoder) -> Mapping[str, np.ndarray]:
    """Vectors by text from the newest index that this encoder built in `folder`, or else those that ship for it."""
    for built in _newest_first(folder):
        manifest = json.loads((built / "manifest.json").read_text(encoding="utf-8"))
        if (manifest["format"], manifest["fingerprint"]) == (_FORMAT, encoder.fingerprint):
            return _load(built, encoder).vectors()
    return StoredVectors.load(SHIPPED, encoder.fingerprint)


def _newest_first(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    # Who was killed while building may have left anything.
    built = (path for path in folder.iterdir() if not path.name.startswith(_UNFINISHED) and (path / "manifest.json").is_file())
    return sorted(built, key=lambda path: path.stat().st_mtime, reverse=True)


def _drop_old(folder: Path, *, keep: Path) -> None:
    """Keep the newest few: an older process may still be reading one of them. What was never finished goes after a while."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        if time.time() - path.stat().st_mtime > _UNFINISHED_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
    for path in _newest_first(folder)[_KEPT:]:
        if path != keep:
            _drop(path)


def _drop(path: Path) -> None:
    """Out of sight first: half of an index must never be taken for one."""
    scratch = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=path.parent))
    try:
        os.replace(path, scratch / path.name)
    except OSError:
        # Another process dropped it first.
        pass
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
