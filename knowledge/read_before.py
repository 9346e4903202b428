"""Articles as their files were read last time: YAML takes an eighth of a start, and few files change between two."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from knowledge.articles import Article

__all__ = ["ReadBefore"]


class ReadBefore:
    """What files with the same words were read as, kept in the file `path`, which may be lost at any time; None: nothing is kept.

    `reads` stands for how files are read: what was read otherwise does not count.
    """

    def __init__(self, path: Path | None, reads: str) -> None:
        self._path, self._reads = path, reads
        self._before: dict[str, Any] = self._kept()
        self._now: dict[str, Any] = {}

    def article(self, text: str, model: type[Article], read: Callable[[], Article]) -> Article:
        """The article of a file that says `text`, which `read` makes of it. Raises what `read` raises."""
        key = hashlib.sha256(text.encode()).hexdigest()
        try:
            article = model(**self._before[key])
            self._now[key] = self._before[key]
        except (KeyError, TypeError, ValueError):
            article = read()
            self._now[key] = article.to_dict()
        return article

    def keep(self) -> None:
        """What was read now, for the next time."""
        if self._path is None or self._now == self._before:
            return
        unfinished = self._path.with_name(f"{self._path.name}.{uuid4().hex}")
        try:
            unfinished.write_text(json.dumps({"reads": self._reads, "articles": self._now}, ensure_ascii=False), encoding="utf-8")
            os.replace(unfinished, self._path)
        except OSError:
            # It will be read again.
            with suppress(OSError):
                unfinished.unlink()

    def _kept(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8")) if self._path else {}
            return dict(kept["articles"]) if kept.get("reads") == self._reads else {}
        except (OSError, ValueError, AttributeError, KeyError, TypeError):
            return {}
