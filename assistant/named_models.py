"""Models by name: each a folder of `ZHIKE_DATA/models` with a card that says what it is, and a note of the one in use.

A folder is whole once its card is there. What serves takes the note at its start; `ZHIKE_MODELS` goes before it.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.errors import ModelUnavailable
from assistant.settings import Settings

__all__ = ["CARD", "SHIPPED", "NamedModels", "Stored", "check_encoder", "read_card"]

CARD = "card.json"
SHIPPED = "shipped"
_IN_USE = "in-use"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Stored:
    """A folder of models. `passed`: compared with those in use before it and not worse, or forced; None: never compared."""

    name: str
    folder: Path
    made_at: datetime
    encoder: str
    passed: bool | None


class NamedModels:
    """The folders below a data folder. Raises ModelUnavailable for names that are none."""

    def __init__(self, data: Path) -> None:
        self._root = data / "models"

    def folder(self, name: str) -> Path:
        """Where models of that name are, or would be."""
        if not _NAME.fullmatch(name) or name in (SHIPPED, _IN_USE):
            raise ModelUnavailable(f"{name!r} is no name for models: expected small letters, digits, dots, and dashes")
        return self._root / name

    def all(self) -> list[Stored]:
        """Oldest first."""
        found = [self._stored(path.parent) for path in self._root.glob(f"*/{CARD}")]
        return sorted(found, key=lambda item: (item.made_at, item.name))

    def in_use(self) -> str:
        """The name that `use` was last called with."""
        note = self._root / _IN_USE
        return note.read_text(encoding="utf-8").strip() if note.is_file() else SHIPPED

    def use(self, name: str, *, force: bool = False) -> None:
        """From the next start on. Models that a comparison found worse need `force`."""
        if name != SHIPPED:
            folder = self.folder(name)
            if not (folder / CARD).is_file():
                known = ", ".join([*(item.name for item in self.all()), SHIPPED])
                raise ModelUnavailable(f"There are no models named {name}; there are {known}.")
            if self._stored(folder).passed is False and not force:
                raise ModelUnavailable(f"{name} answers worse than the models it was compared with; --force takes it nevertheless.")
        self._root.mkdir(parents=True, exist_ok=True)
        fresh = self._root / f"{_IN_USE}.new"
        fresh.write_text(f"{name}\n", encoding="utf-8")
        os.replace(fresh, self._root / _IN_USE)

    def chosen(self, settings: Settings) -> Path | None:
        """The folder that serves: the one that `ZHIKE_MODELS` names, a path or a name, or the one in use; None for the shipped ones."""
        if settings.models is None:
            name = self.in_use()
            return None if name == SHIPPED else self._whole(name)
        if settings.models.is_dir():
            return settings.models
        name = str(settings.models)
        return None if name == SHIPPED else self._whole(name)

    def _whole(self, name: str) -> Path:
        folder = self.folder(name)
        if not folder.is_dir():
            raise ModelUnavailable(f"Models named {name} are neither a folder nor in {self._root}.")
        return folder

    @staticmethod
    def _stored(folder: Path) -> Stored:
        card = read_card(folder)
        gate = card.get("compared")
        return Stored(folder.name, folder, datetime.fromisoformat(card["made_at"]), card["encoder"]["name"],
                      None if gate is None else gate["passed"] or gate["forced"])


def read_card(folder: Path) -> dict[str, Any]:
    """What a folder's card says; empty where it has none. Raises ModelUnavailable."""
    path = folder / CARD
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelUnavailable(f"{path} is no JSON: {error}") from error


def check_encoder(folder: Path | None, name: str, fingerprint: str) -> None:
    """Raises ModelUnavailable where the models of a folder were trained on another encoder's vectors."""
    made_for = read_card(folder).get("encoder") if folder else None
    if made_for and made_for["fingerprint"] != fingerprint:
        raise ModelUnavailable(f"{folder} was trained for the encoder {made_for['name']}, not for {name} as it is now; "
                               "train models for it with zhike train all, and name their folder in ZHIKE_MODELS.")
