"""The taxonomy of intents, two levels, from catalogue.toml; and the families of latent needs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

__all__ = ["FAMILIES", "intent_names", "load_catalogue"]

FAMILIES = ("cash", "hk", "overseas", "margin", "financing", "ipo", "fund", "plan", "pension", "fixed_income", "gold",
            "options", "tools", "advisory", "block", "corporate", "institutional", "retention")


@cache
def load_catalogue() -> Mapping[str, str]:
    """Full intent name (`category.leaf`) to what it covers."""
    tree = tomllib.loads((Path(__file__).parent / "catalogue.toml").read_text(encoding="utf-8"))
    return {f"{category}.{leaf}": covers for category, leaves in tree.items() for leaf, covers in leaves.items()}


def intent_names() -> tuple[str, ...]:
    return tuple(load_catalogue())
