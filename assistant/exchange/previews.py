"""What files came to, until somebody accepts it: one JSON file each, below the data folder, for a day.

They are kept out of the database: they are no knowledge yet, may be large and may hold what nobody should keep.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from assistant.drafts import ArticleDraft
from assistant.errors import ImportNotFound, StorageUnavailable
from assistant.exchange.blocks import NotTaken, Place
from assistant.exchange.kinds import Kind
from assistant.exchange.proposals import Proposal

__all__ = ["LIFE_HOURS", "Preview", "Previews"]

LIFE_HOURS = 24


@dataclass(frozen=True, slots=True)
class Preview:
    """The proposals of one file, by their key, and what was left out. `accepted` maps a key to the revision that it became."""

    id: str
    file_name: str
    kind: Kind
    by: str | None
    at: datetime
    proposals: Mapping[str, Proposal]
    not_taken: tuple[NotTaken, ...]
    accepted: Mapping[str, str] = field(default_factory=dict)


class Previews:
    """Files below `folder`, which replicas of one service share as they do other uploads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @staticmethod
    def new_id() -> str:
        return uuid4().hex

    def put(self, preview: Preview) -> None:
        """On disk when this returns. Raises StorageUnavailable."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            self._write(preview)
        except OSError as error:
            raise StorageUnavailable(f"The preview of an import can't be kept: {error.strerror}") from error

    def _write(self, preview: Preview) -> None:
        path = self._path(preview.id)
        unfinished = path.with_suffix(".unfinished")
        values = asdict(replace(preview, proposals={}))
        proposals = {key: {**asdict(replace(item, draft=None)), "draft": item.draft.to_dict()}  # type: ignore[arg-type]
                     for key, item in preview.proposals.items()}
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({**values, "at": preview.at.isoformat(), "proposals": proposals}, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        # It does not live longer for what is accepted of it.
        os.utime(unfinished, (preview.at.timestamp(),) * 2)
        os.replace(unfinished, path)

    def get(self, import_id: str) -> Preview:
        """Raises ImportNotFound."""
        path = self._path(import_id)
        try:
            if path.stat().st_mtime < _oldest():
                raise ImportNotFound()
            values = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ImportNotFound() from error
        return Preview(**{
            **values, "kind": Kind(values["kind"]), "at": datetime.fromisoformat(values["at"]),
            "proposals": {key: _proposal(item) for key, item in values["proposals"].items()},
            "not_taken": tuple(NotTaken(**{**item, "place": Place(**item["place"])}) for item in values["not_taken"])})

    def _path(self, import_id: str) -> Path:
        return self._folder / f"{import_id}.json"

    def _sweep(self) -> None:
        for path in self._folder.glob("*"):
            # Another process may have been first.
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < _oldest():
                    path.unlink()


def _oldest() -> float:
    return time.time() - LIFE_HOURS * 3600


def _proposal(values: Mapping[str, Any]) -> Proposal:
    return Proposal(**{**values, "place": Place(**values["place"]), "draft": ArticleDraft.model_validate(values["draft"]),
                       "personal": tuple(values["personal"]), "warnings": tuple(values["warnings"])})
