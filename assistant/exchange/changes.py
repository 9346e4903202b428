"""What differs between two versions of the knowledge. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CHANGES_FILE", "Changes", "changes_between"]

# Stands in an exported archive beside the articles.
CHANGES_FILE = "changes.json"


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of articles, sorted."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def changes_between(earlier: Mapping[str, str], later: Mapping[str, str]) -> Changes:
    """Of two versions, each as article id → digest of what it says."""
    return Changes(
        added=tuple(sorted(later.keys() - earlier.keys())),
        changed=tuple(sorted(name for name in later.keys() & earlier.keys() if later[name] != earlier[name])),
        removed=tuple(sorted(earlier.keys() - later.keys())))
