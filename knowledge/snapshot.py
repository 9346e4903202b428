"""One folder per built index, with a manifest; swapped in whole, so that a crash leaves the old one."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

from knowledge.articles import KnowledgeBase
from knowledge.dense import DenseIndex
from knowledge.encoder import Encoder
from knowledge.lexical import LexicalIndex
from knowledge.passages import Passage, passages_of
from knowledge.search import SearchIndex

__all__ = ["open_index"]

_FORMAT = 1
_KEPT = 2


def open_index(base: KnowledgeBase, encoder: Encoder, folder: Path, day: date, *, builder: Callable[[], Encoder] | None = None,
               progress: Callable[[int, int], None] | None = None) -> SearchIndex:
    """The index of `base` under `encoder`: loaded where it was built before, else built (with `progress`) and kept.

    `builder` gives the same encoder on more threads, for building: what serves single queries best has one.

    Answers are indexed as they read on `day` of building; what a client is told is rendered anew each time.
    """
    target = folder / f"{base.digest[:16]}-{encoder.fingerprint[:16]}-{_FORMAT}"
    if not (target / "manifest.json").is_file():
        _build(base, builder() if builder else encoder, target, day, progress)
        _drop_old(folder, keep=target)
    return _load(target, encoder)


def _build(base: KnowledgeBase, encoder: Encoder, target: Path, day: date,
           progress: Callable[[int, int], None] | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=target.parent))
    try:
        passages = [passage for article in base.articles.values() for passage in passages_of(article, base, day)]
        index = SearchIndex.build(encoder, passages, lexical=LexicalIndex(scratch / "lexical"), progress=progress)
        index.dense.save(scratch / "dense.faiss")
        stored = {number: asdict(passage) for number, passage in index.passages.items()}
        (scratch / "passages.json").write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
        manifest = {"format": _FORMAT, "knowledge": base.digest, "encoder": encoder.name,
                    "fingerprint": encoder.fingerprint, "passages": len(stored), "day": day.isoformat()}
        (scratch / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        try:
            os.replace(scratch, target)
        except OSError:
            # Another process built the same index first; its result is as good as this one.
            if not (target / "manifest.json").is_file():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _load(folder: Path, encoder: Encoder) -> SearchIndex:
    stored = json.loads((folder / "passages.json").read_text(encoding="utf-8"))
    passages = {int(number): Passage(**passage) for number, passage in stored.items()}
    return SearchIndex(encoder, DenseIndex.load(folder / "dense.faiss"), LexicalIndex(folder / "lexical"), passages)


def _drop_old(folder: Path, *, keep: Path) -> None:
    """Keep the newest few: an older process may still be reading one of them."""
    built = sorted((path for path in folder.iterdir() if (path / "manifest.json").is_file()),
                   key=lambda path: path.stat().st_mtime, reverse=True)
    for path in built[_KEPT:]:
        if path != keep:
            shutil.rmtree(path, ignore_errors=True)
